"""A mixed load as the outside world makes it, for two organisations at once; what it sends follows from its seed.

Everything goes through the gateway. Most of it is repeated under its key until somebody answers; some senders do not wait,
and never learn what became of what they sent. Now and then something is sent that has to be refused.
"""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import aiohttp

from loop_cli.demo_families import Browser, answer
from loop_cli.demo_load import questions_of
from loop_cli.demo_records import Family
from loop_cli.operator import Operator
from loop_cli.servers import ServerError
from tests.chaos.journal import Answer, Journal, Sent

ROOT = Path(__file__).resolve().parents[2]
ORGS = ("worcestershire", "telford-wrekin")
SCOPES = (
    "audit:outcomes:write",
    "complaints:write",
    "feedback:invitations:write",
    "feedback:responses:write",
    "reporting:kpis:write",
)
AGAIN = frozenset({425, 429, 500, 502, 503, 504})
"""What a client does not take for an answer: it sends the same request again."""
PATIENCE = 180.0
IMPATIENT = 0.1
"""Share of requests that are sent once, whatever comes back."""
WRONG = 0.05
"""Share of requests that have to be refused."""
TRY_SECONDS = 30.0
STEPS = {"acknowledgement", "extension", "response"}
"""Steps of stage 1 that are sent as they stand in the records."""

Record = dict[str, Any]


@cache
def records_of(org: str, name: str) -> list[Record]:
    """The records of a demo file, read once; none where an organisation has none of that kind."""
    path = ROOT / "demo" / "records" / org / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def new_client(operator: Operator, org: str, *scopes: str) -> dict[str, str]:
    """Credentials of a fresh API client, as a header."""
    body = {"name": f"load {uuid4().hex[:8]}", "scopes": list(scopes or SCOPES)}
    return {"X-API-Key": operator.call("POST", "/gateway/v1/clients", org=org, json=body)["api_key"]}


