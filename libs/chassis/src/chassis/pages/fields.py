"""Fields of a form: what stands in them at first, what was typed, what it means, and what is wrong with it beside its field."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from chassis.errors import FieldError
from chassis.pages import Form

Kind = Literal["day", "words", "line", "code", "choice", "radios", "tick", "several"]
Option = tuple[str, str]
Wrong = tuple[str, str]
"""The id of a field, and words."""

MOST_WORDS = 10_000
MOST_LINE = 200
_CODE = re.compile(r"[a-z0-9][a-z0-9-]*", re.ASCII)
_MOST_CODE = 80
_PARTS = ("day", "month", "year")


@dataclass(frozen=True)
class Field:
    """A field. `hint` helps to fill it in; `options` are (value, words); `group` is a heading above it and what follows."""

    name: str
    label: str
    kind: Kind
    hint: str = ""
    optional: bool = False
    options: tuple[Option, ...] = ()
    group: str = ""

    @property
    def said(self) -> str:
        """The label in front of what is wrong."""
        return self.label.rstrip("?")

    @property
    def id(self) -> str:
        """The id of its first input, which an error leads to."""
        return f"{self.name}-day" if self.kind == "day" else self.name


@dataclass(frozen=True)
class Filled:
    """A form with something in it: `given` by the names of its inputs, `several` of those with many, `values` as they mean."""

    given: Mapping[str, str] = field(default_factory=dict, repr=False)
    several: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    errors: tuple[Wrong, ...] = ()


def at_first(fields: Iterable[Field], defaults: Mapping[str, Any]) -> Filled:
    """A form that nobody has filled in yet."""
    given: dict[str, str] = {}
    several: dict[str, tuple[str, ...]] = {}
    for each in fields:
        value = defaults.get(each.name)
        if each.kind == "day" and isinstance(value, date):
            given |= {f"{each.name}-{part}": str(getattr(value, part)) for part in _PARTS}
        elif each.kind == "several":
            several[each.name] = tuple(value or ())
        else:
            given[each.name] = str(value or "")
    return Filled(given, several)


def filled(fields: Sequence[Field], form: Form) -> Filled:
    """A form as it was sent: what was typed stays, also where it is wrong."""
    given: dict[str, str] = {}
    several: dict[str, tuple[str, ...]] = {}
    values: dict[str, Any] = {}
    errors: list[Wrong] = []
    for each in fields:
        names = [f"{each.name}-{part}" for part in _PARTS] if each.kind == "day" else [each.name]
        given |= {name: form.text(name) for name in names}
        if each.kind == "several":
            several[each.name] = form.all(each.name)
        try:
            values[each.name] = _READERS[each.kind](each, form)
        except _NotReadable as error:
            errors.append((each.id, f"{each.said}: {error}"))
    return Filled(given, several, values, tuple(errors))


def refused(fields: Sequence[Field], filled_in: Filled, errors: Iterable[FieldError], detail: str) -> Filled:
    """The same form with what a rule said against it, each beside its field; the first field has what belongs to none."""
    by_name = {each.name: each for each in fields}
    wrong: list[Wrong] = []
    for error in errors:
        name = error.pointer.lstrip("/").replace("/", "-")
        known = by_name.get(name) or by_name.get(name.rpartition("-")[0])
        wrong.append((known.id, f"{known.said}: {error.detail}") if known else (fields[0].id, f"{detail} {error.detail}"))
    return Filled(filled_in.given, filled_in.several, filled_in.values, tuple(wrong) or ((fields[0].id, detail),))


class _NotReadable(Exception):
    """What is wrong with what was typed, in words for who typed it."""


def _day(each: Field, form: Form) -> date | None:
    parts = [form.text(f"{each.name}-{part}") for part in _PARTS]
    if not any(parts):
        if each.optional:
            return None
        raise _NotReadable("enter a day, a month and a year")
    try:
        day, month, year = (int(part) if part.isascii() and part.isdecimal() else 0 for part in parts)
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise _NotReadable("must be a real day, like 27 11 2026") from None


def _text(most: int) -> Callable[[Field, Form], str]:
    def read(each: Field, form: Form) -> str:
        text = form.text(each.name)
        if not text and not each.optional:
            raise _NotReadable("fill this in")
        if len(text) > most:
            raise _NotReadable(f"must have {most:,} characters or fewer; it has {len(text):,}")
        return text

    return read


def _code(each: Field, form: Form) -> str:
    text = _text(_MOST_CODE)(each, form).lower()
    if text and not _CODE.fullmatch(text):
        raise _NotReadable("must be small letters, digits and hyphens only")
    return text


def _choice(each: Field, form: Form) -> str | None:
    chosen = form.text(each.name)
    if not chosen and each.optional:
        return None
    if chosen not in {value for value, _ in each.options}:
        raise _NotReadable("choose one")
    return chosen


def _tick(each: Field, form: Form) -> bool:
    return form.text(each.name) == "yes"


def _several(each: Field, form: Form) -> tuple[str, ...]:
    chosen = form.all(each.name)
    if not set(chosen) <= {value for value, _ in each.options}:
        raise _NotReadable("choose from the list")
    return tuple(value for value, _ in each.options if value in chosen)


_READERS: Mapping[Kind, Callable[[Field, Form], Any]] = {
    "day": _day,
    "words": _text(MOST_WORDS),
    "line": _text(MOST_LINE),
    "code": _code,
    "choice": _choice,
    "radios": _choice,
    "tick": _tick,
    "several": _several,
}
