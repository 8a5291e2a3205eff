"""Who may be given which part of an audit. Each rule has a code, by which a refusal says which one is in the way.

The sources say: the lead is the manager responsible for the case; the peer is another manager of the same service, not in the
case's management line; nobody audits own work; a senior manager moderates; an advanced practitioner, or the peer, reviews. What
they leave open is decided here, and written in docs/guides/profiles.md:

- Responsible for a case is whoever manages its team, and the direct line manager of its worker.
- The management line of a case is its worker, whoever works in its team or manages it, and everybody above any of them.
- The moderator audits no part of the case, is not responsible for it, and stands below none of its auditors: nobody fixes the
  grades of their own manager. Standing above them is what a senior manager does.
- The reviewer is not responsible for the case: those who had to do the actions do not say that they are done.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

from audit.domain.audit import AGENCY, LEAD, MODERATION
from audit.domain.person import Duty, Person, line_above
from audit.domain.programme import AllocationRules

REVIEW = "review"
"""Stands beside the parts: who reviews is a member of the audit, not a part of it."""

Role = Literal["lead", "other", "agency", "moderation", "review"]


@dataclass(frozen=True, slots=True)
class Case:
    """A case that is to be audited; `worker` is a person's code, and may be of somebody who is not listed."""

    key: str
    service_area: str
    team: str | None = None
    worker: str | None = None


@dataclass(frozen=True)
class Staff:
    """The directory, with what follows from it."""

    people: Mapping[str, Person]

    @cached_property
    def above(self) -> Mapping[str, frozenset[str]]:
        """Everybody above each person."""
        return {code: line_above(code, self.people) for code in self.people}

    def responsible(self, case: Case) -> frozenset[str]:
        """Who answers for a case: whoever manages its team, and its worker's line manager."""
        return self._around(case.team, case.worker)[0]

    def line(self, case: Case) -> frozenset[str]:
        """The management line of a case."""
        return self._around(case.team, case.worker)[1]

    @cached_property
    def _around(self) -> Callable[[str | None, str | None], tuple[frozenset[str], frozenset[str]]]:
        # Asked for every case and person, and the same for all cases of a worker.
        return cache(self._find_around)

    def _find_around(self, team: str | None, worker: str | None) -> tuple[frozenset[str], frozenset[str]]:
        known = self.people.get(worker or "")
        responsible = {code for code, person in self.people.items() if team is not None and team in person.manages}
        if known is not None and known.line_manager is not None:
            responsible.add(known.line_manager)
        inside = responsible | {code for code, person in self.people.items() if team is not None and person.team == team}
        if worker is not None:
            inside.add(worker)
        return frozenset(responsible), frozenset(inside.union(*(self.above.get(code, frozenset()) for code in inside)))


Holds = Callable[[Person, Case, Staff, AllocationRules, str], bool]


def _has_duty(duty: Duty) -> Holds:
    return lambda person, *_: duty in person.duties


def _is_active(person: Person, *_: object) -> bool:
    return person.active


def _is_responsible(person: Person, case: Case, staff: Staff, *_: object) -> bool:
    return person.code in staff.responsible(case)


def _is_not_responsible(person: Person, case: Case, staff: Staff, *_: object) -> bool:
    return person.code not in staff.responsible(case)


def _is_not_the_worker(person: Person, case: Case, *_: object) -> bool:
    return person.code != case.worker


def _is_outside_the_line(person: Person, case: Case, staff: Staff, *_: object) -> bool:
    return person.code not in staff.line(case)


def _is_of_the_areas(person: Person, case: Case, _staff: Staff, rules: AllocationRules, _part: str) -> bool:
    if rules.auditors_from:
        return person.service_area in rules.auditors_from
    return not rules.peer_same_service_area or person.service_area == case.service_area


def _moderates_the_area(person: Person, case: Case, _staff: Staff, rules: AllocationRules, _part: str) -> bool:
    return not rules.moderator_same_service_area or person.service_area == case.service_area


def _answers_for_the_agency(person: Person, _case: Case, _staff: Staff, _rules: AllocationRules, part: str) -> bool:
    return person.agency == part.removeprefix(AGENCY)


RULES: Mapping[Role, tuple[tuple[str, Holds], ...]] = {
    "lead": (
        ("active", _is_active),
        ("duty-auditor", _has_duty("auditor")),
        ("responsible", _is_responsible),
        ("own-work", _is_not_the_worker),
    ),
    "other": (
        ("active", _is_active),
        ("duty-auditor", _has_duty("auditor")),
        ("service-area", _is_of_the_areas),
        ("own-work", _is_not_the_worker),
        ("management-line", _is_outside_the_line),
    ),
    "agency": (
        ("active", _is_active),
        ("duty-auditor", _has_duty("auditor")),
        ("agency", _answers_for_the_agency),
        ("own-work", _is_not_the_worker),
    ),
    "moderation": (
        ("active", _is_active),
        ("duty-moderator", _has_duty("moderator")),
        ("moderator-area", _moderates_the_area),
        ("own-work", _is_not_the_worker),
        ("not-responsible", _is_not_responsible),
    ),
    "review": (
        ("active", _is_active),
        ("duty-reviewer", _has_duty("reviewer")),
        ("own-work", _is_not_the_worker),
        ("not-responsible", _is_not_responsible),
    ),
}
"""What must hold of whoever is given a part, in the order in which a refusal names it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that cannot be kept, or is broken: for which case (its key), in which part, by whom (None: nobody is left)."""

    case: str
    part: str
    rule: str
    person: str | None = None


def role_of(part: str) -> Role:
    """Which rules hold for a part. The peer and an only auditor are the same: another manager, outside the line."""
    if part in {LEAD, MODERATION, REVIEW}:
        return part  # type: ignore[return-value]  # the three are members of Role
    return "agency" if part.startswith(AGENCY) else "other"


def candidates(part: str, case: Case, staff: Staff, rules: AllocationRules) -> tuple[tuple[str, ...], str]:
    """Who may be given a part of a case, in the order of their codes; where nobody, the rule that let the last one fall."""
    left = list(staff.people.values())
    for rule, holds in RULES[role_of(part)]:
        left = [person for person in left if holds(person, case, staff, rules, part)]
        if not left:
            return (), rule
    return tuple(sorted(person.code for person in left)), ""


def blocked_by(moderator: str, staff: Staff) -> frozenset[str]:
    """Who may audit no part of a case that somebody moderates: they themselves, and everybody above them."""
    return staff.above.get(moderator, frozenset()) | {moderator}


def broken(case: Case, parts: Mapping[str, str], staff: Staff, rules: AllocationRules) -> list[Problem]:
    """Every rule that an allocation of one case breaks; `parts` are persons' codes by part, `review` among them."""
    found = [
        Problem(case.key, part, rule, code)
        for part, code in parts.items()
        for rule in _broken_by(code, part, case, staff, rules)
    ]
    moderator = parts.get(MODERATION)
    if moderator is not None:
        auditors: Iterable[str] = (code for part, code in parts.items() if part not in {MODERATION, REVIEW})
        if not blocked_by(moderator, staff).isdisjoint(auditors):
            found.append(Problem(case.key, MODERATION, "independent-moderator", moderator))
    return found


def _broken_by(code: str, part: str, case: Case, staff: Staff, rules: AllocationRules) -> list[str]:
    person = staff.people.get(code)
    if person is None:
        return ["active"]
    return [rule for rule, holds in RULES[role_of(part)] if not holds(person, case, staff, rules, part)]
