"""The register of representations for inspection: what each was about, its dates, its outcome, whether limits were kept.

After regulation 18 of the Fostering Services (England) Regulations 2011 (a written record of each complaint, its outcome and
the action taken) and regulation 13 of the Children Act 1989 Representations Procedure (England) Regulations 2006 (each
representation, its outcome, and whether the time limits were complied with). No name and no narrative is in it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from chassis.errors import DomainError, FieldError, Kind
from chassis.quarters import Quarter

Kept = Literal["yes", "no", "running"]
_YEAR = re.compile(r"(20\d\d)-(\d\d)", re.ASCII)


@dataclass(frozen=True)
class Span:
    """A financial year or a quarter of one."""

    code: str
    name: str
    first: date
    last: date

    @classmethod
    def parse(cls, code: str) -> "Span":
        """Of `2022-23` or `2022-23-q1`. Raises `malformed-period`."""
        year = _YEAR.fullmatch(code)
        if year is not None and (int(year[1]) + 1) % 100 == int(year[2]):
            return cls.year(int(year[1]))
        try:
            return cls.quarter(Quarter.parse(code))
        except DomainError:
            errors = (
                FieldError("/period", "expected a financial year, such as 2022-23, or a quarter of one, such as 2022-23-q1"),
            )
            raise DomainError("malformed-period", "There is no such period.", Kind.MALFORMED, errors) from None

    @classmethod
    def year(cls, begins: int) -> "Span":
        """The financial year that begins in a year."""
        code = f"{begins}-{(begins + 1) % 100:02}"
        return cls(code, f"April {begins} to March {begins + 1}", date(begins, 4, 1), date(begins + 1, 3, 31))

    @classmethod
    def quarter(cls, quarter: Quarter) -> "Span":
        """A quarter."""
        return cls(quarter.code, f"{quarter.first:%B} to {quarter.last:%B %Y}", quarter.first, quarter.last)


@dataclass(frozen=True)
class Stage:
    """A stage as far as its limit goes."""

    number: int
    started_on: date
    due_on: date
    responded_on: date | None
    working_days: int | None
    limits: Callable[[date], bool]
    """Whether all of its limits were kept up to a day: a stage heard by a panel has three."""

    def kept(self, today: date) -> Kept:
        """Whether its limits were kept. A stage that runs and is overdue did not keep them."""
        if not self.limits(today):
            return "no"
        return "running" if self.responded_on is None else "yes"


@dataclass(frozen=True)
class Entry:
    """A representation. `natures` are categories of its points; `outcomes` the latest finding of each, by its reference."""

    reference: str
    procedure: str
    service_area: str
    received_on: date
    natures: tuple[str, ...]
    outcomes: Mapping[str, str]
    stages: tuple[Stage, ...]
    actions: int
    actions_done: int
    reasons: int
    ombudsman: int

    def limits(self, today: date) -> Kept:
        """Whether all limits were kept: no as soon as one was not, yes once all stages that began were answered in time."""
        each = {stage.kept(today) for stage in self.stages}
        if "no" in each:
            return "no"
        return "running" if "running" in each else "yes"
