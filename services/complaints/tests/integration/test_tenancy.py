"""What holds at the level of the database's roles and constraints."""

from collections.abc import Iterator

import asyncpg
import pytest
from fastapi import FastAPI
from services.complaints.tests.conftest import application_on
from services.complaints.tests.learning import Officer
from services.complaints.tests.letters import Writer, day, hidden
from services.complaints.tests.support import WRITER, AsPerson, Desk, fetch, person

from chassis.database import UnsafeRoleError
from chassis.testing.fixtures import Database, Databases, Filling, Keys, ServiceClient, migrate
from chassis.testing.page_client import PageClient
from complaints.bootstrap import build_app
from complaints.settings import ComplaintsSettings

ROWS = {
    "complaint": 1,
    "complaint_point": 2,
    "point_version": 2,
    "stage": 2,
    "finding": 2,
    "stage_request": 1,
    "complaint_change": 4,
    "ombudsman_case": 1,
    "compliment": 1,
    "learning_action": 1,
    "learning_step": 1,
    "learning_none": 1,
    "letter_draft": 1,
    "letter": 1,
}
COMPLIMENT = {"reference": "C-1", "received_on": "2022-04-28", "service_area": "send", "team": None, "external": True}


def visible(database: Database, org: str | None, role: str = "app") -> dict[str, int]:
    """How many rows of each table a role sees for an organisation."""
    setting = () if org is None else (f"select set_config('app.areas', '*', false), set_config('app.org', '{org}', false)",)
    return {table: fetch(database.url(role), f"select count(*) from {table}", *setting)[0][0] for table in ROWS}


async def record_letter(client: PageClient, ident: str) -> None:
    """A draft, and a letter that was made elsewhere."""
    writer = Writer(client, ident)
    await writer.adds()
    await writer.begins()
    page = hidden((await client.get(f"{writer.at}/elsewhere?kind=other")).text)
    sent = {**page, "way": "post", **day("sent_on", "2022-07-26"), "to_name": "Jo"}
    await client.post(f"{writer.at}/elsewhere/upload", data=sent, files={"file": ("", b"")})


@pytest.fixture(scope="module")
def recorded(databases: Databases, profile_applied: Filling, keys: Keys) -> Iterator[Database]:
    """A database with something in every table; tests share it, for whatever they try on it is refused."""

    async def record(database: Database) -> None:
        await profile_applied.fill(database)
        with pytest.MonkeyPatch.context() as patch:
            app = application_on(database, keys, patch)
        async with app.router.lifespan_context(app), ServiceClient(app, keys, "complaints", WRITER) as client:
            await record_everything(app, keys, Desk(client))

    with databases.clone("complaints", migrate("complaints"), Filling("recorded", record)) as clone:
        yield clone


async def record_everything(app: FastAPI, keys: Keys, desk: Desk) -> None:
    """Something in every table."""
    ident = str((await desk.receive())["complaint_id"])
    await desk.answered(ident)
    await desk.step(ident, 2, "request", requested_on="2022-05-20")
    await desk.step(ident, 2, "decision", decided_on="2022-05-26", decision="accepted")
    case = {"reference": "L-1", "complaint_reference": "SEND-22-001", "service_area": "send", "accepted_on": "2022-07-01"}
    await desk.post("ombudsman-cases", case)
    await desk.post("compliments", {**COMPLIMENT, "source": "parent-or-carer"})
    first, second = (str(each["point_id"]) for each in (await desk.read(ident))["points"])
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        await Officer(client).record(ident, first)
        await Officer(client).decline(ident, second)
        await record_letter(client, ident)


