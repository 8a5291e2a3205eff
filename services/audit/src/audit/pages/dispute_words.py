"""How disputes and acknowledgements read on a page: codes become words, and a history becomes what somebody did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from audit.adapters.histories import Change
from audit.domain.directory import Person
from audit.domain.dispute import Phase
from audit.domain.dispute_steps import Step
from audit.domain.profile import AuditProfile
from audit.pages.view import NOTHING, day, moment

# Colours of govuk-frontend's tags; the words beside them say the same, so that nothing hangs on the colour.
PHASES = {
    Phase.WAITING: ("Waits for an answer", "govuk-tag--blue"),
    Phase.ANSWERED: ("To be decided", "govuk-tag--yellow"),
    Phase.RESOLVED: ("Resolved", "govuk-tag--green"),
    Phase.WITHDRAWN: ("Withdrawn", "govuk-tag--grey"),
}
OVERDUE = ("Overdue", "govuk-tag--red")
STEPS = {
    "raise": "Raised",
    "answer": "Answered",
    "escalate": "Escalated",
    "resolve": "Resolved",
    "withdraw": "Withdrawn",
    "reopen": "Opened again",
    "correct": "Corrected",
    "acknowledge": "Recorded",
    "confirm": "Confirmed by a manager",
}
ACTIONS = {
    Step.ANSWER: "Record the answer",
    Step.ESCALATE: "Escalate",
    Step.RESOLVE: "Record the outcome",
    Step.WITHDRAW: "Withdraw",
    Step.REOPEN: "Open again",
    Step.CORRECT: "Correct the record",
}
FACTS = {
    "raised_on": "Raised on",
    "raised_by": "Raised by",
    "category": "Category",
    "service_area": "Service area",
    "team": "Team",
    "case_number": "Case number",
    "concern": "What the concern is",
    "informal_on": "Talked about before, on",
    "informal": "What was tried before",
    "code": "Stage",
    "reached_on": "Reached on",
    "limit": "Limit in working days",
    "due_on": "Answer due on",
    "calendar": "Counted by the bank holidays of",
    "person": "Who must answer",
    "role": "Who must answer, in words",
    "to_team": "Any manager of the team may answer",
    "reason": "Reason",
    "answered_on": "Answered on",
    "answered_by": "Answered by",
    "answer": "Answer",
    "result": "How it ended",
    "ended_on": "Ended on",
    "outcome": "Outcome",
    "settled_informally": "Settled in talks",
    "ending_words": "What changed for the child, or why it was withdrawn",
    "acknowledged_on": "Day",
    "origin": "How it came to light",
    "worker": "Worker",
    "themes": "Themes",
    "good": "What was good",
    "told_on": "Told on",
    "seen_on": "Seen on",
    "shared_on": "Shared with the worker on",
    "withdrawn_on": "Withdrawn on",
    "withdrawal": "Why it was withdrawn",
}
_KNOWN_BY = {
    "raise": ("raised_on", "due_on"),
    "answer": ("answered_on", "answered_by"),
    "escalate": ("code", "reached_on", "due_on", "person"),
    "resolve": ("ended_on", "outcome"),
    "withdraw": ("ended_on", "withdrawn_on"),
    "reopen": ("code", "reached_on", "due_on", "person"),
    "acknowledge": ("acknowledged_on",),
    "confirm": ("seen_on", "shared_on"),
}
_OF_NOTICES = frozenset({"told_on", "seen_on", "shared_on"})
_ORDINALS = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth"}
_DAYS = frozenset(fact for fact in FACTS if fact.endswith("_on"))


@dataclass(frozen=True)
class Labels:
    """Names of the profile and of people by code; a code that is no longer there stands for itself."""

    profile: AuditProfile
    people: Mapping[str, Person]

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        disputes, practice, organisation = (
            self.profile.audit.disputes,
            self.profile.audit.acknowledgements,
            self.profile.organisation,
        )
        lists: dict[str, Iterable[Any]] = {
            "service_area": organisation.service_areas,
            "team": organisation.teams,
            "theme": organisation.themes,
            "stage": disputes.stages if disputes else (),
            "category": disputes.categories if disputes else (),
            "outcome": disputes.outcomes if disputes else (),
            "answered_by": disputes.answered_by if disputes else (),
            "raised_by": (*(disputes.raised_by if disputes else ()), *(practice.raised_by if practice else ())),
            "origin": practice.origins if practice else (),
        }
        return {kind: {member.code: member.name for member in members} for kind, members in lists.items()}

    def name(self, kind: str, code: str | None) -> str:
        """The name of a code, a dash for none."""
        return NOTHING if code is None else self._names[kind].get(code, code)

    def who(self, code: str | None) -> str:
        """Somebody by their code in the directory, or by what they sign in as."""
        if code is None:
            return NOTHING
        known = self.people.get(code)
        return known.name if known is not None else code

    def fact(self, fact: str, value: str | None) -> str:
        """The value of a fact in a history."""
        if value is None:
            return "nothing"
        if fact in _DAYS:
            return day(value)
        if fact in {"person", "worker"}:
            return self.who(value)
        if fact == "themes":
            return ", ".join(self.name("theme", code) for code in value.split(", "))
        kind = "stage" if fact == "code" else fact
        return self.name(kind, value) if kind in self._names else value

    def choices(self, kind: str) -> tuple[tuple[str, str], ...]:
        """The options of a field."""
        return tuple(self._names[kind].items())

    def in_order(self, kind: str, codes: Iterable[str]) -> list[str]:
        """Codes in the order of the profile; those that it no longer has come last."""
        order = {code: place for place, code in enumerate(self._names[kind])}
        return sorted(codes, key=lambda code: (order.get(code, len(order)), code))


@dataclass(frozen=True)
class Line:
    """One fact in a history: what it was (empty: nothing) and became. Of words `was` is what they said, empty if not shown."""

    fact: str
    was: str
    became: str
    words: bool


@dataclass(frozen=True)
class Entry:
    """What somebody did at one go."""

    revision: int
    step: str
    when: str
    who: str
    lines: tuple[Line, ...]


def history(changes: Sequence[Change], labels: Labels) -> list[Entry]:
    """What was done, the newest first. Of a step only what it changed is told: what it added stands in the record."""
    entries = []
    for revision, rows in groupby(changes, key=lambda change: change.revision):
        found = list(rows)
        first = found[0]
        entries.append(
            Entry(
                revision,
                STEPS.get(first.step, first.step),
                moment(first.changed_at),
                labels.who(first.changed_by),
                tuple(_line(change, labels) for change in found if _told(change)),
            )
        )
    return entries[::-1]


def _told(change: Change) -> bool:
    """A correction tells everything, any other step what it changed and the few facts that it is known by."""
    if change.step == "correct":
        return change.fact != "calendar"
    return change.was is not None or change.fact in _KNOWN_BY.get(change.step, ())


def _line(change: Change, labels: Labels) -> Line:
    practice = change.fact in _OF_NOTICES
    label = FACTS.get(change.fact, change.fact)
    if (practice and change.stage > 1) or (change.stage and change.step == "correct"):
        label = f"{label}, {_ORDINALS.get(change.stage, str(change.stage))} {'manager' if practice else 'stage reached'}"
    if change.secret:
        return Line(label, change.was or "", "", words=True)
    was = labels.fact(change.fact, change.was) if change.was is not None else ""
    return Line(label, was, labels.fact(change.fact, change.became), words=False)
