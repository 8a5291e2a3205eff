"""A round without a programme, as somebody asks for it: a targeted audit, a dip sample, a multi-agency audit."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from audit.domain.outcome import Day
from audit.domain.programme import MOST_CASES, AllocationRules, Months, SampleRules, StratifyBy
from contracts.base import Code


class OwnRound(BaseModel):
    """What is asked for. `repeats` is the id of the earlier round with which its result is compared."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=r"^[^\x00-\x1f]*$")]
    code: Code = Field(description="Begins the references of its audits, in capitals.")
    tool: Code
    service_areas: Annotated[list[Code], Field(min_length=1, max_length=100)]
    size: Annotated[int, Field(ge=1, le=MOST_CASES)]
    stratify_by: StratifyBy = "team"
    not_audited_within_months: Months | None = None
    auditors_from: Annotated[list[Code], Field(max_length=100)] = []
    peer_same_service_area: bool = True
    most_audits_a_month: Annotated[int, Field(ge=1, le=100)] | None = None
    period_from: Day = Field(description="First day of the practice that it is about: a case of another day is left out.")
    period_to: Day
    circulate_on: Day
    submit_by: Day
    review_after_weeks: Annotated[int, Field(ge=1, le=52)] | None = None
    repeats: UUID | None = Field(default=None, strict=False)

    @property
    def sample(self) -> SampleRules:
        """How its cases are drawn."""
        return SampleRules(
            size=self.size,
            stratify_by=self.stratify_by,
            practice_months=None,
            not_audited_within_months=self.not_audited_within_months,
        )

    @property
    def allocation(self) -> AllocationRules:
        """Who may be given them."""
        return AllocationRules(
            peer_same_service_area=self.peer_same_service_area,
            auditors_from=tuple(self.auditors_from),
            most_audits_a_month=self.most_audits_a_month,
        )
