"""Words of the profile for its codes, as staff see them on pages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from chassis import days
from complaints.domain.profile import Profile

STEPS = {
    "receive": "Complaint received",
    "acknowledge": "Acknowledged",
    "extend": "Limit extended",
    "respond": "Response sent",
    "request": "Stage asked for",
    "accept": "Request accepted",
    "decline": "Request declined",
    "agree": "Statement of complaint agreed",
    "suspend": "Suspended",
    "resume": "Resumed",
    "hold-panel": "Review panel met",
    "report": "Panel reported",
    "withdraw": "Withdrawn",
    "discontinue": "Discontinued",
    "pass-over": "Stage 1 passed over, as both agreed",
    "refer": "Referred to the Ombudsman early",
    "in-error": "Made in error, and closed",
    "correct": "Date corrected",
    "point-add": "Point added",
    "point-correct": "Point corrected",
    "point-split": "Point split",
    "point-merge": "Points merged",
    "point-duplicate": "Marked as a duplicate",
    "point-take-back": "Change of points taken back",
}
POINT_STEPS = frozenset(step for step in STEPS if step.startswith("point-"))
# What can be done, as a link says it.
ACTIONS = {
    "acknowledge": "Record the acknowledgement",
    "agree": "Record that the statement was agreed",
    "extend": "Extend the limit",
    "suspend": "Suspend",
    "resume": "Resume",
    "hold-panel": "Record that the panel met",
    "report": "Record the panel's report",
    "respond": "Record the response",
    "pass-over": "Pass stage 1 over",
    "end": "Withdrawn or discontinued",
    "request": "Record a request for the next stage",
    "decide": "Decide on the request",
    "refer": "Refer it to the Ombudsman early",
}
CORRECTIONS = {
    "received_on": "Received",
    "acknowledged_on": "Acknowledged",
    "agreed_on": "Statement agreed",
    "extended_on": "Extended",
    "suspended_on": "Suspended",
    "resumed_on": "Resumed",
    "panel_on": "Panel met",
    "reported_on": "Panel reported",
    "responded_on": "Response sent, or ended",
    "requested_on": "Asked for",
    "decided_on": "Decided",
    "referred_on": "Referred to the Ombudsman",
}
# The lists of what is to be done, in counts.
DUE = {
    "today": "due today",
    "week": "due later this week",
    "suspended": "suspended",
    "decide": "to decide",
    "letters": "with a letter that did not arrive",
}
ENDINGS = {
    "answered": "Response sent",
    "withdrawn": "Withdrawn",
    "discontinued": "Discontinued",
    "passed-over": "Passed over",
    "made-in-error": "Made in error",
}
# Of a stage that has not begun.
PHASES = {"requested": "was asked for, to be decided", "declined": "was asked for and declined"}
# Where a complaint stands.
STANDINGS = {
    "running": "Running",
    "answered": "Answered",
    "requested": "Next stage asked for",
    "declined": "Next stage declined",
    "ended": "Ended",
    "referred": "Referred to the Ombudsman",
}
# Colours of govuk-frontend's tags; the words say the same, so that nothing hangs on the colour.
CLOCK_TAGS = {
    "running": ("Running", "govuk-tag--blue"),
    "suspended": ("Suspended", "govuk-tag--purple"),
    "overdue": ("Overdue", "govuk-tag--red"),
    "answered-in-time": ("In time", "govuk-tag--green"),
    "answered-late": ("Late", "govuk-tag--orange"),
}


def day_words(day: date | None) -> str:
    """A date in full: 28 April 2022."""
    return "" if day is None else days.day_words(day)


@dataclass(frozen=True)
class Labels:
    """Names by code; a code that the profile no longer has stands for itself."""

    profile: Profile

    @cached_property
    def _names(self) -> dict[str, dict[str, str]]:
        own, organisation = self.profile.complaints, self.profile.organisation
        lists: dict[str, Iterable[Any]] = {
            "procedure": own.procedures,
            "category": own.categories,
            "finding": own.findings,
            "need": own.needs,
            "route": own.routes,
            "raised_by": own.raised_by,
            "outcome": own.ombudsman_outcomes,
            "remedy": own.remedies,
            "ombudsman_remedy": own.ombudsman_remedies,
            "desired": own.desired_outcomes,
            "extension_reason": own.extension_reasons,
            "suspension_reason": own.suspension_reasons,
            "team": organisation.teams,
        }
        names = {kind: {member.code: member.name for member in members} for kind, members in lists.items()}
        return {**names, "area": {area.code: area.short_name for area in organisation.service_areas}}

    def name(self, kind: str, code: str | None) -> str:
        """The name of a code, empty for none."""
        return "" if code is None else self._names[kind].get(code, code)

    def words(self, kind: str, codes: Iterable[str]) -> str:
        """The names of several codes in a row."""
        return "; ".join(self.name(kind, code) for code in codes)

    def options(self, kind: str) -> tuple[tuple[str, str], ...]:
        """The codes of a kind with their names."""
        return tuple(self._names[kind].items())

    @staticmethod
    def day(day: date | None) -> str:
        """A date in full."""
        return day_words(day)

    def choices(self, kind: str, chosen: str | None, everything: str) -> list[dict[str, Any]]:
        """The options of a select, the first one for all."""
        options = [{"value": "", "text": everything, "selected": chosen is None}]
        options += [{"value": code, "text": name, "selected": code == chosen} for code, name in self._names[kind].items()]
        return options
