"""What the evidence of a theme says before and after an action, in words that claim no more than the numbers.

Two spans of one length, up to a year, lie on either side of the day on which the action was done, so that counts can be held
against each other as they are. The figures say that something changed, or that nothing shows it did. They never say that the
action changed it: other things changed in the same time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from reporting.domain.change import Verdict, in_words, verdict
from reporting.domain.evaluation import Scope
from reporting.domain.measures import MEASURES, Collection
from reporting.domain.statistics import counts_differ
from reporting.domain.tallies import NOTHING, Answers, Count, Tally
from reporting.domain.themes import ANSWERS, POINTS, SECTIONS
from reporting.domain.triangulation import WORDS, Kind, share_of, told, told_points

YEAR = 365
LEAST = 90  # days after an action before anything is said: a quarter
_MEASURES = {Kind.AUDITS: SECTIONS, Kind.FEEDBACK: ANSWERS, Kind.COMPLAINTS: POINTS}
_COLLECTIONS = {Kind.AUDITS: Collection.AUDITS, Kind.FEEDBACK: Collection.FEEDBACK, Kind.COMPLAINTS: Collection.COMPLAINTS}


@dataclass(frozen=True)
class Spans:
    """The days before and after an action, both ends included; as many of each."""

    done_on: date
    days: int

    @property
    def before(self) -> tuple[date, date]:
        """Up to the day before."""
        return self.done_on - timedelta(days=self.days), self.done_on - timedelta(days=1)

    @property
    def after(self) -> tuple[date, date]:
        """From the day after."""
        return self.done_on + timedelta(days=1), self.done_on + timedelta(days=self.days)


@dataclass(frozen=True)
class Compared:
    """What one kind of evidence says of both spans."""

    kind: Kind
    before: str
    after: str
    words: str


def spans(done_on: date, today: date, recorded: date | None = None) -> Spans | None:
    """The spans beside an action, up to yesterday; None where too little time has passed.

    `recorded` is the day of the last complaint: where the records go on they end with it, so that the spans lie within them.
    """
    days = min(YEAR, (today - done_on).days - 1)
    if recorded is not None and 0 <= days - (recorded - done_on).days <= LEAST:
        days = (recorded - done_on).days
    return Spans(done_on, days) if days >= LEAST else None


def first_told(done_on: date) -> date:
    """The day from which something can be said."""
    return done_on + timedelta(days=LEAST + 1)


def tallies(theme: str, area: str, at: Spans) -> set[Tally]:
    """What has to be counted."""
    return {_tally(kind, theme, area, span) for kind in Kind for span in (at.before, at.after)}


def compared(
    scope: Scope, theme: str, area: str, at: Spans, answers: Answers, latest: Mapping[Collection, date]
) -> list[Compared]:
    """Each kind of evidence, before and after.

    `latest` has the day of the last record of each collection: where it lies within the time after, nobody knows whether there
    were fewer complaints or whether they were not recorded. A time that is not wholly inside what was recorded is not compared.
    """
    found = []
    for kind in Kind:
        before, after = (answers.get(_tally(kind, theme, area, span), {}).get(theme, NOTHING) for span in (at.before, at.after))
        begun = scope.begun.get(_COLLECTIONS[kind])
        last = latest.get(_COLLECTIONS[kind])
        recorded = last is not None and (last >= at.after[1] or after.sources > before.sources)  # more is more all the same
        whole = begun is not None and begun <= at.before[0] and recorded
        found.append(_counts(before, after, whole=whole) if kind is Kind.COMPLAINTS else _shares(kind, before, after))
    return found


def _tally(kind: Kind, theme: str, area: str, span: tuple[date, date]) -> Tally:
    measure = MEASURES[_MEASURES[kind]]
    return Tally(measure.code, *span, (("service_area", (area,)),), "theme", (theme,), with_sources=True, listed_only=True)


def _shares(kind: Kind, before: Count, after: Count) -> Compared:
    was, is_ = share_of(before), share_of(after)
    match verdict(was, is_):
        case Verdict.NOTHING:
            words = "There is nothing to compare."
        case Verdict.TOO_FEW:
            words = f"Fewer than 30 {WORDS[kind][1]} before or after: too few to say whether anything changed."
        case _:
            words = in_words(was, is_)
    return Compared(kind, told(kind, was), told(kind, is_), words)


def _counts(before: Count, after: Count, *, whole: bool) -> Compared:
    if not whole:
        words = "The time before or after was not recorded as a whole, so the numbers cannot be compared."
    elif not before.sources and not after.sources:
        words = "There was no complaint before or after, so there is nothing to compare."
    elif not counts_differ(before.sources, after.sources):
        words = "The figures do not show a change: a difference like this one can be chance."
    else:
        words = (
            f"There were {'fewer' if after.sources < before.sources else 'more'} complaints after it than chance would make."
        )
    return Compared(Kind.COMPLAINTS, told_points(before), told_points(after), words)
