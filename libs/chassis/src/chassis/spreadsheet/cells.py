"""One cell: from what a person typed, or Excel made of it, to the value that its column asks for."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from chassis.spreadsheet.layout import Choice, Column, Limits, Value, tidy
from chassis.spreadsheet.lenient_days import day_of_number, day_of_words, month_of_words

_LISTED = 40
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?", re.ASCII)
_BRITISH = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?: \d{1,2}:\d{2}(?::\d{2})?)?", re.ASCII)
_SHORT_YEAR = re.compile(r"\d{1,2}/\d{1,2}/\d{2}", re.ASCII)
_SHORTENED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d{1,15}", re.ASCII)
BARRED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What neither PostgreSQL nor XML can hold: control characters, half characters."""

# What a spreadsheet program takes for the beginning of a formula, also in its East Asian forms (OWASP, CSV injection).
_BEGINNINGS = "=+\\-@\t\r\n＝＋－＠"
_DANGEROUS = re.compile(f"'*[{_BEGINNINGS}]")
_DEFUSED = re.compile(f"'+[{_BEGINNINGS}]")

TYPE_A_DAY = "Type the day like 2022-07-06 or 06/07/2022."


class CellRefusal(Exception):
    """What is wrong with a cell, in words for the person who filled it in."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A cell as its sheet has it: the text, and what else the program that wrote the sheet knew of it."""

    text: str
    day: date | None = None
    number: bool = False
    problem: str | None = None


NOTHING = Shown("")


def neutral(text: str) -> str:
    """A text as it is written into a sheet: an apostrophe before whatever could be taken for a formula."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def restored(text: str) -> str:
    """What `neutral` was given."""
    return text[1:] if _DEFUSED.match(text) else text


def cleaned(text: str) -> str:
    """A text without white space around it, its lines ending in LF."""
    return restored(text.replace("\r\n", "\n").replace("\r", "\n").strip().strip("\ufeff\u200b").strip())


def value_of(shown: Shown, column: Column, limits: Limits) -> Value:
    """The value of a cell, None where it is empty. Raises `CellRefusal`."""
    if shown.problem:
        raise CellRefusal(shown.problem)
    if not shown.text:
        if column.required:
            raise CellRefusal("This must be filled in.")
        return None
    if len(shown.text) > limits.cell:
        raise CellRefusal(f"This has {len(shown.text):,} characters; at most {limits.cell:,} are taken.")
    if BARRED.search(shown.text):
        raise CellRefusal("This holds a character that cannot be stored. Type it again.")
    if column.several:
        return _several(shown, column)
    if column.lenient and column.kind == "day" and (day := _old_day(shown)) is not None:
        return day
    return _choice(_text(shown), column.choices) if column.choices else _KINDS[column.kind](shown)


def parse_day(text: str) -> date:
    """A day from YYYY-MM-DD or DD/MM/YYYY, a time of day after it being left out. Raises `CellRefusal`.

    Day before month, as is written here. Excel with American settings writes the month first and no zeros: where a day has
    none and could be read both ways it is refused, since half of a council's audits would fall into another quarter unseen.
    """
    if match := _ISO.fullmatch(text):
        year, month, day = map(int, match.groups())
    elif match := _BRITISH.fullmatch(text):
        day, month, year = map(int, match.groups())
        if len(match[1]) + len(match[2]) < len("DDMM") and day <= 12 and month != day and 0 < month <= 12:  # noqa: PLR2004 - months
            other = f"{year:04}-{day:02}-{month:02}"
            raise CellRefusal(
                f"'{text}' could be {year:04}-{month:02}-{day:02} or {other}. Type the one that is meant, in this form."
            )
    elif _SHORT_YEAR.fullmatch(text):
        raise CellRefusal(f"'{text}' has a year of two digits. {TYPE_A_DAY}")
    else:
        raise CellRefusal(f"This is not a day. {TYPE_A_DAY}")
    try:
        return date(year, month, day)
    except ValueError:
        raise CellRefusal(f"There is no day '{text[:10]}' (the month comes second). {TYPE_A_DAY}") from None


def _text(shown: Shown) -> str:
    if shown.day is not None:
        raise CellRefusal(
            f"The spreadsheet program made a day of this ({shown.day}). Give the cell the format Text and type it again."
        )
    if _SHORTENED.fullmatch(shown.text):
        raise CellRefusal(
            f"The spreadsheet program shortened this number ({shown.text}). Give the cell the format Text and type it again."
        )
    return shown.text


def _day(shown: Shown) -> date:
    if shown.day is not None:
        return shown.day
    if shown.number:
        raise CellRefusal(f"This is a number, not a day. Give the cell the format Date, or type it anew. {TYPE_A_DAY}")
    return parse_day(shown.text)


def _month(shown: Shown) -> date:
    day = shown.day or (None if shown.number else month_of_words(shown.text))
    if day is None:
        try:
            day = _day(shown)
        except CellRefusal:
            raise CellRefusal("This is not a month. Type it like 2026-10 or October 2026.") from None
    return day.replace(day=1)


def _old_day(shown: Shown) -> date | None:
    if shown.day is not None:
        return shown.day
    # In a CSV file a number is a text of digits.
    return day_of_number(shown.text) or day_of_words(shown.text)


def _whole(shown: Shown) -> int:
    if shown.day is not None or not _WHOLE.fullmatch(shown.text):
        raise CellRefusal("This is not a whole number. Type digits only, like 12.")
    return int(shown.text)


def _choice(text: str, choices: tuple[Choice, ...]) -> str:
    codes = _spellings(choices).get(tidy(text), ())
    if len(codes) == 1:
        return codes[0]
    if codes:
        raise CellRefusal(f"'{text[:80]}' is the name of several. Write the code of the one that is meant: {', '.join(codes)}.")
    listed = ", ".join(choice.code for choice in choices[:_LISTED]) or "none"
    raise CellRefusal(f"'{text[:80]}' is not known. Write one of: {listed}.")


@lru_cache(maxsize=512)
def _spellings(choices: tuple[Choice, ...]) -> Mapping[str, tuple[str, ...]]:
    """The codes that each way of writing stands for: a code stands for itself, whatever else is named like it."""
    found: dict[str, tuple[str, ...]] = {}
    for choice in choices:
        for name in (choice.label, *choice.also):
            known = found.get(tidy(name), ())
            if choice.code not in known:
                found[tidy(name)] = (*known, choice.code)
    return found | {tidy(choice.code): (choice.code,) for choice in choices}


def _several(shown: Shown, column: Column) -> tuple[str, ...]:
    text = _text(shown)
    # A label may hold a comma, so that one is the second choice.
    mark = re.compile(r"[;\n]" if re.search(r"[;\n]", text) or tidy(text) in _spellings(column.choices) else ",")
    parts = [part.strip() for part in mark.split(text)]
    return tuple(_choice(part, column.choices) for part in parts if part)


_KINDS: dict[str, Callable[[Shown], Value]] = {"text": _text, "day": _day, "month": _month, "whole": _whole}
