"""A steady load through the gateway: each request is sent again with its key until it is answered 2xx, and what arrived of it.

Where processes are replaced and not broken, no more is asked than that all of it is accepted and arrives.
"""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx

from loop_cli.operator import Operator
from loop_cli.stack.embedded import EmbeddedStack
from tests.chaos.load import ORG, first_record

SCOPES = ["audit:outcomes:write", "complaints:write", "feedback:invitations:write", "feedback:responses:write"]
# What a client does not take for an answer: it sends the same request again.
AGAIN = frozenset({409, 425, 429, 500, 502, 503, 504})
PATIENCE = 180.0


FACTS = {
    "audit": ("fact_audit", "outcome_id"),
    "compliment": ("fact_compliment", "compliment_id"),
    "response": ("fact_response", "response_id"),
}


def facts(stack: EmbeddedStack, kind: str) -> list[str]:
    """The ids that stand in reporting, of a kind."""
    table, key = FACTS[kind]
    return stack.postgres.run_sql(f"select {key} from reporting.{table}", database="loop").split()


def new_client(operator: Operator) -> dict[str, str]:
    """Credentials of a fresh API client, as a header."""
    body = {"name": f"load {uuid4().hex[:8]}", "scopes": SCOPES}
    issued = operator.call("POST", "/gateway/v1/clients", org=ORG, json=body)
    return {"X-API-Key": issued["api_key"]}


class Load:
    """Writes until it is told to stop; `accepted` holds the ids that were answered 2xx, by kind."""

    def __init__(self, url: str, credentials: dict[str, str], *, pause: float = 0.0) -> None:
        """`pause` are seconds that each of five writers waits between two requests."""
        self.accepted: defaultdict[str, list[UUID]] = defaultdict(list)
        self.unexpected: list[str] = []
        self.repeated = 0
        self._http = httpx.AsyncClient(base_url=url, headers=credentials, timeout=60)
        self._numbers = itertools.count()
        self._pause = pause
        self._run = uuid4().hex[:6]
        self._stop = asyncio.Event()
        self._patterns = {name: first_record(name) for name in ("audit-outcomes", "compliments", "responses")}

    def _reference(self) -> str:
        return f"{self._run}-{next(self._numbers)}"

    async def _send(self, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Send until it is answered 2xx. Any other lasting answer is noted in `unexpected`."""
        await asyncio.sleep(self._pause)
        headers = {"Idempotency-Key": uuid4().hex}
        deadline = asyncio.get_running_loop().time() + PATIENCE
        last = "no answer"
        while asyncio.get_running_loop().time() < deadline:
            try:
                answer = await self._http.post(path, json=body, headers=headers)
            except httpx.HTTPError as error:
                last = repr(error)
            else:
                if answer.is_success:
                    found: dict[str, Any] = answer.json()
                    return found
                last = f"{answer.status_code} {answer.text[:300]}"
                if answer.status_code not in AGAIN:
                    break
            self.repeated += 1
            await asyncio.sleep(0.05)
        self.unexpected.append(f"{path}: {last}")
        return None

    async def _outcomes(self) -> None:
        while not self._stop.is_set():
            batch = [{**self._patterns["audit-outcomes"], "reference": self._reference(), "version": 1} for _ in range(20)]
            answer = await self._send("/audit/v1/outcomes/batch", {"outcomes": batch})
            results = answer["results"] if answer else []
            self.accepted["audit"] += [UUID(each["outcome_id"]) for each in results if each["status"] == "recorded"]
            self.unexpected += [str(each) for each in results if each["status"] != "recorded"]

    async def _compliments(self) -> None:
        while not self._stop.is_set():
            body = {**self._patterns["compliments"], "reference": self._reference()}
            if answer := await self._send("/complaints/v1/compliments", body):
                self.accepted["compliment"].append(UUID(answer["compliment_id"]))

    async def _responses(self) -> None:
        while not self._stop.is_set():
            body = {**self._patterns["responses"], "reference": self._reference()}
            if answer := await self._send("/feedback/v1/responses", body):
                self.accepted["response"].append(UUID(answer["response_id"]))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Load"]:
        """Write in the background; in the end wait until every request that was begun has its answer."""
        async with asyncio.TaskGroup() as group:
            for task in (self._outcomes, self._compliments, self._compliments, self._responses, self._responses):
                group.create_task(task())
            try:
                yield self
            finally:
                self._stop.set()
        await self._http.aclose()

    async def until(self, more: int, patience: float = PATIENCE) -> None:
        """Wait until at least `more` further records of every kind were accepted."""
        goal = {kind: len(self.accepted[kind]) + more for kind in ("audit", "compliment", "response")}
        async with asyncio.timeout(patience):
            while any(len(self.accepted[kind]) < count for kind, count in goal.items()):  # noqa: ASYNC110 - several counters
                await asyncio.sleep(0.02)
