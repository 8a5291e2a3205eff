"""What the JSON routes of programmes and rounds take and give."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from audit.adapters.round_audits import AuditRow, Progress
from audit.adapters.rounds import CaseRow
from audit.domain.case_list import Cases
from audit.domain.programme import MOST_CASES, AllocationRules, Programme, SampleRules, TimetableRules
from audit.domain.round import Round
from audit.domain.sampling import LARGEST_SEED, Reason
from audit.use_cases.read_rounds import ProgrammeView, RoundView
from contracts.audit import AuditKind
from contracts.base import Code

CASE_EXAMPLE: dict[str, Any] = {
    "case_reference": "LCS-204418",
    "service_area": "send",
    "team": "send-north",
    "worker": "jo-bennett",
    "practice_on": "2026-09-14",
}


class Posted(BaseModel):
    """Base of what is posted: strict, and nothing that is not documented."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NextRoundIn(Posted):
    """The next round of a programme."""

    model_config = ConfigDict(json_schema_extra={"example": {"period": "2026-11", "size": None}})

    period: Annotated[str, StringConstraints(max_length=20)] = Field(description="2026-11; 2026-27-q3 where it is quarterly.")
    size: Annotated[int, Field(ge=1, le=MOST_CASES)] | None = Field(default=None, description="Null: as the programme says.")


class CasesIn(Posted):
    """Up to 5,000 cases for a round's list, all of them or none."""

    model_config = ConfigDict(json_schema_extra={"example": {"replace": False, "cases": [CASE_EXAMPLE]}})

    cases: Cases
    replace: bool = Field(default=False, description="true: the list holds these and no others afterwards.")


class CasesResult(BaseModel):
    """What became of a list; `listed` is how many cases the round has now."""

    added: int
    changed: int
    unchanged: int
    removed: int
    listed: int


class DrawIn(Posted):
    """The seed of a draw."""

    seed: Annotated[int, Field(ge=0, le=LARGEST_SEED)] | None = Field(
        default=None, description="Null: one is made up. It is kept, so that the draw can be repeated."
    )


class ReplacementIn(Posted):
    """Why a picked case is taken out of the draw."""

    reason: Code
    without_spare: bool = Field(default=False, description="true: go without, where its team has no spare case left.")


class ReallocationIn(Posted):
    """Who is given a part of an audit, and why."""

    part: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=90)] = Field(
        description="lead, peer, single, agency-<code>, moderation or review."
    )
    person: Code
    reason: Code


class WithdrawalIn(Posted):
    """Why an audit is taken out of its round."""

    reason: Code
    words: Annotated[str, StringConstraints(max_length=2000)] = Field(
        default="", description="Anything to be said beside it. Stored encrypted.", repr=False
    )
    replace: bool = Field(default=False, description="true: the next case of the draw from the same team moves up.")


class WithdrawalResult(BaseModel):
    """The audit that was withdrawn, and the reference of the one that replaces it."""

    reference: str
    replacement: str | None


class ProgrammeOut(BaseModel):
    """A programme as the profile has it, and its next period without a round."""

    code: str
    name: str
    prefix: str
    tool: str
    service_areas: tuple[str, ...]
    rhythm: str
    sample: SampleRules
    allocation: AllocationRules
    timetable: TimetableRules
    next_period: str
    rounds: list[UUID] = Field(description="Ids of its rounds of the last year, the newest first.")

    @classmethod
    def of(cls, view: ProgrammeView) -> Self:
        """From what was read."""
        plain = {name: getattr(view.programme, name) for name in Programme.model_fields}
        return cls(**plain, next_period=view.next.code, rounds=[each.round.id for each in view.rounds])


class ProgrammeList(BaseModel):
    """All programmes that the caller may see."""

    items: list[ProgrammeOut]


