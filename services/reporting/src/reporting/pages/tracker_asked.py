"""What somebody asks of the learning tracker, in an address: read strictly, and written again for links and files."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import cast
from urllib.parse import urlencode

from chassis.errors import DomainError, FieldError, Kind
from reporting.domain import dimensions, periods
from reporting.domain.periods import Period
from reporting.domain.profile import Profile
from reporting.domain.tracker_filters import SHOWN, SORTS, Show, Sort, TrackerFilters

_CODES = {"source": "learning_source", "area": "service_area", "team": "team", "theme": "theme"}
FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True)
class Asked:
    """Filters with the words of the address that they were read of."""

    filters: TrackerFilters
    given: Mapping[str, str]
    period: Period | None

    def address(self, **changes: str | None) -> str:
        """The query of the same page with something changed; empty where nothing is asked."""
        both = {**self.given, **changes}
        kept = {name: value for name, value in both.items() if value}
        return f"?{urlencode(kept)}" if kept else ""


def read(params: Mapping[str, str], profile: Profile, today: date, areas: frozenset[str]) -> Asked:
    """What the parameters ask for. Raises DomainError `invalid-filter` (422) that names each that cannot be read."""
    given = {name: params.get(name, "").strip()[:100] for name in ("show", "sort", "period", *_CODES)}
    errors: list[FieldError] = []
    for name, dimension in _CODES.items():
        if given[name] and given[name] not in dimensions.codes(profile, dimension):
            errors.append(FieldError(f"/{name}", "Choose one of the list: this one is not in it"))
    if given["show"] not in {"", *SHOWN} or given["sort"] not in {"", *SORTS}:
        errors.append(FieldError("/show", "Choose one of the list: this one is not in it"))
    day = _day(params, today, errors)
    period = _period(given["period"], profile, errors)
    if errors:
        detail = "The tracker cannot be shown for what was asked. See `errors`."
        raise DomainError("invalid-filter", detail, Kind.MALFORMED, tuple(errors))
    given["on"] = "" if day == today else day.isoformat()
    filters = TrackerFilters(
        day=day,
        areas=areas,
        source=given["source"] or None,
        service_area=given["area"] or None,
        team=given["team"] or None,
        theme=given["theme"] or None,
        show=cast("Show", given["show"] or "open"),
        sort=cast("Sort", given["sort"] or "due"),
    )
    if period is not None:
        filters = replace(filters, first=period.first, last=period.last)
    return Asked(filters, given, period)


def _day(params: Mapping[str, str], today: date, errors: list[FieldError]) -> date:
    """The day as of which it is shown: `on`, or the three fields of the page's form; today without any."""
    parts = [params.get(f"on-{part}", "").strip() for part in ("year", "month", "day")]
    words = params.get("on", "").strip()
    try:
        if any(parts):
            if not all(each.isascii() and each.isdecimal() and len(each) <= 4 for each in parts):  # noqa: PLR2004 - a year
                raise ValueError
            day = date(*(int(each) for each in parts))
        else:
            day = date.fromisoformat(words) if words else today
    except ValueError:
        errors.append(FieldError("/on", "Enter a day, month and year, or leave the day empty for today"))
        return today
    if not FIRST_DAY <= day <= today:
        errors.append(FieldError("/on", "Enter today or an earlier day: nobody knows yet how it stands later"))
        return today
    return day


def _period(code: str, profile: Profile, errors: list[FieldError]) -> Period | None:
    if not code:
        return None
    for each in profile.reports.periods:
        if each.code == code:
            return Period(code, periods.Kind.NAMED, each.from_, each.to, each.label, each.label)
    try:
        return periods.parse(code)
    except periods.UnknownPeriodError:
        errors.append(FieldError("/period", "Choose one of the list, such as 2022-23-q1"))
        return None


def periods_offered(profile: Profile, day: date, chosen: Period | None) -> list[tuple[str, str]]:
    """Periods to choose from: the quarters of two years, four financial years, those that the profile names, the chosen one."""
    quarter, year = periods.containing(day, periods.Kind.QUARTER), periods.containing(day, periods.Kind.YEAR)
    found = [_back(quarter, step) for step in range(8)] + [_back(year, step) for step in range(4)]
    offered = {each.code: each.label for each in found if each is not None}
    offered |= {each.code: each.label for each in profile.reports.periods}
    if chosen is not None:
        offered.setdefault(chosen.code, chosen.label)
    return list(offered.items())


def _back(period: Period, steps: int) -> Period | None:
    try:
        return period.shift(-steps)
    except periods.UnknownPeriodError:
        return None
