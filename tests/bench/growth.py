"""How the cost of a page grows: with organisations at one size each and at one size of all, and with years of history.

Of each page the processor time of all processes is measured (service and PostgreSQL), which other work on the machine changes
less than the clock, and the milliseconds in the middle; figures are ratios within the run. Reporting: evidence comes as events
over HTTP, as in a rebuild; more organisations are copies of one. History is ten years of a large council at the same rate
each, of which the last is loaded and measured first: the pages ask for the same quarter both times. Complaints: the lists of a
large council's complaints, likewise. Run it with `python -m tests.bench growth`.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any, Self

import asyncpg
import httpx
import psutil
from rich.console import Console
from rich.table import Table

from chassis.days import british_today
from chassis.identity import HEADER, Identity
from complaints.domain.profile import Profile
from contracts.base import Event
from loop_cli.profile_files import PARTS, checkout, read_profile
from reporting.worker import SOURCES
from tests.bench import _service, complaint_lists
from tests.bench._copies import copied
from tests.bench._reporting import ORG, Installation, complaint, fill, installation, outcome, response, share
from tests.bench.reporting_scale import READER, Loaded, applied

SECONDS_TAKEN = 420
ORGANISATIONS = (1, 10, 150)
SMALL = (share(678), share(210), share(94))
"""Surveys of nine questions, audits and complaints of a small council in a year (docs/scaling.md)."""
LARGE = (share(3_583), share(1_110), share(500))
YEARS = 10
LAST_YEAR = date(2025, 4, 1)
PAGES = {
    "dashboard": "/reporting/?period=2025-26-q3",
    "report of a quarter": "/reporting/reports/{report}?period=2025-26-q3",
    "themes": "/reporting/themes?period=2025-26-q4",
    "first page of a feed": "/reporting/odata/v4/SurveyAnswers",
}
LISTS = {
    "open complaints": "/complaints/",
    "complaints that are late": "/complaints/?overdue=true",
    "all complaints, first page": "/complaints/?state=all",
}
_EARLIER = 6 * 365  # days before the last year
TIMES, WARM_UP = 12, 6
"""PostgreSQL settles on a plan for a prepared statement after five times."""
AIMS = {
    "150 organisations of one size over 1: worst page": "1.3 or less",
    "10 years over 1: dashboard": "1.5 or less",
    "10 years over 1: report of a quarter": "1.5 or less",
    "10 years over 1: themes": "1.5 or less",
    "10 years over 1: first page of a feed": "1.3 or less",
    "10 years over 1: open complaints": "1.3 or less",
}


@dataclass(frozen=True)
class Cost:
    """Of a page: milliseconds of processor time of all processes, and by the clock."""

    work: float
    clock: float


Costs = dict[str, Cost]


def run() -> dict[str, float]:
    """Measure; prints a table of all pages, and gives the ratios."""
    orgs = _orgs_of_one_size()
    whole = {ORGANISATIONS[-1]: orgs[ORGANISATIONS[-1]], **_one_size_of_all()}
    years = _history()
    lists, list_orgs = _complaints()
    _print("Organisations of one size each", orgs)
    _print("One size of all organisations together", whole)
    _print("Years of one organisation", years)
    _print("Years of one organisation: complaints", lists)
    _print("Organisations of one size each: complaints", list_orgs)
    most = ORGANISATIONS[-1]
    spread = [_ratio(held, most, 1, page) for held in (orgs, list_orgs) for page in held[1]]
    found = {f"{most} organisations of one size over 1: worst page": max(spread)}
    found |= {f"{most} organisations of one size over 1: {page}": _ratio(orgs, most, 1, page) for page in PAGES}
    found |= {f"all rows in 1 organisation over in {most}: {page}": _ratio(whole, 1, most, page) for page in PAGES}
    found |= {f"{YEARS} years over 1: {page}": _ratio(years, YEARS, 1, page) for page in PAGES}
    return found | {f"{YEARS} years over 1: {page}": _ratio(lists, YEARS, 1, page) for page in LISTS}


def _ratio(held: dict[int, Costs], over: int, under: int, page: str) -> float:
    return held[over][page].work / held[under][page].work


def _print(title: str, held: dict[int, Costs]) -> None:
    table = Table(title=f"{title}: processor time of a page in ms (by the clock)")
    table.add_column("page")
    for number in sorted(held):
        table.add_column(f"{number:,}", justify="right")
    for page in next(iter(held.values())):
        table.add_row(page, *(f"{held[each][page].work:.0f} ({held[each][page].clock:.0f})" for each in sorted(held)))
    Console(width=110, highlight=False).print(table)


def _orgs_of_one_size() -> dict[int, Costs]:
    with _Reporting() as held:
        asyncio.run(held.load(SMALL))
        found, there = {}, 1
        for number in ORGANISATIONS:
            asyncio.run(held.copy(there, number))
            there, found[number] = number, asyncio.run(held.costs())
    return found


def _one_size_of_all() -> dict[int, Costs]:
    """All that so many small councils have, in one organisation, and in ten."""
    found = {}
    for number in ORGANISATIONS[:-1]:
        with _Reporting() as held:
            asyncio.run(held.load(tuple(each * ORGANISATIONS[-1] // number for each in SMALL)))
            asyncio.run(held.copy(1, number))
            found[number] = asyncio.run(held.costs())
    return found


def _history() -> dict[int, Costs]:
    with _Reporting() as held:
        asyncio.run(held.load(LARGE))
        found = {1: asyncio.run(held.costs())}
        asyncio.run(held.load(tuple(each * (YEARS - 1) for each in LARGE), years=YEARS - 1))
        return found | {YEARS: asyncio.run(held.costs())}


class _Reporting:
    """The reporting service with its producers, and how far their logs are filled."""

    def __enter__(self) -> Self:
        self._manager = installation()
        self._held: Installation = self._manager.__enter__()
        self._addresses = {source: self._held.start(source, "worker") for source in SOURCES}
        self._url = self._held.start("reporting", "main")
        self._loaded = Loaded()
        return self

    def __exit__(self, *given: object) -> None:
        self._manager.__exit__(*given)  # type: ignore[arg-type]  # what it is given by `with`

    async def load(self, numbers: tuple[int, ...], years: int = 0) -> None:
        """Bring in so many surveys, audits and complaints: over the last year, or evenly over so many years before it."""
        days, first_day = max(1, years) * 365, LAST_YEAR - timedelta(days=365 * years)
        of_each: dict[str, tuple[int, int, Callable[[int, date], tuple[Event, ...]]]] = {
            "feedback": (numbers[0], 1, lambda number, on: (response(number, on),)),
            "audit": (numbers[1], 1, lambda number, on: (outcome(number, on),)),
            "complaints": (numbers[2], 3, complaint),
        }
        for source, (number, events, make) in of_each.items():

            def made(make: Callable[[int, date], tuple[Event, ...]] = make, number: int = number) -> Iterator[Event]:
                for each in range(number):
                    yield from make(each, first_day + timedelta(days=each * days // number))

            before = getattr(self._loaded, source)
            await fill(self._held.databases[source], made(), after=before * events)
            setattr(self._loaded, source, before + number)
        await applied(self._held, self._addresses)
        async with httpx.AsyncClient(base_url=self._url, timeout=300) as client:
            operator = Identity(ORG, "operator", "operator", frozenset({"operator"}))
            headers = {HEADER: self._held.signer("gateway").sign(operator, "reporting")}
            (await client.put("/reporting/v1/profile", json=_document(), headers=headers)).raise_for_status()

    async def copy(self, there: int, wanted: int) -> None:
        """Bring the number of organisations from one to another."""
        if wanted > there:
            connection = await asyncpg.connect(self._held.databases["reporting"].url("admin"))
            await copied(connection, "reporting", ORG, [f"council-{each}" for each in range(there, wanted)])
            await connection.close()

    async def costs(self) -> Costs:
        """What each page costs, when PostgreSQL knows what it holds, as it would after a minute by itself."""
        connection = await asyncpg.connect(self._held.databases["reporting"].url("admin"))
        await connection.execute("vacuum analyze")
        await connection.close()
        report = next(each["code"] for each in _document()["reports"]["reports"] if each["period"] == "quarter")
        signer = self._held.signer("gateway")
        machine = Identity(ORG, "client:bench", "client", frozenset({"reporting:read"}))
        async with httpx.AsyncClient(base_url=self._url, timeout=300) as client:

            async def get(address: str) -> None:
                identity = machine if "/odata/" in address else READER
                more = {"Prefer": "odata.maxpagesize=1000"} if "/odata/" in address else {}
                answer = await client.get(address, headers={HEADER: signer.sign(identity, "reporting")} | more)
                if answer.status_code != httpx.codes.OK:
                    raise RuntimeError(f"{address}: {answer.status_code} {answer.text[:500]}")

            return {page: await _cost(partial(get, address.format(report=report))) for page, address in PAGES.items()}


def _document() -> Any:
    return read_profile(checkout() / "profiles" / ORG).document(PARTS["reporting"])


def _complaints() -> tuple[dict[int, Costs], dict[int, Costs]]:
    """The lists, by years of one organisation, and by organisations of one year."""
    with _service.installation("complaints") as held:
        return asyncio.run(_lists(held))


async def _lists(held: _service.Installation) -> tuple[dict[int, Costs], dict[int, Costs]]:
    document = _service.profile(*complaint_lists.PARTS)
    known = Profile.model_validate({name: document[name] for name in complaint_lists.PARTS})
    rng, today = random.Random(20260401), british_today()
    connection = await asyncpg.connect(held.database.url("admin"))
    number = LARGE[2]

    async def add(first: int, years: int) -> None:
        rows: dict[str, list[dict[str, Any]]] = {}
        for each in range(first * number, (first + years) * number):
            # The working-day calendar begins in 2019: what ten years have lies in seven.
            back = each * 365 // number if each < number else 365 + (each - number) * _EARLIER // (number * (YEARS - 1))
            received_on = today - timedelta(days=back)
            complaint_lists.add(rows, rng, known, ORG, each, received_on)
        await complaint_lists.write(connection, rows)

    async with httpx.AsyncClient(base_url=held.url, timeout=120) as client:
        await held.apply_profile(client, document)

        async def get(address: str) -> None:
            answer = await client.get(address, headers=held.headers(complaint_lists.OFFICER))
            if answer.status_code != httpx.codes.OK:
                raise RuntimeError(f"{address}: {answer.status_code} {answer.text[:500]}")

        async def costs() -> Costs:
            await connection.execute("vacuum analyze")
            return {page: await _cost(partial(get, address)) for page, address in LISTS.items()}

        try:
            await add(0, 1)
            years = {1: await costs()}
            orgs, there = {1: years[1]}, 1
            for wanted in ORGANISATIONS[1:]:
                await copied(connection, "complaints", ORG, [f"council-{each}" for each in range(there, wanted)])
                there, orgs[wanted] = wanted, await costs()
            await add(1, YEARS - 1)
            years[YEARS] = await costs()
        finally:
            await connection.close()
    return years, orgs


async def _cost(ask: Callable[[], Awaitable[None]]) -> Cost:
    """What a request takes, in the middle by the clock and on average of all processes."""
    for _ in range(WARM_UP):
        await ask()
    seconds, before = [], _spent()
    for _ in range(TIMES):
        began = time.perf_counter()
        await ask()
        seconds.append(time.perf_counter() - began)
    return Cost((_spent() - before) / TIMES * 1000, statistics.median(seconds) * 1000)


def _spent() -> float:
    """Seconds of a processor that the processes below this one have used."""
    return _service.processor_seconds(psutil.Process().children(recursive=True))
