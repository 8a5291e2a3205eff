"""What was found when something was looked at: well, to be looked at, or wrong; and what to do about it."""

from dataclasses import asdict, dataclass
from typing import Literal

State = Literal["well", "look", "wrong"]
APART_LOOK, APART_WRONG = 2.0, 30.0
"""Seconds by which clocks may differ: beyond `chassis.identity.LEEWAY` nobody is let in."""


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was looked at, how it stands in words, and what to do unless it is well."""

    what: str
    state: State
    words: str
    do: str = ""

    def as_dict(self) -> dict[str, str]:
        """For machines."""
        return asdict(self)


def well(what: str, words: str) -> Finding:
    """Nothing to do."""
    return Finding(what, "well", words)


def look(what: str, words: str, do: str) -> Finding:
    """It works, and will not for ever."""
    return Finding(what, "look", words, do)


def wrong(what: str, words: str, do: str) -> Finding:
    """Something does not work, or does not protect."""
    return Finding(what, "wrong", words, do)


BEHIND = 500
"""Events that may wait for a reader: it takes some hundred at a time."""


def reading(what: str, reader: str, waiting: int, words: str) -> Finding:
    """Whether a reader of events keeps up."""
    do = f"Does {reader}-worker run? If it does, it catches up; docs/runbooks/events-behind.md"
    return look(what, words, do) if waiting > BEHIND else well(what, words)


def listed(names: list[str], most: int = 5) -> str:
    """Some names in words; the rest as a number."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
