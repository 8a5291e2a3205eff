"""Fixtures of the complaints service: a migrated database, the application, a client, the shipped profiles."""

import json
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date
from typing import Any

import pytest
from fastapi import FastAPI
from services.complaints.tests.support import TODAY, WRITER, Desk, fetch, profile_document

from chassis.testing.fixtures import Database, Databases, Keys, ServiceClient, caller, migrate
from complaints.bootstrap import build_app
from complaints.settings import ComplaintsSettings


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """A fresh database of this service."""
    with databases.clone("complaints", migrate("complaints")) as clone:
        yield clone


@pytest.fixture
async def app(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    """The application, started, on TODAY."""
    for name, value in keys.environment(database.url()).items():
        monkeypatch.setenv(name, value)
    application = build_app(ComplaintsSettings.load(), lambda: TODAY)
    async with application.router.lifespan_context(application):
        yield application


@pytest.fixture
async def client(app: FastAPI, keys: Keys) -> AsyncIterator[ServiceClient]:
    """A client with reading and writing scopes of Worcestershire, whose profile is applied."""
    async with ServiceClient(app, keys, "complaints", caller("operator")) as operator:
        answer = await operator.put("/complaints/v1/profile", json=profile_document("worcestershire"))
        assert answer.status_code == 200, answer.text
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
