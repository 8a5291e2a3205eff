"""A member of staff as the rules of allocation see one: where they work, what they answer for, above whom they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

Duty = Literal["auditor", "moderator", "reviewer", "qa-officer"]
DUTIES: tuple[Duty, ...] = get_args(Duty)


@dataclass(frozen=True, slots=True)
class Person:
    """Without name and address. `manages` and `team` are codes of teams, `line_manager` of a person, who may be unlisted.

    `agency` is the agency for which they answer in multi-agency audits, None for most.
    """

    code: str
    subject: str | None
    service_area: str | None
    team: str | None
    manages: frozenset[str]
    line_manager: str | None
    duties: frozenset[str]
    active: bool
    agency: str | None = None


def line_above(code: str | None, people: Mapping[str, Person]) -> frozenset[str]:
    """Everybody above a person, up to whom the directory knows; safe where two are each other's manager by mistake."""
    above: set[str] = set()
    here = people.get(code or "")
    while here is not None and here.line_manager is not None and here.line_manager not in above:
        above.add(here.line_manager)
        here = people.get(here.line_manager)
    return frozenset(above - {code})
