"""Days as people wrote them in old lists: 28 April 2022, 28-Apr-22, 28.4.2022, and Excel's bare number 44679.

Only what can be read in one way: 6/7/2022 without zeros may have been written by American settings, and stays refused
(`cells.parse_day`). The day comes first.
"""

import re
from datetime import date, timedelta

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMES = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?,?\s+)?"
_WORDS = re.compile(_WEEKDAY + r"(\d{1,2})(?:st|nd|rd|th)?[\s\-/.]+([a-z]{3,9})\.?,?[\s\-/.]+(\d{4}|\d{2})", re.ASCII)
_POINTS = re.compile(r"(\d{1,2})[.\-](\d{1,2})[.\-](\d{4}|\d{2})", re.ASCII)
_SHORT = re.compile(r"(\d{2})/(\d{2})/(\d{2})", re.ASCII)
_MONTH_WORDS = re.compile(r"([a-z]{3,9})\.?,?[\s\-/.]*(\d{4}|\d{2})", re.ASCII)
_MONTH_FIRST = re.compile(r"(\d{1,2})[/.\-](\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[/.\-](\d{1,2})", re.ASCII)
_NUMBER = re.compile(r"\d{5}", re.ASCII)
_EXCEL_ZERO = date(1899, 12, 30)  # Excel counts from here, with a 29 February 1900 that never was
_FIRST, _LAST = date(1990, 1, 1), date(2079, 12, 31)
_SHORT_YEARS = 2  # digits


def day_of_number(text: str) -> date | None:
    """The day that Excel shows as this number where a cell is no date: 44679 is 28 April 2022. None for any other number."""
    if not _NUMBER.fullmatch(text):
        return None
    day = _EXCEL_ZERO + timedelta(days=int(text))
    return day if _FIRST <= day <= _LAST else None


def day_of_words(text: str) -> date | None:
    """A day with its month in words or between points, or with a year of two digits, which is of this century; else None."""
    tidied = " ".join(text.casefold().split())
    if match := _WORDS.fullmatch(tidied):
        day, name, year = match.groups()
        month = _month(name)
        return None if month is None else _day(year, str(month), day)
    match = _POINTS.fullmatch(tidied) or _SHORT.fullmatch(tidied)
    return _day(match[3], match[2], match[1]) if match else None


def month_of_words(text: str) -> date | None:
    """The first day of a month like 2026-10, 10/2026, October 2026 or Oct-26; else None."""
    tidied = " ".join(text.casefold().split())
    if match := _MONTH_WORDS.fullmatch(tidied):
        month = _month(match[1])
        return None if month is None else _day(match[2], str(month), "1")
    if match := _MONTH_FIRST.fullmatch(tidied):
        return _day(match[2], match[1], "1")
    match = _YEAR_FIRST.fullmatch(tidied)
    return _day(match[1], match[2], "1") if match else None


def _month(name: str) -> int | None:
    if name in _NAMES:
        return _NAMES.index(name) + 1
    short = name[:3] if name in {*_MONTHS, "sept"} else ""
    return _MONTHS.index(short) + 1 if short else None


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year) + (2000 if len(year) == _SHORT_YEARS else 0), int(month), int(day))
    except ValueError:
        return None
