"""Milliseconds of each list of complaints with 20,000 of them in it, three points each, and of the sheet of them all.

The real web process (uvicorn) on a PostgreSQL with durable settings; five years of complaints of one organisation, a fifth as
many of another. What a complaint became is worked out by the service's own clock and stage machine, and written as its store
does. Run it with `python -m tests.bench complaint_lists`.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from rich.console import Console
from rich.table import Table

from chassis.calendar import WorkingDays
from chassis.days import british_today
from chassis.identity import Identity
from chassis.ids import new_id
from complaints.adapters.stage_rows import span_row, stage_row
from complaints.domain import clock, stages
from complaints.domain.case import Case, Finding, Phase
from complaints.domain.profile import Procedure, Profile
from tests.bench._service import ORG, Installation, installation, profile

COMPLAINTS, ELSEWHERE, POINTS = 20_000, 4_000, 3
TIMES, WARM_UP = 20, 7
"""PostgreSQL settles on a plan for a prepared statement after five times."""
SECONDS_TAKEN = 60
AIMS = {"tracker_p50_ms": "under 150", "slowest_list_p50_ms": "under 150"}
PARTS = ("organisation", "complaints")
OFFICER = Identity(ORG, "staff:alex", "staff", frozenset({"role:complaints-officer"}), frozenset(), "Alex Morgan")
FINDINGS: tuple[Finding, ...] = ("upheld", "partially-upheld", "not-upheld", "no-finding")
AREAS = {"send": "send", "send-informal": "send"}


@dataclass(frozen=True)
class Measured:
    """A page: its size, and seconds of each request."""

    address: str
    bytes: int
    seconds: list[float]

    @property
    def p50(self) -> float:
        """Milliseconds of the request in the middle."""
        return statistics.median(self.seconds) * 1000

    @property
    def p95(self) -> float:
        """Milliseconds that 95 of 100 requests stay below."""
        return statistics.quantiles(self.seconds, n=20, method="inclusive")[-1] * 1000


def run() -> dict[str, float]:
    """Measure once and print the table of pages."""
    with installation("complaints") as held:
        measured, sheet = asyncio.run(_measure(held))
    table = Table(title=f"Pages over {COMPLAINTS:,} complaints, in milliseconds")
    for heading in ("page", "kB", "p50", "p95"):
        table.add_column(heading, justify="left" if heading == "page" else "right", no_wrap=True)
    for each in measured:
        table.add_row(each.address, f"{each.bytes / 1000:.0f}", f"{each.p50:.0f}", f"{each.p95:.0f}")
    Console(width=110, highlight=False).print(table)
    return {
        "tracker_p50_ms": measured[0].p50,
        "slowest_list_p50_ms": max(each.p50 for each in measured),
        "median_list_p50_ms": statistics.median(each.p50 for each in measured),
        "sheet_first_byte_ms": sheet[0] * 1000,
        "sheet_rows_a_second": COMPLAINTS / sheet[1],
    }


async def _measure(held: Installation) -> tuple[list[Measured], tuple[float, float]]:
    document = profile(*PARTS)
    async with httpx.AsyncClient(base_url=held.url, timeout=120) as client:
        await held.apply_profile(client, document)
        one = await _seed(held, Profile.model_validate({name: document[name] for name in PARTS}))
        past = (british_today() - timedelta(days=400)).isoformat()
        addresses = [
            "/complaints/",
            *(f"/complaints/?due={due}" for due in ("today", "week", "suspended", "decide")),
            "/complaints/?overdue=true",
            "/complaints/?state=closed",
            "/complaints/?state=all&procedure=corporate",
            "/complaints/?state=all&service_area=safeguarding",
            f"/complaints/?state=open&on={past}",
            f"/complaints/?state=all&overdue=true&on={past}",
            "/complaints/learning?show=asks",
            f"/complaints/{one}",
        ]
        pages = [await _page(held, client, address) for address in addresses]
        return pages, await _sheet(held, client)


async def _page(held: Installation, client: httpx.AsyncClient, address: str) -> Measured:
    seconds, size = [], 0
    for _ in range(WARM_UP + TIMES):
        headers = held.headers(OFFICER)
        began = time.perf_counter()
        answer = await client.get(address, headers=headers)
        seconds.append(time.perf_counter() - began)
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"{address}: {answer.status_code} {answer.text[:500]}")
        size = len(answer.content)
    return Measured(address, size, seconds[WARM_UP:])


async def _sheet(held: Installation, client: httpx.AsyncClient) -> tuple[float, float]:
    """Seconds to the first byte of the sheet of all complaints, and to the last."""
    began, first, lines = time.perf_counter(), 0.0, 0
    address = "/complaints/sheet.csv?state=all"
    async with client.stream("GET", address, headers=held.headers(OFFICER)) as answer:
        async for chunk in answer.aiter_bytes():
            first = first or time.perf_counter() - began
            lines += chunk.count(b"\n")
    if lines != COMPLAINTS + 1:
        raise RuntimeError(f"{address}: {lines} lines")
    return first, time.perf_counter() - began


async def _seed(held: Installation, known: Profile) -> str:
    """Write the complaints; gives the id of one."""
    connection = await asyncpg.connect(held.database.url("admin"))
    try:
        rng, last = random.Random(20260401), None
        for org, count in (("telford-wrekin", ELSEWHERE), (ORG, COMPLAINTS)):
            rows: dict[str, list[dict[str, Any]]] = {}
            for number in range(count):
                last = add(rows, rng, known, org, number, british_today() - timedelta(days=int(5 * 365 * rng.random() ** 1.2)))
            await write(connection, rows)
        for statement in ("vacuum analyze", "checkpoint"):
            await connection.execute(statement)
        return str(last)
    finally:
        await connection.close()


async def write(connection: asyncpg.Connection, rows: dict[str, list[dict[str, Any]]]) -> None:
    """Write complaints and what belongs to them, over a superuser's connection."""
    for table in ("complaint", "complaint_point", "stage", "finding", "overdue_span"):
        await _copy(connection, table, rows[table])


