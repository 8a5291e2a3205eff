"""Programmes of audits as a profile has them (`programmes` of audit.yaml): what is audited, how often, by whom, and by when.

docs/guides/profiles.md documents the fields. Source: the councils' quality-assurance frameworks and audit procedures (their
samples, conflict rules and timetables), which differ enough between services that all of it is data.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from contracts.base import Code

MOST_CASES = 1000
"""Cases of one round at most; the table has the same limit."""

Prefix = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
Rhythm = Literal["monthly", "quarterly"]
StratifyBy = Literal["team", "service-area", "none"]
Months = Annotated[int, Field(ge=1, le=60)]


class _Rules(BaseModel):
    """A part of a programme."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SampleRules(_Rules):
    """How many cases a round takes of its list, and which may be taken.

    `practice_months`: a case is eligible by practice (its plan, its review) of so many months before the round is circulated;
    None looks at no dates. `not_audited_within_months`: a case audited since is left out; None forgets earlier audits.
    """

    size: Annotated[int, Field(ge=1, le=MOST_CASES)]
    stratify_by: StratifyBy = "team"
    practice_months: Months | None = 6
    not_audited_within_months: Months | None = 12


class AllocationRules(_Rules):
    """Who may be given a case, beyond the rules that always hold (`audit.domain.conflicts`).

    `auditors_from`: service areas whose auditors do what the manager responsible for the case does not do; empty is the case's
    own. `most_audits_a_month`: auditors' parts that one person is given in a month, over all programmes; None is no limit.
    """

    peer_same_service_area: bool = True
    auditors_from: tuple[Code, ...] = ()
    moderator_same_service_area: bool = False
    most_audits_a_month: Annotated[int, Field(ge=1, le=100)] | None = 2


class TimetableRules(_Rules):
    """By when. What is `within` or `before` is working days, `grace_hours` hours by the clock.

    `acknowledge_within` and `discuss_within` count from the moderation; no source says them, so they are ours: a week, and a
    month, in which supervision takes place once. `circulates_itself`: on its day, without anybody's doing, since the 1st may
    not be a working day. `review_after_weeks` None has no review. `reviewed_by` peer is for programmes whose tool is looped.
    """

    circulate_on_day: Annotated[int, Field(ge=1, le=20)] = 1
    submit_by: Literal["last-working-day", "last-working-day-of-period"] = "last-working-day"
    grace_hours: Annotated[int, Field(ge=0, le=14 * 24)] = 24
    circulates_itself: bool = True
    moderate_within: Annotated[int, Field(ge=1, le=60)] = 5
    acknowledge_within: Annotated[int, Field(ge=1, le=60)] = 5
    discuss_within: Annotated[int, Field(ge=1, le=60)] = 20
    review_after_weeks: Annotated[int, Field(ge=1, le=52)] | None = 8
    review_counts_from: Literal["moderation", "completion"] = "moderation"
    reviewed_by: Literal["reviewer", "peer"] = "reviewer"
    remind_before: Annotated[int, Field(ge=1, le=20)] = 3


class Programme(_Rules):
    """One programme. `prefix` begins the reference of its audits: SC-2026-11-004."""

    code: Code
    prefix: Prefix
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    tool: Code
    service_areas: Annotated[tuple[Code, ...], Field(min_length=1, max_length=100)]
    rhythm: Rhythm
    sample: SampleRules
    allocation: AllocationRules = AllocationRules()
    timetable: TimetableRules = TimetableRules()
