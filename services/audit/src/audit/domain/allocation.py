"""Giving the cases of a round to auditors, moderators and reviewers: the conflict rules kept, the load even.

Whoever has fewest in the round gets the next; then whoever had fewest in the last twelve months; then an order by the round's
seed. If there is an allocation that keeps every rule, one is found; if not, every rule in the way is named with its case.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from audit.domain.audit import AGENCY, LEAD, MODERATION, PEER, SINGLE
from audit.domain.conflicts import REVIEW, Case, Problem, Staff, blocked_by, candidates
from audit.domain.matching import Matching
from audit.domain.profile import Tool
from audit.domain.programme import AllocationRules
from audit.domain.sampling import order

MOST_ATTEMPTS = 200
"""Ways of reserving moderators that are tried. Far more than a real round needs; a knot beyond that is named as one."""

MOST_AUDITS = "most-audits-a-month"
INDEPENDENT_MODERATOR = "independent-moderator"
Kind = str
"""What load is counted by: `audit` (lead, peer, single, agency), `moderation`, `review`."""

AUDIT = "audit"
_Given = dict[str, dict[str, str]]


def parts_of(tool: Tool) -> tuple[str, ...]:
    """The parts of an audit with a tool, in their order."""
    usual = tool.activity
    if tool.agencies:
        # Joint findings need somebody who brings the returns together.
        return (*(f"{AGENCY}{agency.code}" for agency in tool.agencies), MODERATION)
    parts = [LEAD] * bool(usual.lead) + [PEER] * bool(usual.peer) + [SINGLE] * bool(usual.single and not usual.lead)
    return (*parts, *([MODERATION] if usual.moderation else []))


@dataclass(frozen=True)
class Loads:
    """What people have already, by kind and code: in this round, and in the last twelve months; `month` counts audits only."""

    round: Mapping[Kind, Mapping[str, int]] = field(default_factory=dict)
    year: Mapping[Kind, Mapping[str, int]] = field(default_factory=dict)
    month: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Wanted:
    """What is to be allocated: the parts of each case, and whether somebody with the duty reviews it."""

    cases: Sequence[Case]
    parts: Sequence[str]
    reviewer: bool
    rules: AllocationRules
    seed: int


@dataclass(frozen=True)
class Allocation:
    """Persons' codes by case and part (`review` among the parts). With problems it is incomplete and not to be used."""

    given: Mapping[str, Mapping[str, str]]
    problems: tuple[Problem, ...] = ()


def allocate(wanted: Wanted, staff: Staff, loads: Loads) -> Allocation:
    """Allocate every case, or say for which case which rule cannot be satisfied."""
    return _Allocating(wanted, staff, loads).run()


