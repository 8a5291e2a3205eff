"""What the worker does by itself: it reminds by mail, each of each thing once, and sends rounds out on their day.

And what is mailed at once.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, rows, stop_clock
from services.audit.tests.disputes import raising
from services.audit.tests.rounds import Officer, staff
from services.audit.tests.support import CASE, ORG, Office
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from audit.use_cases.run_daily import daily as daily_of
from chassis.mail_queue import unseal
from chassis.rounds import Daily
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.unit_of_work import UnitOfWork

MODERATED = """
    update audit set state = 'moderated', submitted_at = now(), moderated_on = '2026-10-30', discuss_by = '2026-11-19'
     where id = :id
"""
RECIPIENT = """
    insert into recipient (org, audit_id, person, capacity, due_on)
    values ('worcestershire', :id, 'sam-okafor', 'team-manager', '2026-11-18')
"""


class Clock:
    """What the worker takes for now: noon in the United Kingdom of a day that is set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 16, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def day(self, month: int, day: int, hour: int = 12) -> None:
        """Let it be a day of 2026."""
        self.now = datetime(2026, month, day, hour, tzinfo=UTC)


@pytest.fixture
async def office(client: ServiceClient, app: FastAPI, call_as: Call) -> Office:
    office = Office(app, call_as)
    await office.add_people()
    async with app.state.uow.begin(ORG) as transaction:
        for code in ("sam-okafor", "priya-shah", "jo-bennett", "alex-morgan"):
            sealed = office.context.secrets.seal(ORG, "person", f"{code}@example.org")
            await transaction.connection.execute(
                text("update person set email_sealed = :email where org = :org and code = :code"),
                {"email": sealed, "org": ORG, "code": code},
            )
    return office


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def daily(office: Office, database: Database, clock: Clock) -> AsyncIterator[Daily]:
    """The worker's task, as the role that the worker has."""
    engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    yield daily_of(UnitOfWork(engine), replace(office.context, now=clock, public_url="https://loop.example"))
    await engine.dispose()


async def mails(database: Database, office: Office) -> list[tuple[str, str, str]]:
    """Recipient, subject and body of what was asked for, in the order of the keys."""
    found: list[Any] = await rows(database, "select recipient, content from mail order by key")
    opened = [unseal(office.context.secrets, ORG, bytes(row["recipient"]), bytes(row["content"])) for row in found]
    return [(each.to, each.subject, each.body) for each in opened]


class TestReminding:
    async def test_each_reminder_goes_out_once_and_officers_get_one_mail_about_all_that_is_late(
        self, office: Office, daily: Daily, clock: Clock, database: Database
    ) -> None:
        await office.add_audit(submit_by=date(2026, 11, 20))
        assert await daily.once() == 0
        clock.day(11, 17)  # three working days before
        assert await daily.once() == 2
        assert await daily.once() == 0
        assert {to for to, _, _ in await mails(database, office)} == {"sam-okafor@example.org", "priya-shah@example.org"}
        clock.day(11, 21)  # a Saturday
        assert await daily.once() == 0
        clock.day(11, 23, hour=6)  # nobody is reminded before seven
        assert await daily.once() == 0
        clock.day(11, 23)  # one working day late: both, and the officer once about both
        assert await daily.once() == 3
        assert await daily.once() == 0
        (late,) = [mail for mail in await mails(database, office) if mail[0] == "alex-morgan@example.org"]
        assert late[1] == "Late on 23 November: 2 things"
        assert late[2].count("A part of audit EHCP-2026-11-001 was due on Friday 20 November 2026.") == 2
        assert "https://loop.example/audit/\n" in late[2]
        clock.day(11, 24)
        assert await daily.once() == 0, "nothing new"
        everything = " ".join(" ".join(mail) for mail in await mails(database, office))
        assert "LCS-204418" not in everything
        assert "Okafor" not in everything.replace("sam-okafor@example.org", "")

    async def test_a_programme_says_how_early(self, office: Office, daily: Daily, clock: Clock) -> None:
        await office.add_audit(submit_by=date(2026, 11, 30), rules='{"remind_before": 10}')
        clock.day(11, 13)
        assert await daily.once() == 0
        clock.day(11, 16)
        assert await daily.once() == 2

    async def test_somebody_without_an_address_does_not_stop_the_others(
        self, office: Office, daily: Daily, clock: Clock
    ) -> None:
        await office.add_audit(parts={"lead": "lee-walsh", "peer": "priya-shah"}, submit_by=date(2026, 11, 17))
        clock.day(11, 17)
        assert await daily.once() == 1

    async def test_a_result_is_to_be_read_and_discussed_by_a_day_and_that_is_late_too(
        self, office: Office, daily: Daily, clock: Clock, database: Database
    ) -> None:
        audit_id = await office.add_audit(parts={"single": "priya-shah"}, tool="mid-way", kind="single",
                                          submit_by=date(2026, 10, 30))  # fmt: skip
        async with office.app.state.uow.begin(ORG) as transaction:
            for statement in (
                "update part set state = 'submitted', submitted_at = now() where audit_id = :id",
                MODERATED,
                RECIPIENT,
            ):
                await transaction.connection.execute(text(statement), {"id": audit_id})
        clock.day(11, 13)
        await daily.once()
        clock.day(11, 20)
        await daily.once()
        subjects = [subject for to, subject, _ in await mails(database, office) if to == "sam-okafor@example.org"]
        assert sorted(subjects) == [
            "Due 18 November: acknowledge audit EHCP-2026-11-001",
            "Overdue since 18 November: acknowledge audit EHCP-2026-11-001",
            "Overdue since 19 November: discuss audit EHCP-2026-11-001 in supervision",
        ]
        stop_clock(office.app, clock.now.date())
        officer = office.browser("alex-morgan", "role:qa-officer")
        page = await officer.open("/audit/")
        await officer.client.aclose()
        assert "Discuss the result in supervision" in page
        assert "Read the result and say so" in page