class Sender:
    """One organisation's systems; each kind of record draws from chances of its own, so that what is sent does not depend on
    how fast anything is answered."""

    def __init__(self, url: str, org: str, headers: dict[str, str], journal: Journal, *, seed: int, pause: float) -> None:
        self.org = org
        self.journal = journal
        self.unexpected: list[str] = []
        self._url = url
        self._headers = headers
        self._pause = pause
        self._chances = {kind: random.Random(f"{seed}/{org}/{kind}") for kind in (*self.kinds(), "run")}
        self._run = f"{self._chances['run'].getrandbits(24):06x}-{uuid4().hex[:4]}"
        self._number = 0
        self._http: aiohttp.ClientSession | None = None

    def kinds(self) -> dict[str, Callable[[random.Random], Awaitable[None]]]:
        """What is sent, each kind by a sender of its own."""
        return {
            "outcome": self._outcome,
            "batch": self._batch,
            "complaint": self._complaint,
            "compliment": self._compliment,
            "response": self._response,
            "survey": self._survey,
            "kpi": self._kpi,
        }

    async def run(self, stopping: asyncio.Event) -> None:
        """Send until `stopping`, and then wait until every request that was begun has its answer."""
        timeout = aiohttp.ClientTimeout(total=TRY_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, headers=self._headers) as self._http, asyncio.TaskGroup() as group:
            for kind, once in self.kinds().items():
                group.create_task(self._repeat(once, self._chances[kind], stopping))

    async def _repeat(
        self, once: Callable[[random.Random], Awaitable[None]], chance: random.Random, stopping: asyncio.Event
    ) -> None:
        while not stopping.is_set():
            await once(chance)
            await asyncio.sleep(chance.uniform(0, 2 * self._pause))

    def _reference(self, kind: str) -> str:
        self._number += 1
        return f"{self.org[0]}{self._run}-{kind[:3]}-{self._number}"

    async def _send(self, path: str, body: Record, chance: random.Random) -> tuple[int, Any, str, int]:
        """Status (0: no answer), body, key, and number of tries; repeated until it is answered, unless the sender is
        impatient."""
        key = f"{chance.getrandbits(64):016x}-{self._run}"
        impatient = chance.random() < IMPATIENT
        deadline = asyncio.get_running_loop().time() + PATIENCE
        tries = 0
        while True:
            tries += 1
            status, found = await self._try(path, body, key)
            if answer_of(status, found) != "unknown":
                return status, found, key, tries
            if impatient:
                return status, found, key, tries
            if asyncio.get_running_loop().time() > deadline:
                self.unexpected.append(f"{path}: {status} {str(found)[:300]}")
                return status, found, key, tries
            await asyncio.sleep(0.1)

    async def _try(self, path: str, body: Record, key: str) -> tuple[int, Any]:
        assert self._http is not None
        try:
            async with self._http.post(self._url + path, json=body, headers={"Idempotency-Key": key}) as response:
                text = await response.text()
                return response.status, json.loads(text) if "json" in response.content_type and text else text
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            return 0, repr(error)

    def _note(self, kind: str, reference: str, sent: tuple[int, Any, str, int], **more: Any) -> None:
        status, found, key, tries = sent
        answer = more.pop("answer", None) or answer_of(status, found)
        self.journal.add(Sent(kind, self.org, reference, key, answer, status=status, tries=tries, at=self.journal.now, **more))

    def _wrong(self, body: Record, chance: random.Random) -> bool:
        """Spoil a body now and then; says whether it has to be refused."""
        spoilt = chance.random() < WRONG
        if spoilt:
            body["service_area"] = "no-such-area"
        return spoilt

    def _judge(self, path: str, sent: tuple[int, Any, str, int], *, spoilt: bool) -> None:
        status, found, *_ = sent
        told = answer_of(status, found)
        if told != "unknown" and (told == "refused") != spoilt:
            self.unexpected.append(f"{path}: {status} {str(found)[:300]}")

    async def _one(self, kind: str, path: str, ident: str, body: Record, parts: int | None, chance: random.Random) -> Any:
        spoilt = self._wrong(body, chance)
        sent = await self._send(path, body, chance)
        self._judge(path, sent, spoilt=spoilt)
        done = answer_of(sent[0]) == "done"
        self._note(kind, body["reference"], sent, id=sent[1][ident] if done else None, parts=parts)
        return sent[1] if done else None

    async def _outcome(self, chance: random.Random) -> None:
        pattern = chance.choice(records_of(self.org, "audit-outcomes"))
        body = {**pattern, "reference": self._reference("outcome"), "version": 1}
        found = await self._one("outcome", "/audit/v1/outcomes", "outcome_id", body, len(body["sections"]), chance)
        if found and chance.random() < 0.3:
            await self._correct(body, chance)

    async def _correct(self, body: Record, chance: random.Random) -> None:
        body = {**body, "version": 2, "cases": body["cases"] + 1}
        await self._one("correction", "/audit/v1/outcomes", "outcome_id", body, None, chance)

    async def _batch(self, chance: random.Random) -> None:
        patterns = [chance.choice(records_of(self.org, "audit-outcomes")) for _ in range(chance.randint(2, 20))]
        outcomes = [{**each, "reference": self._reference("batch"), "version": 1} for each in patterns]
        for each in outcomes:
            self._wrong(each, chance)
        sent = await self._send("/audit/v1/outcomes/batch", {"outcomes": outcomes}, chance)
        done = answer_of(sent[0]) == "done"
        if not done:
            self._judge("/audit/v1/outcomes/batch", sent, spoilt=False)
        results = sent[1]["results"] if done else [{"status": None, "outcome_id": None}] * len(outcomes)
        for each, result in zip(outcomes, results, strict=True):
            told: Answer = answer_of(sent[0])
            if done:
                told = "done" if result["status"] == "recorded" else "refused"
            if done and (told == "refused") != (each["service_area"] == "no-such-area"):
                self.unexpected.append(f"batch: {result}")
            self._note("outcome", each["reference"], sent, id=result["outcome_id"], parts=len(each["sections"]), answer=told)

    async def _complaint(self, chance: random.Random) -> None:
        pattern = chance.choice([each for each in records_of(self.org, "complaints") if plain_steps(each)])
        body = {**pattern["complaint"], "reference": self._reference("complaint")}
        base = "/complaints/v1/complaints"
        found = await self._one("complaint", base, "complaint_id", body, len(body["points"]), chance)
        for step in pattern["steps"] if found else ():
            sent = await self._send(f"{base}/{found['complaint_id']}/{step['path']}", step["body"], chance)
            self._judge(step["path"], sent, spoilt=False)
            self._note("step", f"{body['reference']}/{step['path']}", sent, id=found["complaint_id"])
            if answer_of(sent[0]) != "done":
                return

    async def _compliment(self, chance: random.Random) -> None:
        body = {**chance.choice(records_of(self.org, "compliments")), "reference": self._reference("compliment")}
        await self._one("compliment", "/complaints/v1/compliments", "compliment_id", body, None, chance)

    async def _response(self, chance: random.Random) -> None:
        if patterns := records_of(self.org, "responses"):
            body = {**chance.choice(patterns), "reference": self._reference("response")}
            await self._one("response", "/feedback/v1/responses", "response_id", body, None, chance)

    async def _survey(self, chance: random.Random) -> None:
        """A link, and a family that answers by it; now and then two open the same link at once."""
        pattern = chance.choice(records_of(self.org, "families"))
        body = {**pattern["invitation"], "reference": self._reference("survey")}
        found = await self._one("invitation", "/feedback/v1/invitations", "invitation_id", body, None, chance)
        at_once = chance.choice((1, 1, 1, 2))
        if not found or not found.get("url"):
            return
        family = Family(found["url"], body["questionnaire"], pattern["language"], pattern["answers"])
        ends = await asyncio.gather(*(self._answer(family) for _ in range(at_once)))
        told: Answer = "done" if any(ends) else "unknown"
        self._note("survey", body["reference"], (0, None, "", at_once), id=found["invitation_id"], answer=told)

    async def _answer(self, family: Family) -> bool:
        connector = aiohttp.TCPConnector()
        try:
            async with Browser(connector) as browser:
                await answer(browser, family, QUESTIONS[self.org][family.questionnaire])
                return True
        except (ServerError, aiohttp.ClientError, TimeoutError):
            # Of two who answer by one link, one is told that it was used; and a family may give up.
            return False
        finally:
            await connector.close()

    async def _kpi(self, chance: random.Random) -> None:
        body = [
            {name: value for name, value in each.items() if value is not None}
            for each in chance.sample([each for each in records_of(self.org, "kpi-observations") if "month" in each], 3)
        ]
        path = "/reporting/v1/kpis/observations"
        sent = await self._send(path, {"observations": body}, chance)
        self._judge(path, sent, spoilt=False)
        done = answer_of(sent[0]) == "done"
        for number, each in enumerate(body):
            reference = "/".join((each["kpi"], each["month"], each["service_area"], each.get("team", "")))
            ident = sent[1]["results"][number]["observation_id"] if done else None
            self._note("kpi", reference, sent, id=ident)


