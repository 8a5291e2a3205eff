"""Key performance indicators (kpis.yaml): what each counts, who posts it, and what it is judged by. docs/guides/profiles.md.

A KPI is a measure that an organisation declares for itself, of figures that other systems or people post month by month.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]*$", max_length=80)]
Label = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Words = Annotated[str, StringConstraints(min_length=1, max_length=2000)]
Unit = Annotated[str, StringConstraints(min_length=1, max_length=40)]
Level = Annotated[Decimal, Field(ge=0, le=1_000_000_000, decimal_places=1)]
"""What a figure is held against: whole or with one decimal; per cent where the KPI is a share."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class _Valid(_Strict):
    """From and until, both included; None is open. A month is judged by what holds on its last day."""

    from_: date | None = Field(alias="from")
    until: date | None

    def holds(self, on: date) -> bool:
        """Whether it holds on a day."""
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on <= self.until)


class Target(_Valid):
    """What was aimed for. `restated` says why a target by which months were judged already is another one now."""

    value: Level
    restated: Words | None = None


class Rag(_Valid):
    """From where on a figure is green, and amber; beyond that it is red."""

    green: Level
    amber: Level
    restated: Words | None = None


class Anew(_Strict):
    """A month from which the limits of the chart begin anew, since the work was done in another way from then on."""

    from_: date = Field(alias="from")
    why: Words


class Kpi(_Strict):
    """A key performance indicator."""

    code: Code
    name: Label
    definition: Words
    kind: Literal["share", "number"]
    numerator: Label
    denominator: Label | None = None
    rest: Label | None = None
    unit: Unit
    better: Literal["higher", "lower", "neither"]
    every: Literal["month", "quarter"]
    together: Literal["sum", "last", "none"] = "sum"
    service_areas: Annotated[tuple[Code, ...], Field(min_length=1, max_length=50)]
    teams: bool = False
    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    source: Words
    owner: Label
    caveats: Annotated[tuple[Words, ...], Field(max_length=20)] = ()
    themes: Annotated[tuple[Code, ...], Field(max_length=20)] = ()
    targets: Annotated[tuple[Target, ...], Field(max_length=60)] = ()
    rag: Annotated[tuple[Rag, ...], Field(max_length=60)] = ()
    anew: Annotated[tuple[Anew, ...], Field(max_length=20)] = ()

    @property
    def is_share(self) -> bool:
        """Whether it is a numerator of a denominator."""
        return self.kind == "share"

    def in_use(self, first: date, last: date) -> bool:
        """Whether it was counted on any day of a span."""
        return (self.from_ is None or self.from_ <= last) and (self.until is None or self.until >= first)

    def target(self, on: date) -> Target | None:
        """The target that holds on a day."""
        return next((each for each in self.targets if each.holds(on)), None)

    def thresholds(self, on: date) -> Rag | None:
        """The thresholds that hold on a day."""
        return next((each for each in self.rag if each.holds(on)), None)


class Kpis(_Strict):
    """kpis.yaml."""

    kpis: Annotated[tuple[Kpi, ...], Field(max_length=500)] = ()

    def kpi(self, code: str) -> Kpi | None:
        """The KPI of that code."""
        return next((each for each in self.kpis if each.code == code), None)
