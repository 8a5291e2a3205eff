"""The evidence on each theme, as a whole and by service area: which tallies it needs, and how their answers become findings.

A year is four quarters, which end with the one that is chosen: what a quarter has of audits or complaints on one theme is
mostly too few to say anything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from reporting.domain import dimensions
from reporting.domain.evaluation import Scope
from reporting.domain.measures import MEASURES, Collection
from reporting.domain.periods import Period
from reporting.domain.profile import Theme
from reporting.domain.tallies import NOTHING, Answers, Count, Tally
from reporting.domain.triangulation import Finding, Judgement, Kind, Together, of_complaints, of_share, together

SECTIONS, ANSWERS, POINTS, UPHELD = "sections_good_or_better", "answers_favourable", "complaint_points", "points_upheld"
SHOWN = (SECTIONS, ANSWERS, POINTS, UPHELD)
"""The measures that evidence is made of."""

COLLECTIONS = frozenset({Collection.AUDITS, Collection.FEEDBACK, Collection.COMPLAINTS})
QUARTERS = 8  # shown one by one


@dataclass(frozen=True)
class Year:
    """The four quarters that end with `quarter`, and the four before."""

    quarter: Period

    @property
    def now(self) -> Period:
        """The year that is looked at."""
        return self.quarter.span(-3, 0)

    @property
    def before(self) -> Period:
        """The year before."""
        return self.quarter.span(-7, -4)

    @property
    def quarters(self) -> tuple[Period, ...]:
        """The quarters of both years, earliest first."""
        return tuple(self.quarter.shift(step) for step in range(1 - QUARTERS, 1))


@dataclass(frozen=True)
class Row:
    """What is known of a theme, of a service area or (None) of all that the reader may see."""

    theme: Theme
    area: str | None
    area_name: str
    findings: tuple[Finding, ...]
    judgement: Judgement


def themes(scope: Scope) -> tuple[Theme, ...]:
    """The organisation's themes that evidence of two kinds at least is mapped to, in their order."""
    profile = scope.profile
    mapped = [
        {theme for tool in profile.audit.tools for section in tool.sections for theme in section.themes},
        {
            theme
            for questionnaire in profile.questionnaires
            for version in questionnaire.versions
            for question in version.questions
            for theme in question.themes
        },
        {theme for category in profile.complaints.categories for theme in category.themes},
    ]
    return tuple(each for each in profile.organisation.themes if sum(each.code in kind for kind in mapped) > 1)


def areas(scope: Scope) -> tuple[str, ...]:
    """The service areas that the reader may see, in the organisation's order."""
    return tuple(each.code for each in scope.profile.organisation.service_areas if not scope.areas or each.code in scope.areas)


def tallies(scope: Scope, year: Year) -> set[Tally]:
    """Every tally that rows of both years need."""
    crossed = {_cross(measure, scope, span) for measure in SHOWN for span in (year.now, year.before)}
    # A complaint may have points in several areas, so that the complaints of all are not the sum of those of each.
    return crossed | {_whole(measure, scope, span) for measure in (POINTS, UPHELD) for span in (year.now, year.before)}


def rows(scope: Scope, year: Year, answers: Answers, area: str | None) -> list[Row]:
    """A row for each theme, of a service area or of all together."""
    return [_row(scope, year, answers, theme, area) for theme in themes(scope)]


def by_area(scope: Scope, year: Year, answers: Answers, theme: Theme) -> list[Row]:
    """A row for each service area that has any evidence on a theme."""
    found = [_row(scope, year, answers, theme, area) for area in areas(scope)]
    return [row for row in found if any(each.figure not in {"–", "None"} for each in row.findings)]


def disagreements(scope: Scope, year: Year, answers: Answers) -> list[Row]:
    """Where the evidence disagrees or moved in opposite directions; what is firm first, and all areas together before each."""
    every = [_row(scope, year, answers, theme, area) for theme in themes(scope) for area in (None, *areas(scope))]
    found = [row for row in every if row.judgement.together is Together.DISAGREE or row.judgement.opposed]
    return sorted(found, key=lambda row: (not row.judgement.firm, row.area is not None))


