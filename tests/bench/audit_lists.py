"""Milliseconds of each list of audits with 10,000 audits in it, beside those of its statements alone.

The real web process (uvicorn) on a PostgreSQL with durable settings; five years of looped audits of one organisation, and a
fifth as many of another. Each page is fetched as somebody whom it is for; after each time the statements behind it (noted down
from the same application in this process) are sent by asyncpg on one connection of the same role: what the database alone
takes. The two take turns, so that a busy machine slows both. Run it with `python -m tests.bench audit_lists`.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from unittest.mock import patch

import asyncpg
import httpx
from fastapi import FastAPI
from rich.console import Console
from rich.table import Table
from services.audit.tests.list_pages import LISTS, Page, places
from services.audit.tests.many_audits import OFFICER, ManyAudits
from services.audit.tests.statements import Statement, recorded

from audit.bootstrap import build_app
from audit.domain.profile import AuditProfile
from audit.settings import AuditSettings
from chassis.days import british_today
from chassis.secrets import Secrets
from tests.bench._service import ORG, Installation, installation, profile

AUDITS, ELSEWHERE = 10_000, 2_000
TIMES, WARM_UP = 20, 7
"""PostgreSQL settles on a plan for a prepared statement after five times."""
SECONDS_TAKEN = 90
AIMS = {"slowest_list_p50_ms": "under 150", "slowest_list_p95_ms": "under 150"}
ONE_AUDIT = Page(OFFICER, "/audit/audits/{audit}")
EVERYTHING = Page(OFFICER, "/audit/agreement?tool=social-care-case-file&moderated_from=")
"""No list: it counts every grade that was ever given with a tool, 200,000 of them."""


@dataclass(frozen=True)
class Times:
    """Of one page: seconds of each request, and of its statements alone, in turns."""

    page: Page
    statements: int
    bytes: int
    request: Sequence[float]
    alone: Sequence[float]

    @property
    def p50(self) -> float:
        """Milliseconds of the request in the middle."""
        return statistics.median(self.request) * 1000

    @property
    def p95(self) -> float:
        """Milliseconds that 95 of 100 requests stay below."""
        return statistics.quantiles(self.request, n=20, method="inclusive")[-1] * 1000

    @property
    def sql(self) -> float:
        """Milliseconds of the statements alone, in the middle."""
        return statistics.median(self.alone) * 1000


def run() -> dict[str, float]:
    """Measure once and print the table of pages; gives the slowest of them and the ratio in the middle."""
    with installation("audit") as held, patch.dict(os.environ, held.environment | {"LOOP_LOG_LEVEL": "warning"}):
        measured = asyncio.run(_measure(held))
    _print(measured)
    lists = [each for each in measured if each.page in LISTS]
    return {
        "slowest_list_p50_ms": max(each.p50 for each in lists),
        "slowest_list_p95_ms": max(each.p95 for each in lists),
        "median_list_p50_ms": statistics.median(each.p50 for each in lists),
        "median_ratio_to_sql": statistics.median(each.p50 / each.sql for each in lists),
    }


def _print(measured: Sequence[Times]) -> None:
    table = Table(title=f"Pages over {AUDITS:,} audits, in milliseconds")
    for heading in ("page", "kB", "p50", "p95", "queries", "SQL alone", "ratio"):
        table.add_column(heading, justify="left" if heading == "page" else "right", no_wrap=True)
    for each in measured:
        ratio = each.p50 / each.sql
        figures = (f"{each.p50:.0f}", f"{each.p95:.0f}", str(each.statements), f"{each.sql:.1f}", f"{ratio:.1f}")
        table.add_row(str(each.page), f"{each.bytes / 1000:.0f}", *figures)
    Console(width=130, highlight=False).print(table)


async def _measure(held: Installation) -> list[Times]:
    async with httpx.AsyncClient(base_url=held.url, timeout=60) as client:
        await held.apply_profile(client, profile("organisation", "audit"))
        where = await _seed(held)
        app = build_app(AuditSettings.load())
        alone = await asyncpg.connect(held.database.url(), server_settings={"jit": "off"})
        try:
            async with app.router.lifespan_context(app):
                pages = (*LISTS, ONE_AUDIT, EVERYTHING)
                return [await _measure_page(held, client, app, alone, page, where) for page in pages]
        finally:
            await alone.close()


async def _seed(held: Installation) -> dict[str, str]:
    connection = await asyncpg.connect(held.database.url("admin"))
    try:
        document = profile("organisation", "audit")
        known = AuditProfile.model_validate({name: document[name] for name in ("organisation", "audit")})
        many = ManyAudits(connection, Secrets.from_file(held.master_key), known, british_today())
        await many.add(ORG, AUDITS)
        await many.add("telford-wrekin", ELSEWHERE)
        # What autovacuum and the checkpointer do in time.
        for statement in ("vacuum analyze", "checkpoint", "set search_path = audit"):
            await connection.execute(statement)
        return await places(connection, ORG)
    finally:
        await connection.close()


async def _measure_page(
    held: Installation,
    client: httpx.AsyncClient,
    app: FastAPI,
    alone: asyncpg.Connection,
    page: Page,
    where: Mapping[str, str],
) -> Times:
    address, identity = page.address(where), page.identity(ORG)
    behind = await _statements(app, address, held.headers(identity))
    requests, replays, size = [], [], 0
    for _ in range(WARM_UP + TIMES):
        headers = held.headers(identity)
        began = time.perf_counter()
        answer = await client.get(address, headers=headers)
        requests.append(time.perf_counter() - began)
        if answer.status_code != httpx.codes.OK:
            raise RuntimeError(f"{page}: {answer.status_code} {answer.text[:500]}")
        size = len(answer.content)
        replays.append(await _replay(alone, behind))
    return Times(page, len(behind), size, requests[WARM_UP:], replays[WARM_UP:])


async def _statements(app: FastAPI, address: str, headers: Mapping[str, str]) -> list[Statement]:
    """What the application asks for a page when it knows the profile already."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client:
        await client.get(address)
        with recorded(app) as found:
            await client.get(address)
    return found


async def _replay(connection: asyncpg.Connection, statements: Sequence[Statement]) -> float:
    """Seconds in which the database answers all of them in one transaction, whose first names the organisation."""
    began = time.perf_counter()
    async with connection.transaction():
        for each in statements:
            await connection.fetch(each.sql, *each.parameters)
    return time.perf_counter() - began
