"""Owners of plans from the staff directory: chosen on pages, mailed by the worker, and what stands there when a mail fails."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from typing import Any

import asyncpg
import pytest
from fastapi import FastAPI
from reporting_plans import Officer, officer_of
from reporting_records import document
from reporting_staff import Directory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.calendar import WorkingDays
from chassis.days import british_today
from chassis.errors import DomainError
from chassis.mail_queue import unseal
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.unit_of_work import UnitOfWork
from reporting.adapters.profiles import Profiles
from reporting.bootstrap import build_app
from reporting.settings import ReportingSettings
from reporting.use_cases.remind_of_plans import PlanReminders

TODAY = british_today()
SOON = TODAY + timedelta(days=20)
ORG = "worcestershire"
OPEN_TRANSACTIONS = """
select count(*) from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null and backend_type = 'client backend'
"""


@pytest.fixture
def directory(keys: Keys) -> Directory:
    """Three who work here, one without an address."""
    found = Directory(keys)
    found.has("dana-price", "Dana Price", "dana@council.example")
    found.has("kit-lane", "Kit Lane")
    found.has("sam-ash", "Sam Ash", "sam@council.example")
    return found


@pytest.fixture
async def staffed(settings: ReportingSettings, directory: Directory) -> AsyncIterator[FastAPI]:
    """The application with that directory."""
    application = build_app(settings, staff=directory.read())
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def officer(staffed: FastAPI, keys: Keys) -> Officer:
    """A quality-assurance officer, when the profile is applied."""
    client = ServiceClient(staffed, keys, "reporting", caller("reporting:read"))
    body = {**document(ORG), "version": "test"}
    answer = await client.acting_as(caller("operator")).put("/reporting/v1/profile", json=body)
    assert answer.status_code == 200, answer.text
    return officer_of(client)


def words(answer: Any) -> str:
    return " ".join(answer.text.split())


def working(on: date) -> date:
    """That day, or the next on which mails go out."""
    calendar = WorkingDays.load()
    return on if calendar.is_working_day(on) else calendar.add(on, 1)


async def given_to(officer: Officer, code: str) -> tuple[str, str]:
    """A plan with an action that somebody of the directory sees to; the addresses of both."""
    plan = await officer.open_plan()
    action = await officer.add_action(plan, SOON)
    await officer.send(f"{action}/change", what="Draw up a rota", owner="", owner_person=code)
    return plan, action


class TestChoosing:
    async def test_somebody_of_the_directory_or_a_role(self, officer: Officer, directory: Directory) -> None:
        _, action = await given_to(officer, "sam-ash")
        assert "Sam Ash" in words(await officer.browser.get(action))
        form = (await officer.browser.get(f"{action}/change")).text
        assert '<option value="sam-ash" selected>' in form
        assert "Team manager" not in form
        await officer.send(f"{action}/change", what="Draw up a rota", owner="Partner health trust", owner_person="")
        assert "Partner health trust" in words(await officer.browser.get(action))
        assert directory.people

    async def test_both_at_once_or_somebody_who_left_is_refused_beside_the_field(
        self, officer: Officer, directory: Directory
    ) -> None:
        plan, action = await given_to(officer, "sam-ash")
        hidden = await officer.form(f"{action}/change")
        both = await officer.post(f"{action}/change", hidden, what="x", owner="A role", owner_person="dana-price")
        assert both.status_code == 422
        assert "Choose somebody of the list, or type who it is, not both" in words(both)
        directory.has("dana-price", "Dana Price", "dana@council.example", active=False)
        left = await officer.post(f"{action}/change", hidden, what="x", owner="", owner_person="dana-price")
        assert left.status_code == 422
        assert "is not in the staff directory any more" in words(left)
        lead = await officer.form(f"{plan}/workstreams/new")
        assert (await officer.post(f"{plan}/workstreams/new", lead, title="More", lead_person="sam-ash")).status_code == 303

    async def test_while_the_directory_is_away_nothing_is_lost(self, officer: Officer, directory: Directory) -> None:
        _, action = await given_to(officer, "sam-ash")
        directory.away = True
        form = words(await officer.browser.get(f"{action}/change"))
        assert "The staff directory cannot be read just now" in form
        await officer.send(f"{action}/change", what="Another rota", owner="", owner_person="sam-ash")
        page = words(await officer.browser.get(action))
        assert "Another rota" in page
        assert "Sam Ash" in page

    async def test_no_transaction_waits_for_the_directory(
        self, officer: Officer, directory: Directory, database: Database
    ) -> None:
        plan, action = await given_to(officer, "sam-ash")
        open_then: list[int] = []

        async def look() -> None:
            # Others do not see what a session is at.
            admin = await asyncpg.connect(database.url("admin"))
            open_then.append(await admin.fetchval(OPEN_TRANSACTIONS))
            await admin.close()

        directory.meanwhile = look
        for address in (plan, action, f"{action}/change", f"{plan}/workstreams/new"):
            assert (await officer.browser.get(address)).status_code == 200
        await officer.send(f"{action}/change", what="Draw up a rota", owner="", owner_person="dana-price")
        assert len(open_then) >= 6
        assert set(open_then) == {0}


class TestMails:
    @pytest.fixture
    def remind(self, worker_engine: AsyncEngine, settings: ReportingSettings, directory: Directory) -> Any:
        """The worker's round, on a day."""
        secrets = Secrets.of(settings)

        async def on(day_: date) -> int:
            uow = UnitOfWork(worker_engine)
            made = PlanReminders(uow, Profiles(), secrets, directory.read(), "https://loop.example/", lambda: day_)
            return await made(ORG)

        return on

    async def test_are_asked_for_once_and_hold_no_word(
        self, officer: Officer, remind: Any, staffed: FastAPI, settings: ReportingSettings, worker_engine: AsyncEngine
    ) -> None:
        plan, action = await given_to(officer, "sam-ash")
        assert await remind(working(TODAY)) == 1
        assert await remind(working(TODAY)) == 0
        # On whichever day the milestone's reminder falls, it is one mail more; so it is when its day is over.
        late = WorkingDays.load().add(working(SOON), 1)
        assert await remind(late) >= 1
        async with UnitOfWork(worker_engine).begin(ORG) as transaction:
            found = list(await transaction.connection.execute(text("select key, recipient, content from mail order by key")))
        secrets = Secrets.of(settings)
        mails = [unseal(secrets, ORG, each.recipient, each.content) for each in found]
        assert {each.to for each in mails} == {"sam@council.example"}
        for mail in mails:
            assert f"https://loop.example{plan}" in mail.body
            for word in ("rota", "Rota", "Sam", "Answers in time", "Families"):
                assert word not in mail.subject + mail.body
        assert "Told that it was given to them: waits" in words(await officer.browser.get(action))

    async def test_somebody_who_left_has_no_address_or_whose_mail_failed_stands_on_the_page(
        self, officer: Officer, remind: Any, directory: Directory, worker_engine: AsyncEngine
    ) -> None:
        plan, action = await given_to(officer, "sam-ash")
        assert await remind(working(TODAY)) == 1
        async with UnitOfWork(worker_engine).begin(ORG) as transaction:
            await transaction.connection.execute(text("update mail set state = 'failed', last_error = 'refused the recipient'"))
        assert "The last mail was not delivered: refused the recipient" in words(await officer.browser.get(action))
        assert "Nobody is mailed:" in words(await officer.browser.get(plan))
        directory.has("sam-ash", "Sam Ash", None)
        assert "Has no mail address in the staff directory" in words(await officer.browser.get(action))
        directory.has("sam-ash", "Sam Ash", "sam@council.example", active=False)
        assert "Has left the staff directory" in words(await officer.browser.get(action))
        assert "Sam Ash (has left the staff directory)" in words(await officer.browser.get(f"{action}/change"))

    async def test_a_directory_that_is_away_puts_the_round_off(
        self, officer: Officer, remind: Any, directory: Directory
    ) -> None:
        await given_to(officer, "sam-ash")
        directory.away = True
        with pytest.raises(DomainError, match="cannot be reached"):
            await remind(working(TODAY))
        directory.away = False
        assert await remind(working(TODAY)) == 1

    async def test_who_was_typed_is_mailed_nothing(self, officer: Officer, remind: Any, directory: Directory) -> None:
        await officer.add_action(await officer.open_plan(), SOON)
        directory.away = True  # nobody is asked either
        assert await remind(working(TODAY)) == 0
