"""The few figures of the dashboard, made of the same measures as every report."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from reporting.domain import wording
from reporting.domain.change import Share
from reporting.domain.evaluation import Scope
from reporting.domain.meanings import good_grades
from reporting.domain.measures import MEASURES, Collection
from reporting.domain.periods import Period
from reporting.domain.profile import Profile
from reporting.domain.recipes import Band
from reporting.domain.tallies import NOTHING, Answers, Count, Key, Tally, both
from reporting.domain.wording import Words

WITHIN = Band.model_validate({"code": "within", "label": "Within 10 working days", "from": 0, "to": 10, "open": False})


@dataclass(frozen=True)
class Headline:
    """A figure of the dashboard: a count, or a share of the measure without its filter (for a ratio: of what it is of).

    `groups` counts what the things of a share come several from, with its word.
    """

    area: str
    label: str
    measure: str
    filter: tuple[tuple[str, tuple[str, ...]], ...] = ()
    band: Band | None = None
    is_share: bool = False
    groups: tuple[str, str] | None = None

    @property
    def code(self) -> str:
        """By what it is named in an address: each measure stands once."""
        return self.measure.replace("_", "-")


@dataclass(frozen=True)
class Tile:
    """A headline with its words, by its code."""

    area: str
    label: str
    words: Words
    code: str


def headlines(profile: Profile) -> tuple[Headline, ...]:
    """What the dashboard shows; the grades that are good or better are those of the organisation's scales."""
    good = {grade for scale in profile.audit.scales for grade in good_grades(scale)}
    upheld = ("partially-upheld", "upheld")
    return (
        Headline("Complaints", "formal complaints received", "complaints_received"),
        Headline("Complaints", "answered within 10 working days", "stage1_responses", band=WITHIN, is_share=True),
        Headline(
            "Complaints",
            "complaint points upheld, wholly or in part",
            "points_with_finding",
            (("finding", upheld),),
            is_share=True,
            groups=("stage1_responses", "complaints answered"),
        ),
        Headline("Complaints", "compliments from outside", "compliments_received"),
        Headline("Audits", "audits completed", "audits_completed"),
        Headline(
            "Audits",
            "judged good or better overall",
            "audits_with_grade",
            (("grade", tuple(sorted(good))),),
            is_share=True,
        ),
        Headline("What families and children say", "surveys answered", "responses_received"),
        Headline(
            "What families and children say",
            "favourable answers",
            "answers_favourable",
            is_share=True,
            groups=("responses_received", "surveys"),
        ),
    )


def tallies(scope: Scope) -> set[Tally]:
    """Every tally that the dashboard needs."""
    return {tally for headline in headlines(scope.profile) for tally in _tallies(headline, scope)}


def collections(profile: Profile) -> set[Collection]:
    """The collections that the dashboard is made of."""
    return {MEASURES[each.measure].collection for each in headlines(profile)}


def tiles(scope: Scope, answers: Answers) -> list[Tile]:
    """The dashboard's figures in words."""
    return [Tile(each.area, each.label, _words(each, scope, answers), each.code) for each in headlines(scope.profile)]


def counted(headline: Headline, scope: Scope) -> tuple[Tally, tuple[Key, ...]]:
    """What a headline counts, and under which keys: of a share its numerator."""
    if headline.is_share and not MEASURES[headline.measure].is_ratio:
        return _part(headline, scope, scope.period), (headline.band.code if headline.band else None,)
    return _tally(headline.measure, scope, scope.period), (None,)


def _tallies(headline: Headline, scope: Scope) -> Iterator[Tally]:
    if headline.is_share:
        yield _part(headline, scope, scope.period)
        yield _tally(headline.measure, scope, scope.period)
        if headline.groups:
            yield _tally(headline.groups[0], scope, scope.period)
        else:
            yield _part(headline, scope, scope.period.shift(-1))
            yield _tally(headline.measure, scope, scope.period.shift(-1))
    else:
        yield _tally(headline.measure, scope, scope.period)
        yield _tally(headline.measure, scope, scope.period.shift(-1))


def _words(headline: Headline, scope: Scope, answers: Answers) -> Words:
    measure = MEASURES[headline.measure]
    begun = scope.begun.get(measure.collection)
    if begun is None or begun > scope.period.last:
        return wording.NOTHING_YET
    earlier = scope.period.shift(-1)
    if not headline.is_share:
        n = _one(answers, _tally(headline.measure, scope, scope.period)).n
        before = None if begun > earlier.last else _one(answers, _tally(headline.measure, scope, earlier)).n
        return wording.count(n, before, earlier.short)
    found = _share(headline, scope, answers, scope.period)
    if headline.groups is None:
        words = wording.share(found.n, found.of)
        return wording.since(words, _share(headline, scope, answers, earlier), earlier.short, found)
    groups = _one(answers, _tally(headline.groups[0], scope, scope.period)).n
    return wording.pooled(found.n, found.of, measure.unit, groups, headline.groups[1])


def _share(headline: Headline, scope: Scope, answers: Answers, period: Period) -> Share:
    whole = _one(answers, _tally(headline.measure, scope, period))
    if MEASURES[headline.measure].is_ratio:
        return Share(whole.n, whole.of)
    member = headline.band.code if headline.band else None
    return Share(answers.get(_part(headline, scope, period), {}).get(member, NOTHING).n, whole.n)


def _one(answers: Answers, tally: Tally) -> Count:
    return answers.get(tally, {}).get(None, NOTHING)


def _part(headline: Headline, scope: Scope, period: Period) -> Tally:
    filters = both(scope.limits, headline.filter)
    tally = _span(headline.measure, scope, period, filters)
    if headline.band is None:
        return tally
    return replace(tally, by="band", members=(headline.band.code,), bands=(headline.band,))


def _tally(measure: str, scope: Scope, period: Period) -> Tally:
    return _span(measure, scope, period, both(scope.limits))


def _span(measure: str, scope: Scope, period: Period, filters: tuple[tuple[str, tuple[str, ...]], ...]) -> Tally:
    return Tally(measure, period.first, MEASURES[measure].last_day(period.last, scope.today), filters)
