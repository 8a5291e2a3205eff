"""What the database itself keeps apart: organisations, roles, and what nobody may read."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from services.feedback.tests.conftest import MACHINE, PUBLIC_URL, Issue, Phone, Sql, issue_from, settings_of

from chassis.database import UnsafeRoleError
from chassis.identity import Identity
from chassis.testing.fixtures import Database, Databases, Filling, Keys, ServiceClient, caller, migrate
from chassis.testing.page_client import PageClient
from feedback.bootstrap import build_app
from feedback.settings import FeedbackSettings

TABLES = ("invitation", "link", "draft", "response", "outbox", "idempotency", "profile")


@pytest.fixture
async def answered(family: Any, issue: Any) -> dict[str, Any]:
    """An organisation with something in every table."""
    return await send_answers(family, issue)


async def send_answers(family: Phone, issue: Issue) -> dict[str, Any]:
    """Something in every table."""
    issued = await issue(questionnaire="living-where-i-live", service_area="through-care")
    await family.open(issued["url"])
    await family.answer(4, answer="yes")
    await family.answer(5, answer="A secret")
    await family.send()
    return issued


@pytest.fixture(scope="module")
def kept(databases: Databases, profiles_applied: Filling, keys: Keys) -> Iterator[Sql]:
    """The same in a database that tests share: they read, or whatever they try on it is refused."""

    async def answer(database: Database) -> None:
        await profiles_applied.fill(database)
        with pytest.MonkeyPatch.context() as patch:
            app = build_app(settings_of(database, keys, patch))
        async with (
            app.router.lifespan_context(app),
            ServiceClient(app, keys, "feedback", caller(*MACHINE)) as client,
            PageClient(app, base_url=PUBLIC_URL) as phone,
        ):
            await send_answers(Phone(phone), partial(issue_from, client))

    with databases.clone("feedback", migrate("feedback"), Filling("answered", answer)) as clone:
        yield Sql(clone)


class TestRowSecurity:
    @pytest.mark.parametrize(
        "table", ["invitation", "link", "draft", "response", "profile", "idempotency", "concern", "concern_history", "mail"]
    )
    async def test_an_unset_tenant_and_another_see_nothing(self, kept: Sql, table: str) -> None:
        query = (
            f"select count(id) as seen from feedback.{table}"
            if table == "mail"
            else f"select count(*) as seen from feedback.{table}"
        )
        assert (await kept.rows(query, role="app", org="worcestershire"))[0]["seen"] == 1
        for org in (None, "", "elsewhere", "*"):
            assert (await kept.rows(query, role="app", org=org))[0]["seen"] == 0

    @pytest.mark.parametrize("table", ["outbox"])
    async def test_what_is_only_written_cannot_be_read(self, kept: Sql, table: str) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await kept.rows(f"select * from feedback.{table}", role="app", org="worcestershire")

    async def test_words_can_be_read_of_worries_only(self, answered: Any, sql: Any, family: Any, issue: Any) -> None:
        poster = await issue(questionnaire="have-your-say", channel="poster", reusable=True)
        await family.open(poster["url"])
        await family.answer(3, answer="You rang back. Thank you.")
        await family.send()
        words = "select count(*) as seen from feedback.response_text"
        assert await sql.value(words) == 2
        assert (await sql.rows(words, role="app", org="worcestershire"))[0]["seen"] == 1
        assert (await sql.rows(words, role="app", org="telford-wrekin"))[0]["seen"] == 0

    async def test_the_worker_sees_the_clock_of_a_worry_and_not_whose_it_is(self, kept: Sql) -> None:
        seen = "select number, due_at, state from feedback.concern"
        assert len(await kept.rows(seen, role="worker", org="worcestershire")) == 1
        assert await kept.rows(seen, role="worker", org="telford-wrekin") == []
        for column in ("response_id", "questions", "finding", "looked_at_by"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await kept.rows(f"select {column} from feedback.concern", role="worker", org="worcestershire")

    async def test_nothing_is_written_for_another_organisation(self, answered: Any, sql: Any) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await sql.rows(
                "insert into feedback.code_failure (visitor, minute, failures) values ('x', now(), 1)",
                role="app",
                org="worcestershire",
            )

    @pytest.mark.parametrize(
        "statement",
        [
            "update feedback.response set answers = '{}'", "delete from feedback.response", "delete from feedback.invitation",
            "update feedback.invitation set expires_on = current_date", "update feedback.link set token_hash = 'x'",
            "update feedback.invitation set replaces = id", "update feedback.upload set made_by = 'x'",
            "delete from feedback.outbox", "update feedback.profile set version = 'x'",
            "update feedback.concern set due_at = now()", "delete from feedback.concern",
            "update feedback.call_log set at = now()", "delete from feedback.call_log", "delete from feedback.call",
            "update feedback.call set reference = 'x'", "delete from feedback.caller_duty",
            "update feedback.entry set made_by = 'x'", "update feedback.caller_duty set from_on = current_date",
            "update feedback.concern_history set at = now()", "delete from feedback.concern_history",
            "update feedback.star set reference = ''",
            "update feedback.star_reading set star_id = id", "update feedback.star_history set at = now()",
            "update feedback.star_link set point = 'end'",
            "update feedback.response_text set id = id",
            "update feedback.comment_mark set read_on = now()", "delete from feedback.comment_mark",
            "update feedback.comment_history set at = now()", "delete from feedback.comment_look",
            "update feedback.quote set comment_id = id", "delete from feedback.quote",
            "update feedback.approved_quote set words = ''", "delete from feedback.approved_quote",
            "update feedback.quote_history set at = now()", "delete from feedback.change_made",
            "delete from feedback.change_history",
        ],
    )  # fmt: skip
    async def test_what_was_answered_cannot_be_changed(self, kept: Sql, statement: str) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await kept.rows(statement, role="app", org="worcestershire")

    async def test_the_worker_sees_events_and_no_answers(self, kept: Sql) -> None:
        assert len(await kept.rows("select * from feedback.outbox", role="worker")) == 2
        for table in (
            "response", "response_text", "draft", "link", "invitation", "concern", "concern_history", "comment_mark",
            "comment_look", "comment_history", "quote", "approved_quote", "quote_history", "change_made", "change_history",
            "call", "call_log", "caller", "caller_duty", "entry",
        ):  # fmt: skip
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await kept.rows(f"select * from feedback.{table}", role="worker")

    async def test_stars_are_an_organisations_own_and_the_worker_sees_none(self, post_star: Any, sql: Any) -> None:
        await post_star("start", "2026-01-05")
        for table in ("star", "star_reading", "star_history", "star_link"):
            query = f"select count(*) as seen from feedback.{table}"
            mine = (await sql.rows(query, role="app", org="worcestershire"))[0]["seen"]
            assert mine == (0 if table == "star_link" else 1)
            for org in (None, "", "telford-wrekin", "*"):
                assert (await sql.rows(query, role="app", org=org))[0]["seen"] == 0
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await sql.rows(f"select * from feedback.{table}", role="worker", org="worcestershire")

    async def test_who_holds_a_link_sees_that_link_only(self, answered: Any, issue: Any, sql: Any, database: Any) -> None:
        await issue()
        [mine] = await sql.rows("select token_hash from feedback.link where invitation_id = $1", answered["invitation_id"])
        connection = await asyncpg.connect(database.url("app"))
        try:
            async with connection.transaction():
                await connection.execute(
                    "select set_config('app.areas', '*', true), set_config('app.capability', $1, true)", mine["token_hash"]
                )
                assert len(await connection.fetch("select * from feedback.link")) == 1
                assert await connection.fetch("select * from feedback.invitation") == []
        finally:
            await connection.close()

    async def test_no_link_code_word_or_answer_stands_where_it_must_not(self, answered: Any, sql: Any) -> None:
        token = answered["url"].rpartition("/")[2]
        for table in (*TABLES, "response_text", "concern", "concern_history", "mail", "code_failure"):
            rows = str(await sql.rows(f"select t::text as row from feedback.{table} t"))
            assert token not in rows, table
            assert answered["short_code"] not in rows, table
            assert "A secret" not in rows, table


class TestRoles:
    @pytest.mark.parametrize("role", ["owner", "admin"])
    async def test_the_service_refuses_to_start_with_rights_that_see_past_row_security(
        self, settings: FeedbackSettings, database: Any, monkeypatch: pytest.MonkeyPatch, role: str
    ) -> None:
        monkeypatch.setenv("LOOP_DATABASE_URL", database.url(role))
        app = build_app(FeedbackSettings.load())
        with pytest.raises(UnsafeRoleError, match="not safe to run with"):
            async with app.router.lifespan_context(app):
                pass
        await app.state.engine.dispose()


class TestMigrations:
    def test_worries_that_were_there_before_anybody_could_look_at_them_get_a_number_and_a_clock(
        self, databases: Databases
    ) -> None:
        with databases.clone("feedback", migrate("feedback")) as database:
            migrate("feedback", down=True, to="0002")(database.url("owner"))
            asyncio.run(_old_worries(database.url("admin")))
            migrate("feedback")(database.url("owner"))
            assert asyncio.run(_clocks(database.url("admin"))) == [
                ("telford-wrekin", 1, "2026-07-02 00:00"), ("worcestershire", 1, "2026-12-04 00:00"),
                ("worcestershire", 2, "2026-12-05 00:00"),
            ]  # fmt: skip
            migrate("feedback", down=True, to="0002")(database.url("owner"))

    def test_up_down_and_up_again_leave_the_same_schema(self, databases: Databases) -> None:
        with databases.clone("feedback", migrate("feedback")) as database:
            before = asyncio.run(_columns(database.url("admin")))
            migrate("feedback", down=True)(database.url("owner"))
            assert {table for table, *_ in asyncio.run(_columns(database.url("admin")))} <= {"alembic_version"}
            migrate("feedback")(database.url("owner"))
            assert asyncio.run(_columns(database.url("admin"))) == before


async def _old_worries(url: str) -> None:
    """Worries as they were kept before: a row, and nothing that anybody did."""
    connection = await asyncpg.connect(url)
    opened = {"worcestershire": ("2026-12-04 15:00+00", "2026-12-03 23:59+00"), "telford-wrekin": ("2026-06-30 23:30+00",)}
    try:
        for org, moments in opened.items():
            for moment in moments:
                await connection.execute(
                    "with r as (insert into feedback.response (org, id, client, reference, fingerprint, questionnaire, "
                    "version, language, channel, service_area, about_on, answered_on, submitted_at, answers, worry) "
                    "values ($1, gen_random_uuid(), 'c', $2, '', 'q', 1, 'en', 'call', 'send', now(), now(), now(), '{}', true"
                    ") returning org, id) insert into feedback.concern (org, id, response_id, questions, opened_at) "
                    "select org, gen_random_uuid(), id, '{q}', $2::text::timestamptz from r",
                    *(org, moment),
                )
    finally:
        await connection.close()


async def _clocks(url: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    due = "to_char(timezone('Europe/London', due_at), 'YYYY-MM-DD HH24:MI')"
    try:
        return [tuple(row) for row in await connection.fetch(f"select org, number, {due} from feedback.concern order by 1, 2")]
    finally:
        await connection.close()


async def _columns(url: str) -> list[tuple[Any, ...]]:
    connection = await asyncpg.connect(url)
    try:
        rows = await connection.fetch(
            "select table_name, column_name, data_type, is_nullable from information_schema.columns "
            "where table_schema = 'feedback' order by 1, 2"
        )
        return [tuple(row) for row in rows]
    finally:
        await connection.close()


class TestOtherOrganisation:
    async def test_its_questionnaires_and_links_are_its_own(self, client: Any, issue: Any) -> None:
        await issue(reference="A-1")
        grants = frozenset({"feedback:invitations:write", "feedback:invitations:read"})
        other = client.acting_as(Identity("telford-wrekin", "client:test", "client", grants))
        assert (await other.get("/feedback/v1/invitations")).json()["items"] == []
        assert (await other.get("/feedback/v1/questionnaires/new-ehcp")).status_code == 404
        body = {"questionnaire": "new-ehcp", "service_area": "send", "channel": "letter"}
        answer = await other.post("/feedback/v1/invitations", json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 422


class TestProcess:
    def test_it_says_which_setting_is_missing(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LOOP_")}
        done = subprocess.run(
            [sys.executable, "-m", "feedback.main"], env=environment, capture_output=True, text=True, timeout=180, check=False
        )
        assert done.returncode != 0
        assert "LOOP_SECRET_KEY_FILE" in done.stderr
        assert "Traceback" not in done.stderr
