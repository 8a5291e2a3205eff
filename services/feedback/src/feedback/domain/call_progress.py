"""Callers and what each owes a month: who makes calls in which programme since when, and how far they are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Duty:
    """That somebody makes calls in a programme, from a day to a day (None: still). `minimum` a month, None for no number."""

    subject: str
    programme: str
    from_on: date
    until_on: date | None
    minimum: int | None

    def holds_in(self, month: date) -> bool:
        """Whether it held on a day of the month that begins on `month`."""
        last = month_end(month)
        return max(self.from_on, month) <= min(self.until_on or last, last)


@dataclass(frozen=True, slots=True)
class Made:
    """Attempts of a caller in a programme and month."""

    attempts: int = 0
    done: int = 0
    declined: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a caller is in a month. `minimum` is None where none is owed."""

    subject: str
    programme: str
    minimum: int | None
    made: Made

    @property
    def missing(self) -> int:
        """How many calls are still to be made for the minimum."""
        return max(0, (self.minimum or 0) - self.made.done)


def month_of(day: date) -> date:
    """The first day of a day's month."""
    return day.replace(day=1)


def month_end(day: date) -> date:
    """The last day of a day's month."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def days_left(month: date, today: date) -> int:
    """Days left in a month, today among them; 0 once it is over, all of it before it begins."""
    last = month_end(month)
    return max(0, (last - max(today, month)).days + 1)


def progress(duties: Iterable[Duty], made: Mapping[tuple[str, str], Made], month: date) -> list[Progress]:
    """Every caller of every programme in a month: those on duty, and those who made calls without.

    Where a duty changed within the month, the later one says what is owed.
    """
    owed: dict[tuple[str, str], int | None] = {}
    for duty in sorted(duties, key=lambda each: each.from_on):
        if duty.holds_in(month):
            owed[duty.subject, duty.programme] = duty.minimum
    keys = [*owed, *(key for key in made if key not in owed)]
    return [Progress(subject, programme, owed.get((subject, programme)), made.get((subject, programme), Made()))
            for subject, programme in keys]  # fmt: skip


def agreed(held: Sequence[Duty], subject: str, programmes: Mapping[str, int | None], today: date) -> list[Duty]:
    """What is to be stored so that somebody makes calls in these programmes (with their minimum) from today on.

    A duty that goes on stays. One with another minimum ends with the last month and begins anew with this one. One that began
    today and is taken back ends before it began, and so held on no day.
    """
    changed: list[Duty] = []
    now = {duty.programme: duty for duty in held if duty.subject == subject and duty.until_on is None}
    for code, duty in now.items():
        if code not in programmes:
            changed.append(replace(duty, until_on=today - timedelta(days=1)))
        elif duty.minimum != programmes[code]:
            first = month_of(today)
            if duty.from_on >= first:
                changed.append(replace(duty, minimum=programmes[code]))
            else:
                changed += [replace(duty, until_on=first - timedelta(days=1)),
                            Duty(subject, code, first, None, programmes[code])]  # fmt: skip
    changed += [Duty(subject, code, today, None, least) for code, least in programmes.items() if code not in now]
    return changed
