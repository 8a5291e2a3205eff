"""Fixtures of the reporting service: a migrated database, the application, callers, and sources that send events."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from chassis.testing.fixtures import Database, Databases, Keys, ServiceClient, caller, migrate
from reporting.adapters.quote_client import QuoteClient
from reporting.bootstrap import build_app
from reporting.settings import ReportingSettings

sys.path.insert(0, str(Path(__file__).parent / "support"))

from reporting_counting import Counting
from reporting_desk import Feedback, Person, staff
from reporting_published import worcestershire
from reporting_records import Sources, document


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """A database of this test alone."""
    with databases.clone("reporting", migrate("reporting")) as clone:
        yield clone


@pytest.fixture
def settings(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> ReportingSettings:
    """The settings of a web process."""
    for name, value in keys.environment(database.url()).items():
        monkeypatch.setenv(name, value)
    return ReportingSettings.load()


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
    engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"), poolclass=NullPool)
    yield engine
    await engine.dispose()


@pytest.fixture
def sources(worker_engine: AsyncEngine) -> Sources:
    """The three producing services, as far as reporting sees them: what they record is projected."""
    return Sources(worker_engine)


@pytest.fixture
def counted(app: FastAPI) -> Counting:
    """Counts in worcestershire, as the application does."""
    return Counting(app)


@pytest.fixture
async def profile(operator: ServiceClient) -> dict[str, Any]:
    """Worcestershire's profile, applied."""
    body = document("worcestershire")
    answer = await operator.put("/reporting/v1/profile", json={**body, "version": "test"})
    assert answer.status_code == 200, answer.text
    return body


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
async def alex(desk_client: ServiceClient, sources: Sources) -> Person:
    """A quality-assurance officer, when Worcestershire's profile is applied and its year has been told."""
    operator = desk_client.acting_as(caller("operator"))
    answer = await operator.put("/reporting/v1/profile", json={**document("worcestershire"), "version": "test"})
    assert answer.status_code == 200, answer.text
    await sources.record(*worcestershire())
    return Person(desk_client, staff("qa-officer", "Alex Morgan"))


@pytest.fixture
def sam(desk_client: ServiceClient) -> Person:
    """A complaints officer."""
    return Person(desk_client, staff("complaints-officer", "Sam Ash"))


@pytest.fixture
def robin(desk_client: ServiceClient) -> Person:
    """A senior reader."""
    return Person(desk_client, staff("senior-reader", "Robin Lee"))
