"""People and audits for tests, written as the service itself writes them; and browsers of the people."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from services.audit.tests.conftest import Call, profile_of
from sqlalchemy import text

from audit.adapters.directory import PURPOSE
from audit.adapters.sealing import CASE_NUMBER
from audit.context import Context
from chassis.ids import new_id
from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.page_client import check_pages

ORG = "worcestershire"
TEAM, AREA = "send-north", "send"
CASE = "LCS-204418"
BROWSER = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}

# code: (team, manages, line manager, duties)
PEOPLE: Mapping[str, tuple[str | None, list[str], str | None, list[str]]] = {
    "sam-okafor": (None, [TEAM], "dana-price", ["auditor"]),
    "priya-shah": (None, ["send-south"], "dana-price", ["auditor"]),
    "jo-bennett": (None, [], None, ["moderator"]),
    "lee-walsh": (TEAM, [], "sam-okafor", []),
    "chris-doyle": (None, [], None, ["reviewer"]),
    "dana-price": (None, [], None, []),
    "alex-morgan": (None, [], None, ["qa-officer"]),
}

_PERSON = text(
    """
    insert into person (org, code, subject, name_sealed, team, service_area, manages, line_manager, duties)
    values (:org, :code, :subject, :name, :team, :area, :manages, :line_manager, :duties)
    """
)
_AUDIT = text(
    """
    insert into audit (org, id, reference, kind, tool, tool_version, scale, case_key, case_sealed, service_area, team, worker,
                       reviewer, state, rules, allocated_on, submit_by, moderate_by, calendar)
    values (:org, :id, :reference, :kind, :tool, :tool_version, :scale, :case_key, :case_sealed, :area, :team, 'lee-walsh',
            'chris-doyle', :state, cast(:rules as jsonb), :allocated_on, :submit_by, :moderate_by, 'test')
    """
)
_PART = text("insert into part (org, audit_id, part, person, due_on) values (:org, :id, :part, :person, :due_on)")

LOOPED = {"lead": "sam-okafor", "peer": "priya-shah", "moderation": "jo-bennett"}


@dataclass(frozen=True)
class Office:
    """The service with its people, and a browser for each of them."""

    app: FastAPI
    call: Call
    org: str = ORG

    @property
    def context(self) -> Context:
        """What the use cases are given."""
        found: Context = self.app.state.context
        return found

    async def add_people(self) -> None:
        """List everybody in the directory."""
        async with self.app.state.uow.begin(self.org) as transaction:
            for code, (team, manages, line_manager, duties) in PEOPLE.items():
                name = self.context.secrets.seal(self.org, PURPOSE, code.replace("-", " ").title())
                row = {"team": team, "area": AREA, "manages": manages, "line_manager": line_manager, "duties": duties}
                await transaction.connection.execute(
                    _PERSON, {"org": self.org, "code": code, "subject": f"demo-{code}", "name": name, **row}
                )

    async def add_audit(
        self,
        reference: str = "EHCP-2026-11-001",
        parts: Mapping[str, str] = LOOPED,
        *,
        grace_hours: int = 0,
        tool: str = "send-new-ehcp",
        kind: str = "looped",
        state: str = "auditing",
        submit_by: date = date(2026, 11, 30),
        **changes: Any,
    ) -> UUID:
        """An audit that was circulated to its auditors."""
        audit_id, secrets = new_id(), self.context.secrets
        async with self.app.state.uow.begin(self.org) as transaction:
            await transaction.connection.execute(
                _AUDIT,
                {
                    "org": self.org,
                    "id": audit_id,
                    "reference": reference,
                    "kind": kind,
                    "tool": tool,
                    "tool_version": profile_of(self.org).tools[tool].version,
                    "scale": "ofsted",
                    "case_key": secrets.pseudonym(self.org, "case", CASE),
                    "case_sealed": secrets.seal(self.org, CASE_NUMBER, CASE),
                    "area": AREA,
                    "team": TEAM,
                    "state": state,
                    "rules": f'{{"grace_hours": {grace_hours}}}',
                    "allocated_on": date(2026, 11, 1),
                    "submit_by": submit_by,
                    "moderate_by": date(2026, 12, 7),
                }
                | changes,
            )
            for part, person in parts.items():
                due_on = date(2026, 12, 7) if part == "moderation" else submit_by
                await transaction.connection.execute(
                    _PART, {"org": self.org, "id": audit_id, "part": part, "person": person, "due_on": due_on}
                )
        return audit_id

    def browser(self, person: str, *roles: str) -> "Browser":
        """A browser in which somebody is signed in."""
        roles = roles or ("role:manager",)
        client = self.call(caller(*roles, org=self.org, subject=f"demo-{person}"))
        client.headers.update(BROWSER)
        check_pages(client)
        return Browser(client)


@dataclass(frozen=True)
class Browser:
    """A browser without script: opens pages, sends their forms, follows where they lead."""

    client: ServiceClient

    async def open(self, path: str, status: int = 200) -> str:
        """The page at an address."""
        answer = await self.client.get(path)
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[-2000:]}"
        return answer.text

    async def send(self, path: str, fields: Mapping[str, Any] | None = None, status: int = 303, page: str | None = None) -> str:
        """Send a form as the page `page` (default: the same address) carries it; gives where it leads, or the page."""
        token = csrf_in(await self.open(page or path))
        answer = await self.client.post(path, data={"csrf": token, **(fields or {})})
        assert answer.status_code == status, f"{path}: {answer.status_code} {answer.text[-3000:]}"
        return answer.headers["location"] if status == 303 else answer.text


def csrf_in(page: str) -> str:
    """The token in the forms of a page."""
    return page.split('name="csrf" value="')[1].split('"', maxsplit=1)[0]
