"""Who calls, and what is there to be found: an organisation of its own, with records, staff and systems of every kind."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from gateway.domain.scopes import OPERATOR_GRANTS, ROLES, SCOPES
from loop_cli.operator import Operator
from loop_cli.profile import send
from loop_cli.profile_files import PARTS, read_profile
from tests.fuzz_api.filling import fill

ROOT = Path(__file__).resolve().parents[2]
PATTERN = "worcestershire"
ORG = "fuzzed-county"
AREA = "send"

STAFF = {
    "qa-officer": "alex-morgan", "complaints-officer": "nia-evans", "senior-reader": "ruth-adeyemi",
    "safeguarding-duty": "dee-harris", "family-contact": "mo-clarke", "caller": "kim-taylor", "manager": "sam-okafor",
    "data-protection": "ines-costa", "administrator": "ada-novak",
}  # fmt: skip
"""Whom the demonstration's sign-in knows in each role."""


@dataclass(frozen=True)
class Caller:
    """Somebody who calls: the headers that say who they are, and the scopes and roles that they hold."""

    name: str
    headers: Mapping[str, str] = field(default_factory=dict, hash=False)
    grants: frozenset[str] = frozenset()
    is_operator: bool = False

    def may(self, operation: Mapping[str, Any]) -> bool:
        """Whether the description lets them in: it names every scope and role of which one is enough."""
        ways: list[dict[str, list[str]]] = operation["security"]
        if not ways:
            return True
        return any(self.is_operator if "operator" in way else not self.grants.isdisjoint(*way.values()) for way in ways)


@dataclass
class World:
    """A running installation with an organisation to try things on."""

    url: str
    callers: list[Caller]
    bodies: dict[str, Any]
    """Bodies that were taken, by the template of their path."""
    answers: list[tuple[str, Any]]
    """Path and body of answers 2xx: where ids are found that exist."""
    victims: list[str]
    """Clients that may be changed, shut out and given credentials."""


@contextmanager
def world(url: str, operator: Operator) -> Iterator[World]:
    """Make the organisation known, fill it a little, and give everybody who calls."""
    with tempfile.TemporaryDirectory() as folder:
        profile = read_profile(_copied(Path(folder) / ORG))
    send(profile, operator.http, dry_run=False)
    everything = _client(operator, "all scopes", sorted(SCOPES))
    callers = [
        Caller("operator", {"Authorization": operator.http.headers["Authorization"], "Loop-Org": ORG}, OPERATOR_GRANTS, True),
        everything,
        _client(operator, f"all scopes in {AREA}", sorted(SCOPES), (AREA,)),
        *(_client(operator, scope, [scope]) for scope in SCOPES),
        *(_signed_in(url, role, STAFF[role]) for role in ROLES),
        _signed_in(url, "manager", "jo-bennett", " who moderates"),
        _signed_in(url, "manager", "chris-doyle", " who reviews"),
        Caller("nobody"),
    ]
    profiles = {f"/{service}/v1/profile": profile.document(parts) for service, parts in PARTS.items()}
    made = World(url, callers, profiles, [], [_victim(operator) for _ in range(3)])
    fill(made, everything.headers, next(each for each in callers if each.name == "role qa-officer").headers)
    yield made


def _copied(folder: Path) -> Path:
    shutil.copytree(ROOT / "profiles" / PATTERN, folder)
    file = folder / "organisation.yaml"
    file.write_text(file.read_text().replace(f"code: {PATTERN}", f"code: {ORG}", 1))
    return folder


def _client(operator: Operator, name: str, scopes: list[str], areas: tuple[str, ...] = ()) -> Caller:
    body = {"name": f"{name} {uuid4().hex[:8]}", "scopes": scopes, "areas": list(areas)}
    issued = operator.call("POST", "/gateway/v1/clients", org=ORG, json=body)
    return Caller(f"client {name}", {"X-API-Key": issued["api_key"]}, frozenset(scopes))


def _victim(operator: Operator) -> str:
    body = {"name": f"victim {uuid4().hex[:8]}", "scopes": ["reporting:read"]}
    found: str = operator.call("POST", "/gateway/v1/clients", org=ORG, json=body)["client_id"]
    return found


def _signed_in(url: str, role: str, person: str, more: str = "") -> Caller:
    with httpx.Client(base_url=url, headers={"Origin": url}) as browser:
        answer = browser.post("/sign-in", data={"organisation": ORG, "person": person, "next": "/"})
        if answer.status_code != httpx.codes.SEE_OTHER:
            raise RuntimeError(f"nobody could sign in as {role}: {answer.status_code} {answer.text[:500]}")
        cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return Caller(f"role {role}{more}", {"Cookie": cookie, "Origin": url}, frozenset({f"role:{role}"}))
