"""Fixtures of the audit service: a database of its own, the application, and callers of any kind."""

from collections.abc import AsyncIterator, Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml
from fastapi import FastAPI

from audit.bootstrap import build_app
from audit.domain.profile import AuditProfile
from audit.settings import AuditSettings
from chassis.identity import Identity
from chassis.testing.fixtures import Database, Databases, Filling, Keys, ServiceClient, caller, migrate

ROOT = Path(__file__).resolve().parents[3]
Call = Callable[[Identity | None], ServiceClient]
"""Makes a client of the application that calls as somebody."""

WRITER = caller("audit:outcomes:write", "audit:outcomes:read")


def limited_to(*areas: str) -> Identity:
    """A case-management system that is limited to some service areas."""
    return replace(WRITER, areas=frozenset(areas))


def profile_document(organisation: str) -> dict[str, Any]:
    """A shipped profile, as the operator's command sends it; a fresh copy each time."""
    return deepcopy(_document(organisation))


@cache
def _document(organisation: str) -> dict[str, Any]:
    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # the C one, ten times as fast
        """Days stay text."""

    Loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    folder = ROOT / "profiles" / organisation
    parts = {name: yaml.load((folder / f"{name}.yaml").read_text(), Loader) for name in ("organisation", "audit")}
    return {**parts, "version": f"test-{organisation}"}


def profile_of(organisation: str) -> AuditProfile:
    """A shipped profile, as the service sees it."""
    document = profile_document(organisation)
    return AuditProfile.model_validate({name: document[name] for name in ("organisation", "audit")})


def posted(**changes: Any) -> dict[str, Any]:
    """The body of a good looped audit, with changes."""
    section = {"lead": "good", "peer": "good", "not_applicable": False}
    body: dict[str, Any] = {
        "reference": "AUD-22-001",
        "version": 1,
        "kind": "looped",
        "tool": "social-care-case-file",
        "service_area": "safeguarding",
        "team": None,
        "case_reference": "LCS-204418",
        "completed_on": "2022-07-06",
        "allocated_on": "2022-06-01",
        "submitted_on": "2022-06-30",
        "moderated_on": "2022-07-06",
        "overall": "requires-improvement",
        "rag": None,
        "findings": [],
        "sections": [
            {"section": "voice-of-the-child", "grade": "good", **section},
            {"section": "assessments", "grade": "requires-improvement", **section},
            {"section": "embracing-diversity", "grade": None, "lead": None, "peer": None, "not_applicable": True},
        ],
        "activity": {"lead": 1, "peer": 1, "moderation": 1, "single": 0},
        "cases": 1,
        "themes": ["plans-and-outcomes"],
        "actions": [{"reference": "a1", "due_on": "2022-08-31", "done_on": None}],
    }
    return body | changes


@pytest.fixture(scope="session")
def profiles_applied(keys: Keys) -> Filling:
    """Both profiles, applied by the operator."""

    async def apply(database: Database) -> None:
        with pytest.MonkeyPatch.context() as patch:
            app = app_on(database, keys, patch)
        async with app.router.lifespan_context(app):
            for organisation in ("worcestershire", "telford-wrekin"):
                async with ServiceClient(app, keys, "audit", caller("operator", org=organisation)) as operator:
                    answer = await operator.put("/audit/v1/profile", json=profile_document(organisation))
                    assert answer.status_code == 200, answer.text

    return Filling("profiles", apply)


@pytest.fixture
def database(databases: Databases, profiles_applied: Filling, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of this test's own: empty, or with what `client` promises."""
    filling = profiles_applied if "client" in request.fixturenames else None
    with databases.clone("audit", migrate("audit"), filling) as database:
        yield database


def app_on(database: Database, keys: Keys, patch: pytest.MonkeyPatch) -> FastAPI:
    """The application on a database."""
    for name, value in keys.environment(database.url()).items():
        patch.setenv(name, value)
    return build_app(AuditSettings.load())


@pytest.fixture
async def app(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FastAPI]:
    app = app_on(database, keys, monkeypatch)
    async with app.router.lifespan_context(app):
        yield app


def stop_clock(app: FastAPI, day: date) -> None:
    """Let it be noon of a day for the application, whenever the tests run."""
    app.state.context = replace(app.state.context, now=lambda: datetime(day.year, day.month, day.day, 12, tzinfo=UTC))


@pytest.fixture
def call_as(app: FastAPI, keys: Keys) -> Call:
    """A client of the application as any identity."""
    return lambda identity: ServiceClient(app, keys, "audit", identity)


@pytest.fixture
async def client(app: FastAPI, keys: Keys) -> AsyncIterator[ServiceClient]:
    """A case-management system of Worcestershire, whose profile is applied."""
    async with ServiceClient(app, keys, "audit", WRITER) as client:
        yield client


async def rows(database: Database, query: str) -> list[Any]:
    """What the tables really hold, past row-level security."""
    connection = await asyncpg.connect(database.url("admin"))
    try:
        await connection.execute("set search_path = audit")
        return list(await connection.fetch(query))
    finally:
        await connection.close()
