"""Who is who in a complaint, and who may not be: roles that exclude one another.

- Whoever answers stage 1 does not run the case, and does not investigate or adjudicate later.
- The independent person and the panel are neither members nor officers of the authority, nor their spouses: they declare it
  (2006 Regulations, regulations 17 and 19).
- The investigating officer, the independent person and the adjudicating manager are three people.
- Nobody who had a part in stage 1 or 2 sits on the panel, also when that part has ended; a panel is three, one the chair.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from chassis.errors import DomainError, FieldError, Kind

Role = Literal[
    "complainant",
    "representative",
    "advocate",
    "mp-or-councillor",
    "child",
    "case-worker",
    "responder",
    "investigating-officer",
    "independent-person",
    "adjudicator",
    "panel-chair",
    "panel-member",
]
ROLES: tuple[Role, ...] = get_args(Role)
OUTSIDE = frozenset[str]({"complainant", "representative", "advocate", "mp-or-councillor", "child"})
"""Roles of the complainant's side; nobody in them has a part in deciding."""

INDEPENDENT = frozenset[str]({"independent-person", "panel-chair", "panel-member"})
PANEL = frozenset[str]({"panel-chair", "panel-member"})
PANEL_SEATS = 3
ONE_AT_A_TIME = frozenset[str]({"responder", "investigating-officer", "independent-person", "adjudicator", "panel-chair"})

_STAGE_2 = frozenset[str]({"investigating-officer", "independent-person", "adjudicator"})
_DECIDING = frozenset[str]({"responder", "case-worker"}) | _STAGE_2 | PANEL
# Two roles that one person never has in one complaint, at whatever time.
_EXCLUDE = {
    frozenset(pair)
    for pair in (
        *(("responder", other) for other in ("case-worker", *_STAGE_2, *PANEL)),
        *(("case-worker", other) for other in (*_STAGE_2, *PANEL)),
        *((one, other) for one in _STAGE_2 for other in (*_STAGE_2, *PANEL) if one != other),
        ("panel-chair", "panel-member"),
        *((one, other) for one in OUTSIDE for other in _DECIDING),
    )
}


@dataclass(frozen=True, slots=True)
class Assigned:
    """Somebody in a role. `keys` identify the person: sign-in and hash of the name. Until when: included, None goes on."""

    role: Role
    keys: frozenset[str]
    from_on: date
    until_on: date | None = None

    def holds(self, on: date) -> bool:
        """Whether they have the role on a day."""
        return self.from_on <= on and (self.until_on is None or on <= self.until_on)


def exclude(one: Role, other: Role) -> bool:
    """Whether one person never has both roles in one complaint."""
    return frozenset((one, other)) in _EXCLUDE


def check_addition(
    known: Sequence[Assigned], new: Assigned, *, independent: bool, signs_in: bool, received_on: date, today: date
) -> None:
    """Refuse somebody who may not have a role.

    Raises `role-conflict` where another role stands against it, `not-independent`, and `incomplete` for a day that cannot be.
    """
    if not received_on <= new.from_on <= today:
        raise _wrong("incomplete", "from", "Enter a day from the day of receipt up to today")
    if new.role in INDEPENDENT and signs_in:
        raise _wrong("not-independent", "subject", "Somebody who signs in here is an officer, and so not independent")
    if new.role in INDEPENDENT and not independent:
        words = "Ask them to declare that they are neither member nor officer of the authority, nor the spouse of one"
        raise _wrong("not-independent", "independent", words)
    same = [each for each in known if each.keys & new.keys]
    against = next((each for each in same if exclude(each.role, new.role)), None)
    if against is not None:
        raise _conflict(f"This person is or was {_name(against.role)} in this complaint, and so cannot be {_name(new.role)}")
    now = [each for each in known if each.holds(new.from_on) or each.from_on > new.from_on]
    if any(each.role == new.role for each in same if each in now):
        raise _conflict(f"This person is {_name(new.role)} already")
    holder = next((each for each in now if each.role == new.role and new.role in ONE_AT_A_TIME), None)
    if holder is not None:
        raise _conflict(f"There is one {_name(new.role)} at a time: end the other's part first")
    if new.role in PANEL and seats(now) >= PANEL_SEATS:
        raise _conflict("A panel has three people: end the part of one first")


def check_ending(assigned: Assigned, until: date, today: date) -> None:
    """Refuse an end that cannot be. Raises `incomplete`, and `ended-already`."""
    if assigned.until_on is not None:
        raise DomainError("ended-already", "Their part has ended already. Nothing was changed.")
    if not assigned.from_on <= until <= today:
        raise _wrong("incomplete", "until", "Enter a day from the first one up to today")


def seats(people: Iterable[Assigned]) -> int:
    """How many sit on the panel."""
    return sum(each.role in PANEL for each in people)


def panel_words(people: Collection[Assigned], on: date) -> str:
    """Whether the panel can sit: empty where there is none, else what is missing."""
    sitting = [each for each in people if each.role in PANEL and each.holds(on)]
    if not sitting:
        return ""
    chair = any(each.role == "panel-chair" for each in sitting)
    missing = PANEL_SEATS - len(sitting)
    if missing or not chair:
        return f"The panel has {len(sitting)} of {PANEL_SEATS} people{'' if chair else ' and no chair'}."
    return "The panel is complete: three people, one of them its chair."


def _name(role: Role) -> str:
    return "case worker (runs the case)" if role == "case-worker" else role.replace("-", " ")


def _conflict(words: str) -> DomainError:
    return _wrong("role-conflict", "role", words, Kind.CONFLICT)


def _wrong(slug: str, field: str, words: str, kind: Kind = Kind.MALFORMED) -> DomainError:
    return DomainError(slug, f"{words}. Nothing was stored.", kind, (FieldError(f"/{field}", words),))
