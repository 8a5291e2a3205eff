"""Fixtures of the reporting service: a migrated database, the application, callers, and sources that send events."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chassis.testing.fixtures import Database, Databases, Filling, Keys, ServiceClient, caller, migrate
from reporting.adapters.quote_client import QuoteClient
from reporting.bootstrap import build_app
from reporting.settings import ReportingSettings

sys.path.insert(0, str(Path(__file__).parent / "support"))

from reporting_counting import Counting
from reporting_desk import Feedback, Person, staff
from reporting_published import worcestershire
from reporting_records import WORCESTERSHIRE, Sources, document

Fillings = Callable[[set[str]], Filling | None]
"""Gives what a test with these fixtures begins with."""


@pytest.fixture(scope="session")
def fillings(keys: Keys) -> Fillings:
    """Worcestershire's profile, and perhaps its printed year, as `profile` and `printed_year` promise them."""

    async def apply(database: Database) -> None:
        with pytest.MonkeyPatch.context() as patch:
            application = build_app(settings_of(database, keys, patch))
        operator = ServiceClient(application, keys, "reporting", caller("operator"))
        async with application.router.lifespan_context(application), operator:
            answer = await operator.put("/reporting/v1/profile", json={**document("worcestershire"), "version": "test"})
            assert answer.status_code == 200, answer.text

    async def tell(database: Database) -> None:
        await apply(database)
        engine = engine_of(database)
        await Sources(engine).record(*worcestershire())
        await engine.dispose()

    with_profile, with_year = Filling("profile", apply), Filling("printed_year", tell)

    def chosen(fixtures: set[str]) -> Filling | None:
        if "printed_year" in fixtures:
            return with_year
        return with_profile if "profile" in fixtures else None

    return chosen


@pytest.fixture
def database(databases: Databases, fillings: Fillings, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of this test alone: empty, or with what `profile` or `printed_year` promises."""
    with databases.clone("reporting", migrate("reporting"), fillings(set(request.fixturenames))) as clone:
        yield clone


def settings_of(database: Database, keys: Keys, patch: pytest.MonkeyPatch) -> ReportingSettings:
    """The settings of a web process on a database, from its environment."""
    for name, value in keys.environment(database.url()).items():
        patch.setenv(name, value)
    return ReportingSettings.load()


def engine_of(database: Database) -> AsyncEngine:
    """The worker's role on a database; whoever calls disposes of it."""
    return create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool)


@pytest.fixture
def settings(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> ReportingSettings:
    """The settings of the web process."""
    return settings_of(database, keys, monkeypatch)


@pytest.fixture
async def app(settings: ReportingSettings) -> AsyncIterator[FastAPI]:
    """The application, started."""
    application = build_app(settings)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
def client(app: FastAPI, keys: Keys) -> ServiceClient:
    """A BI client of worcestershire."""
    return ServiceClient(app, keys, "reporting", caller("reporting:read"))


@pytest.fixture
def operator(client: ServiceClient) -> ServiceClient:
    """An operator acting for worcestershire."""
    return client.acting_as(caller("operator"))


@pytest.fixture
async def worker_engine(database: Database) -> AsyncIterator[AsyncEngine]:
    """The connection of the worker's role."""
    engine = engine_of(database)
    yield engine
    await engine.dispose()


@pytest.fixture
def sources(worker_engine: AsyncEngine, request: pytest.FixtureRequest) -> Sources:
    """The three producing services, as far as reporting sees them: what they record is projected."""
    found = Sources(worker_engine)
    if "printed_year" in request.fixturenames:  # what the database was told before it was cloned
        found.log.record(WORCESTERSHIRE, *worcestershire())
    return found


@pytest.fixture
def printed_year(sources: Sources) -> Sources:
    """Worcestershire's profile applied, and all that its printed reports count told."""
    return sources


@pytest.fixture
def counted(app: FastAPI) -> Counting:
    """Counts in worcestershire, as the application does."""
    return Counting(app)


@pytest.fixture
def profile(database: Database) -> dict[str, Any]:
    """Worcestershire's profile, which the database begins with."""
    return document("worcestershire")


@pytest.fixture
async def telford(client: ServiceClient) -> ServiceClient:
    """A client of telford-wrekin, whose profile is applied."""
    boss = client.acting_as(caller("operator", org="telford-wrekin"))
    answer = await boss.put("/reporting/v1/profile", json={**document("telford-wrekin"), "version": "test"})
    assert answer.status_code == 200, answer.text
    return client.acting_as(caller("reporting:read", org="telford-wrekin"))


@pytest.fixture
def feedback(keys: Keys) -> Feedback:
    """The feedback service, as far as quotes go."""
    return Feedback(keys)


@pytest.fixture
async def desk_app(settings: ReportingSettings, feedback: Feedback, keys: Keys) -> AsyncIterator[FastAPI]:
    """The application, started, with that feedback service behind it."""
    quotes = QuoteClient("http://feedback", keys.service_signer, feedback.transport)
    application = build_app(settings, quotes)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
def desk_client(desk_app: FastAPI, keys: Keys) -> ServiceClient:
    """A BI client of that application."""
    return ServiceClient(desk_app, keys, "reporting", caller("reporting:read"))


@pytest.fixture
def alex(desk_client: ServiceClient, printed_year: Sources) -> Person:
    """A quality-assurance officer, when Worcestershire's profile is applied and its year has been told."""
    return Person(desk_client, staff("qa-officer", "Alex Morgan"))


@pytest.fixture
def sam(desk_client: ServiceClient) -> Person:
    """A complaints officer."""
    return Person(desk_client, staff("complaints-officer", "Sam Ash"))


@pytest.fixture
def robin(desk_client: ServiceClient) -> Person:
    """A senior reader."""
    return Person(desk_client, staff("senior-reader", "Robin Lee"))
