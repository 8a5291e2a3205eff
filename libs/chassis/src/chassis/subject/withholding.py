"""What a person is given of a record before anybody has decided, and why the rest is kept back. Pure.

Nothing about somebody else leaves by itself: UK GDPR, Article 15(4); Data Protection Act 2018, Schedule 2, paragraphs 16 and
17, and Schedule 3 for social work, where serious harm stands in the way. What is kept back is listed with its reason, and a
reviewer can give it, give a part of it, or keep it.
"""

from dataclasses import dataclass
from enum import StrEnum

from chassis.subject.declaring import Role, Whose

OTHER_PERSON = "about another person"
STAFF_NAME = "names a member of staff: decide whether it is reasonable (DPA 2018, Schedule 2, paragraph 17)"
NOT_READ = "may speak of other people: nobody has read it for this request yet"
KEPT_BACK = "could put somebody in danger, or give away who told"
INTERNAL = "a mark of the machine that says nothing to a person"
CHANGED = "was changed after it was reviewed: it has to be read again"
DECIDED = "kept back by whoever reviewed it"
REDACTED = "words about others were taken out"


_REASONS = {
    Whose.INTERNAL: INTERNAL,
    Whose.KEPT_BACK: KEPT_BACK,
    Whose.CHILD: OTHER_PERSON,
    Whose.ROW: OTHER_PERSON,
    Whose.STAFF: STAFF_NAME,
    Whose.SENDER: NOT_READ,
    Whose.WORDS: NOT_READ,
}


class Choice(StrEnum):
    """What a reviewer decided of a piece."""

    GIVE = "give"
    REDACT = "redact"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Treatment:
    """Whether a piece is given, and if not, or not whole, why."""

    given: bool
    reason: str = ""
    words: str | None = None
    """What is given in its place, where it was redacted."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What a reviewer said of a piece."""

    choice: Choice
    words: str = ""
    reason: str = ""
    seen: str = ""
    """The keyed hash of what stood there when it was decided: of anything else it was not decided."""


def by_itself(whose: Whose, role: Role, *, own: bool) -> Treatment:
    """What happens to a piece of which nobody has decided. `own`: it is the person's row, or names them as staff."""
    mine = {
        Whose.RECORD: True,
        Whose.CHILD: role is Role.CHILD,
        Whose.ROW: own,
        Whose.STAFF: own,
        Whose.SENDER: role is Role.SENDER,
    }
    return Treatment(True) if mine.get(whose, False) else Treatment(False, _REASONS[whose])


def treatment(whose: Whose, role: Role, decision: Decision | None, *, own: bool, seen: str = "") -> Treatment:
    """What happens to a piece, with what a reviewer decided of exactly this: of what `seen` is the hash."""
    if decision is None or whose is Whose.INTERNAL:
        return by_itself(whose, role, own=own)
    if decision.seen != seen and decision.choice is not Choice.KEEP:
        return Treatment(False, CHANGED)
    if decision.choice is Choice.GIVE:
        return Treatment(True)
    if decision.choice is Choice.REDACT:
        return Treatment(True, decision.reason or REDACTED, decision.words)
    return Treatment(False, decision.reason or DECIDED)
