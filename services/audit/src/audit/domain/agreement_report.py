"""Agreement by tool, section and auditor, from counts of pairs of grades. Pure; the counts come from one grouped query.

A pair is what two people judged of one section of one moderated audit, on the tool's scale. Where one of them said "not
applicable" or gave no grade there is none: it is left out, and counted. The overall grade stands for itself and is never
added to the sections that it was made from.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from audit.domain.agreement import (
    MINIMUM,
    TWO,
    Coefficient,
    Matrix,
    Reason,
    Share,
    Weights,
    ac2,
    kappa,
    wilson,
)
from audit.domain.judgement import OVERALL
from audit.domain.profile import AuditProfile, Scale

_MONTHS_OF_QUARTER = 3
_QUARTERS = 4


class Comparison(StrEnum):
    """Who is compared with whom; the first gives the rows of the matrix, the second its columns."""

    LEAD_PEER = "lead-peer"
    LEAD_MODERATOR = "lead-moderator"
    PEER_MODERATOR = "peer-moderator"
    SINGLE_MODERATOR = "single-moderator"  # where an audit of one auditor is moderated
    AUDITOR_MODERATOR = "auditor-moderator"  # one person, whichever part they had
    AUDITOR_OTHER = "auditor-other"  # one person against whoever audited the same case


COMPARISONS = (
    Comparison.LEAD_PEER,
    Comparison.LEAD_MODERATOR,
    Comparison.PEER_MODERATOR,
    Comparison.SINGLE_MODERATOR,
)
"""Between parts of an audit; the other two are of one person."""


class Standing(StrEnum):
    """Whether two judgements of a section make a pair."""

    PAIR = "pair"
    NOT_APPLICABLE = "not-applicable"
    UNGRADED = "ungraded"
    OTHER_SCALE = "other-scale"  # the tool was graded on another scale then


@dataclass(frozen=True, slots=True)
class PairCount:
    """How often a pair of grades was given: of a section, or (with `auditor` and `quarter`) of one auditor in one quarter.

    Grades are codes of `scale`, None unless `standing` is a pair; `quarter` is its first day.
    """

    tool: str
    scale: str
    comparison: Comparison
    standing: Standing
    number: int
    first: str | None = None
    second: str | None = None
    section: str | None = None
    auditor: str | None = None
    quarter: date | None = None


@dataclass(frozen=True)
class Agreement:
    """What a matrix amounts to. With too few pairs shares are counts only, and `kappa` and `ac2` say so."""

    matrix: Matrix
    left_out: Mapping[Standing, int]
    exact: Share
    adjacent: Share

    @property
    def pairs(self) -> int:
        """How many pairs there are."""
        return self.exact.of

    @property
    def reason(self) -> Reason | None:
        """Why there are only the matrix and counts."""
        return self.exact.reason

    @property
    def disagreement(self) -> float:
        """The share of unlike pairs that is certain at least: the lower end of its interval. A few pairs prove little."""
        return wilson(self.pairs - self.exact.n, self.pairs).low if self.pairs else 0.0

    def kappa(self, weights: Weights) -> Coefficient:
        """Weighted kappa."""
        return Coefficient(None, reason=self.reason) if self.reason else kappa(self.matrix, weights)

    def ac2(self, weights: Weights) -> Coefficient:
        """Gwet's AC2."""
        return Coefficient(None, reason=self.reason) if self.reason else ac2(self.matrix, weights)


@dataclass(frozen=True, slots=True)
class Drift:
    """By how many grades an auditor graded better than the moderator in a quarter (its first day), over how many pairs."""

    quarter: date
    mean: float
    pairs: int

    @property
    def code(self) -> str:
        """The quarter of the financial year, from April: 2026-27-q3."""
        before_april = self.quarter.month <= _MONTHS_OF_QUARTER
        year = self.quarter.year - before_april
        number = (self.quarter.month - 1) // _MONTHS_OF_QUARTER or _QUARTERS
        return f"{year}-{(year + 1) % 100:02}-q{number}"


