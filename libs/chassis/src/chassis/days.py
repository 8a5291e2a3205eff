"""Which day it is, and what the clock says, where the councils and the families are."""

from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache

_SUNDAY = 6
_CHANGE = 1  # o'clock, Greenwich mean time
_SUMMER_TIME = timezone(timedelta(hours=1), "BST")


@cache
def _last_sunday(year: int, month: int) -> datetime:
    day = datetime(year, month + 1, 1, _CHANGE, tzinfo=UTC) - timedelta(days=1)
    return day - timedelta(days=(day.weekday() - _SUNDAY) % 7)


def british_time(moment: datetime) -> datetime:
    """A moment (with time zone) by the clocks of the United Kingdom.

    Summer time runs from the last Sunday in March to the last Sunday in October, 1 am Greenwich mean time each (Summer Time
    Act 1972, section 1, as amended in 2002). By rule rather than by the time zone files, which a slim machine may not have.
    """
    moment = moment.astimezone(UTC)
    summer = _last_sunday(moment.year, 3) <= moment < _last_sunday(moment.year, 10)
    return moment.astimezone(_SUMMER_TIME) if summer else moment


def british_day(moment: datetime) -> date:
    """The date in the United Kingdom at a moment (with time zone): after midnight in summer not yet the date in UTC."""
    return british_time(moment).date()


def british_midnight(day: date) -> datetime:
    """The moment at which a day begins in the United Kingdom. The clocks change later in the night, never at midnight."""
    greenwich = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return greenwich - (british_time(greenwich).utcoffset() or timedelta())


def british_today() -> date:
    """The date in the United Kingdom now."""
    return british_day(datetime.now(UTC))


def day_words(on: date) -> str:
    """A day as people here write it: 2 August 2028."""
    return f"{on.day} {on:%B %Y}"


def moment_words(at: datetime) -> str:
    """A moment by British clocks: 28 April 2022, 14:05."""
    local = british_time(at)
    return f"{day_words(local.date())}, {local:%H:%M}"
