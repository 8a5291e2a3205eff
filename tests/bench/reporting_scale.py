"""Milliseconds of every report and of the dashboard over 1 million answers and 100,000 audit grades, and how they grew.

The answers, grades and 60,000 complaint points of one organisation in five years come as events through the producers' logs
over HTTP, as a rebuild reads them, a tenth first. Then the real web process (uvicorn) makes the dashboard and every report of
the organisation's profile, for a quarter or a year in the middle. Run it with `python -m tests.bench reporting_scale`.
"""

import asyncio
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
from rich.console import Console
from rich.table import Table
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.consumer import BatchApplier
from chassis.event_log import LogClient
from chassis.identity import HEADER, Identity
from contracts.base import Event
from loop_cli.profile_files import PARTS, checkout, read_profile
from reporting.events.projection import ReportingProjection
from reporting.worker import SOURCES, models_of, spare_the_collector
from tests.bench._reporting import FIRST_DAY, ORG, Installation, complaint, fill, installation, outcome, response, share, took

RESPONSES, OUTCOMES, COMPLAINTS = share(125_000), share(20_000), share(20_000)
# of 8 answers, of 5 section grades, of 3 points
STEPS = (0.1, 1.0)
DAYS = 5 * 365
TIMES, WARM_UP = 7, 6
"""PostgreSQL settles on a plan for a prepared statement after five times."""
SECONDS_TAKEN = 240
AIMS = {"slowest_report_ms": "under 1,000", "dashboard_ms": "under 300"}
READER = Identity(ORG, "staff:alex", "staff", frozenset({"role:senior-reader"}), frozenset(), "Alex Morgan")
PERIODS = {"quarter": "2023-24-q1", "year": "2023-24", "half-year": "2023-24-h1", "any": "2022-23"}


@dataclass
class Loaded:
    """How far each producer's log was filled."""

    audit: int = 0
    feedback: int = 0
    complaints: int = 0


def run() -> dict[str, float]:
    """Load a tenth, measure, load the rest, measure again; prints the pages beside each other."""
    with installation() as held:
        addresses = {source: held.start(source, "worker") for source in SOURCES}
        url = held.start("reporting", "main")
        found = asyncio.run(_measure(held, addresses, url))
    small, whole = (found[step] for step in STEPS)
    table = Table(title="Pages over 100,000 and 1,000,000 answers, in milliseconds")
    for heading in ("page", "a tenth", "whole", "grew"):
        table.add_column(heading, justify="left" if heading == "page" else "right", no_wrap=True)
    for name, value in whole.items():
        table.add_row(name, f"{small[name]:.0f}", f"{value:.0f}", f"{value / small[name]:.1f}")
    Console(width=110, highlight=False).print(table)
    reports = [value for name, value in whole.items() if name != "/reporting/"]
    return {
        "dashboard_ms": whole["/reporting/"],
        "slowest_report_ms": max(reports),
        "median_report_ms": statistics.median(reports),
        "most_growth": max(value / small[name] for name, value in whole.items()),
    }


async def _measure(held: Installation, addresses: dict[str, str], url: str) -> dict[float, dict[str, float]]:
    document: Any = read_profile(checkout() / "profiles" / ORG).document(PARTS["reporting"])
    signer, loaded = held.signer("gateway"), Loaded()
    found: dict[float, dict[str, float]] = {}
    async with httpx.AsyncClient(base_url=url, timeout=300) as client:
        operator = Identity(ORG, "operator", "operator", frozenset({"operator"}))
        answer = await client.put("/reporting/v1/profile", json=document, headers={HEADER: signer.sign(operator, "reporting")})
        answer.raise_for_status()
        reports = document["reports"]["reports"]
        themes = [f"/reporting/themes{each}?period=2023-24-q4" for each in ("", "/voice-of-the-child", "/disagreements")]
        pages = [
            "/reporting/",
            *themes,
            *(f"/reporting/reports/{each['code']}?period={PERIODS[each['period']]}" for each in reports),
        ]
        for step in STEPS:
            await _load(held, addresses, loaded, step)
            found[step] = {page: await _page(client, signer, page) for page in pages}
    return found


async def _load(held: Installation, addresses: dict[str, str], loaded: Loaded, step: float) -> None:
    """Bring every log up to its share, and apply what is new."""
    upto = {"feedback": int(RESPONSES * step), "audit": int(OUTCOMES * step), "complaints": int(COMPLAINTS * step)}
    each = {"complaints": 3}  # events
    for source, last in upto.items():
        first = getattr(loaded, source)
        await fill(held.databases[source], _made(source, first, last), after=first * each.get(source, 1))
        setattr(loaded, source, last)
    await applied(held, addresses)


async def applied(held: Installation, addresses: dict[str, str]) -> None:
    """Apply what is new in the producers' logs, as a rebuild does."""
    engine = create_async_engine(
        held.databases["reporting"].url("worker").replace("postgresql:", "postgresql+asyncpg:"),
        connect_args={"server_settings": {"jit": "off"}},
    )
    logs = LogClient("reporting", addresses, held.signer("reporting"))
    appliers = [BatchApplier("reporting", source, engine, ReportingProjection(), models_of(source), logs) for source in SOURCES]
    spare_the_collector()  # as its worker does
    await asyncio.gather(*(applier.catch_up() for applier in appliers))
    await logs.close()
    await engine.dispose()
    admin = await asyncpg.connect(held.databases["reporting"].url("admin"))
    await admin.execute("vacuum analyze")
    await admin.close()


def _made(source: str, first: int, last: int) -> Iterator[Event]:
    """Events in the order of their days, as they come in life: over all of the years."""
    for number in range(first, last):
        on = FIRST_DAY + timedelta(days=(number - first) * DAYS // (last - first))
        match source:
            case "feedback":
                yield response(number, on)
            case "audit":
                yield outcome(number, on)
            case _:
                yield from complaint(number, on)


async def _page(client: httpx.AsyncClient, signer: Any, address: str) -> float:
    """Milliseconds of the request in the middle."""
    seconds = []
    for _ in range(WARM_UP + TIMES):
        headers = {HEADER: signer.sign(READER, "reporting")}
        began = time.perf_counter()
        answer = await client.get(address, headers=headers)
        seconds.append(took(began))
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"{address}: {answer.status_code} {answer.text[:500]}")
    return statistics.median(seconds[WARM_UP:]) * 1000
