"""What audits, families and complaints say of one theme, side by side: where they agree, where not, and where nobody can tell.

Each kind of evidence is judged by itself first, against the theme's standard and against a year before; only then are they put
together. Nothing is added up or averaged across kinds: a section grade, an answer and a complaint are not the same thing. What
is too few to say anything of stays unsaid (reports.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from reporting.domain.change import Share, Verdict, in_words, verdict
from reporting.domain.statistics import Evidence, counts_differ, evidence, percent_half_up
from reporting.domain.tallies import Count

HALF = 50  # per cent: of findings on points, where no standard is set


class Kind(StrEnum):
    """A kind of evidence."""

    AUDITS = "audits"
    FEEDBACK = "feedback"
    COMPLAINTS = "complaints"


class Standing(StrEnum):
    """What a kind of evidence says of a theme beside its standard."""

    MET = "met"  # all of the interval lies at or above the standard
    MISSED = "missed"  # all of it lies below
    OPEN = "open"  # the standard lies within
    TOO_FEW = "too-few"  # fewer than 10
    NOTHING = "nothing"


class Movement(StrEnum):
    """What may be said of a kind of evidence beside a year before."""

    BETTER = "better"
    WORSE = "worse"
    OPEN = "open"
    TOO_FEW = "too-few"
    NOTHING = "nothing"


class Together(StrEnum):
    """What the kinds of evidence say of a theme together."""

    DISAGREE = "disagree"  # one meets the standard, another misses it
    MET = "met"  # two or more meet it, none misses it
    MISSED = "missed"  # two or more miss it, none meets it
    UNTOLD = "untold"  # fewer than two say anything clearly


@dataclass(frozen=True)
class Finding:
    """What one kind of evidence says of a theme. `firm` is what is of 30 sources or more, which may be compared."""

    kind: Kind
    standing: Standing
    movement: Movement
    figure: str
    note: str
    since: str
    firm: bool

    @property
    def clear(self) -> bool:
        """Whether it says one thing or the other."""
        return self.standing in {Standing.MET, Standing.MISSED}


@dataclass(frozen=True)
class Judgement:
    """What the findings on a theme say together, and whether all that it rests on is firm."""

    together: Together
    firm: bool
    opposed: bool  # one kind got better and another worse in a year


WORDS = {
    Kind.AUDITS: ("sections", "audits"),
    Kind.FEEDBACK: ("answers", "surveys"),
    Kind.COMPLAINTS: ("points", "complaints"),
}
"""What each kind counts, and what these come from."""


def of_share(kind: Kind, now: Count, before: Count, standard: int) -> Finding:
    """A kind of evidence that is a share: section grades that were good, answers that were favourable."""
    share, earlier = share_of(now), share_of(before)
    standing = _standing(share, standard)
    figure, note = _words(kind, share)
    found = verdict(earlier, share)
    return Finding(kind, standing, _movement(found), figure, note, _since(kind, share, earlier), _firm(share))


def of_complaints(points: Count, points_before: Count | None, upheld: Count, *, ended: bool = False) -> Finding:
    """Complaint points of a theme: how many, beside a year before, and of those decided how many were upheld.

    `points` and `points_before` count points and the complaints that they came from, None where the year before was not
    recorded as a whole; `upheld` is those upheld of those decided. `ended` where the records end within the year: then there
    may be more, and nobody can say that there are fewer.
    The standing is by what was decided: that most was not upheld meets the standard, that most was misses it. How many complain
    says nothing of how good the work is, so by itself it has no standing; it can only grow or shrink.
    """
    decided = share_of(upheld)
    share = Share(decided.of - decided.n, decided.of, decided.sources)
    standing = _standing(share, HALF)
    unit, source = WORDS[Kind.COMPLAINTS]
    figure = f"{points.n:,} {_one_or_more(points.n, unit)}"
    note = f"From {points.sources:,} {_one_or_more(points.sources, source)}."
    if not points.n:
        figure, note = "None", ""
    if decided.of:
        note = f"{note} Upheld, wholly or in part: {decided.n:,} of {decided.of:,} decided{_likely(decided)}.".strip()
    movement, since = _grew(points_before, points.sources, ended=ended)
    return Finding(Kind.COMPLAINTS, standing, movement, figure, note, since, _firm(share))


def together(findings: Iterable[Finding]) -> Judgement:
    """What findings on one theme say together. Those that are open, too few or nothing do not count as agreeing."""
    held = list(findings)
    clear = [each for each in held if each.clear]
    standings = {each.standing for each in clear}
    moved = {each.movement for each in held}
    opposed = {Movement.BETTER, Movement.WORSE} <= moved
    if len(standings) > 1:
        found = Together.DISAGREE
    elif len(clear) > 1:
        found = Together.MET if Standing.MET in standings else Together.MISSED
    else:
        found = Together.UNTOLD
    return Judgement(found, bool(clear) and all(each.firm for each in clear), opposed)


def share_of(count: Count) -> Share:
    """A count as a share of things from so many sources."""
    return Share(count.n, count.of, min(count.sources, count.of))


def _firm(share: Share) -> bool:
    return evidence(share.size) is Evidence.COMPARABLE


def _standing(share: Share, standard: int) -> Standing:
    band = evidence(share.size)
    if band is Evidence.NONE:
        return Standing.NOTHING
    if band is Evidence.TOO_FEW_TO_REPORT:
        return Standing.TOO_FEW
    if share.interval.low * 100 >= standard:
        return Standing.MET
    return Standing.MISSED if share.interval.high * 100 < standard else Standing.OPEN


def _movement(found: Verdict) -> Movement:
    return {
        Verdict.NOTHING: Movement.NOTHING,
        Verdict.TOO_FEW: Movement.TOO_FEW,
        Verdict.NO_EVIDENCE: Movement.OPEN,
        Verdict.ROSE: Movement.BETTER,
        Verdict.FELL: Movement.WORSE,
    }[found]


def _words(kind: Kind, share: Share) -> tuple[str, str]:
    unit, source = WORDS[kind]
    band = evidence(share.size)
    if band is Evidence.NONE:
        return "–", numbers(kind, share)
    if band is Evidence.TOO_FEW_TO_REPORT:
        from_ = f"from {share.size:,} {_one_or_more(share.size, source)}"
        return f"{share.n:,} of {share.of:,}", f"{unit.capitalize()} {from_}: too few to give a percentage"
    return f"{percent_half_up(share.n, share.of)}%", f"{numbers(kind, share)}{_likely(share)}"


def numbers(kind: Kind, share: Share) -> str:
    """The numbers of a share, with from how many it came: 118 of 190 answers, from 38 surveys."""
    unit, source = WORDS[kind]
    if not share.of:
        return f"No {unit}"
    return f"{share.n:,} of {share.of:,} {unit}, from {share.size:,} {_one_or_more(share.size, source)}"


def told(kind: Kind, share: Share) -> str:
    """A share in one line: its percentage where it may be given, its numbers, and where the true share is likely to lie."""
    likely = _likely(share)
    return f"{percent_half_up(share.n, share.of)}%: {numbers(kind, share)}{likely}" if likely else numbers(kind, share)


def told_points(count: Count) -> str:
    """Complaint points in one line: 30 points from 20 complaints."""
    if not count.n:
        return "None"
    unit, source = WORDS[Kind.COMPLAINTS]
    return f"{count.n:,} {_one_or_more(count.n, unit)} from {count.sources:,} {_one_or_more(count.sources, source)}"


def _one_or_more(number: int, words: str) -> str:
    return words if number != 1 else words[:-1]


def _likely(share: Share) -> str:
    """The interval, made as if each source had said one thing."""
    if evidence(share.size) in {Evidence.NONE, Evidence.TOO_FEW_TO_REPORT}:
        return ""
    low, high = share.interval.percent
    return f" (likely between {low}% and {high}%)"


def _since(kind: Kind, share: Share, earlier: Share) -> str:
    if not earlier.of or not share.of:
        return "There is nothing to compare with."
    return f"A year before: {earlier.n:,} of {earlier.of:,} {WORDS[kind][0]}. {in_words(earlier, share)}"


def _grew(earlier: Count | None, after: int, *, ended: bool) -> tuple[Movement, str]:
    if earlier is None:
        return Movement.NOTHING, "The year before was not recorded as a whole."
    before = earlier.sources
    if not before and not after:
        return Movement.NOTHING, ""
    words = f"A year before: {before:,} complaints." if before != 1 else "A year before: 1 complaint."
    if ended and after <= before:
        return Movement.NOTHING, f"{words} This year is not recorded to its end, so it cannot be said whether there are fewer."
    if not counts_differ(before, after):
        return Movement.OPEN, f"{words} A difference like this one can be chance."
    if after > before:
        return Movement.WORSE, f"{words} There are more now than chance would make."
    return Movement.BETTER, f"{words} There are fewer now than chance would make."
