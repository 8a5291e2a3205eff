"""A feedback service on a database of its own, with both profiles applied."""

import json
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from services.feedback.tests.contacting import has_sent, request_, sit, watch  # noqa: F401 - fixtures
from services.feedback.tests.seating import seat, tell  # noqa: F401 - fixtures
from services.feedback.tests.sending import clock, colleague, issue_to_send, notify, officer, smtp, work  # noqa: F401 - fixtures

from chassis import profiles
from chassis.identity import Identity
from chassis.secrets import Secrets
from chassis.testing.browser import chromium as chromium  # noqa: PLC0414 - a fixture
from chassis.testing.fixtures import ROOT, Database, Databases, Filling, Keys, ServiceClient, caller, migrate
from chassis.testing.page_client import PageClient, check_pages
from feedback.bootstrap import build_app
from feedback.domain.profile import FeedbackProfile
from feedback.settings import FeedbackSettings
from loop_cli.profile_files import LAYOUT

sys.path.insert(0, str(Path(__file__).parent / "support"))

ORG = "worcestershire"
OTHER = "telford-wrekin"
MACHINE = (
    "feedback:invitations:write",
    "feedback:invitations:read",
    "feedback:responses:write",
    "feedback:stars:write",
    "feedback:stars:read",
)
PUBLIC_URL = "http://loop.test"

Document = dict[str, Any]
Documents = Callable[[str], Document]


@pytest.fixture(scope="session")
def documents() -> Documents:
    """The document of an organisation's profile as the operator's command sends it to this service; a fresh copy each time."""

    @cache
    def read(org: str) -> str:
        folder = profiles.load_folder(ROOT / "profiles" / org, LAYOUT)
        return json.dumps(folder.document(("organisation", "questionnaires", "worries", "families", "stars", "calls")))

    def document(org: str = ORG) -> Document:
        found: Document = json.loads(read(org))
        return found

    return document


@pytest.fixture(scope="session")
def profile(documents: Documents) -> FeedbackProfile:
    """The profile of worcestershire as this service reads it."""
    document = documents(ORG)
    del document["version"]
    return FeedbackProfile.model_validate(document)


@pytest.fixture(scope="session")
def profiles_applied(keys: Keys, documents: Documents) -> Filling:
    """Both profiles, applied by the operator."""

    async def apply(database: Database) -> None:
        with pytest.MonkeyPatch.context() as patch:
            app = build_app(settings_of(database, keys, patch))
        async with app.router.lifespan_context(app):
            for org in (ORG, OTHER):
                async with ServiceClient(app, keys, "feedback", caller("operator", org=org)) as operator:
                    answer = await operator.put("/feedback/v1/profile", json=documents(org))
                    assert answer.status_code == 200, answer.text

    return Filling("profiles", apply)


