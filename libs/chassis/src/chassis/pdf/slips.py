"""Pages to be cut up: slips of one size, each with a QR code and what to do with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from chassis.pdf.words import runs_from_right, tidied

QUIET_ZONE = 4
"""White modules around a QR code (ISO/IEC 18004, 6.3.8)."""

LEAST_CODE = 25
"""Millimetres of a QR code's side without its quiet zone: below that, old phones no longer read it from a letter."""


@dataclass(frozen=True, slots=True)
class Modules:
    """A QR code as it is drawn: so many modules a side, and the dark ones as an SVG path, one unit a module."""

    size: int
    path: str


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip in its own language. `typed` is what somebody can type instead, each with its label; `foot` is small print."""

    language: str
    heading: str
    steps: tuple[str, ...]
    typed: tuple[tuple[str, str], ...]
    foot: tuple[str, ...]
    code: Modules
    alt: str

    def data(self) -> dict[str, Any]:
        """As the template takes it."""
        return {
            "language": self.language,
            "heading": tidied(self.heading),
            "steps": [tidied(step) for step in self.steps],
            "typed": [[tidied(label), tidied(value)] for label, value in self.typed],
            "foot": [{"words": tidied(line), "rtl": runs_from_right(line)} for line in self.foot],
            "code": {"size": self.code.size, "path": self.code.path},
            "alt": tidied(self.alt),
        }


@dataclass(frozen=True, slots=True)
class Slips:
    """A document of slips, so many side by side and one below another on a page, with lines to cut along.

    `code` is the side of each QR code in millimetres, `points` the size of the letters; `beside` puts the words beside it,
    else they stand below it. Raises ValueError for a code that is too small.
    """

    title: str
    organisation: str
    made_on: date
    slips: tuple[Slip, ...]
    across: int = 1
    down: int = 4
    code: int = 32
    points: int = 12
    beside: bool = True
    language: str = "en"

    def __post_init__(self) -> None:
        if self.code < LEAST_CODE:
            raise ValueError(f"a QR code is at least {LEAST_CODE} mm wide")

    def data(self) -> Mapping[str, Any]:
        """As the template takes it: JSON."""
        return {
            "template": "slips",
            "title": tidied(self.title),
            "organisation": tidied(self.organisation),
            "made_on": [self.made_on.year, self.made_on.month, self.made_on.day],
            "across": self.across,
            "down": self.down,
            "code": self.code,
            "points": self.points,
            "beside": self.beside,
            "language": self.language,
            "quiet": QUIET_ZONE,
            "slips": [slip.data() for slip in self.slips],
        }
