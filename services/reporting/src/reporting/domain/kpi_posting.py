"""What may be posted for a KPI: each item against the profile, and beside what is recorded already. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from chassis.errors import FieldError, unknown_code
from reporting.domain.kpi_figures import Observation, Place, ends_quarter, month_end
from reporting.domain.kpi_words import month_words
from reporting.domain.kpis import Kpi
from reporting.domain.profile import Profile

MOST = 1_000
"""Items of one batch."""
MOST_NUMBER = 1_000_000_000
FIRST_YEAR = 1990
Key = tuple[str, date, Place]


@dataclass(frozen=True, slots=True)
class Posted:
    """An item as it was sent. `corrects` is the version that its sender saw; `reason` why a figure is another one now."""

    kpi: str
    month: date
    place: Place
    n: int
    of: int | None = None
    corrects: int | None = None
    reason: str = ""

    @property
    def key(self) -> Key:
        """What there is one figure of."""
        return self.kpi, self.month, self.place


class Status(StrEnum):
    """What becomes of an item."""

    RECORDED = "recorded"
    CORRECTED = "corrected"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of an item, in which version it then stands."""

    posted: Posted
    status: Status
    version: int


def check_posted(items: Sequence[Posted], profile: Profile, today: date, areas: frozenset[str]) -> list[list[FieldError]]:
    """What is wrong with each item, by the name of its field. `areas` are those that the sender is limited to (empty: none)."""
    first: dict[Key, int] = {}
    found = []
    for number, item in enumerate(items):
        wrong = _wrong(item, profile, today, areas)
        if first.setdefault(item.key, number) != number:
            wrong.append(
                FieldError("month", f"Item {first[item.key] + 1} is of the same KPI, month and place. Send one of them.")
            )
        found.append(wrong)
    return found


def compare(items: Sequence[Posted], known: Mapping[Key, Observation]) -> tuple[list[Outcome], list[list[FieldError]]]:
    """What becomes of each item beside what is recorded; and, in the same order, what stands against it."""
    outcomes, conflicts = [], []
    for item in items:
        there = known.get(item.key)
        wrong: list[FieldError] = []
        if there is None:
            status, version = Status.RECORDED, 1
            if item.corrects:
                wrong.append(FieldError("corrects", "Nothing is recorded for this month. Leave `corrects` out."))
        elif (there.n, there.of) == (item.n, item.of):
            status, version = Status.UNCHANGED, there.version
        else:
            status, version = Status.CORRECTED, there.version + 1
            wrong += _conflict(item, there)
        outcomes.append(Outcome(item, status, version))
        conflicts.append(wrong)
    return outcomes, conflicts


def _conflict(item: Posted, there: Observation) -> Iterable[FieldError]:
    recorded = f"{there.n:,}" + (f" of {there.of:,}" if there.of is not None else "")
    if item.corrects is not None and item.corrects != there.version:
        yield FieldError(
            "corrects", f"Somebody else corrected it: version {there.version} says {recorded}. Look at that, then correct it."
        )
    elif not item.reason:
        yield FieldError("reason", f"{recorded} is recorded for this month. Say why another figure is right now.")


def _wrong(item: Posted, profile: Profile, today: date, areas: frozenset[str]) -> list[FieldError]:
    kpi = profile.kpis.kpi(item.kpi)
    if kpi is None:
        return [unknown_code("kpi", item.kpi, [each.code for each in profile.kpis.kpis])]
    return [
        *_month(item, kpi, today),
        *_place(item, kpi, profile, areas),
        *_numbers(item, kpi),
    ]


def _month(item: Posted, kpi: Kpi, today: date) -> Iterable[FieldError]:
    month = item.month
    if month > today:
        yield FieldError("month", f"{month_words(month)} is in the future. The latest month is {month_words(today)}.")
    elif month.year < FIRST_YEAR:
        yield FieldError("month", f"Months begin with January {FIRST_YEAR}.")
    elif kpi.every == "quarter" and not ends_quarter(month):
        yield FieldError(
            "month", "This KPI is posted for quarters: send the last month of one (June, September, December or March)."
        )
    elif not kpi.in_use(month, month_end(month)):
        begins = f"from {kpi.from_} " if kpi.from_ else ""
        ends = f"until {kpi.until}" if kpi.until else ""
        yield FieldError("month", f"This KPI is counted {begins}{ends}".strip() + ".")


def _place(item: Posted, kpi: Kpi, profile: Profile, areas: frozenset[str]) -> Iterable[FieldError]:
    area, team = item.place.service_area, item.place.team
    if area not in kpi.service_areas:
        yield unknown_code("service_area", area, kpi.service_areas)
        return
    if areas and area not in areas:
        yield FieldError("service_area", f"You are limited to: {', '.join(sorted(areas))}.")
        return
    if not kpi.teams:
        if team:
            yield FieldError("team", "This KPI is posted for service areas as a whole. Leave the team out.")
        return
    own = [each for each in profile.organisation.teams if each.service_area == area]
    if team not in {each.code for each in own}:
        yield unknown_code("team", team, [each.code for each in own])
    elif not any(each.code == team and each.overlaps(item.month, month_end(item.month)) for each in own):
        yield FieldError("team", f"There was no such team in {month_words(item.month)}.")


def _numbers(item: Posted, kpi: Kpi) -> Iterable[FieldError]:
    for name, number in (("numerator", item.n), ("denominator", item.of)):
        if number is not None and not 0 <= number <= MOST_NUMBER:
            yield FieldError(name, f"Send a whole number from 0 to {MOST_NUMBER:,}.")
            return
    if not kpi.is_share:
        if item.of is not None:
            yield FieldError("denominator", "This KPI is a number and no share. Leave the denominator out.")
    elif item.of is None:
        yield FieldError("denominator", f"Send what it is a share of: {kpi.denominator}.")
    elif item.n > item.of:
        yield FieldError("numerator", f"{item.n:,} is more than the denominator, {item.of:,}. Are they the other way round?")
