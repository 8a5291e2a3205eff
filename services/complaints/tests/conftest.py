"""Fixtures of the complaints service: a migrated database, the application, a client, the shipped profiles."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from services.complaints.tests.support import TODAY, WRITER, Desk, fetch, profile_document

from chassis.testing.fixtures import Database, Databases, Filling, Keys, ServiceClient, caller, migrate
from complaints.bootstrap import build_app
from complaints.settings import ComplaintsSettings


@pytest.fixture(scope="session")
def profile_applied(keys: Keys) -> Filling:
    """Worcestershire's profile, applied by the operator."""

    async def apply(database: Database) -> None:
        with pytest.MonkeyPatch.context() as patch:
            application = application_on(database, keys, patch)
        async with (
            application.router.lifespan_context(application),
            ServiceClient(application, keys, "complaints", caller("operator")) as operator,
        ):
            answer = await operator.put("/complaints/v1/profile", json=profile_document("worcestershire"))
            assert answer.status_code == 200, answer.text

    return Filling("profile", apply)


@pytest.fixture
def database(databases: Databases, profile_applied: Filling, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A fresh database of this service: empty, or with what `client` promises."""
    filling = profile_applied if "client" in request.fixturenames else None
    with databases.clone("complaints", migrate("complaints"), filling) as clone:
        yield clone


def application_on(database: Database, keys: Keys, patch: pytest.MonkeyPatch) -> FastAPI:
    """The application on a database, on TODAY."""
    for name, value in keys.environment(database.url()).items():
        patch.setenv(name, value)
    return build_app(ComplaintsSettings.load(), lambda: TODAY)


@pytest.fixture
async def app(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """The application, started, on TODAY."""
    application = application_on(database, keys, monkeypatch)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def client(app: FastAPI, keys: Keys) -> AsyncIterator[ServiceClient]:
    """A client with reading and writing scopes of Worcestershire, whose profile is applied."""
    async with ServiceClient(app, keys, "complaints", WRITER) as writer:
        yield writer


@pytest.fixture
def desk(client: ServiceClient) -> Desk:
    """The officer's system of Worcestershire."""
    return Desk(client)


@pytest.fixture
def events(database: Database) -> Callable[[], list[tuple[str, dict[str, Any]]]]:
    """Reads the event log: (event, data) in order of writing."""

    def read() -> list[tuple[str, dict[str, Any]]]:
        rows = fetch(database.url("admin"), "select subject, data::text from complaints.outbox order by position")
        return [(subject.removeprefix("loop.complaints.v1."), json.loads(data)) for subject, data in rows]

    return read


@pytest.fixture
def record_changes_on(database: Database) -> Callable[[str, int, date], None]:
    """Lets a change of a complaint have been recorded on another day: tests cannot wait for one."""

    def record(complaint_id: str, version: int, day: date) -> None:
        fetch(
            database.url("admin"),
            f"update complaints.complaint_change set recorded_at = timestamptz '{day} 12:00+00' "
            f"where complaint_id = '{complaint_id}' and version = {version} returning 1",
        )

    return record