async def _copy(connection: asyncpg.Connection, table: str, rows: list[dict[str, Any]]) -> None:
    columns = list(rows[0])
    records = [tuple(row[name] for name in columns) for row in rows]
    await connection.copy_records_to_table(table, schema_name="complaints", columns=columns, records=records)


def add(
    rows: dict[str, list[dict[str, Any]]], rng: random.Random, known: Profile, org: str, number: int, received_on: date
) -> UUID:
    """One complaint as it would stand today: most are answered, a few late, some of them at stage 2."""
    calendar, today = WorkingDays.load(), british_today()
    procedure = rng.choice(known.complaints.procedures)
    points = tuple(str(each) for each in range(1, POINTS + 1))
    case = _case(rng, procedure, received_on, points, calendar, today)
    ident, running = new_id(), case.phase is Phase.RUNNING
    when = clock.timing(calendar, case.current.terms, case.current.facts)
    area = AREAS.get(procedure.code, rng.choice(("safeguarding", "through-care", "family-front-door")))
    whole = {
        "org": org,
        "id": ident,
        "reference": f"C-{number:05}",
        "procedure": procedure.code,
        "formality": procedure.formality,
        "received_on": received_on,
        "service_area": area,
        "phase": case.phase.value,
        "stage": case.current.number,
        "due_on": when.answer_by if running else None,
        "suspended": case.current.facts.suspended is not None,
        "content_hash": b"bench",
        "profile": 1,
        "created_by": "bench",
    }
    rows.setdefault("complaint", []).append(whole)
    ids = {point: new_id() for point in points}
    for position, point in enumerate(points, 1):
        own = {"org": org, "id": ids[point], "complaint_id": ident, "position": position, "reference": point}
        rows.setdefault("complaint_point", []).append({**own, "category": "communication", "service_area": area})
    for stage in case.stages:
        rows.setdefault("stage", []).append(stage_row(org, ident, stage, calendar, recounted=False))
        rows.setdefault("overdue_span", []).extend(_spans(span_row(org, ident, stage, calendar)))
        for point, finding in stage.findings.items():
            own = {"org": org, "complaint_id": ident, "stage": stage.number, "point_id": ids[point]}
            rows.setdefault("finding", []).append({**own, "finding": finding})
    return ident


def _case(
    rng: random.Random, procedure: Procedure, received_on: date, points: tuple[str, ...], calendar: WorkingDays, today: date
) -> Case:
    case = stages.receive(procedure.rules(), received_on, points, today=today)
    for number in range(1, 3):
        stage = case.begun(number)
        if stage is None:
            break
        answered_on = calendar.add(stage.facts.started_on, rng.choice((6, 9, 10, 10, 12, 18, 25)) * number)
        if rng.random() < 0.03 and received_on > today - timedelta(days=60):
            return stages.suspend(case, number, min(stage.opened_on, today), "court", today=today)
        if answered_on > today:
            return case
        case = stages.respond(case, number, answered_on, {each: rng.choice(FINDINGS) for each in points}, today=today)
        later = answered_on + timedelta(days=9)
        if rng.random() > 0.12 or number >= len(procedure.stages) or later > today or number == 2:
            return case
        case = stages.request(case, number + 1, answered_on, discretion=True, calendar=calendar, today=today)
        if later + timedelta(days=20) > today:
            return case
        case = stages.decide(case, number + 1, later, "accepted", reason=True, today=today)
    return case


def _spans(row: dict[str, Any] | None) -> Iterator[dict[str, Any]]:
    if row is not None:
        for first, last in zip(row["first"], row["last"], strict=True):
            own = {name: row[name] for name in ("org", "complaint_id", "stage")}
            yield {**own, "first_on": first, "last_on": last}