@pytest.fixture
def database(databases: Databases, profiles_applied: Filling, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database of this test's own: empty, or with what `app` promises."""
    filling = profiles_applied if "app" in request.fixturenames else None
    with databases.clone("feedback", migrate("feedback"), filling) as found:
        yield found


def settings_of(database: Database, keys: Keys, patch: pytest.MonkeyPatch) -> FeedbackSettings:
    """The settings of a web process on a database, from its environment."""
    for name, value in keys.environment(database.url()).items():
        patch.setenv(name, value)
    patch.setenv("LOOP_PUBLIC_URL", PUBLIC_URL)
    return FeedbackSettings.load()


@pytest.fixture
def settings(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> FeedbackSettings:
    """The settings of the web process."""
    return settings_of(database, keys, monkeypatch)


@pytest.fixture
async def app(settings: FeedbackSettings) -> AsyncIterator[FastAPI]:
    """The running application, with both profiles applied."""
    app = build_app(settings)
    async with app.router.lifespan_context(app):
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
    return Secrets.of(settings)


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

    async def switch(self, back: str, **fields: str) -> httpx.Response:
        """Press a button for another language or other letters, with what stands in the page's form."""
        data = {"csrf": await self.token(f"/s/{back}"), **fields}
        return await self.http.post("/s/language", params={"back": back}, data=data)

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


NewPhone = Callable[[], AbstractAsyncContextManager[Phone]]


@pytest.fixture
def new_phone(app: FastAPI) -> NewPhone:
    """A further device, each time one that has never been here."""

    @asynccontextmanager
    async def made() -> AsyncIterator[Phone]:
        async with PageClient(app, base_url=PUBLIC_URL) as found:
            yield Phone(found)

    return made


Issue = Callable[..., Awaitable[dict[str, Any]]]


async def issue_from(client: ServiceClient, **changes: Any) -> dict[str, Any]:
    """Issue a link from a machine; keywords replace what is sent."""
    body = {"questionnaire": "new-ehcp", "service_area": "send", "channel": "letter", **changes}
    answer = await client.post("/feedback/v1/invitations", json=body, headers={"Idempotency-Key": str(uuid4())})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


@pytest.fixture
def issue(client: ServiceClient) -> Issue:
    """Issue a link; keywords replace what is sent."""
    return partial(issue_from, client)


STAR_QUESTIONS = ("happy", "healthy", "safe")


@pytest.fixture
async def star_profile(operator: ServiceClient, documents: Documents) -> Document:
    """A small star of the tests' own, in an area with teams: three questions, midway after 8 weeks, then every 12."""
    document = documents(ORG)
    scale = {"min": 1, "max": 5, "faces": False, "positive_from": 4, "labels": []}
    plain: Document = {
        "kind": "star",
        "worry": [],
        "themes": [],
        "show_if": None,
        "hint": None,
        "required": False,
        "options": [],
        "does_not_apply": None,
        "positive": [],
    }
    questions = [
        {
            "code": code,
            "text": {"en": f"How {code} are you?"},
            **plain,
            "scale": scale,
            "worry": [],
            "themes": [],
            "show_if": None,
        }
        for code in STAR_QUESTIONS
    ]
    document["questionnaires"].append(
        {
            "code": "test-star", "name": "Test star", "audience": "child", "about": "The day", "languages": ["en"],
            "needs_review": [], "intro": {"en": "Three stars."}, "thank_you": {"en": "Thank you."},
            "versions": [{"version": 1, "from": "2022-04-01", "questions": questions}],
        }
    )  # fmt: skip
    kind = {
        "code": "test-star", "name": "Test star", "questionnaire": "test-star", "mid_after_weeks": 8, "next_after_weeks": 12,
        "scales": [{"code": code, "name": code.title()} for code in STAR_QUESTIONS],
        "service_areas": ["send", "safeguarding"],
    }  # fmt: skip
    document["stars"]["kinds"].append(kind)
    answer = await operator.put("/feedback/v1/profile", json={**document, "version": "with-test-star"})
    assert answer.status_code == 200, answer.text
    return document


Post = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def post_star(client: ServiceClient, star_profile: Document) -> Post:
    """Post a reading as a case system does; keywords replace what is sent."""

    async def posted(point: str, taken_on: str, key: str | None = None, **changes: Any) -> httpx.Response:
        body = {
            "person": "EH-1", "star": "test-star", "point": point, "taken_on": taken_on, "scores": {"happy": 2, "safe": 3},
            "answered_by": "self", "service_area": "send", "team": "send-north", "worker": "Jo Bennett", **changes,
        }  # fmt: skip
        return await client.post("/feedback/v1/stars", json=body, headers={"Idempotency-Key": key or str(uuid4())})

    return posted


_REVISION = re.compile(r'name="revision" value="(\d+)"')


def staff(code: str, role: str = "manager", org: str = "worcestershire", areas: frozenset[str] = frozenset()) -> Identity:
    """A member of staff."""
    return Identity(org, f"staff:{code}", "staff", frozenset({f"role:{role}"}), areas, label=f"{code.title()} Harris")


class Desk:
    """A member of staff at the pages of stars."""

    def __init__(self, http: ServiceClient) -> None:
        self.http = http

    async def get(self, path: str = "/feedback/stars") -> httpx.Response:
        """Open a page."""
        return await self.http.get(path, headers={"accept": "text/html"})

    async def post(self, path: str, page: str, **fields: str) -> httpx.Response:
        """Send a form of a page that was opened before."""
        revision = _REVISION.search(page)
        data = {"csrf": _TOKEN.findall(page)[-1], "revision": revision[1] if revision else "", **fields}
        return await self.http.post(path, data=data, headers={"accept": "text/html"})

    async def send(self, path: str, **fields: str) -> httpx.Response:
        """Open a page and send its form."""
        page = await self.get(path)
        assert page.status_code == 200, page.text
        return await self.post(path, page.text, **fields)

    async def text(self, path: str = "/feedback/stars") -> str:
        """The words of a page, white space as one space."""
        page = await self.get(path)
        assert page.status_code == 200, page.text
        return " ".join(page.text.split())


Sit = Callable[..., Desk]


@pytest.fixture
async def sit_at_stars(app: FastAPI, keys: Keys, star_profile: Any) -> AsyncIterator[Sit]:
    """Seat somebody at the pages."""
    opened: list[ServiceClient] = []

    def seated(code: str = "sam", **who: Any) -> Desk:
        client = ServiceClient(app, keys, "feedback", staff(code, **who))
        check_pages(client)
        opened.append(client)
        return Desk(client)

    yield seated
    for each in opened:
        await each.aclose()


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
                    await connection.execute("select set_config('app.areas', '*', true), set_config('app.org', $1, true)", org)
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
