"""How long an organisation keeps each kind of record (retention.yaml), and when the time of a record is over. Pure."""

import calendar
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from chassis.errors import FieldError
from chassis.retention.kinds import TRAIL, Kind, Lasting

MONTHS = 12
MOST_YEARS = 100


class Period(BaseModel):
    """`{years: 6}` or `{months: 18}`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    years: int | None = Field(default=None, ge=1, le=MOST_YEARS)
    months: int | None = Field(default=None, ge=1, le=MOST_YEARS * MONTHS)

    @model_validator(mode="before")
    @classmethod
    def _one(cls, given: Any) -> Any:
        if isinstance(given, Mapping) and sum(given.get(unit) is not None for unit in ("years", "months")) != 1:
            msg = "expected either `years` or `months`"
            raise ValueError(msg)
        return given

    @property
    def in_months(self) -> int:
        """The period in months."""
        return self.months if self.months is not None else MONTHS * (self.years or 0)

    @property
    def words(self) -> str:
        """As it is said: 6 years, 18 months."""
        return period_words(self.in_months)


Retention = dict[str, dict[str, Period]]
"""By service and kind; what is not there is kept for good."""


def period_words(months: int) -> str:
    """As it is said: 6 years, 18 months."""
    number, unit = (months // MONTHS, "year") if months % MONTHS == 0 else (months, "month")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def check_periods(retention: Retention, service: str, kinds: tuple[Kind, ...]) -> Iterator[FieldError]:
    """What is wrong with the periods of a service: a kind that is not there, a period below what has to be kept."""
    known: dict[str, Kind | Lasting] = {TRAIL.code: TRAIL, **{kind.code: kind for kind in kinds}}
    for code, period in retention.get(service, {}).items():
        pointer = f"/retention/{service}/{code}"
        kind = known.get(code)
        if kind is None:
            yield FieldError(pointer, f"'{code}' is no kind of record here; there are {', '.join(sorted(known))}")
        elif period.in_months < kind.at_least:
            yield FieldError(pointer, f"expected at least {period_words(kind.at_least)}: {kind.because}")


def months_before(day: date, months: int) -> date:
    """The same day so many months before; the last of that month where it has no such day."""
    count = day.year * MONTHS + day.month - 1 - months
    year, month = divmod(count, MONTHS)
    if year < 1:
        return date.min
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def due_on(since: date, months: int) -> date:
    """The first day on which a record that is over since a day has been kept so many months; never a day too early.

    What is over since a 29 February is due on 1 March where that year has none.
    """
    count = since.year * MONTHS + since.month - 1 + months
    year, month = divmod(count, MONTHS)
    if year >= date.max.year:
        return date.max
    last = calendar.monthrange(year, month + 1)[1]
    if since.day <= last:
        return date(year, month + 1, since.day)
    return date(year, month + 1, last) + timedelta(days=1)
