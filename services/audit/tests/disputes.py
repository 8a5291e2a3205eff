"""What the tests of disputes and acknowledgements share: a day, a calendar, a dispute, and people of the staff directory."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

import asyncpg
import html5lib
import httpx
import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import Call, profile_of

from audit.domain import dispute_steps
from audit.domain.dispute import Answer, Dispute
from audit.domain.dispute_profile import required_disputes
from audit.domain.dispute_steps import Addressee
from chassis.calendar import WorkingDays
from chassis.identity import Identity
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages

TODAY = date(2026, 11, 25)  # a Wednesday
CALENDAR = WorkingDays.load()
PROFILE = profile_of("worcestershire")
RULES = required_disputes(PROFILE.audit.disputes)
STAGES = [stage.code for stage in RULES.stages]
MANAGER = Addressee("dana-price", "Team manager, Through Care")
GROUP = Addressee("robin-hughes")
CASE = "LCS-204418"


def dispute(raised_on: date = date(2026, 11, 16), to: Addressee = MANAGER, **changes: Any) -> Dispute:
    """A dispute that waits for its first answer; raised on a Monday, due on the Monday after."""
    facts: dict[str, Any] = {
        "raised_on": raised_on,
        "raised_by": "iro",
        "category": "drift-and-delay",
        "service_area": "through-care",
        "team": None,
        "case_number": CASE,
        "concern": "No placement order application after two reviews.",
    }
    return dispute_steps.begin(Dispute(**facts | changes, stages=()), RULES, to, calendar=CALENDAR, today=TODAY)


def answered(given: Dispute | None = None, on: date = date(2026, 11, 19), by: str = "team-manager") -> Dispute:
    """The same, answered on day 3."""
    words = "The application goes in this week."
    return dispute_steps.answer(given or dispute(), Answer(on, by, words), RULES, today=TODAY)


def escalated(given: Dispute | None = None, on: date = date(2026, 11, 20), stage: str | None = None) -> Dispute:
    """The same, gone on to the group manager."""
    reason = "It was promised before."
    return dispute_steps.escalate(given or answered(), RULES, stage, on, GROUP, reason, calendar=CALENDAR, today=TODAY)


PEOPLE: dict[str, dict[str, Any]] = {
    "lee-walsh": {"name": "Lee Walsh"},  # independent reviewing officer
    "jo-bennett": {"name": "Jo Bennett"},  # child protection chair
    "dana-price": {"name": "Dana Price", "manages": ["send-north"], "line_manager": "robin-hughes"},
    "chris-doyle": {"name": "Chris Doyle", "manages": ["send-south"], "line_manager": "robin-hughes"},
    "robin-hughes": {"name": "Robin Hughes"},
    "pat-gone": {"name": "Pat Gone", "manages": ["send-north"], "active": False},
}
"""Staff of Worcestershire; the last one has left."""

OFFICER = Identity("worcestershire", "demo-alex-morgan", "staff", frozenset({"role:qa-officer"}), label="Alex Morgan")
SENIOR = Identity("worcestershire", "demo-senior", "staff", frozenset({"role:senior-reader"}), label="Senior Reader")
SYSTEM = caller("audit:disputes:write", "audit:disputes:read")
READER = caller("audit:disputes:read", subject="client:reader")


def manager(code: str, *areas: str) -> Identity:
    """A manager who signs in; IROs and chairs are managers too."""
    name = PEOPLE.get(code, {"name": code})["name"]
    return Identity("worcestershire", f"demo-{code}", "staff", frozenset({"role:manager"}), frozenset(areas), name)


async def seed_people(database: Database, keys: Keys, org: str = "worcestershire") -> None:
    """Fill the staff directory."""
    secrets = Secrets.from_file(keys.folder / "master.key")
    connection = await asyncpg.connect(database.url("admin"))
    try:
        for code, facts in PEOPLE.items():
            await connection.execute(
                "insert into audit.person (org, code, subject, name_sealed, manages, line_manager, active) "
                "values ($1, $2, $3, $4, $5, $6, $7)",
                org,
                code,
                f"demo-{code}",
                secrets.seal(org, "person", facts["name"]),
                facts.get("manages", []),
                facts.get("line_manager"),
                facts.get("active", True),
            )
    finally:
        await connection.close()


@pytest.fixture
async def staffed(app: FastAPI, client: ServiceClient, database: Database, keys: Keys) -> FastAPI:
    """The application of Worcestershire with its staff, on TODAY."""
    await seed_people(database, keys)
    app.state.disputes = replace(app.state.disputes, today=lambda: TODAY)
    return app


def raising(**changes: Any) -> dict[str, Any]:
    """The body of a dispute of 16 November, addressed to the managers of a team."""
    body: dict[str, Any] = {
        "raised_on": "2026-11-16",
        "raised_by": "iro",
        "raised_person": "lee-walsh",
        "category": "drift-and-delay",
        "service_area": "send",
        "team": "send-north",
        "case_number": CASE,
        "concern": "No placement order application after two reviews.",
    }
    return body | changes


def praising(**changes: Any) -> dict[str, Any]:
    """The body of an acknowledgement of 20 November."""
    body: dict[str, Any] = {
        "acknowledged_on": "2026-11-20",
        "raised_by": "cp-chair",
        "raised_person": "jo-bennett",
        "origin": "review",
        "worker": "w-5120",
        "service_area": "send",
        "team": "send-north",
        "themes": ["voice-of-the-child"],
        "good": "Read the child's own words at the beginning of the conference.",
    }
    return body | changes


class Caller:
    """Somebody who calls the JSON routes, with a fresh key for each thing."""

    def __init__(self, client: ServiceClient) -> None:
        self.client = client
        self._keys = count(1)

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """POST something below /audit/v1/."""
        sent = {"Idempotency-Key": f"{id(self)}-{next(self._keys)}"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.client.post(f"/audit/v1/{path}", json=body, headers=sent)

    async def made(self, path: str, body: Any, **headers: str) -> dict[str, Any]:
        """POST something that must be recorded; gives the answer."""
        answer = await self.post(path, body, **headers)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def raised(self, **changes: Any) -> str:
        """Raise a dispute; gives its id."""
        return str((await self.made("disputes", raising(**changes)))["dispute_id"])

    async def read(self, path: str, status: int = 200) -> dict[str, Any]:
        """GET something below /audit/v1/."""
        answer = await self.client.get(f"/audit/v1/{path}")
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def system(staffed: FastAPI, call_as: Call) -> AsyncIterator[Caller]:
    """A system that records disputes of Worcestershire."""
    async with call_as(SYSTEM) as client:
        yield Caller(client)


class Browser:
    """Somebody at the staff pages: every answer is read as a strict browser would; forms are filled in as they stand."""

    def __init__(self, client: ServiceClient) -> None:
        self.client = client
        client.headers["accept"] = "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"
        check_pages(client)

    async def get(self, path: str, status: int = 200) -> str:
        """The page at an address."""
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    async def form(self, path: str) -> dict[str, str]:
        """What stands in a form when it is opened, as a browser would send it."""
        return form_values(await self.get(path))

    async def send(self, path: str, form: dict[str, str], status: int = 303) -> httpx.Response:
        """Send a form."""
        answer = await self.client.post(path, data=form)
        assert answer.status_code == status, answer.text
        return answer

    async def filled(self, path: str, typed: dict[str, str] | None = None, status: int = 303) -> httpx.Response:
        """Open a form, type into it, send it."""
        return await self.send(path, {**await self.form(path), **(typed or {})}, status)


def day_fields(name: str, on: date) -> dict[str, str]:
    """A day as it is typed into its three inputs."""
    return {f"{name}-{part}": str(getattr(on, part)) for part in ("day", "month", "year")}


def form_values(html: str) -> dict[str, str]:
    """The values of the form that is posted on a page."""
    root = html5lib.HTMLParser(namespaceHTMLElements=False).parse(html)
    form = next(form for form in root.iter("form") if form.get("method") == "post")
    values: dict[str, str] = {}
    for field in form.iter():
        name = field.get("name") if isinstance(field.tag, str) else None
        if name is None:
            continue
        if field.tag == "textarea":
            values[name] = "".join(field.itertext())
        elif field.tag == "select":
            chosen = [option.get("value", "") for option in field.iter("option") if option.get("selected") is not None]
            values[name] = chosen[0] if chosen else next(field.iter("option")).get("value", "")
        elif field.get("type") not in {"radio", "checkbox"} or field.get("checked") is not None:
            values[name] = field.get("value", "")
    return values
