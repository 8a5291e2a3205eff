"""A feedback service on a database of its own, with both profiles applied."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from chassis import profiles
from chassis.secrets import Secrets
from chassis.testing.browser import chromium as chromium  # noqa: PLC0414 - a fixture
from chassis.testing.fixtures import ROOT, Database, Databases, Keys, ServiceClient, caller, migrate
from chassis.testing.page_client import PageClient
from feedback.bootstrap import build_app
from feedback.domain.profile import FeedbackProfile
from feedback.settings import FeedbackSettings

ORG = "worcestershire"
OTHER = "telford-wrekin"
MACHINE = ("feedback:invitations:write", "feedback:invitations:read", "feedback:responses:write")
LAYOUT = {
    "organisation": "organisation.yaml",
    "audit": "audit.yaml",
    "questionnaires": "questionnaires/*.yaml",
    "worries": "worries.yaml",
    "calls": "calls.yaml",
    "complaints": "complaints.yaml",
    "reports": "reports.yaml",
}
PUBLIC_URL = "http://loop.test"

Document = dict[str, Any]
Documents = Callable[[str], Document]


@pytest.fixture(scope="session")
def documents() -> Documents:
    """The document of an organisation's profile as the operator's command sends it to this service; a fresh copy each time."""

    def document(org: str = ORG) -> Document:
        folder = profiles.load_folder(ROOT / "profiles" / org, LAYOUT)
        return folder.document(("organisation", "questionnaires", "worries", "calls"))

    return document


@pytest.fixture(scope="session")
def profile(documents: Documents) -> FeedbackProfile:
    """The profile of worcestershire as this service reads it."""
    document = documents(ORG)
    del document["version"]
    return FeedbackProfile.model_validate(document)


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    """A database of this test's own."""
    with databases.clone("feedback", migrate("feedback")) as found:
        yield found


@pytest.fixture
def settings(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> FeedbackSettings:
    """The settings of the web process."""
    for name, value in keys.environment(database.url()).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("LOOP_PUBLIC_URL", PUBLIC_URL)
    return FeedbackSettings.load()


@pytest.fixture
async def app(settings: FeedbackSettings, keys: Keys, documents: Documents) -> AsyncIterator[FastAPI]:
    """The running application, with both profiles applied."""
    app = build_app(settings)
    async with app.router.lifespan_context(app):
        for org in (ORG, OTHER):
            async with ServiceClient(app, keys, "feedback", caller("operator", org=org)) as operator:
                answer = await operator.put("/feedback/v1/profile", json=documents(org))
                assert answer.status_code == 200, answer.text
        yield app


@pytest.fixture
async def client(app: FastAPI, keys: Keys) -> AsyncIterator[ServiceClient]:
    """A machine of worcestershire with all scopes."""
    async with ServiceClient(app, keys, "feedback", caller(*MACHINE)) as found:
        yield found


@pytest.fixture
async def operator(app: FastAPI, keys: Keys) -> AsyncIterator[ServiceClient]:
    """The operator, acting for worcestershire."""
    async with ServiceClient(app, keys, "feedback", caller("operator")) as found:
        yield found


@pytest.fixture
def secrets_of_service(settings: FeedbackSettings) -> Secrets:
    """The keys that the service works with."""
    return Secrets.from_file(settings.secret_key_file)


_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class Phone:
    """A family's browser: no identity, no script, cookies kept, every page checked."""

    def __init__(self, http: PageClient) -> None:
        self.http = http

    async def get(self, path: str) -> httpx.Response:
        """Open a page."""
        return await self.http.get(path)

    async def token(self, path: str) -> str:
        """The token of the form on a page."""
        page = await self.get(path)
        assert page.status_code == 200, page.text
        return str(_TOKEN.findall(page.text)[-1])

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """Fill in the form of a page and send it."""
        return await self.http.post(path, data={"csrf": await self.token(path), **fields})

    async def open(self, url: str) -> None:
        """Open a link; it leads to the start."""
        answer = await self.get(url)
        assert (answer.status_code, answer.headers["location"]) == (303, "/s/start"), answer.text

    async def answer(self, number: int, **fields: Any) -> str:
        """Answer a question; where it leads."""
        sent = await self.post(f"/s/question/{number}", **fields)
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    async def answer_all(self, choice: str = "yes", questions: int = 8) -> None:
        """Answer the questions of the survey of new plans alike."""
        for number in range(1, questions + 1):
            onward = await self.answer(number, answer=choice)
            assert onward == (f"/s/question/{number + 1}" if number < questions else "/s/check")

    async def send(self) -> str:
        """Send the answers; where it leads."""
        sent = await self.post("/s/check")
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])


@pytest.fixture
async def family(app: FastAPI) -> AsyncIterator[Phone]:
    """A family's phone."""
    async with PageClient(app, base_url=PUBLIC_URL) as found:
        yield Phone(found)


@pytest.fixture
async def other_phone(app: FastAPI) -> AsyncIterator[Phone]:
    """A second device."""
    async with PageClient(app, base_url=PUBLIC_URL) as found:
        yield Phone(found)


Issue = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def issue(client: ServiceClient) -> Issue:
    """Issue a link; keywords replace what is sent."""

    async def issued(**changes: Any) -> dict[str, Any]:
        body = {"questionnaire": "new-ehcp", "service_area": "send", "channel": "letter", **changes}
        answer = await client.post("/feedback/v1/invitations", json=body, headers={"Idempotency-Key": str(uuid4())})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return issued


@dataclass(frozen=True)
class Sql:
    """Looks into the test's database as the superuser, whom row security does not bind."""

    database: Database

    async def rows(self, query: str, *values: Any, role: str = "admin", org: str | None = None) -> list[dict[str, Any]]:
        """The rows of a query, as a role and for an organisation."""
        connection = await asyncpg.connect(self.database.url(role))
        try:
            async with connection.transaction():
                if org is not None:
                    await connection.execute("select set_config('app.org', $1, true)", org)
                return [dict(row) for row in await connection.fetch(query, *values)]
        finally:
            await connection.close()

    async def execute(self, statement: str, *values: Any) -> None:
        """Run a statement."""
        await self.rows(statement, *values)

    async def value(self, query: str, *values: Any) -> Any:
        """The first value of the first row."""
        return next(iter((await self.rows(query, *values))[0].values()))


@pytest.fixture
def sql(database: Database) -> Sql:
    """The test's database, seen by the superuser."""
    return Sql(database)
