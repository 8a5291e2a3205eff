"""The draw of a round: which cases of its list are audited, and for each of them why, or why not.

A draw can be shown to be fair: cases are put into the order of SHA-256 over the seed and the case's pseudonym. That order is
the same on every machine and in every version of the language, so a draw can be repeated. Strata (teams, service areas) give in
proportion to what is eligible in them, by the largest remainder, and one each where the size allows that.
Source: the councils' frameworks (practice of the previous six months, teams covered, the reason for each pick kept).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from audit.domain.programme import SampleRules, StratifyBy
from audit.domain.timetable import months_before

MOST_LISTED = 5000
"""Cases of one list."""

LARGEST_SEED = 2**63 - 1
StandingOf = Literal["excluded", "picked", "spare"]
EVERYTHING = "all"
"""The only stratum of a draw that has none."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A case of the list. `key` is its pseudonym; `audited_on` the last day on which it is known to have been audited.

    `team_fits` says that its team is known and in use, or that its service area has none.
    """

    key: str
    service_area: str
    team: str | None
    team_fits: bool = True
    practice_on: date | None = None
    audited_on: date | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a case stands where it does: a code and figures. Never words that a person wrote."""

    code: str
    figures: Mapping[str, str]

    @classmethod
    def of(cls, code: str, **figures: object) -> "Reason":
        """From values that have no space in them: codes, days, numbers."""
        return cls(code, {name: str(value) for name, value in figures.items()})

    @classmethod
    def parse(cls, text: str) -> "Reason":
        """What `str` wrote."""
        code, *figures = text.split(" ")
        return cls(code, dict(figure.split("=", 1) for figure in figures))

    def __str__(self) -> str:
        """As it is kept: `picked stratum=send-north rank=1 taken=2 of=12`."""
        return " ".join((self.code, *(f"{name}={value}" for name, value in self.figures.items())))


@dataclass(frozen=True, slots=True)
class Standing:
    """What the draw made of a case; `place` is its place in the order of the draw, 0 for an excluded one."""

    key: str
    standing: StandingOf
    reason: Reason
    place: int = 0


def stratum_of(stratify_by: StratifyBy, service_area: str, team: str | None) -> str:
    """The stratum in which a case lies; in an area without teams the area."""
    if stratify_by == "none":
        return EVERYTHING
    return team if stratify_by == "team" and team is not None else service_area


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Which cases may be drawn: practice from `first` to `last`, and not audited on `not_audited_since` or later.

    `day_needed` leaves out a case that names no day of practice. None looks at nothing.
    """

    first: date | None = None
    last: date | None = None
    day_needed: bool = False
    not_audited_since: date | None = None

    @classmethod
    def of(cls, rules: SampleRules, circulate_on: date) -> "Eligibility":
        """By the rules of a programme: practice of so many months, up to the day before the round is circulated."""
        months, last = rules.practice_months, rules.not_audited_within_months
        since = months_before(circulate_on, last) if last is not None else None
        if months is None:
            return cls(not_audited_since=since)
        return cls(months_before(circulate_on, months), circulate_on - timedelta(days=1), True, since)


def draw(cases: Iterable[Candidate], rules: SampleRules, eligibility: Eligibility, seed: int) -> list[Standing]:
    """The standing of every case: the picked ones and the spares in the order of the draw, then the excluded ones.

    The first cases of each stratum are picked, as many as its share; the others are spares, of which the first of a stratum
    replaces one that is withdrawn from it.
    """
    excluded: list[Standing] = []
    strata: dict[str, list[Candidate]] = {}
    for case in sorted(cases, key=lambda case: order(seed, case.key)):
        reason = exclusion(case, eligibility)
        if reason is not None:
            excluded.append(Standing(case.key, "excluded", reason))
        else:
            strata.setdefault(stratum_of(rules.stratify_by, case.service_area, case.team), []).append(case)
    taken = shares(rules.size, {stratum: len(listed) for stratum, listed in strata.items()}, seed)
    drawn: list[tuple[str, StandingOf, Reason]] = []
    for stratum, listed in strata.items():
        for rank, case in enumerate(listed, 1):
            standing: StandingOf = "picked" if rank <= taken[stratum] else "spare"
            reason = Reason.of(standing, stratum=stratum, rank=rank, taken=taken[stratum], of=len(listed))
            drawn.append((case.key, standing, reason))
    drawn.sort(key=lambda each: (each[1], order(seed, each[0])))  # "picked" comes before "spare"
    placed = [Standing(key, standing, reason, place) for place, (key, standing, reason) in enumerate(drawn, 1)]
    return [*placed, *excluded]


def exclusion(case: Candidate, eligibility: Eligibility) -> Reason | None:
    """Why a case may not be drawn; None where it may."""
    if not case.team_fits:
        return Reason.of("unknown-team", team=case.team) if case.team else Reason.of("no-team")
    on, first, last = case.practice_on, eligibility.first, eligibility.last
    if on is None and eligibility.day_needed:
        return Reason.of("no-practice-day")
    if on is not None and first is not None and last is not None and not first <= on <= last:
        return Reason.of("outside-practice", on=on, first=first, last=last)
    since = eligibility.not_audited_since
    if since is not None and case.audited_on is not None and case.audited_on >= since:
        return Reason.of("audited-lately", on=case.audited_on, since=since)
    return None


def shares(size: int, counts: Mapping[str, int], seed: int) -> dict[str, int]:
    """How many cases each stratum gives: in proportion, rounded by the largest remainder; all where there are no more.

    Where there are as many places as strata or more, a stratum that would give none gets a place from the one that is furthest
    above its proportion. Ties are decided by the seed. Whole numbers throughout, so that no machine rounds differently.
    """
    total = sum(counts.values())
    if total <= size:
        return dict(counts)
    taken = {stratum: size * count // total for stratum, count in counts.items()}

    def remainder(stratum: str) -> tuple[int, str]:
        return -(size * counts[stratum] % total), order(seed, stratum)

    for stratum in sorted(counts, key=remainder)[: size - sum(taken.values())]:
        taken[stratum] += 1
    if size >= len(counts):
        for stratum in sorted((stratum for stratum in counts if not taken[stratum]), key=lambda each: order(seed, each)):
            giver = max(
                (each for each in counts if taken[each] > 1),
                key=lambda each: (taken[each] * total - size * counts[each], order(seed, each)),
            )
            taken[giver] -= 1
            taken[stratum] = 1
    return taken


def order(seed: int, key: str) -> str:
    """What cases are sorted by: SHA-256 of the seed and the key, in hexadecimal."""
    return hashlib.sha256(f"{seed}\x1f{key}".encode()).hexdigest()
