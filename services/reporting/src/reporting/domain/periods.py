"""Periods of reports: financial quarters, halves and years (April to March), months, and periods that a profile names.

A code is `2022-23-q1` (Q1 is April to June), `2022-23-h1` (April to September), `2022-23`, `2022-06` or `2022-06..2022-07`.
Both days of a period are included.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Self

FIRST_MONTH = 4  # the financial year of local authorities in England begins on 1 April
FIRST_YEAR, LAST_YEAR = 1990, 2100  # what reports may be asked for; keeps arithmetic inside the calendar
_MONTHS = 12
_QUARTER = 3
_HALF = 6

_QUARTER_CODE = re.compile(r"^(\d{4})-(\d{2})-q([1-4])$", re.ASCII)
_HALF_CODE = re.compile(r"^(\d{4})-(\d{2})-h([12])$", re.ASCII)
_YEAR_CODE = re.compile(r"^(\d{4})-(\d{2})$", re.ASCII)
_MONTHS_CODE = re.compile(r"^(\d{4})-(\d{2})(?:\.\.(\d{4})-(\d{2}))$", re.ASCII)


class UnknownPeriodError(ValueError):
    """The code names no period."""


class Kind(StrEnum):
    """What a period is; a report is made for one kind, or for any."""

    QUARTER = "quarter"
    HALF = "half-year"
    YEAR = "year"
    MONTHS = "months"
    NAMED = "named"


@dataclass(frozen=True, slots=True)
class Period:
    """A span of days: `first` and `last` included; `label` for headings, `short` for columns (`Q1 22/23`)."""

    code: str
    kind: Kind
    first: date
    last: date
    label: str
    short: str

    @classmethod
    def quarter(cls, start_year: int, number: int) -> Self:
        """Quarter 1 to 4 of the financial year that begins in `start_year`."""
        first = _month_start(start_year * _MONTHS + FIRST_MONTH - 1 + (number - 1) * _QUARTER)
        last = _month_end(first, _QUARTER)
        two = _two(start_year + 1)
        return cls(
            f"{start_year}-{two}-q{number}",
            Kind.QUARTER,
            first,
            last,
            f"Quarter {number} of {start_year}/{two} ({_span(first, last)})",
            f"Q{number} {_two(start_year)}/{two}",
        )

    @classmethod
    def half(cls, start_year: int, number: int) -> Self:
        """The half (1: April to September, 2: October to March) of the financial year that begins in `start_year`."""
        first = _month_start(start_year * _MONTHS + FIRST_MONTH - 1 + (number - 1) * _HALF)
        last = _month_end(first, _HALF)
        two = _two(start_year + 1)
        label = f"Half {number} of {start_year}/{two} ({_span(first, last)})"
        return cls(f"{start_year}-{two}-h{number}", Kind.HALF, first, last, label, f"H{number} {_two(start_year)}/{two}")

    @classmethod
    def year(cls, start_year: int) -> Self:
        """The financial year that begins in April of `start_year`."""
        two = _two(start_year + 1)
        first = date(start_year, FIRST_MONTH, 1)
        last = date(start_year + 1, FIRST_MONTH, 1) - timedelta(days=1)
        return cls(f"{start_year}-{two}", Kind.YEAR, first, last, f"{start_year}/{two}", f"{_two(start_year)}/{two}")

    @classmethod
    def months(cls, first: date, count: int) -> Self:
        """`count` whole months from the month of `first`."""
        start = first.replace(day=1)
        last = _month_end(start, count)
        label = _span(start, last)
        return cls(f"{start:%Y-%m}..{last:%Y-%m}", Kind.MONTHS, start, last, label, label)

    def shift(self, steps: int) -> "Period":
        """The period of the same length that many steps later (negative: earlier). Named periods cannot be shifted."""
        index = self.first.year * _MONTHS + self.first.month - 1
        if self.kind is Kind.QUARTER:
            years, quarter = divmod(index + steps * _QUARTER - FIRST_MONTH + 1, _MONTHS)
            return Period.quarter(years, quarter // _QUARTER + 1)
        if self.kind is Kind.HALF:
            years, half = divmod(index + steps * _HALF - FIRST_MONTH + 1, _MONTHS)
            return Period.half(years, half // _HALF + 1)
        if self.kind is Kind.YEAR:
            return Period.year(self.first.year + steps)
        if self.kind is Kind.MONTHS:
            length = self.last.year * _MONTHS + self.last.month - index
            return Period.months(_month_start(index + steps * length), length)
        if steps:
            raise UnknownPeriodError("a named period has no neighbours")
        return self

    @property
    def steps_in_a_year(self) -> int | None:
        """How many steps back the same period of the year before is; None where there is none."""
        fixed = {Kind.QUARTER: _MONTHS // _QUARTER, Kind.HALF: _MONTHS // _HALF, Kind.YEAR: 1}
        if self.kind is Kind.MONTHS:
            length = (self.last.year - self.first.year) * _MONTHS + self.last.month - self.first.month + 1
            return None if _MONTHS % length else _MONTHS // length
        return fixed.get(self.kind)

    def span(self, from_: int, to: int) -> "Period":
        """The periods from `from_` to `to` steps away taken together, under the short label of the last (0, 0: itself)."""
        return _spanned(self, from_, to)


@lru_cache(maxsize=4096)  # a report asks for the same few periods in each of its cells
def _spanned(period: Period, from_: int, to: int) -> Period:
    start, end = period.shift(from_), period.shift(to)
    if from_ == to:
        return end
    return Period(f"{start.code}..{end.code}", Kind.NAMED, start.first, end.last, _span(start.first, end.last), end.short)


def parse(code: str) -> Period:
    """The period of a code. Raises UnknownPeriodError with what was expected."""
    if found := _QUARTER_CODE.match(code):
        year, two, quarter = (int(part) for part in found.groups())
        if two == (year + 1) % 100 and FIRST_YEAR <= year <= LAST_YEAR:
            return Period.quarter(year, quarter)
    elif found := _HALF_CODE.match(code):
        year, two, half = (int(part) for part in found.groups())
        if two == (year + 1) % 100 and FIRST_YEAR <= year <= LAST_YEAR:
            return Period.half(year, half)
    elif found := _YEAR_CODE.match(code):
        year, two = (int(part) for part in found.groups())
        # 2022-23 is a financial year; 2022-06 a month. 2009-10 and the like are years: a month is written 2009-10..2009-10.
        if two == (year + 1) % 100 and FIRST_YEAR <= year <= LAST_YEAR:
            return Period.year(year)
        return _months(year, two, year, two)
    elif found := _MONTHS_CODE.match(code):
        return _months(*(int(part) for part in found.groups()))
    raise UnknownPeriodError(
        "expected a quarter (2022-23-q1), half a year (2022-23-h1), a financial year (2022-23) or months (2022-06..2022-07)"
    )


def containing(day: date, kind: Kind) -> Period:
    """The quarter, half, year or month in which a day falls."""
    if kind is Kind.MONTHS:
        return Period.months(day, 1)
    start_year = day.year if day.month >= FIRST_MONTH else day.year - 1
    if kind is Kind.YEAR:
        return Period.year(start_year)
    if kind is Kind.HALF:
        return Period.half(start_year, (day.month - FIRST_MONTH) % _MONTHS // _HALF + 1)
    return Period.quarter(start_year, (day.month - FIRST_MONTH) % _MONTHS // _QUARTER + 1)


def _months(year: int, month: int, to_year: int, to_month: int) -> Period:
    count = (to_year - year) * _MONTHS + to_month - month + 1
    valid = 1 <= month <= _MONTHS and 1 <= to_month <= _MONTHS and count >= 1
    if not (valid and year >= FIRST_YEAR and to_year <= LAST_YEAR):
        raise UnknownPeriodError("expected months in order, such as 2022-06..2022-07")
    return Period.months(date(year, month, 1), count)


def _month_start(index: int) -> date:
    year = index // _MONTHS
    if not FIRST_YEAR - 20 <= year <= LAST_YEAR + 20:
        raise UnknownPeriodError(f"periods lie between {FIRST_YEAR} and {LAST_YEAR}")
    return date(year, index % _MONTHS + 1, 1)


def _month_end(start: date, count: int) -> date:
    return _month_start(start.year * _MONTHS + start.month - 1 + count) - timedelta(days=1)


def _span(first: date, last: date) -> str:
    if (first.year, first.month) == (last.year, last.month):
        return f"{first:%B %Y}"
    if first.year == last.year:
        joint = "and" if last.month == first.month + 1 else "to"
        return f"{first:%B} {joint} {last:%B %Y}"
    return f"{first:%B %Y} to {last:%B %Y}"


def _two(year: int) -> str:
    return f"{year % 100:02d}"
