"""A round: one period of a programme, or a targeted audit of its own, from its list of cases to the last audit of it.

It keeps the rules with which it was begun, so that a change of the profile never changes what was drawn or promised.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from audit.domain.profile import Tool
from audit.domain.programme import AllocationRules, Programme, SampleRules, TimetableRules
from audit.domain.sampling import Eligibility
from chassis.days import british_day
from chassis.errors import DomainError, Kind
from contracts.audit import AuditKind


class RoundState(StrEnum):
    """Where a round stands. Whether its audits are allocated is seen from the audits."""

    PREPARING = "preparing"  # its list of cases is put together
    DRAWN = "drawn"  # it is known which cases are audited; then by whom
    CIRCULATED = "circulated"  # the auditors have their audits
    CLOSED = "closed"


class RoundRules(BaseModel):
    """The rules of a round as they stood when it was begun."""

    # What a later version wrote beside them must not keep an earlier one from reading.
    model_config = ConfigDict(extra="ignore", frozen=True)

    prefix: str
    service_areas: tuple[str, ...]
    sample: SampleRules
    allocation: AllocationRules
    timetable: TimetableRules

    @classmethod
    def of(cls, programme: Programme, size: int | None = None) -> "RoundRules":
        """Those of a programme, for a round of another size where one is given."""
        sample = programme.sample if size is None else programme.sample.model_copy(update={"size": size})
        return cls(
            prefix=programme.prefix,
            service_areas=programme.service_areas,
            sample=sample,
            allocation=programme.allocation,
            timetable=programme.timetable,
        )

    def of_an_audit(self) -> dict[str, Any]:
        """What an audit of the round keeps: the time after submission (`audit.domain.audit.Rules`) and the reminders."""
        timetable = self.timetable
        kept: dict[str, Any] = {
            "grace_hours": timetable.grace_hours,
            "moderate_within": timetable.moderate_within,
            "acknowledge_within": timetable.acknowledge_within,
            "discuss_within": timetable.discuss_within,
            "remind_before": timetable.remind_before,
        }
        if timetable.review_after_weeks is None:
            return kept
        return kept | {
            "review_after_weeks": timetable.review_after_weeks,
            "review_counts_from": timetable.review_counts_from,
            "reviewed_by": timetable.reviewed_by,
        }

    @property
    def needs_reviewer(self) -> bool:
        """Whether somebody with the duty reviews; else the peer does, or nobody."""
        return self.timetable.review_after_weeks is not None and self.timetable.reviewed_by == "reviewer"


@dataclass(frozen=True)
class Round:
    """A round as it stands. `programme` is None for a targeted audit or dip sample; `repeats` is an earlier round."""

    id: UUID
    programme: str | None
    code: str
    title: str
    kind: AuditKind
    tool: str
    tool_version: int
    rules: RoundRules
    repeats: UUID | None
    period_from: date
    period_to: date
    size: int
    seed: int | None
    circulate_on: date
    submit_by: date
    moderate_by: date
    calendar: str
    state: RoundState = RoundState.PREPARING
    drawn_at: datetime | None = None
    circulated_at: datetime | None = None
    created_by: str = ""
    created_at: datetime | None = None
    revision: int = 1

    def expect(self, what: str, *states: RoundState) -> None:
        """Raise `DomainError` (wrong-state) unless the round is in one of the states; `what` is what was to be done."""
        if self.state not in states:
            detail = f"The round is {STATE_WORDS[self.state]}, so {what}. Nothing was changed."
            raise DomainError("wrong-state", detail, extra={"state": self.state.value})

    def expect_revision(self, seen: int | None) -> None:
        """Raise `DomainError` (stale) where somebody changed the round since it was read as `seen`; None asks nothing."""
        if seen is not None and seen != self.revision:
            detail = "Somebody else changed this round after you opened it. Nothing of yours was done. Look at it again."
            raise DomainError("stale", detail, Kind.STALE, extra={"revision": self.revision})

    @property
    def goes_out_itself(self) -> bool:
        """Whether it is circulated on its day by itself: not where it was drawn on that day or later, by an officer at work."""
        itself = self.state is RoundState.DRAWN and self.rules.timetable.circulates_itself
        return itself and self.drawn_at is not None and british_day(self.drawn_at) < self.circulate_on

    @property
    def eligibility(self) -> Eligibility:
        """Which cases of its list may be drawn: by its programme's rules, or of the practice that it is about."""
        found = Eligibility.of(self.rules.sample, self.circulate_on)
        return found if self.programme is not None else replace(found, first=self.period_from, last=self.period_to)

    def reference(self, number: int) -> str:
        """The human number of its audit that is the n-th: SC-2026-11-004."""
        code = self.code.upper()
        return f"{self.rules.prefix}-{code}-{number:03}" if self.programme is not None else f"{code}-{number:03}"


STATE_WORDS = {
    RoundState.PREPARING: "being prepared",
    RoundState.DRAWN: "drawn",
    RoundState.CIRCULATED: "circulated",
    RoundState.CLOSED: "closed",
}


def tool_fits(tool: Tool, rules: RoundRules) -> None:
    """Raise `DomainError` where a tool cannot be used by the rules: no peer who could review."""
    if rules.timetable.reviewed_by == "peer" and not tool.activity.peer:
        raise DomainError("no-peer", f"An audit with '{tool.code}' has no peer auditor who could review.", Kind.MALFORMED)


WITHDRAWAL_REASONS: dict[str, str] = {
    "case-closed": "The case was closed",
    "case-moved": "The child moved to another council or service",
    "not-eligible": "The case should not have been on the list",
    "no-auditor": "Nobody can audit it under the conflict rules",
    "file-not-available": "The file could not be opened",
    "under-other-review": "The case is under another review, a complaint or court proceedings",
    "family-circumstances": "An audit now would burden the family",
    "withdrawn-otherwise": "Another reason",
}
"""Why an audit is taken out of its round, as events name it and as people read it."""

REALLOCATION_REASONS: dict[str, str] = {
    "absent": "Away, on leave or unwell",
    "left": "Left, or changed their post",
    "conflict": "Too near to the case, which the directory does not show",
    "workload": "Has too much to do",
    "reallocated-otherwise": "Another reason",
}
"""Why a part was given to somebody else, as the audit's history names it and as people read it."""
