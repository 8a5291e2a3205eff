"""What holds at the level of the database: tenants, roles, sealed words, constraints, and that lists use their indexes."""

from typing import Any

import asyncpg
import pytest
from services.audit.tests.conftest import Call, rows
from services.audit.tests.disputes import CASE, Caller, praising, staffed, system

from chassis.testing.fixtures import Database, caller

__all__ = ["staffed", "system"]

TABLES = ("dispute", "dispute_stage", "dispute_change", "acknowledgement", "acknowledgement_notice", "acknowledgement_change")
ANSWER = {"answered_on": "2026-11-19", "answer": "The application goes in this week."}


async def run(url: str, *statements: str, org: str | None = "worcestershire") -> list[Any]:
    """Run statements as one role for an organisation; gives the rows of the last."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            if org is not None:
                await connection.execute("select set_config('app.areas', '*', true), set_config('app.org', $1, true)", org)
            for statement in statements[:-1]:
                await connection.execute(statement)
            return list(await connection.fetch(statements[-1]))
    finally:
        await connection.close()


@pytest.fixture
async def recorded(system: Caller) -> str:
    """A dispute that was answered, and an acknowledgement; gives the dispute's id."""
    ident = await system.raised(informal="A talk.", informal_on="2026-11-09", role="Team manager Dana")
    await system.made(f"disputes/{ident}/answer", ANSWER)
    await system.made("acknowledgements", praising())
    return ident


class TestTenancy:
    async def test_only_its_own_organisation_sees_a_record(self, recorded: str, database: Database, call_as: Call) -> None:
        for table in TABLES:
            query = f"select count(*) from {table}"
            seen = [(await run(database.url(), query, org=org))[0][0] for org in ("worcestershire", "telford-wrekin", "", None)]
            assert seen[0] > 0, table
            assert seen[1:] == [0, 0, 0], table
        async with call_as(caller("audit:disputes:read", org="telford-wrekin")) as other:
            assert (await other.get("/audit/v1/disputes")).json()["items"] == []
            assert (await other.get(f"/audit/v1/disputes/{recorded}")).status_code == 404

    async def test_history_is_never_changed_and_nothing_deleted(self, recorded: str, database: Database) -> None:
        for statement in (
            "update dispute_change set became = 'x'",
            "delete from dispute_change",
            "delete from dispute",
            "delete from dispute_stage",
            "update dispute set reference = 'x'",
            "update dispute set org = 'telford-wrekin'",
            "update acknowledgement set worker = 'x', reference = 'x'",
            "delete from acknowledgement_notice",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await run(database.url(), statement)

    async def test_the_worker_sees_what_waits_and_no_words(self, recorded: str, database: Database) -> None:
        await run(database.url("worker"), "select reference, due_on from dispute")
        await run(database.url("worker"), "select person, due_on from dispute_stage")
        for column in ("concern_sealed", "case_sealed", "case_key"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await run(database.url("worker"), f"select {column} from dispute")


class TestSealing:
    async def test_no_word_stands_open_anywhere(self, recorded: str, system: Caller, database: Database) -> None:
        await system.made(f"disputes/{recorded}/correction", {"concern": "Second words.", "case_number": "LCS-999"})
        everything = ""
        for table in (*TABLES, "outbox", "idempotency"):
            everything += str([row["row"] for row in await rows(database, f"select t::text as row from {table} t")])
        for secret in (CASE, "LCS-999", "placement", "A talk", "Dana", "this week", "own words", "Second words"):
            assert secret not in everything
            assert secret.encode().hex() not in everything


class TestConstraints:
    async def test_what_cannot_be_is_refused_by_the_tables_too(self, recorded: str, database: Database) -> None:
        for statement, constraint in (
            ("update dispute set phase = 'lost'", "dispute_phase_is_known"),
            ("update dispute set phase = 'waiting', due_on = null", "dispute_due_while_waiting"),
            ("update dispute set ended_on = '2026-11-20'", "dispute_ended_has_its_day"),
            ("update dispute set informal_on = '2026-12-01'", "dispute_tried_informally_before"),
            ("update dispute_stage set answered_by = null", "dispute_stage_answer_is_whole"),
            ("update dispute_stage set left_on = '2026-11-20'", "dispute_stage_answered_or_left"),
            ("update dispute_stage set working_days = null", "dispute_stage_counted_when_stopped"),
            ("update dispute_stage set answered_on = '2026-11-01'", "dispute_stage_days_in_order"),
            ("update dispute_stage set role_sealed = null, to_team = false", "dispute_stage_someone_must_answer"),
            ("update dispute_stage set number = 2", "dispute_stage_first_is_raised"),
            ("update dispute_change set secret = true, was = 'x'", "dispute_change_words_are_sealed"),
            ("update acknowledgement_notice set shared_on = '2026-11-24'", "acknowledgement_notice_shared_was_seen"),
            ("update acknowledgement set withdrawn_on = '2026-11-24'", "acknowledgement_withdrawn_with_reason"),
        ):
            with pytest.raises(asyncpg.CheckViolationError, match=constraint):
                await run(database.url("admin"), "set search_path = audit", statement, org=None)


class TestPlans:
    async def test_lists_use_their_indexes(self, recorded: str, database: Database) -> None:
        fill = """
            insert into dispute (org, id, reference, source, content_hash, raised_on, raised_by, category, service_area, team,
                                 case_key, case_sealed, concern_sealed, phase, stage, stage_number, due_on, ended_on)
            select 'worcestershire', gen_random_uuid(), 'N-' || n, 'x', sha256(''), date '2026-01-01' + n % 300, 'iro',
                   'visits', (array['send', 'safeguarding', 'through-care'])[1 + n % 3], null, '', '', '',
                   case when n % 20 = 0 then 'waiting' else 'resolved' end, 'director', 1,
                   case when n % 20 = 0 then date '2026-01-10' + n % 300 end,
                   case when n % 20 <> 0 then date '2026-01-10' + n % 300 end
              from generate_series(1, 20000) n
        """
        await run(database.url("admin"), "set search_path = audit", fill, "analyze audit.dispute", org=None)
        for query, index in (
            ("select * from dispute d order by d.rank, d.id limit 51", "dispute_ranked"),
            ("select * from dispute d where (d.rank, d.id) > (9000, :after) order by d.rank, d.id limit 51", "dispute_ranked"),
            ("select * from dispute d where service_area = 'send' order by d.rank, d.id limit 51", "dispute_by_area"),
            ("select 1 from dispute where raised_on between '2026-10-01' and '2026-10-03'", "dispute_raised"),
            ("select 1 from dispute where case_key = 'x'", "dispute_of_case"),
        ):
            plan = str(await run(database.url(), f"explain {query}".replace(":after", f"'{recorded}'")))
            assert index in plan, plan
            assert "Seq Scan" not in plan
            assert "Sort" not in plan
