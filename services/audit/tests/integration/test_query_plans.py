"""Every list is read by an index, however PostgreSQL comes to plan its statements: no table that grows is read as a whole.

Three thousand audits; the plan that is looked at is that of the application's own role, under row-level security, with the
parameters of the page. Once as PostgreSQL plans a statement for its parameters, and once after it was executed so often that
PostgreSQL may have taken to a plan for any. How long a page takes is for `make bench` (tests/bench/audit_lists.py).
"""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import asyncpg
import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import profile_document, profile_of
from services.audit.tests.list_pages import LISTS, Page, places
from services.audit.tests.many_audits import ManyAudits
from services.audit.tests.statements import Statement, recorded

from audit.adapters.deadline_reader import DeadlineReader
from audit.bootstrap import build_app
from audit.settings import AuditSettings
from chassis.days import british_today
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, Databases, Keys, ServiceClient, caller, migrate

ORG, ELSEWHERE = "worcestershire", "telford-wrekin"
GROWING = {
    *("audit", "part", "entry", "question", "action", "action_step", "review", "recipient", "escalation", "step"),
    *("outcome_version", "round_case"),
}
"""Staff, profiles and rounds are few, and PostgreSQL may well read them as a whole. The page of outcomes counts all of them."""
TIMES = 7
"""From the sixth time on PostgreSQL may keep to a plan that does not look at the parameters."""
REMINDERS, EVERYTHING = "reminders", "everything"

Plans = dict[str, list[tuple[str, str]]]
"""By page: each statement behind it, and the growing tables that it reads as a whole (nothing, that is)."""


@pytest.fixture(scope="module")
def plans(databases: Databases, keys: Keys) -> Iterator[Plans]:
    """The statements of every list, explained."""
    with databases.clone("audit", migrate("audit")) as database:
        settings = keys.environment(database.url())
        with patch.dict(os.environ, settings):
            yield asyncio.run(_explain_all(database, keys))


async def _explain_all(database: Database, keys: Keys) -> Plans:
    where = await _seed(database, keys)
    app = build_app(AuditSettings.load())
    async with app.router.lifespan_context(app), ServiceClient(app, keys, "audit", caller("operator", org=ORG)) as operator:
        (await operator.put("/audit/v1/profile", json=profile_document(ORG))).raise_for_status()
        asked = {str(page): await _asked_by_page(app, keys, page, page.address(where)) for page in LISTS}
        asked[REMINDERS] = await _asked_by_reminders(app)
        asked[EVERYTHING] = [Statement("select count(suggested) from audit", ())]
    async with _as_application(database) as connection:
        known: dict[str, str] = {}
        return {page: [await _explain(connection, each, known) for each in found] for page, found in asked.items()}


async def _seed(database: Database, keys: Keys) -> dict[str, str]:
    connection = await asyncpg.connect(database.url("admin"))
    try:
        secrets = Secrets.from_file(keys.folder / "master.key")
        many = ManyAudits(connection, secrets, profile_of(ORG), british_today())
        await many.add(ORG, 3000)
        await many.add(ELSEWHERE, 600)
        # What autovacuum does in time: figures for the planner, and pages that an index alone can answer for.
        await connection.execute("vacuum analyze")
        await connection.execute("set search_path = audit")
        return await places(connection, ORG)
    finally:
        await connection.close()


async def _asked_by_page(app: FastAPI, keys: Keys, page: Page, address: str) -> list[Statement]:
    async with ServiceClient(app, keys, "audit", page.identity(ORG)) as client:
        with recorded(app) as found:
            answer = await client.get(address)
    assert answer.status_code == 200, f"{page}: {answer.text[:1000]}"
    return found


async def _asked_by_reminders(app: FastAPI) -> list[Statement]:
    async with app.state.uow.begin(ORG) as transaction:
        with recorded(app) as found:
            assert await DeadlineReader(transaction.connection).open(datetime.now(UTC))
    return found


@asynccontextmanager
async def _as_application(database: Database) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database.url())
    try:
        await connection.execute("select set_config('app.areas', '*', false), set_config('app.org', $1, false)", ORG)
        # As our own PostgreSQL has it (`loop_cli.servers.postgres`); the tests may run on another.
        await connection.execute("set random_page_cost = 1.1")
        yield connection
    finally:
        await connection.close()


async def _explain(connection: asyncpg.Connection, statement: Statement, known: dict[str, str]) -> tuple[str, str]:
    call = f"execute listed{_literals(statement.parameters)}"
    key = f"{statement.sql} {call}"
    if key not in known:
        await connection.execute(f"prepare listed as {statement.sql}")
        found = [await connection.fetchval(f"explain (format json) {call}") for _ in range(TIMES)]
        await connection.execute("deallocate listed")
        read = {table for plan in (found[0], found[-1]) for table in _read_as_a_whole(json.loads(plan)[0]["Plan"])}
        known[key] = ", ".join(sorted(read & GROWING))
    return key, known[key]


def _literals(parameters: Sequence[Any]) -> str:
    return f"({', '.join(_literal(each) for each in parameters)})" if parameters else ""


def _literal(value: Any) -> str:
    if value is None:
        return "null"
    shown = "{" + ",".join(f'"{each}"' for each in value) + "}" if isinstance(value, list) else str(value)
    return "'" + shown.replace("'", "''") + "'"


def _read_as_a_whole(plan: dict[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for each in plan.get("Plans", ()):
        yield from _read_as_a_whole(each)


class TestLists:
    @pytest.mark.parametrize("page", [*map(str, LISTS), REMINDERS])
    def test_no_table_that_grows_is_read_as_a_whole(self, plans: Plans, page: str) -> None:
        assert [each for each in plans[page] if each[1]] == []

    def test_a_table_that_is_read_as_a_whole_would_be_found(self, plans: Plans) -> None:
        assert [tables for _, tables in plans[EVERYTHING]] == ["audit"]