class TestNotices:
    async def test_a_concern_is_mailed_at_once_to_the_manager_and_the_officer(self, office: Office, database: Database) -> None:
        audit_id = await office.add_audit()
        peer = office.browser("priya-shah")
        await peer.send(f"/audit/audits/{audit_id}/concern", {"words": "No visit for nine weeks."})
        told = await mails(database, office)
        assert [to for to, _, _ in told] == ["alex-morgan@example.org", "sam-okafor@example.org"]
        assert all("cannot wait" in subject and "nine weeks" not in body for _, subject, body in told)
        await peer.client.aclose()

    async def test_a_dispute_is_mailed_to_who_must_answer_then_to_who_raised_it(
        self, office: Office, call_as: Call, database: Database
    ) -> None:
        officer = call_as(caller("role:qa-officer", "audit:disputes:write", subject="demo-alex-morgan"))
        async with officer as client:
            raised = await client.post("/audit/v1/disputes", json=raising(
                team="send-north", service_area="send", person="sam-okafor", raised_person="priya-shah"),
                headers={"Idempotency-Key": "a"})  # fmt: skip
            assert raised.status_code == 201, raised.text
            ident = raised.json()["dispute_id"]
            answered = await client.post(f"/audit/v1/disputes/{ident}/answer", json={
                "answered_on": "2026-11-19", "answer": "The application goes in."},
                headers={"Idempotency-Key": "b"})  # fmt: skip
            assert answered.status_code == 201, answered.text
        told = await mails(database, office)
        assert [(to, subject) for to, subject, _ in told] == [
            ("priya-shah@example.org", "Dispute DRP-2026-001 has an answer"),
            ("sam-okafor@example.org", "Dispute DRP-2026-001 waits for your answer"),
        ]
        assert all("application" not in body and CASE not in body for _, _, body in told)


class TestCirculation:
    @pytest.fixture
    async def officer(self, office: Office, call_as: Call) -> AsyncIterator[Officer]:
        async with call_as(caller("role:qa-officer", subject="demo-alex-morgan")) as client:
            yield Officer(client)

    async def ready(self, office: Office, officer: Officer, *, drawn_on: str = "2026-10-28") -> str:
        """A round that is to go out on Sunday 1 November, drawn some days before."""
        await officer.staff(*staff())
        round_id = await officer.drawn()
        await officer.done(f"/rounds/{round_id}/allocation")
        async with office.app.state.uow.begin(ORG) as transaction:
            await transaction.connection.execute(
                text("update round set drawn_at = cast(:on as date) + time '12:00'"), {"on": date.fromisoformat(drawn_on)}
            )
        return round_id

    async def test_a_round_goes_out_by_itself_on_its_day_also_on_a_sunday(
        self, office: Office, officer: Officer, daily: Daily, clock: Clock, database: Database
    ) -> None:
        round_id = await self.ready(office, officer)
        clock.day(10, 31)
        await daily.once()
        assert (await officer.round(round_id))["state"] == "drawn"
        clock.day(11, 1)
        await daily.once()
        await daily.once()
        found = await officer.round(round_id)
        assert found["state"] == "circulated"
        assert {audit["state"] for audit in found["audits"]} == {"auditing"}
        told = await rows(database, "select count(*) as number from outbox where subject like '%audit_allocated'")
        assert told[0]["number"] == 3
        history = await rows(database, "select by from round_step where step = 'circulated'")
        assert [row["by"] for row in history] == ["service:audit"]

    async def test_one_that_was_drawn_on_the_day_itself_waits_for_the_officer(
        self, office: Office, officer: Officer, daily: Daily, clock: Clock
    ) -> None:
        round_id = await self.ready(office, officer, drawn_on="2026-11-01")
        clock.day(11, 1)
        await daily.once()
        assert (await officer.round(round_id))["state"] == "drawn"

    async def test_one_that_cannot_go_out_stays_and_the_officer_is_told_that_it_is_late(
        self, office: Office, officer: Officer, daily: Daily, clock: Clock, database: Database
    ) -> None:
        round_id = await self.ready(office, officer)
        (gone,) = [each for each in staff() if each["code"] == "sam-okafor"]
        await officer.staff({**gone, "active": False})
        clock.day(11, 2)
        await daily.once()
        assert (await officer.round(round_id))["state"] == "drawn"
        (told,) = [body for _, subject, body in await mails(database, office) if subject.startswith("Late on")]
        assert (
            "The circulation of SEND: new education, health and care plans, 2026-11 was due on Sunday 1 November 2026." in told
        )
