"""What the tests of retention share: a complaint with everything around it that can be personal, and the worker's task."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from services.complaints.tests.conftest import application_on
from services.complaints.tests.integration.test_intake_pages import HOME as INTAKE
from services.complaints.tests.integration.test_intake_pages import Officer as AtIntake
from services.complaints.tests.learning import Officer as AtLearning
from services.complaints.tests.letters import Writer, day, hidden, words
from services.complaints.tests.support import WRITER, AsPerson, Desk, fetch, person, profile_document
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chassis.profile_store import ProfileStore
from chassis.retention import holding
from chassis.retention.holding import Wanted
from chassis.retention.running import Running
from chassis.testing.fixtures import Database, Databases, Filling, Keys, ServiceClient, caller, migrate
from chassis.testing.page_client import PageClient
from chassis.unit_of_work import UnitOfWork
from complaints.domain.profile import Profile
from complaints.sealed import SEALED
from complaints.use_cases.retain import check_all, retention
from complaints.use_cases.setup import Setup

ORG = "worcestershire"
LATER = datetime(2028, 8, 2, 12, tzinfo=UTC)
"""Six years after everything of `a_life` was over, and a few days."""
REVIEW = date(2030, 1, 1)
STAYS = {"trail", "profile", "idempotency"}
"""Who read what stays; answers to machines go after 30 days by themselves."""


@dataclass
class Clock:
    """What the worker takes for now."""

    now: datetime = field(default=LATER)

    def __call__(self) -> datetime:
        """The moment that was set."""
        return self.now

    def today(self) -> date:
        """Its day."""
        return self.now.date()


def engine_as(database: Database, role: str) -> AsyncEngine:
    """Connections as a role of the service."""
    return create_async_engine(database.url(role).replace("postgresql://", "postgresql+asyncpg://"), poolclass=NullPool)


def worker(database: Database, app: FastAPI, clock: Clock) -> Running:
    """The worker's task as the role that the worker has, at the moment of a clock."""
    uow = UnitOfWork(engine_as(database, "worker"))
    setup = Setup(ProfileStore(Profile, check_all), app.state.setup.secrets, clock.today)
    task = retention(uow, setup)
    task._now = clock
    return task


async def keep(client: ServiceClient, **periods: dict[str, int]) -> None:
    """Apply a profile in which kinds are kept for so long."""
    version = f"{abs(hash(str(periods))):x}".rjust(64, "1")[:64]
    document: dict[str, Any] = {**profile_document(ORG), "version": version, "retention": {"complaints": periods}}
    async with client.acting_as(caller("operator")) as operator:
        answer = await operator.put("/complaints/v1/profile", json=document)
    assert answer.status_code == 200, answer.text


async def a_life(app: FastAPI, keys: Keys, desk: Desk, database: Database) -> str:
    """A complaint that came in by phone, was answered, went to the Ombudsman, was learned from; all over by 29 July 2022."""
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        intake = AtIntake(client)
        at = await intake.takes_down()
        token = {"csrf": hidden((await client.get(f"{at}/files")).text)["csrf"]}
        sent = await client.post(f"{at}/files", data=token, files=[("files", ("Jo Hill.txt", b"Jo Hill of Worcester writes"))])
        assert sent.status_code == 303, words(sent.text)
        decided = await intake.decides(at)
        assert decided.status_code == 303, words(decided.text)
        ident = fetch(database.url("admin"), "select complaint_id::text from complaints.representation")[0][0]
        writer = Writer(client, ident)
        letter = await writer.begins(way="post")
        to = {"to_name": "Jo Hill", "to_address": "1 High Street, Worcester"}
        saved = await writer.saves(letter, **to, subject="Your complaint", body="Dear Jo Hill, we are sorry.")
        assert saved.status_code == 303, words(saved.text)
        gone = await writer.sends(letter, **day("sent_on", "2022-07-29"))
        assert gone.status_code == 303, words(gone.text)
        await writer.begins(way="post")
        [point] = [each["point_id"] for each in (await desk.read(ident))["points"]]
        answer = await desk.step(
            ident, 1, "response", responded_on="2022-07-25", findings=[{"point": "1", "finding": "upheld"}]
        )
        assert answer.status_code == 201, answer.text
        learning = AtLearning(client)
        action = await learning.record(ident, point, service_area="safeguarding", themes=[])
        assert (await learning.step(action, "done", "Jo Hill was written to.")).status_code == 303
        await _to_the_ombudsman(client, desk, ident)
    assert INTAKE in at
    return str(ident)


