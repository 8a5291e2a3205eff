"""What the tests of the complaints service share: who calls, what is recorded, and a system that records it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import yaml

from chassis.identity import Identity
from chassis.testing.fixtures import ROOT, Keys, ServiceClient, caller

TODAY = date(2022, 7, 29)
"""The day it is in these tests: a Friday."""

WRITER = caller("complaints:write", "complaints:read")


def profile_document(organisation: str) -> dict[str, Any]:
    """A shipped profile as the operator's command sends it to this service; a fresh copy each time."""
    return deepcopy(_document(organisation))


@cache
def _document(organisation: str) -> dict[str, Any]:
    folder: Path = ROOT / "profiles" / organisation
    # BaseLoader keeps text as text; numbers, booleans and null are resolved by hand as YAML 1.2 has them.
    parts = {name: _plain(yaml.load((folder / f"{name}.yaml").read_text(), yaml.BaseLoader)) for name in _FILES}
    return {**parts, "version": "0" * 64}


_FILES = ("organisation", "complaints")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if value in {"true", "false", "null"}:
        return {"true": True, "false": False, "null": None}[value]
    return int(value) if value.isdigit() else value


class Desk:
    """A complaints officer's system: records things over the API, each with a fresh Idempotency-Key."""

    def __init__(self, client: ServiceClient) -> None:
        self.client = client
        self._keys = count(1)

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """POST something below /complaints/v1/."""
        key = f"desk-{id(self)}-{next(self._keys)}"
        sent = {"Idempotency-Key": key, **{name.replace("_", "-"): value for name, value in headers.items()}}
        return await self.client.post(f"/complaints/v1/{path}", json=body, headers=sent)

    async def receive(self, **changes: Any) -> dict[str, Any]:
        """Record the complaint of `complaint(**changes)`."""
        answer = await self.post("complaints", complaint(**changes))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def step(self, ident: str, stage: int, step: str, **body: Any) -> httpx.Response:
        """Take a step."""
        return await self.post(f"complaints/{ident}/stages/{stage}/{step}", body)

    async def answered(self, ident: str, stage: int = 1, on: str = "2022-05-12", finding: str = "upheld") -> None:
        """Answer a stage with one finding on both points."""
        findings = [{"point": point, "finding": finding} for point in ("1", "2")]
        answer = await self.step(ident, stage, "response", responded_on=on, findings=findings)
        assert answer.status_code == 201, answer.text

    async def read(self, ident: str, **parameters: str) -> dict[str, Any]:
        """Read a complaint."""
        answer = await self.client.get(f"/complaints/v1/complaints/{ident}", params=parameters)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def references(self, **parameters: Any) -> list[str]:
        """The references in the list."""
        answer = await self.client.get("/complaints/v1/complaints", params=parameters)
        assert answer.status_code == 200, answer.text
        return [item["reference"] for item in answer.json()["items"]]


def complaint(**changes: Any) -> dict[str, Any]:
    """A SEND complaint of 28 April 2022 with two points: stage 1 is due on 13 May."""
    body = {
        "reference": "SEND-22-001",
        "procedure": "send",
        "received_on": "2022-04-28",
        "service_area": "send",
        "team": "send-north",
        "need": "autism",
        "route": "direct",
        "raised_by": "parent",
        "points": [
            {"reference": "1", "category": "send-communication", "service_area": None},
            {"reference": "2", "category": "send-ehcp-not-implemented", "service_area": None},
        ],
    }
    return {**body, **changes}


def statutory(**changes: Any) -> dict[str, Any]:
    """What makes of `complaint()` one of the statutory procedure."""
    points = [{"reference": number, "category": "communication"} for number in ("1", "2")]
    own = {"procedure": "childrens-statutory", "service_area": "safeguarding", "team": None, "need": None, "points": points}
    return {**own, "route": None, **changes}


def fetch(url: str, sql: str, *settings: str) -> list[tuple[Any, ...]]:
    """Run a query on a connection of its own, in a thread of its own, after statements that set things."""

    async def run() -> list[tuple[Any, ...]]:
        connection = await asyncpg.connect(url)
        try:
            for setting in settings:
                await connection.execute(setting)
            return [tuple(row) for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, run()).result()


class AsPerson:
    """An ASGI application called by a browser as the gateway would pass a signed-in person on."""

    def __init__(self, app: Any, keys: Keys, identity: Identity) -> None:
        self._app = app
        self._keys = keys
        self._identity = identity

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Add a fresh identity."""
        if scope["type"] == "http":
            signed = self._keys.headers("complaints", self._identity)
            added = [(name.lower().encode(), value.encode()) for name, value in signed.items()]
            scope = {**scope, "headers": [*scope["headers"], *added]}
        await self._app(scope, receive, send)


def person(role: str, *areas: str) -> Identity:
    """Somebody who signed in."""
    return Identity("worcestershire", "staff:alex", "staff", frozenset({f"role:{role}"}), frozenset(areas), "Alex Morgan")


async def a_busy_desk(desk: Desk) -> str:
    """Complaints in every state; gives the id of one that went to stage 2 and to the Ombudsman."""
    await desk.receive(reference="SEND-22-010", received_on="2022-07-25", team="send-south")
    await desk.receive(reference="SEND-22-011", received_on="2022-06-20", team="send-post-16")
    await desk.receive(**statutory(reference="CSC-0148", received_on="2022-07-12", raised_by="care-leaver"))
    await desk.receive(**statutory(reference="COR-0007", procedure="corporate", received_on="2022-07-28"))
    closed = await desk.receive(reference="SEND-22-003", received_on="2022-05-03")
    await desk.answered(closed["complaint_id"], on="2022-05-20", finding="partially-upheld")
    asked = await desk.receive(reference="SEND-22-004", received_on="2022-07-01")
    await desk.answered(asked["complaint_id"], on="2022-07-11")
    await desk.step(asked["complaint_id"], 2, "request", requested_on="2022-07-22")
    ident = str((await desk.receive())["complaint_id"])
    await desk.step(ident, 1, "extension", extended_on="2022-05-11", reason="Two agencies have to answer.")
    await desk.answered(ident, on="2022-05-25")
    await desk.step(ident, 2, "request", requested_on="2022-06-06")
    await desk.step(ident, 2, "decision", decided_on="2022-06-09", decision="accepted")
    await desk.answered(ident, 2, "2022-07-08", "not-upheld")
    case = {"reference": "LGSCO-22-02", "complaint_reference": "SEND-22-001", "service_area": "send"}
    accepted = await desk.post("ombudsman-cases", {**case, "accepted_on": "2022-07-15"})
    outcome = {"outcome_on": "2022-07-28", "outcome": "upheld", "actions": 1}
    await desk.post(f"ombudsman-cases/{accepted.json()['case_id']}/outcome", outcome)
    return ident
