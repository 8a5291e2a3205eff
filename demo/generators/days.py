"""Days of the demonstration records: quarters of the financial year and working days in England."""

from datetime import date, timedelta
from random import Random

import holidays

_BANK_HOLIDAYS = holidays.country_holidays("GB", subdiv="ENG", years=range(2020, 2025))


def quarter(code: str) -> tuple[date, date]:
    """First and last day of a quarter, `2022-23-q1` being April to June 2022."""
    year, number = int(code[:4]), int(code[-1])
    month = 3 * number + 1
    first = date(year + month // 13, (month - 1) % 12 + 1, 1)
    after = first + timedelta(days=93)
    return first, date(after.year, after.month, 1) - timedelta(days=1)


def is_working_day(day: date) -> bool:
    """Whether it is neither Saturday, Sunday nor a bank holiday in England."""
    return day.weekday() < 5 and day not in _BANK_HOLIDAYS  # noqa: PLR2004 - Monday to Friday


def add_working_days(day: date, count: int) -> date:
    """The day that is `count` working days after day 0; negative counts go back."""
    step = timedelta(days=1 if count >= 0 else -1)
    for _ in range(abs(count)):
        day += step
        while not is_working_day(day):
            day += step
    return day


def pick(random: Random, first: date, last: date) -> date:
    """A working day from `first` to `last`."""
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return random.choice([day for day in days if is_working_day(day)])
