"""What a version says of itself: its number, as of when its figures are, and who answers for it."""

from datetime import datetime
from typing import Protocol

from chassis import days
from chassis.days import british_day, moment_words
from reporting.domain.frozen_report import Frozen

_SOURCES = {"audit": "audits", "feedback": "feedback", "complaints": "complaints"}


class Hand(Protocol):
    """Who did something, and when."""

    @property
    def name(self) -> str:
        """Their name."""

    @property
    def at(self) -> datetime:
        """When."""


def day_words(at: datetime) -> str:
    """The day of a moment by British clocks: 28 April 2022."""
    return days.day_words(british_day(at))


def stamp(
    content: Frozen, number: int | None, prepared: Hand, checked: Hand | None, issued: Hand | None
) -> tuple[tuple[str, str], ...]:
    """Label and words, a line each. What is published names none of the staff."""
    who = content.view.audience == "internal"

    def signed(hand: Hand) -> str:
        return f"{hand.name}, {moment_words(hand.at)}" if who else moment_words(hand.at)

    events = ", ".join(f"{_SOURCES.get(source, source)} {at:,}" for source, at in content.positions.items())
    rows = [
        ("Version", f"{number}" if number else "Draft, not issued"),
        ("Issued", signed(issued) if issued else ""),
        ("Service area", content.area),
        ("Figures as at", moment_words(content.as_of)),
        ("Counted up to event", events if who else ""),
        ("Prepared", signed(prepared) if who else ""),
        ("Checked", signed(checked) if checked and who else ""),
    ]
    return tuple((label, words) for label, words in rows if words)
