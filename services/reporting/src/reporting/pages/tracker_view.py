"""The rows of the learning tracker as page, file and JSON show them: one list of columns for all."""

from datetime import date
from typing import Any

from reporting.domain import dimensions
from reporting.domain.day_words import day_words
from reporting.domain.profile import Profile
from reporting.domain.tracker import COLOURS, OPEN, SOURCES, STANDINGS, TrackedAction

HEADINGS = (
    "Action", "From", "Service area", "Team", "Themes", "Set on", "Due", "First due", "How it stands", "Done on", "Days late",
    "Evidence", "Reviewed on", "What the review found", "Page",
)  # fmt: skip


class Words:
    """The profile's words for the codes of the tracker, as they are used on a day."""

    def __init__(self, profile: Profile, on: date) -> None:
        self._profile = profile
        self._on = on

    def of(self, dimension: str, code: str | None) -> str:
        """What a code is called; a dash for none."""
        return dimensions.label(self._profile, dimension, code, self._on, {}) if code else "–"

    def themes(self, action: TrackedAction) -> str:
        """Its themes in words."""
        return ", ".join(self.of("theme", each) for each in action.themes) or "–"


def line(action: TrackedAction, words: Words) -> dict[str, Any]:
    """A row of the page."""
    late = f", {_days(action.days_late)} late" if action.days_late else ""
    reviewed = f"{day_words(action.reviewed_on)}: {action.found}" if action.reviewed_on else "Not yet"
    due = day_words(action.due_on)
    return {
        "name": action.name,
        "href": action.href,
        "key": action.key,
        "source": SOURCES[action.source],
        "place": ", ".join(each for each in (words.of("service_area", action.service_area), _team(action, words)) if each),
        "themes": words.themes(action),
        "set": day_words(action.set_on),
        "due": f"{due}, moved from {day_words(action.first_due_on)}" if action.moved else due,
        "standing": STANDINGS[action.standing],
        "colour": COLOURS[action.standing],
        "done": f"Done {day_words(action.done_on)}{late}" if action.done_on else "",
        "open": action.standing in OPEN,
        "evidence": action.evidence_words,
        "reviewed": "–" if action.source == "feedback" else reviewed,
    }


def sheet_row(action: TrackedAction, words: Words, base: str) -> tuple[str | int | date | None, ...]:
    """A row of a file; nothing where there is none. The last is the address of its page."""
    return (
        action.name, SOURCES[action.source], words.of("service_area", action.service_area), _team(action, words),
        words.themes(action) if action.themes else "", action.set_on, action.due_on, action.first_due_on,
        STANDINGS[action.standing], action.done_on, action.days_late or None, action.evidence_words.replace("–", ""),
        action.reviewed_on, action.found, f"{base}{action.href}",
    )  # fmt: skip


def _team(action: TrackedAction, words: Words) -> str:
    return words.of("team", action.team) if action.team else ""


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"
