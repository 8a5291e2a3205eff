"""What the JSON routes of agreement take and give."""

from collections.abc import Iterable
from typing import Self

from pydantic import BaseModel, ConfigDict, Field

from audit.adapters.agreement_reader import Filters
from audit.domain.agreement import MINIMUM, Coefficient, Reason, Share, Weights
from audit.domain.agreement_report import Agreement, AuditorAgreement, Compared, Comparison, Drift, Standing, ToolAgreement
from audit.domain.outcome import Day
from chassis.identity import Identity
from contracts.base import Code

KAPPA_WEIGHTS = (Weights.LINEAR, Weights.QUADRATIC)
AC2_WEIGHTS = (Weights.LINEAR, Weights.QUADRATIC, Weights.ORDINAL)


class AgreementQuery(BaseModel):
    """Which moderated audits are looked at."""

    model_config = ConfigDict(extra="forbid")

    tool: Code | None = None
    section: Code | None = Field(default=None, description="Code of a section, or `overall`.")
    service_area: Code | None = None
    programme: Code | None = Field(default=None, description="Leaves posted outcomes out: they have none.")
    auditor: Code | None = Field(default=None, description="Code in the staff directory. Gives that person's figures only.")
    moderated_from: Day | None = Field(default=None, description="Moderated on this day or later.")
    moderated_to: Day | None = Field(default=None, description="Moderated on this day or before.")

    def filters(self, identity: Identity) -> Filters:
        """Within the caller's service areas."""
        return Filters(identity.areas, **self.model_dump())


class ShareView(BaseModel):
    """A share of the pairs, with its Wilson interval at 95%."""

    n: int
    of: int
    share: float | None
    low: float | None
    high: float | None
    reason: Reason | None = Field(description="Why there is no share.")

    @classmethod
    def of_share(cls, share: Share) -> Self:
        """From the domain's."""
        low, high = (share.interval.low, share.interval.high) if share.interval else (None, None)
        return cls(n=share.n, of=share.of, share=share.fraction, low=low, high=high, reason=share.reason)


class CoefficientView(BaseModel):
    """A coefficient with its standard error and 95% interval."""

    value: float | None
    error: float | None
    low: float | None
    high: float | None
    reason: Reason | None = Field(description="Why there is no value, or no interval.")

    @classmethod
    def of_coefficient(cls, found: Coefficient) -> Self:
        """From the domain's."""
        low, high = (found.interval.low, found.interval.high) if found.interval else (None, None)
        return cls(value=found.value, error=found.error, low=low, high=high, reason=found.reason)


class Figures(BaseModel):
    """Agreement of one group of pairs. Below `minimum` pairs there are only the matrix and counts."""

    pairs: int
    left_out: dict[Standing, int] = Field(description="Judgements that made no pair, by reason.")
    matrix: list[list[int]] = Field(description="Pairs: a row for each grade of the first, a column for each of the second.")
    exact: ShareView = Field(description="The same grade.")
    adjacent: ShareView = Field(description="The same grade, or one grade apart.")
    mean_difference: float | None = Field(description="Grades by which the first graded better than the second, on average.")
    kappa: dict[Weights, CoefficientView] = Field(description="Cohen's weighted kappa, by its weights.")
    ac2: dict[Weights, CoefficientView] = Field(description="Gwet's AC2, by its weights.")

    @classmethod
    def of(cls, found: Agreement) -> Self:
        """From the domain's."""
        return cls(
            pairs=found.pairs,
            left_out=dict(found.left_out),
            matrix=[list(row) for row in found.matrix.cells],
            exact=ShareView.of_share(found.exact),
            adjacent=ShareView.of_share(found.adjacent),
            mean_difference=found.matrix.mean_difference,
            kappa={weights: CoefficientView.of_coefficient(found.kappa(weights)) for weights in KAPPA_WEIGHTS},
            ac2={weights: CoefficientView.of_coefficient(found.ac2(weights)) for weights in AC2_WEIGHTS},
        )


class SectionView(BaseModel):
    """One section, or `overall`."""

    section: str
    figures: Figures


class ComparisonView(BaseModel):
    """One comparison: all sections together (without the overall grade), and each."""

    comparison: Comparison
    together: Figures
    sections: list[SectionView]

    @classmethod
    def of(cls, found: Compared) -> Self:
        """From the domain's."""
        sections = [SectionView(section=each.section, figures=Figures.of(each.agreement)) for each in found.sections]
        return cls(comparison=found.comparison, together=Figures.of(found.together), sections=sections)


class DriftView(BaseModel):
    """How an auditor graded beside the moderator in one quarter of the financial year."""

    quarter: str
    mean_difference: float
    pairs: int

    @classmethod
    def of(cls, found: Drift) -> Self:
        """From the domain's."""
        return cls(quarter=found.code, mean_difference=found.mean, pairs=found.pairs)


class AuditorView(BaseModel):
    """One auditor, all sections together."""

    auditor: str
    moderator: Figures = Field(description="Against the moderator's final grades.")
    other: Figures = Field(description="Against whoever audited the same case.")
    drift: list[DriftView] = Field(description="Only where one `auditor` was asked for.")

    @classmethod
    def of(cls, found: AuditorAgreement) -> Self:
        """From the domain's."""
        return cls(
            auditor=found.auditor,
            moderator=Figures.of(found.moderator),
            other=Figures.of(found.other),
            drift=[DriftView.of(each) for each in found.drift],
        )


class ToolView(BaseModel):
    """One tool. With `auditor` the comparisons are `auditor-moderator` and `auditor-other`."""

    tool: str
    scale: str
    grades: list[str] = Field(description="Of the scale, best first: the order of the matrices.")
    comparisons: list[ComparisonView]
    auditors: list[AuditorView]

    @classmethod
    def of(cls, found: ToolAgreement) -> Self:
        """From the domain's."""
        return cls(
            tool=found.tool,
            scale=found.scale.code,
            grades=[grade.code for grade in found.scale.grades],
            comparisons=[ComparisonView.of(each) for each in found.compared],
            auditors=[AuditorView.of(each) for each in found.auditors],
        )


class AgreementAnswer(BaseModel):
    """How far auditors agree. Intervals take the pairs as independent: those of several sections together are too narrow."""

    minimum: int = Field(default=MINIMUM, description="Pairs below which there are only the matrix and counts.")
    confidence: float = Field(default=0.95, description="Of every interval.")
    tools: list[ToolView]

    @classmethod
    def of(cls, tools: Iterable[ToolAgreement]) -> Self:
        """From the domain's."""
        return cls(tools=[ToolView.of(each) for each in tools])
