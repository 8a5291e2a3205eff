"""Quarters of the financial year, April to March, by the codes that reports have: 2026-27-q3 is October to December 2026."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from chassis.errors import DomainError, FieldError, Kind

_CODE = re.compile(r"(\d{4})-(\d\d)-q([1-4])", re.ASCII)
_APRIL = 4
_YEARS = range(1990, 2100)


@dataclass(frozen=True)
class Quarter:
    """A quarter: the year in which its financial year begins, and its number from 1."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Quarter":
        """The quarter in which a day falls."""
        months = day.year * 12 + day.month - _APRIL
        return cls(months // 12, months % 12 // 3 + 1)

    @classmethod
    def parse(cls, code: str) -> "Quarter":
        """A quarter by its code. Raises `malformed-quarter`."""
        found = _CODE.fullmatch(code)
        if found is not None and int(found[1]) in _YEARS and (int(found[1]) + 1) % 100 == int(found[2]):
            return cls(int(found[1]), int(found[3]))
        errors = (FieldError("/quarter", "expected a quarter of a financial year, such as 2026-27-q3"),)
        raise DomainError("malformed-quarter", "There is no such quarter.", Kind.MALFORMED, errors)

    @property
    def code(self) -> str:
        """Such as 2026-27-q3."""
        return f"{self.year}-{(self.year + 1) % 100:02}-q{self.number}"

    @property
    def first(self) -> date:
        """Its first day."""
        months = self.year * 12 + _APRIL - 1 + (self.number - 1) * 3
        return date(months // 12, months % 12 + 1, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.moved(1).first - timedelta(days=1)

    def moved(self, by: int) -> "Quarter":
        """The quarter so many further on, or back."""
        quarters = self.year * 4 + self.number - 1 + by
        return Quarter(quarters // 4, quarters % 4 + 1)