@dataclass(frozen=True, slots=True)
class SectionAgreement:
    """Agreement about one section of a tool, or about the overall grade."""

    section: str
    agreement: Agreement


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison: all sections together, and each; the overall grade last and by itself, unless there is nothing else."""

    comparison: Comparison
    together: Agreement
    sections: tuple[SectionAgreement, ...]


@dataclass(frozen=True, slots=True)
class AuditorAgreement:
    """One auditor (a code of the staff directory) against the moderator and against whoever audited the same cases."""

    auditor: str
    moderator: Agreement
    other: Agreement
    drift: tuple[Drift, ...]


@dataclass(frozen=True, slots=True)
class ToolAgreement:
    """Agreement with one tool, on its scale. Only comparisons that occur are there."""

    tool: str
    scale: Scale
    compared: tuple[Compared, ...]
    auditors: tuple[AuditorAgreement, ...]

    def comparison(self, wanted: Comparison) -> Compared | None:
        """One comparison, None where it does not occur."""
        return next((each for each in self.compared if each.comparison is wanted), None)


def summarise(matrix: Matrix, left_out: Mapping[Standing, int]) -> Agreement:
    """A matrix with its shares; their intervals only from MINIMUM pairs on."""
    number = matrix.pairs
    exact, adjacent = matrix.within(0), matrix.within(1)
    if number < MINIMUM:
        reason = Reason.TOO_FEW if number else Reason.NO_PAIRS
        return Agreement(matrix, left_out, Share(exact, number, reason=reason), Share(adjacent, number, reason=reason))
    near = Share(adjacent, number, reason=Reason.TWO_GRADES) if matrix.grades == TWO else _share(adjacent, number)
    return Agreement(matrix, left_out, _share(exact, number), near)


def report(counts: Iterable[PairCount], profile: AuditProfile) -> tuple[ToolAgreement, ...]:
    """Agreement by tool, in the profile's order; tools that it no longer has come last, in the order of their codes."""
    by_tool: defaultdict[str, list[PairCount]] = defaultdict(list)
    for count in counts:
        by_tool[count.tool].append(count)
    order = [
        *(code for code in profile.tools if code in by_tool),
        *sorted(code for code in by_tool if code not in profile.tools),
    ]
    found = (_tool(code, by_tool[code], profile) for code in order)
    return tuple(each for each in found if each is not None)


@dataclass
class _Tally:
    """Pairs by ranks, and what was left out, while counts come in."""

    scale: Scale
    pairs: Counter[tuple[int, int]] = field(default_factory=Counter)
    left_out: Counter[Standing] = field(default_factory=Counter)

    def add(self, count: PairCount) -> None:
        """Take a count in."""
        if count.standing is not Standing.PAIR:
            self.left_out[count.standing] += count.number
        elif count.scale != self.scale.code or count.first not in self.scale.rank or count.second not in self.scale.rank:
            self.left_out[Standing.OTHER_SCALE] += count.number
        else:
            self.pairs[self.scale.rank[count.first], self.scale.rank[count.second]] += count.number

    @property
    def matrix(self) -> Matrix:
        """The pairs as they stand now."""
        return Matrix.of(self.pairs, len(self.scale.grades))

    @property
    def agreement(self) -> Agreement:
        """What has come in so far."""
        return summarise(self.matrix, {standing: number for standing, number in self.left_out.items() if number})


def _tool(code: str, counts: list[PairCount], profile: AuditProfile) -> ToolAgreement | None:
    """None for a tool without a scale that the profile knows: its grades have no order any more."""
    known = profile.tools.get(code)
    scales = Counter[str]()
    for count in counts:
        scales[count.scale] += count.number
    scale = profile.scales.get((known.scale if known else None) or scales.most_common(1)[0][0])
    if scale is None:
        return None
    order = known.section_codes if known else ()
    compared = [_compared(each, [count for count in counts if count.comparison is each], scale, order) for each in Comparison]
    by_auditor: defaultdict[str, list[PairCount]] = defaultdict(list)
    for count in counts:
        if count.auditor is not None:
            by_auditor[count.auditor].append(count)
    found = tuple(each for each in compared if each is not None)
    people = tuple(_auditor(who, by_auditor[who], scale) for who in sorted(by_auditor))
    return ToolAgreement(code, scale, found, people) if found or people else None


def _compared(comparison: Comparison, counts: list[PairCount], scale: Scale, order: tuple[str, ...]) -> Compared | None:
    tallies: defaultdict[str, _Tally] = defaultdict(lambda: _Tally(scale))
    together = _Tally(scale)
    overall_only = all(count.section in {OVERALL, None} for count in counts)  # nothing else was asked for
    for count in counts:
        if count.section is not None:
            tallies[count.section].add(count)
            if count.section != OVERALL or overall_only:
                together.add(count)
    # A question of the tool that takes no grade was never one that could agree.
    listed = {code for code, tally in tallies.items() if tally.pairs or code in {*order, OVERALL}}
    if not listed:
        return None
    codes = [*(code for code in order if code in listed), *sorted(listed - {*order, OVERALL}), *sorted(listed & {OVERALL})]
    return Compared(comparison, together.agreement, tuple(SectionAgreement(code, tallies[code].agreement) for code in codes))


def _auditor(who: str, counts: list[PairCount], scale: Scale) -> AuditorAgreement:
    sides = {Comparison.AUDITOR_MODERATOR: _Tally(scale), Comparison.AUDITOR_OTHER: _Tally(scale)}
    quarters: defaultdict[date, _Tally] = defaultdict(lambda: _Tally(scale))
    for count in counts:
        sides[count.comparison].add(count)
        if count.comparison is Comparison.AUDITOR_MODERATOR and count.quarter is not None:
            quarters[count.quarter].add(count)
    drift = (
        Drift(quarter, mean, tally.matrix.pairs)
        for quarter, tally in sorted(quarters.items())
        if (mean := tally.matrix.mean_difference) is not None
    )
    moderator, other = (tally.agreement for tally in sides.values())
    return AuditorAgreement(who, moderator, other, tuple(drift))


def _share(n: int, of: int) -> Share:
    return Share(n, of, wilson(n, of))
