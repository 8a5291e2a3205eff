"""Credentials of the systems that the demonstration plays, issued once and kept in the data folder, for the owner only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loop_cli.demo_api import DemoError
from loop_cli.operator import Operator
from loop_cli.stack.layout import read_json, write_json

FILE = "demo-credentials.json"


@dataclass(frozen=True, slots=True)
class System:
    """A system of the outside world, with what it may do."""

    code: str
    name: str
    scopes: tuple[str, ...]
    records: str | None = None
    """List that shows whether it has sent anything already."""


SYSTEMS = (
    System(
        "case-management",
        "Demonstration: case-management system",
        ("audit:outcomes:write", "audit:outcomes:read"),
        "/audit/v1/outcomes",
    ),
    System(
        "surveys",
        "Demonstration: letters and surveys",
        ("feedback:invitations:write", "feedback:invitations:read", "feedback:responses:write"),
        "/feedback/v1/invitations",
    ),
    System(
        "complaints", "Demonstration: complaints system", ("complaints:write", "complaints:read"), "/complaints/v1/complaints"
    ),
    System(
        "family-work",
        "Demonstration: system of those who work with families",
        ("feedback:stars:write", "feedback:stars:read", "feedback:responses:write", "feedback:calls:write"),
        "/feedback/v1/stars",
    ),
    System(
        "performance",
        "Demonstration: performance system",
        ("reporting:kpis:write",),
        "/reporting/v1/kpis/observations",
    ),
    System("bi", "Demonstration: BI tool", ("reporting:read",)),
)

Credentials = dict[str, dict[str, dict[str, Any]]]
"""Organisation, system, and what the gateway gave out."""


def load_or_issue(operator: Operator, folder: Path, organisations: tuple[str, ...]) -> Credentials:
    """The credentials of every system of every organisation; each new one is on disk before it is used.

    Raises DemoError when the file is gone and records are there: under other credentials they would all count again.
    """
    path = folder / FILE
    known: Credentials = read_json(path) or {}
    for organisation in organisations:
        for system in SYSTEMS:
            if system.code not in known.setdefault(organisation, {}):
                known[organisation][system.code] = _issue(operator, organisation, system, path)
                write_json(path, known)
    return known


def _issue(operator: Operator, organisation: str, system: System, path: Path) -> dict[str, Any]:
    """New credentials, in place of those that a start which was cut short may have left behind."""
    listed = operator.call("GET", "/gateway/v1/clients", org=organisation, params={"limit": 500})["items"]
    left = [each["client_id"] for each in listed if each["name"] == system.name and each["disabled_at"] is None]
    if left and system.records and operator.call("GET", system.records, org=organisation, params={"limit": 1})["items"]:
        raise DemoError(
            f"{path} does not hold the credentials with which the demonstration's records of {organisation} were sent. Sent "
            "again under new ones they would count twice, so nothing was sent. Put the file back, or start afresh with "
            "`make reset`."
        )
    for client_id in left:
        operator.call("DELETE", f"/gateway/v1/clients/{client_id}", org=organisation)
    body = {"name": system.name, "scopes": list(system.scopes)}
    issued: dict[str, Any] = operator.call("POST", "/gateway/v1/clients", org=organisation, json=body)
    return issued
