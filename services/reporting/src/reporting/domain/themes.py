"""The evidence on each theme, as a whole and by service area: which tallies it needs, and how their answers become findings.

A year is four quarters, which end with the one that is chosen: what a quarter has of audits or complaints on one theme is
mostly too few to say anything.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

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


@dataclass(frozen=True)
class Asked:
    """What is asked of the facts for themes: of each span of the year, or quarter by quarter, of which a year is the sum."""

    scope: Scope
    year: Year
    themes: tuple[str, ...]
    by_quarter: bool = False

    def tallies(self) -> set[Tally]:
        """Every tally that rows, or quarters, of these themes need."""
        spans = [part for span in (self.year.now, self.year.before) for part in self._parts(span)]
        crossed = {self._cross(measure, span) for measure in SHOWN for span in spans}
        # A complaint may have points in several areas, so that the complaints of all are not the sum of those of each.
        return crossed | {self._whole(measure, span) for measure in (POINTS, UPHELD) for span in spans}

    def count(self, answers: Answers, measure: str, span: Period, theme: str, area: str | None) -> Count:
        """What there is on a theme in a span; of an area, or of all that the reader may see."""
        # What a survey, an audit or a complaint tells has one day, so that quarters add up, and so do their sources.
        return _sum(self._count(answers, measure, part, theme, area) for part in self._parts(span))

    def _count(self, answers: Answers, measure: str, span: Period, theme: str, area: str | None) -> Count:
        if area is None and measure in {POINTS, UPHELD}:
            return answers.get(self._whole(measure, span), {}).get(theme, NOTHING)
        counted = answers.get(self._cross(measure, span), {})
        if area is not None:
            return counted.get((theme, area), NOTHING)
        return _sum(counted.get((theme, each), NOTHING) for each in (*areas(self.scope), None))

    def _parts(self, span: Period) -> tuple[Period, ...]:
        if not self.by_quarter:
            return (span,)
        return tuple(each for each in self.year.quarters if span.first <= each.first <= span.last)

    def _cross(self, measure: str, span: Period) -> Tally:
        return replace(self._whole(measure, span), across="service_area", across_members=areas(self.scope))

    def _whole(self, measure: str, span: Period) -> Tally:
        limits = (("service_area", tuple(sorted(self.scope.areas))),) if self.scope.areas else ()
        last = MEASURES[measure].last_day(span.last, self.scope.today)
        return Tally(measure, span.first, last, limits, "theme", self.themes, with_sources=True, listed_only=True)


def of_all(scope: Scope, year: Year) -> Asked:
    """What is asked for the rows of every theme."""
    return Asked(scope, year, tuple(each.code for each in scope.profile.organisation.themes))


def of_one(scope: Scope, year: Year, theme: Theme) -> Asked:
    """What is asked for one theme, with its quarters."""
    return Asked(scope, year, (theme.code,), by_quarter=True)


def rows(asked: Asked, answers: Answers, area: str | None) -> list[Row]:
    """A row for each theme, of a service area or of all together."""
    return [row(asked, answers, theme, area) for theme in themes(asked.scope)]


def by_area(asked: Asked, answers: Answers, theme: Theme) -> list[Row]:
    """A row for each service area that has any evidence on a theme."""
    found = [row(asked, answers, theme, area) for area in areas(asked.scope)]
    return [each for each in found if any(one.figure not in {"–", "None"} for one in each.findings)]


def disagreements(asked: Asked, answers: Answers) -> list[Row]:
    """Where the evidence disagrees or moved in opposite directions; what is firm first, and all areas together before each."""
    places = (None, *areas(asked.scope))
    every = [row(asked, answers, theme, area) for theme in themes(asked.scope) for area in places]
    found = [each for each in every if each.judgement.together is Together.DISAGREE or each.judgement.opposed]
    return sorted(found, key=lambda each: (not each.judgement.firm, each.area is not None))


def row(asked: Asked, answers: Answers, theme: Theme, area: str | None) -> Row:
    """What is known of a theme, of a service area or of all together."""

    def count(measure: str, span: Period) -> Count:
        return asked.count(answers, measure, span, theme.code, area)

    scope, now, before = asked.scope, asked.year.now, asked.year.before
    begun = scope.begun.get(Collection.COMPLAINTS)
    whole = begun is not None and begun <= before.first  # as many months of it as of the year now
    latest = scope.latest.get(Collection.COMPLAINTS)
    ended = latest is not None and latest < now.last  # nothing tells fewer complaints from none that were recorded
    findings = (
        of_share(Kind.AUDITS, count(SECTIONS, now), count(SECTIONS, before), theme.standard),
        of_share(Kind.FEEDBACK, count(ANSWERS, now), count(ANSWERS, before), theme.standard),
        of_complaints(count(POINTS, now), count(POINTS, before) if whole else None, count(UPHELD, now), ended=ended),
    )
    name = dimensions.label(scope.profile, "service_area", area, now.last, {}) if area else "All service areas"
    return Row(theme, area, name, findings, together(findings))


def quarters(asked: Asked, answers: Answers, theme: str, area: str | None) -> Iterator[tuple[Period, dict[str, Count]]]:
    """Each quarter with its counts by measure; a quarter that lies ahead, or before the first record of all, is left out."""
    scope = asked.scope
    begun = min((scope.begun[each] for each in COLLECTIONS if each in scope.begun), default=None)
    for quarter in asked.year.quarters:
        if begun is not None and begun <= quarter.last and quarter.first <= scope.today:
            yield quarter, {measure: asked.count(answers, measure, quarter, theme, area) for measure in SHOWN}


def _sum(counts: Iterable[Count]) -> Count:
    held = list(counts)
    return Count(sum(each.n for each in held), sum(each.of for each in held), sum(each.sources for each in held))