def _row(scope: Scope, year: Year, answers: Answers, theme: Theme, area: str | None) -> Row:
    def count(measure: str, span: Period) -> Count:
        return _count(scope, answers, measure, span, theme.code, area)

    now, before = year.now, year.before
    begun = scope.begun.get(Collection.COMPLAINTS)
    whole = begun is not None and begun <= before.first  # as many months of it as of the year now
    findings = (
        of_share(Kind.AUDITS, count(SECTIONS, now), count(SECTIONS, before), theme.standard),
        of_share(Kind.FEEDBACK, count(ANSWERS, now), count(ANSWERS, before), theme.standard),
        of_complaints(count(POINTS, now), count(POINTS, before) if whole else None, count(UPHELD, now)),
    )
    name = dimensions.label(scope.profile, "service_area", area, now.last, {}) if area else "All service areas"
    return Row(theme, area, name, findings, together(findings))


def _count(scope: Scope, answers: Answers, measure: str, span: Period, theme: str, area: str | None) -> Count:
    if area is None and measure in {POINTS, UPHELD}:
        return answers.get(_whole(measure, scope, span), {}).get(theme, NOTHING)
    counted = answers.get(_cross(measure, scope, span), {})
    if area is not None:
        return counted.get((theme, area), NOTHING)
    parts = [counted.get((theme, each), NOTHING) for each in (*areas(scope), None)]
    return Count(sum(each.n for each in parts), sum(each.of for each in parts), sum(each.sources for each in parts))


def _cross(measure: str, scope: Scope, span: Period) -> Tally:
    return Tally(
        measure,
        span.first,
        _last(measure, scope, span),
        _limits(scope),
        "theme",
        tuple(each.code for each in scope.profile.organisation.themes),
        across="service_area",
        across_members=areas(scope),
        with_sources=True,
        listed_only=True,
    )


def _whole(measure: str, scope: Scope, span: Period) -> Tally:
    members = tuple(each.code for each in scope.profile.organisation.themes)
    return Tally(
        measure, span.first, _last(measure, scope, span), _limits(scope), "theme", members, with_sources=True, listed_only=True
    )


def series(scope: Scope, year: Year, theme: str, area: str | None) -> dict[tuple[str, Period], Tally]:
    """The tally of each measure in each quarter of both years, for one theme."""
    return {
        (measure, quarter): _of_theme(measure, scope, quarter, theme, area) for measure in SHOWN for quarter in year.quarters
    }


def _of_theme(measure: str, scope: Scope, quarter: Period, theme: str, area: str | None) -> Tally:
    last = _last(measure, scope, quarter)
    return Tally(measure, quarter.first, last, _limits(scope, area), "theme", (theme,), with_sources=True, listed_only=True)


def told(
    scope: Scope, theme: str, found: dict[tuple[str, Period], Tally], answers: Answers
) -> Iterator[tuple[Period, dict[str, Count]]]:
    """Each quarter with its counts by measure; a quarter that lies ahead, or before the first record of all, is left out."""
    begun = min((scope.begun[each] for each in COLLECTIONS if each in scope.begun), default=None)
    for quarter in dict.fromkeys(period for _, period in found):
        if begun is not None and begun <= quarter.last and quarter.first <= scope.today:
            yield quarter, {measure: answers.get(found[measure, quarter], {}).get(theme, NOTHING) for measure in SHOWN}


def _last(measure: str, scope: Scope, span: Period) -> date:
    return MEASURES[measure].last_day(span.last, scope.today)


def _limits(scope: Scope, area: str | None = None) -> tuple[tuple[str, tuple[str, ...]], ...]:
    if area is not None:
        return (("service_area", (area,)),)
    return (("service_area", tuple(sorted(scope.areas))),) if scope.areas else ()