async def _to_the_ombudsman(client: PageClient, desk: Desk, ident: str) -> None:
    reference = (await desk.read(ident))["reference"]
    case = {"reference": "LGSCO-7", "complaint_reference": reference, "service_area": "safeguarding"}
    made = await desk.post("ombudsman-cases", {**case, "accepted_on": "2022-07-26"})
    assert made.status_code == 201, made.text
    at = f"/complaints/ombudsman/{made.json()['case_id']}"
    page = hidden((await client.get(f"{at}/deadline")).text)
    wanted = {**page, "kind": "enquiry", "what": "Send what Jo Hill wrote", **day("due_on", "2022-08-20")}
    added = await client.post(f"{at}/deadline", data=wanted)
    assert added.status_code == 303, words(added.text)
    outcome = {"outcome_on": "2022-07-28", "outcome": "upheld", "actions": 0}
    answer = await desk.post(f"ombudsman-cases/{made.json()['case_id']}/outcome", outcome)
    assert answer.status_code in {200, 201}, answer.text


def over(database: Database) -> None:
    """What the worker would have done meanwhile, and an officer; and nothing of it is of the day on which the test runs."""
    fetch(
        database.url("admin"),
        "with sent as (update complaints.mail set state = 'sent', sent_at = now() returning 1), "
        "drafted as (update complaints.letter_draft set changed_at = '2022-07-29' returning 1), "
        "added as (update complaints.attachment set added_at = '2022-07-29' returning 1) "
        "update complaints.ombudsman_deadline set done_on = '2022-07-29', done_by = 'staff:alex' returning 1",
    )


def filling(keys: Keys, profile_applied: Filling) -> Filling:
    """A complaint with everything, over since 29 July 2022, kept for six years; made once."""

    async def fill(database: Database) -> None:
        await profile_applied.fill(database)
        with pytest.MonkeyPatch.context() as patch:
            app = application_on(database, keys, patch)
        async with app.router.lifespan_context(app), ServiceClient(app, keys, "complaints", WRITER) as client:
            await a_life(app, keys, Desk(client), database)
            over(database)
            await keep(client, complaint={"years": 6})

    return Filling("life", fill)


def tables(database: Database) -> list[str]:
    """The tables of the service."""
    named = "select table_name::text from information_schema.tables where table_schema = 'complaints' order by 1"
    return [row[0] for row in fetch(database.url("admin"), named) if row[0] != "alembic_version"]


def contents(database: Database, *, without: frozenset[str] = frozenset()) -> dict[str, str]:
    """Every row of every table as text."""
    found = {}
    for table in tables(database):
        if table not in without:
            rows = fetch(database.url("admin"), f"select t::text from complaints.{table} t order by 1")
            found[table] = "\n".join(row[0] for row in rows)
    return found


def sealed_values(database: Database) -> dict[str, list[str]]:
    """Every sealed value, as it stands in a row that is shown as text."""
    found = {}
    for column in SEALED.columns:
        rows = fetch(
            database.url("admin"),
            f"select encode({column.name}, 'hex') from complaints.{column.table} where {column.name} is not null",
        )
        found[f"{column.table}.{column.name}"] = [row[0] for row in rows]
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def lived(keys: Keys, profile_applied: Filling) -> Filling:
    return filling(keys, profile_applied)


@pytest.fixture
def database(databases: Databases, lived: Filling) -> Iterator[Database]:
    """A complaint with everything, over since 29 July 2022, kept for six years."""
    with databases.clone("complaints", migrate("complaints"), lived) as clone:
        yield clone


@pytest.fixture
def life(database: Database) -> str:
    """Its id."""
    return str(fetch(database.url("admin"), "select id from complaints.complaint")[0][0])


async def hold(app: FastAPI, **wanted: Any) -> UUID:
    """Place a hold."""
    asked = Wanted(reason="A claim is in view", review_on=REVIEW, **wanted)
    async with app.state.uow.begin(ORG) as transaction:
        return await holding.place(transaction, app.state.setup.secrets, "staff:dp", asked, date(2028, 1, 1))
