"""The days of a round: its period, when it is circulated, submitted, moderated and reviewed. Pure, by the shared calendar.

Source: the councils' audit timetables. Circulated on the 1st, whatever day that is; submitted by the last working day of the
month; moderated five working days after; reviewed eight weeks after moderation, or after completion (the last submission).
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from audit.domain.programme import Rhythm, TimetableRules
from chassis.calendar import OutsideCalendarError, WorkingDays
from chassis.errors import DomainError, Kind

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-(\d{2})-q([1-4])", re.ASCII)
DAYS_FOR_A_REPLACEMENT = 10
"""Working days that auditors have at least for a case that replaces another late in the month. Ours: no source says."""

_APRIL = 4
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Period:
    """A month (`2026-11`) or a quarter of a financial year (`2026-27-q3`); both days belong to it."""

    code: str
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Timetable:
    """The days of a round, and the version of the calendar by which they were counted.

    `review_by` is what is expected as long as nobody is late: it counts from the day that the round plans. None: no review.
    """

    circulate_on: date
    submit_by: date
    moderate_by: date
    review_by: date | None
    calendar: str


def period(rhythm: Rhythm, code: str) -> Period:
    """The period that a code names. Raises `DomainError` (malformed-period) with an example of what was expected.

    Quarters are those of the financial year, counted from April, as reports have them.
    """
    if rhythm == "monthly" and (found := _MONTH.fullmatch(code)):
        return _period_of(code, int(found[1]), int(found[2]), 1)
    if rhythm == "quarterly" and (found := _QUARTER.fullmatch(code)):
        year, quarter = int(found[1]), int(found[3])
        if int(found[2]) == (year + 1) % 100:
            months = _APRIL + 3 * (quarter - 1)
            return _period_of(code, year + (months - 1) // _MONTHS, (months - 1) % _MONTHS + 1, 3)
    example = "a month, like 2026-11" if rhythm == "monthly" else "a quarter of a financial year, like 2026-27-q3"
    raise DomainError("malformed-period", f"The period of this programme is {example}.", Kind.MALFORMED)


def period_on(rhythm: Rhythm, day: date) -> Period:
    """The period in which a day lies."""
    if rhythm == "monthly":
        return period(rhythm, f"{day.year}-{day.month:02}")
    year = day.year if day.month >= _APRIL else day.year - 1
    quarter = (day.month - _APRIL) % _MONTHS // 3 + 1
    return period(rhythm, f"{year}-{(year + 1) % 100:02}-q{quarter}")


def periods_around(rhythm: Rhythm, day: date, before: int, after: int) -> list[Period]:
    """The period in which a day lies, with so many before and after it, in order."""
    found = [period_on(rhythm, day)]
    for _ in range(before):
        found.insert(0, period_on(rhythm, found[0].first - timedelta(days=1)))
    for _ in range(after):
        found.append(period_on(rhythm, found[-1].last + timedelta(days=1)))
    return found


def timetable(rules: TimetableRules, span: Period, calendar: WorkingDays) -> Timetable:
    """The days of a round. Raises `DomainError` (outside-calendar) beyond the years for which bank holidays are known."""
    circulate_on = span.first.replace(day=rules.circulate_on_day)
    month = span.last if rules.submit_by == "last-working-day-of-period" else circulate_on
    try:
        submit_by = calendar.last_of_month(month.year, month.month)
        moderate_by = moderation_day(rules, submit_by, calendar)
    except OutsideCalendarError as error:
        raise DomainError("outside-calendar", f"The days of the round cannot be counted: {error}.", Kind.MALFORMED) from None
    counted_from = moderate_by if rules.review_counts_from == "moderation" else submit_by
    return Timetable(circulate_on, submit_by, moderate_by, review_day(rules, counted_from), calendar.version)


def days_of_replacement(rules: TimetableRules, submit_by: date, today: date, calendar: WorkingDays) -> tuple[date, date]:
    """Submission and moderation of a case that replaces another: with its round, or ten working days after it was given."""
    submitted = max(submit_by, calendar.add(today, DAYS_FOR_A_REPLACEMENT))
    return submitted, moderation_day(rules, submitted, calendar)


def moderation_day(rules: TimetableRules, submit_by: date, calendar: WorkingDays) -> date:
    """By when a round that is submitted by a day is moderated: so many working days after it."""
    return calendar.add(submit_by, rules.moderate_within)


def review_day(rules: TimetableRules, counted_from: date) -> date | None:
    """When the actions are looked at: so many weeks after moderation or completion. None: they are not."""
    return None if rules.review_after_weeks is None else counted_from + timedelta(weeks=rules.review_after_weeks)


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the last of the month where that one has no such day."""
    year, month = divmod(day.year * _MONTHS + day.month - 1 - months, _MONTHS)
    return date(year, month + 1, min(day.day, _days_of(year, month + 1)))


def _period_of(code: str, year: int, month: int, months: int) -> Period:
    if not 1 < year < date.max.year:
        raise DomainError("malformed-period", f"There is no such period: {code}.", Kind.MALFORMED)
    year_after, month_after = divmod(year * _MONTHS + month - 1 + months, _MONTHS)
    return Period(code, date(year, month, 1), date(year_after, month_after + 1, 1) - timedelta(days=1))


def _days_of(year: int, month: int) -> int:
    following = date(year + month // _MONTHS, month % _MONTHS + 1, 1)
    return (following - timedelta(days=1)).day