class _Allocating:
    def __init__(self, wanted: Wanted, staff: Staff, loads: Loads) -> None:
        self._wanted, self._staff, self._loads = wanted, staff, loads
        self._auditing = [part for part in wanted.parts if part != MODERATION]
        self._may: dict[tuple[str, str], tuple[str, ...]] = {}
        self._problems: list[Problem] = []
        self._attempts = MOST_ATTEMPTS
        for case in wanted.cases:
            for part in (*wanted.parts, *([REVIEW] if wanted.reviewer else [])):
                found, rule = candidates(part, case, staff, wanted.rules)
                self._may[case.key, part] = found
                if not found:
                    self._problems.append(Problem(case.key, part, rule))

    def run(self) -> Allocation:
        """The whole of it."""
        auditors, full = self._auditors({})
        if full or self._problems:
            named = {(problem.case, problem.part) for problem in self._problems}
            more = [Problem(case, part, MOST_AUDITS) for case, part in full if (case, part) not in named]
            return Allocation({}, tuple(sorted((*self._problems, *more), key=self._place)))
        moderated = MODERATION in self._wanted.parts
        if moderated and self._alone(auditors):
            found = self._around_moderators()
            if found is None:
                knots = [Problem(case, MODERATION, INDEPENDENT_MODERATOR) for case in self._alone(auditors)]
                return Allocation({}, tuple(knots))
            auditors = found
        given: _Given = {case.key: dict(auditors[case.key]) for case in self._wanted.cases}
        if moderated:
            self._share(MODERATION, given, {case: self._moderators(case, auditors[case]) for case in given})
        if self._wanted.reviewer:
            self._share(REVIEW, given, {case: self._may[case, REVIEW] for case in given})
        return Allocation(given)

    def _auditors(self, reserved: Mapping[str, str]) -> tuple[_Given, list[tuple[str, str]]]:
        """Auditors of every case, given who moderates some of them; and the parts for which nobody was left."""
        most = self._wanted.rules.most_audits_a_month
        room = {code: max(0, most - self._loads.month.get(code, 0)) for code in self._staff.people} if most else {}
        matching = self._matching(AUDIT, room)
        slots = [(case.key, part) for case in self._wanted.cases for part in self._auditing]
        full = []
        for case, part in slots:
            blocked = blocked_by(reserved[case], self._staff) if case in reserved else frozenset()
            if not matching.give([code for code in self._may[case, part] if code not in blocked]):
                full.append((case, part))
        given: _Given = {case.key: {} for case in self._wanted.cases}
        for number, (case, part) in enumerate(slots):
            if number in matching.holder:
                given[case][part] = matching.holder[number]
        return given, full

    def _around_moderators(self) -> _Given | None:
        """Auditors who leave every case a moderator; None where there is no way."""
        only = {case.key: self._may[case.key, MODERATION] for case in self._wanted.cases}
        reserved = {case: may[0] for case, may in only.items() if len(may) == 1}
        auditors, full = self._auditors(reserved)
        return None if full else self._reserve(reserved, auditors)

    def _reserve(self, reserved: dict[str, str], auditors: _Given) -> _Given | None:
        """Reserve a moderator for a case that was left without, and choose the auditors anew around that.

        Each possible moderator in turn: any allocation that keeps the rules gives the case one of them, so none is overlooked.
        """
        alone = self._alone(auditors)
        if not alone:
            return auditors
        for moderator in self._may[alone[0], MODERATION]:
            if self._attempts <= 0:
                return None
            self._attempts -= 1
            chosen = reserved | {alone[0]: moderator}
            anew, full = self._auditors(chosen)
            if not full and (found := self._reserve(chosen, anew)) is not None:
                return found
        return None

    def _alone(self, auditors: _Given) -> list[str]:
        """The cases for which no moderator is left beside these auditors."""
        return [case.key for case in self._wanted.cases if not self._moderators(case.key, auditors[case.key])]

    def _moderators(self, case: str, auditors: Mapping[str, str]) -> tuple[str, ...]:
        taken = set(auditors.values())
        return tuple(code for code in self._may[case, MODERATION] if blocked_by(code, self._staff).isdisjoint(taken))

    def _share(self, part: str, given: _Given, may: Mapping[str, Sequence[str]]) -> None:
        matching = self._matching(part, {})
        for case in given:
            if not matching.give(may[case]):
                raise AssertionError(f"{part} of a case has nobody: that is found before")
        for number, case in enumerate(given):
            given[case][part] = matching.holder[number]

    def _matching(self, kind: Kind, room: Mapping[str, int]) -> Matching:
        year = self._loads.year.get(kind, {})
        return Matching(self._loads.round.get(kind, {}), room, lambda code: (year.get(code, 0), order(self._wanted.seed, code)))

    def _place(self, problem: Problem) -> tuple[int, int]:
        keys = [case.key for case in self._wanted.cases]
        return keys.index(problem.case), [*self._wanted.parts, REVIEW].index(problem.part)


def kind_of(part: str) -> Kind:
    """What load a part counts as."""
    return part if part in {MODERATION, REVIEW} else AUDIT


def count(parts: Iterable[tuple[str, str]]) -> dict[Kind, dict[str, int]]:
    """Loads of (part, person) pairs, by kind."""
    found: dict[Kind, dict[str, int]] = {}
    for part, person in parts:
        kind = found.setdefault(kind_of(part), {})
        kind[person] = kind.get(person, 0) + 1
    return found
