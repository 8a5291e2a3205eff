"""The guide of the API, played from its top to its end: what it shows is what the service answers."""

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import ROOT, Call
from services.audit.tests.front_end import FrontEnd
from services.audit.tests.judging import Clock, set_clock
from services.audit.tests.support import Office

from chassis.testing.fixtures import ServiceClient, caller

GUIDE = ROOT / "docs/guides/auditing-api.md"
LEFT_OUT = "…"
_PLAYED = re.compile(
    r"^```http (?P<who>[a-z-]+)\n(?P<exchange>.*?)^```$|^<!-- played: (?P<meanwhile>.*?) -->$", re.MULTILINE | re.DOTALL
)


@dataclass
class Player:
    """Plays the guide's exchanges, and remembers the ids that stand behind its names."""

    office: Office
    clock: Clock
    names: dict[str, str] = field(default_factory=dict)

    async def play(self, guide: str) -> int:
        """Play everything in its order; gives how many exchanges there were."""
        played = 0
        for found in _PLAYED.finditer(guide):
            if found["meanwhile"]:
                await self.meanwhile(found["meanwhile"])
            else:
                await self.exchange(found["who"], found["exchange"])
                played += 1
        return played

    async def meanwhile(self, what: str) -> None:
        """What the guide only tells."""
        steps: dict[str, Callable[[], Awaitable[None]]] = {
            "the lead fills in the rest": self._lead_fills_in,
            "the peer submits, and a day goes by": self._peer_submits,
            "the lead submits again, and the moderator decides": self._moderator_decides,
            "another audit": self._another,
        }
        await steps[what]()

    async def exchange(self, who: str, text: str) -> None:
        """Send a request of the guide, and hold its answer against the one there."""
        request, answer = re.split(r"\n\n(?=\d{3}\n)", text.strip("\n"))
        (start, *sent), body = _apart(self._named(request))
        (status, *expected), shown = _apart(answer)
        method, address = start.split(" ")
        headers = {"Idempotency-Key": str(uuid4())} | dict(line.split(": ", 1) for line in sent)
        async with self._client(who) as client:
            got = await client.request(method, address, json=json.loads(body) if body else None, headers=headers)
        assert got.status_code == int(status), f"{start}: {got.status_code} {got.text}"
        for line in expected:
            name, value = line.split(": ", 1)
            assert got.headers[name] == value, start
        self._same(json.loads(shown), got.json(), f"{start} ")

    def _same(self, shown: Any, got: Any, where: str) -> None:
        if shown == LEFT_OUT:
            return
        if isinstance(shown, dict):
            assert isinstance(got, dict), where
            listed = [name for name in shown if name != LEFT_OUT]
            assert set(listed) <= set(got), f"{where}: {set(listed) - set(got)}"
            assert LEFT_OUT in shown or set(got) == set(listed), f"{where}: {set(got) - set(listed)}"
            for name in listed:
                self._same(shown[name], got[name], f"{where}/{name}")
        elif isinstance(shown, list):
            more = shown[-1:] == [LEFT_OUT]
            items = shown[:-1] if more else shown
            assert len(got) > len(items) if more else len(got) == len(items), f"{where}: {got}"
            for place, (one, other) in enumerate(zip(items, got, strict=False)):
                self._same(one, other, f"{where}/{place}")
        elif isinstance(shown, str) and shown.startswith("$"):
            assert self.names.setdefault(shown[1:], got) == got, where
        else:
            expected = self._named(shown) if isinstance(shown, str) else shown
            assert got == expected, f"{where}: {got!r}"

    def _named(self, text: str) -> str:
        return re.sub(r"\$([A-Z]+)", lambda found: self.names[found[1]], text)

    def _client(self, who: str) -> ServiceClient:
        if who == "system":
            return self.office.call(caller("audit:audits:read", subject="client:front-end"))
        return FrontEnd.of(self.office, who).client

    async def _lead_fills_in(self) -> None:
        await FrontEnd.of(self.office, "sam-okafor").fill(self.names["AUDIT"], "lead", "good")

    async def _peer_submits(self) -> None:
        await FrontEnd.of(self.office, "priya-shah").audit(self.names["AUDIT"], "peer", "requires-improvement")
        self.clock.now += timedelta(days=1)

    async def _moderator_decides(self) -> None:
        audit_id = self.names["AUDIT"]
        await FrontEnd.of(self.office, "sam-okafor").post(f"/audits/{audit_id}/parts/lead/submission")
        await FrontEnd.of(self.office, "jo-bennett").decide(audit_id, "requires-improvement")

    async def _another(self) -> None:
        self.names["OTHER"] = str(await self.office.add_audit("EHCP-2026-11-002"))


def _apart(text: str) -> tuple[list[str], str]:
    head, _, body = text.partition("\n\n")
    return head.split("\n"), body


@pytest.fixture
async def office(client: ServiceClient, app: FastAPI, call_as: Call) -> Office:
    office = Office(app, call_as)
    await office.add_people()
    return office


@pytest.fixture
def clock(office: Office) -> Clock:
    return set_clock(office)


class TestGuide:
    async def test_every_example_is_what_the_service_answers(self, office: Office, clock: Clock) -> None:
        await office.add_audit(grace_hours=24)
        assert await Player(office, clock).play(GUIDE.read_text()) == GUIDE.read_text().count("```http ")

    def test_every_type_of_problem_in_its_table_is_one_that_the_service_raises(self) -> None:
        source = "".join(path.read_text() for path in (ROOT / "services/audit/src").rglob("*.py"))
        table = GUIDE.read_text().split("## Errors")[1].split("Example")[0]
        slugs = {
            slug
            for row in re.findall(r"^\| \d{3} \| (.*?) \|", table, re.MULTILINE)
            for slug in re.findall(r"`([a-z-]+)`", row)
        }
        assert len(slugs) > 15
        assert {slug for slug in slugs - {"not-found"} if f'"{slug}"' not in source} == set()