def answer_of(status: int, body: Any = None) -> Answer:
    """What a status says of what was asked for. Whoever is told to come again does not know whether it was carried out."""
    if 200 <= status < 300:
        return "done"
    in_flight = isinstance(body, dict) and str(body.get("type", "")).endswith(":request-in-flight")
    return "refused" if status and status not in AGAIN and not in_flight else "unknown"


def plain_steps(record: Record) -> bool:
    """Whether all steps of a complaint are of stage 1, and of those that leave its clock simple."""
    return all(step["path"].removeprefix("stages/1/") in STEPS for step in record["steps"])


QUESTIONS: dict[str, dict[str, list[str]]] = {}
"""By organisation and questionnaire, the codes of its questions in order."""


class MixedLoad:
    """The load of both organisations with its journal. `pause` is the mean time between two requests of a kind, in seconds."""

    def __init__(self, url: str, operator: Operator, *, seed: int, pause: float = 0.1, journal: Journal | None = None) -> None:
        self.journal = journal or Journal()
        self.senders = []
        for org in ORGS:
            QUESTIONS.setdefault(org, questions_of(org))
            headers = new_client(operator, org)
            self.senders.append(Sender(url, org, headers, self.journal, seed=seed, pause=pause))

    @property
    def unexpected(self) -> list[str]:
        """Answers that nothing explains: a refusal of what was right, a success of what was wrong, none for minutes."""
        return [line for sender in self.senders for line in sender.unexpected]

    @asynccontextmanager
    async def running(self) -> AsyncIterator["MixedLoad"]:
        """Send in the background; in the end wait until every request that was begun has its answer."""
        stopping = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for sender in self.senders:
                group.create_task(sender.run(stopping))
            try:
                yield self
            finally:
                stopping.set()

    async def until(self, more: int, kinds: tuple[str, ...], patience: float = PATIENCE) -> None:
        """Wait until at least `more` further records of each of these kinds were answered 2xx."""
        goal = {kind: self.journal.done(kind) + more for kind in kinds}
        async with asyncio.timeout(patience):
            while any(self.journal.done(kind) < count for kind, count in goal.items()):  # noqa: ASYNC110 - several
                await asyncio.sleep(0.02)
