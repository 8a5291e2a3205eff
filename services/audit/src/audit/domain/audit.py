"""An audit at work, as far as its rules go: its parts and who holds them, its days, its reviews. The steps are in `steps`.

Nothing here knows what was judged; that is `judgement`. Source: the councils' quality-assurance frameworks (domain notes
"Timetable" and "The looped audit").
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from contracts.audit import AuditKind

MODERATION = "moderation"
LEAD, PEER, SINGLE = "lead", "peer", "single"
AGENCY = "agency-"
"""A multi-agency audit has one part an agency: `agency-<code>`."""


class State(StrEnum):
    """Where an audit stands."""

    PLANNED = "planned"  # allocated, not yet circulated: its auditors do not see it
    AUDITING = "auditing"  # at least one auditor has not submitted
    SUBMITTED = "submitted"  # all have; the moderator's turn once the grace period is over
    MODERATED = "moderated"  # grades are fixed, the result is circulated, actions run
    CLOSED = "closed"  # reviewed, the loop is closed
    WITHDRAWN = "withdrawn"


class PartState(StrEnum):
    """Where one auditor's part stands."""

    OPEN = "open"
    SUBMITTED = "submitted"
    RETURNED = "returned"  # by the moderator, with a question


RUNNING = frozenset({State.AUDITING, State.SUBMITTED})
"""States in which auditors or the moderator work on it."""

ReviewResult = Literal["closed", "reopened"]
Difference = Literal["yes", "partly", "no", "too-early"]
"""Whether the actions of an audit made a difference for the child, as its reviewer judged."""


@dataclass(frozen=True)
class Rules:
    """What the programme says of the time after submission, as it stood when the audit was allocated.

    `grace_hours` is how long an auditor may take a submission back before the other side is shown; the review is
    `review_after_weeks` weeks after moderation or completion (the day the last auditor submitted); None has no review. The
    result is to be acknowledged and discussed within so many working days of the moderation.
    """

    grace_hours: int = 24
    acknowledge_within: int = 5
    discuss_within: int = 20
    review_after_weeks: int | None = 8
    review_counts_from: Literal["moderation", "completion"] = "moderation"
    reviewed_by: Literal["reviewer", "peer"] = "reviewer"

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> "Rules":
        """From the column `rules`; what it does not say has the default."""
        known = {name: document[name] for name in cls.__dataclass_fields__ if name in document}
        return cls(**known)


@dataclass(frozen=True)
class Part:
    """One auditor's share: lead, peer, single, an agency's return, or the moderation. `person` is a code of the directory."""

    code: str
    person: str
    due_on: date
    state: PartState = PartState.OPEN
    submitted_at: datetime | None = None
    submissions: int = 0

    @property
    def is_submitted(self) -> bool:
        """Whether it is handed in now."""
        return self.state is PartState.SUBMITTED


@dataclass(frozen=True)
class Review:
    """A look, some weeks later, whether the actions were done; `held_on` and `result` are None until it was held.

    `difference` is what the reviewer judged, None where that was left open.
    """

    number: int
    reviewer: str
    due_on: date
    held_on: date | None = None
    result: ReviewResult | None = None
    difference: Difference | None = None


@dataclass(frozen=True)
class Audit:
    """An audit; `parts` by code. Days are the United Kingdom's, moments carry their zone."""

    id: UUID
    kind: AuditKind
    state: State
    parts: Mapping[str, Part]
    rules: Rules = Rules()
    reviewer: str | None = None
    submitted_at: datetime | None = None
    shown_from: datetime | None = None
    moderated_at: datetime | None = None
    moderated_on: date | None = None
    reviews: tuple[Review, ...] = field(default=())

    @property
    def auditor_parts(self) -> tuple[Part, ...]:
        """The parts of the auditors: all but the moderation."""
        return tuple(part for part in self.parts.values() if part.code != MODERATION)

    @property
    def moderation(self) -> Part | None:
        """The moderator's part; None where the tool has none."""
        return self.parts.get(MODERATION)

    @property
    def deciding(self) -> Part:
        """The part that fixes the grades: the moderation, or, where there is none, the only auditor's."""
        return self.moderation or self.auditor_parts[0]

    @property
    def all_submitted(self) -> bool:
        """Whether every auditor has handed in."""
        return all(part.is_submitted for part in self.auditor_parts)

    @property
    def open_review(self) -> Review | None:
        """The review that is still to be held."""
        return next((review for review in self.reviews if review.held_on is None), None)

    def is_shown(self, now: datetime) -> bool:
        """Whether the auditors' parts are open to one another and to the moderator: all submitted once, and grace is over."""
        return self.shown_from is not None and now >= self.shown_from

    def parts_of(self, person: str) -> tuple[Part, ...]:
        """The parts that a person holds."""
        return tuple(part for part in self.parts.values() if part.person == person)

    def may_read(self, part: str, person: str | None, now: datetime, *, overseer: bool = False) -> bool:
        """Whether what was judged in a part may be read by a person (or an `overseer`: QA officer, senior reader).

        Whoever holds it always may. Until the parts are shown nobody else does: not the other auditor, not the moderator, not
        the QA officer, so that two independent judgements are two. The moderation is the moderator's until it is finished.
        """
        held = self.parts.get(part)
        if held is None or self.state is State.PLANNED:
            return False
        if person is not None and held.person == person:
            return True
        if part == MODERATION:
            return self.state in {State.MODERATED, State.CLOSED}
        takes_part = overseer or (person is not None and bool(self.parts_of(person)))
        return takes_part and self.is_shown(now)


def is_auditor_part(code: str) -> bool:
    """Whether a part's code is an auditor's."""
    return code in {LEAD, PEER, SINGLE} or code.startswith(AGENCY)
