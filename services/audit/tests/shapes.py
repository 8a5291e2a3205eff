"""Audits of every shape, as the tests of their rules begin with them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from audit.domain.audit import MODERATION, Audit, Part, Rules, State

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
DUE = date(2026, 11, 30)
REVIEWER = "chris"

SHAPES: Mapping[str, tuple[Any, Mapping[str, str]]] = {
    "looped": ("looped", {"lead": "ann", "peer": "bob", MODERATION: "mo"}),
    "single": ("single", {"single": "ann"}),
    "single, moderated": ("single", {"single": "ann", MODERATION: "mo"}),
    "multi-agency": ("multi-agency", {"agency-health": "ann", "agency-police": "bob", MODERATION: "mo"}),
    "multi-agency, not moderated": ("multi-agency", {"agency-health": "ann", "agency-police": "bob"}),
}


def audit_of(shape: str = "looped", state: State = State.AUDITING, reviewer: str | None = REVIEWER, **rules: Any) -> Audit:
    """An audit of a shape, in a state, with the programme's rules where they differ from the usual ones."""
    kind, holders = SHAPES[shape]
    parts = {code: Part(code, person, DUE) for code, person in holders.items()}
    return Audit(UUID(int=1), kind, state, parts, Rules(**rules), reviewer)