class TestTenancy:
    async def test_only_its_own_organisation_sees_a_complaint(self, recorded: Database) -> None:
        nothing = dict.fromkeys(ROWS, 0)
        assert visible(recorded, "worcestershire") == ROWS
        assert visible(recorded, "telford-wrekin") == nothing
        assert visible(recorded, "") == nothing
        assert visible(recorded, None) == nothing
        assert visible(recorded, None, "owner") == nothing

    async def test_the_worker_has_no_business_with_complaints(self, recorded: Database) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            visible(recorded, "worcestershire", "worker")

    async def test_every_table_forces_row_level_security(self, recorded: Database) -> None:
        unprotected = fetch(
            recorded.url("admin"),
            "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
            "where n.nspname = 'complaints' and c.relkind in ('r', 'p') and c.relname <> 'alembic_version' "
            "and not (c.relrowsecurity and c.relforcerowsecurity)",
        )
        assert unprotected == []

    @pytest.mark.parametrize(
        "statement",
        [
            "delete from complaint",
            "update complaint set procedure = 'send'",
            "update complaint set reference = 'x'",
            "update complaint set org = 'telford-wrekin'",
            "update stage set counts_from = 'agreed'",
            "update stage set limit_days = 99",
            "update finding set finding = 'upheld'",
            "delete from finding",
            "update complaint_change set reason = null",
            "delete from complaint_change",
            "update compliment set external = false",
            "truncate complaint cascade",
            "update representation set details = ''",
            "delete from representation_change",
            "delete from opened",
            "update complaint_person set role = 'advocate'",
            "update complaint set brought_in = false",
            "update finding set brought_in = true",
            "delete from learning_action",
            "update letter set sent_on = '2022-07-01'",
            "delete from letter",
            "update letter_draft set kind = 'other'",
            "update learning_action set first_due_on = '2030-01-01'",
            "update learning_step set at = now()",
            "update learning_none set reason_sealed = ''",
            "delete from complaint_point",
            "update complaint_point set reference = '9'",
            "update point_version set category = 'x'",
            "delete from point_change",
        ],
    )
    async def test_nobody_who_serves_requests_can_change_what_was_recorded(self, recorded: Database, statement: str) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            fetch(
                recorded.url(),
                statement,
                "select set_config('app.areas', '*', false), set_config('app.org', 'worcestershire', false)",
            )

    async def test_a_row_cannot_be_written_for_another_organisation(self, recorded: Database) -> None:
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            fetch(
                recorded.url(),
                "insert into compliment "
                "(org, id, reference, received_on, service_area, source, external, content_hash, created_by) "
                "values ('worcestershire', gen_random_uuid(), 'x', '2022-05-01', 'send', 'x', true, '', 'x')",
                "select set_config('app.areas', '*', false), set_config('app.org', 'telford-wrekin', false)",
            )


class TestConstraints:
    @pytest.mark.parametrize(
        ("statement", "constraint"),
        [
            ("update complaint set due_on = null", "complaint_due_while_running"),
            ("update complaint set phase = 'answered'", "complaint_due_while_running"),
            ("update complaint set phase = 'lost', due_on = null", "complaint_phase_known"),
            ("update stage set responded_on = '2022-06-01' where number = 2", "stage_counted_when_answered"),
            ("update stage set responded_on = '2022-04-01' where number = 1", "stage_dates_in_order"),
            ("update stage set acknowledged_on = '2022-05-02'", "stage_acknowledged_only_if_due"),
            ("update finding set finding = 'perhaps'", "finding_known"),
            ("update stage_request set decision = null", "request_decided_with_date"),
            ("update stage_request set decided_on = '2022-05-01'", "request_decided_after_it_was_made"),
            ("update ombudsman_case set outcome = 'upheld'", "ombudsman_outcome_complete"),
            ("update finding set point_id = gen_random_uuid()", "finding_point|finding_once"),
            ("update complaint_change set version = 1", "change_once"),
            ("update learning_action set status = 'done'", "learning_action_done_with_evidence"),
            ("update learning_action set status = 'lost'", "learning_action_status_known"),
            ("update learning_action set owner_sealed = null", "learning_action_has_owner|found_by"),
            ("update learning_action set difference = 'yes'", "learning_action_review_says_what_came_of_it"),
            ("update learning_none set replaced_on = '2020-01-01'", "learning_none_replaced_later"),
            ("update learning_none set finding = 'not-upheld'", "learning_none_of_what_asks"),
            ("update letter set elsewhere = false", "letter_kept_whole"),
            ("update letter set mail_key = 'x'", "letter_mailed_where_by_mail"),
            ("update letter set how = 'taken'", "letter_step_has_version"),
            ("update letter set kind = 'love'", "letter_kind_known"),
            ("update letter_draft set way = 'pigeon'", "letter_draft_way_known"),
        ],
    )
    async def test_hold_even_for_an_administrator(self, recorded: Database, statement: str, constraint: str) -> None:
        with pytest.raises(asyncpg.IntegrityConstraintViolationError, match=constraint):
            fetch(recorded.url("admin"), statement, "set search_path = complaints")


class TestStart:
    @pytest.mark.parametrize("role", ["owner", "admin"])
    async def test_the_process_refuses_a_role_that_sees_past_row_level_security(
        self, database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch, role: str
    ) -> None:
        for name, value in keys.environment(database.url(role)).items():
            monkeypatch.setenv(name, value)
        app = build_app(ComplaintsSettings.load())
        with pytest.raises(UnsafeRoleError):
            async with app.router.lifespan_context(app):
                pytest.fail("it started")