class RoundOut(BaseModel):
    """A round."""

    round_id: UUID
    programme: str | None
    code: str
    title: str
    kind: AuditKind
    tool: str
    tool_version: int
    service_areas: tuple[str, ...]
    state: Literal["preparing", "drawn", "circulated", "closed"]
    size: int
    seed: int | None
    period_from: date
    period_to: date
    circulate_on: date
    submit_by: date
    moderate_by: date
    calendar: str = Field(description="Version of the working-day calendar by which the days were counted.")
    sample: SampleRules
    allocation: AllocationRules
    timetable: TimetableRules
    repeats: UUID | None
    drawn_at: datetime | None
    circulated_at: datetime | None
    revision: int

    @classmethod
    def members(cls, of: Round) -> dict[str, Any]:
        """The members of a round."""
        plain = {name: getattr(of, name) for name in RoundOut.model_fields if hasattr(of, name)}
        rules = {name: getattr(of.rules, name) for name in ("service_areas", "sample", "allocation", "timetable")}
        return plain | rules | {"round_id": of.id, "state": of.state.value}

    @classmethod
    def of(cls, of: Round) -> Self:
        """From a round."""
        return cls(**cls.members(of))


class PartOut(BaseModel):
    """Who has a part of an audit, and how it stands."""

    person: str
    state: str
    due_on: date


class RoundAuditOut(BaseModel):
    """An audit of a round."""

    audit_id: UUID
    reference: str
    state: str
    service_area: str
    team: str | None
    worker: str | None
    reviewer: str | None
    submit_by: date
    moderate_by: date | None
    withdrawal_reason: str | None
    parts: dict[str, PartOut]

    @classmethod
    def of(cls, row: AuditRow) -> Self:
        """From what was read."""
        plain = {name: getattr(row, name) for name in cls.model_fields if hasattr(row, name)}
        parts = {part: PartOut(person=each.person, state=each.state, due_on=each.due_on) for part, each in row.parts.items()}
        return cls(**plain | {"audit_id": row.id, "parts": parts})


class ProgressOut(BaseModel):
    """How far the audits of one team are. `allocated` are all that were not withdrawn."""

    service_area: str
    team: str | None
    allocated: int
    submitted: int
    moderated: int
    reviewed: int
    late: int
    withdrawn: int

    @classmethod
    def of(cls, row: Progress) -> Self:
        """From what was counted."""
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class RoundDetail(RoundOut):
    """A round with its audits and how far they are."""

    cases: dict[str, int] = Field(description="Cases of its list by standing: listed, excluded, picked, spare.")
    audits: list[RoundAuditOut]
    progress: list[ProgressOut]

    @classmethod
    def of_view(cls, view: RoundView) -> Self:
        """From what was read."""
        return cls(
            **cls.members(view.round),
            cases=view.standings,
            audits=[RoundAuditOut.of(each) for each in view.audits],
            progress=[ProgressOut.of(each) for each in view.progress],
        )


class RoundList(BaseModel):
    """A page of rounds, the newest period first."""

    items: list[RoundOut]
    next: str | None = Field(description="Cursor of the next page (`after`); null when there is none.")


class ReasonOut(BaseModel):
    """Why a case stands where it does."""

    code: str
    figures: dict[str, str]


class CaseOut(BaseModel):
    """A case of a round's list."""

    place: int | None = Field(description="Place in the order of the draw.")
    standing: Literal["listed", "excluded", "picked", "spare"]
    reason: ReasonOut | None
    case_reference: str | None = Field(description="Its own number; null for those who only read.")
    service_area: str
    team: str | None
    worker: str | None
    practice_on: date | None

    @classmethod
    def of(cls, row: CaseRow, number: str | None) -> Self:
        """From a row of the list, with its number where the caller may see it."""
        reason = Reason.parse(row.reason) if row.reason else None
        shown = ReasonOut(code=reason.code, figures=dict(reason.figures)) if reason else None
        names = ("place", "standing", "service_area", "team", "worker", "practice_on")
        return cls(**{name: getattr(row, name) for name in names}, case_reference=number, reason=shown)


class CaseList(BaseModel):
    """A page of a round's list: picked and spare cases in the order of the draw, then the others."""

    items: list[CaseOut]
    next: str | None = Field(description="Cursor of the next page (`after`); null when there is none.")
