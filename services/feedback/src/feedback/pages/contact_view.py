"""What the pages of families to contact show, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from feedback.adapters.contacts import Entry, Record
from feedback.domain.contact import Details, State, Step, is_late
from feedback.domain.profile import FeedbackProfile
from feedback.domain.worry_mails import moment_words
from feedback.pages.links_desk import day, language_name

STATES = {
    State.WAITING: ("Waits", "yellow"),
    State.TAKEN: ("Taken", "blue"),
    State.REACHED: ("Reached", "green"),
    State.CLOSED: ("Closed", "grey"),
}
HAPPENED = {
    "read": "Read", "take": "Took it", "tried": "Tried and did not reach them", "reached": "Reached them", "close": "Closed",
}  # fmt: skip


@dataclass(frozen=True)
class StepForm:
    """The words of a step's page."""

    title: str
    button: str
    label: str
    hint: str


STEPS = {
    Step.TRIED: StepForm(
        "You tried and did not reach them", "Save that you tried",
        "When and how did you try?", "May be empty. Leave no message with anybody else: they may not know of it.",
    ),
    Step.REACHED: StepForm(
        "You reached them", "Save that you reached them",
        "What do they need?", "May be empty. It is deleted with the request: what must stay belongs into the case record.",
    ),
    Step.CLOSE: StepForm(
        "Close the request", "Close it",
        "What was done?", "Or why nobody could reach them. It is deleted together with the request.",
    ),
}  # fmt: skip


def line(record: Record, profile: FeedbackProfile, today: date) -> dict[str, Any]:
    """A request in a list: no name, and no word of it."""
    words, colour = STATES[record.request.state]
    area = profile.organisation.area(record.service_area)
    late = is_late(record.due_on, record.request.state, today)
    open_ = record.request.state in {State.WAITING, State.TAKEN}
    return {
        "href": f"/feedback/contacts/{record.id}",
        "reference": record.reference,
        "state": words,
        "colour": colour,
        "late": late,
        "clock": f"Late. They were promised {day(record.due_on)}" if late else f"By {day(record.due_on)}" if open_ else "",
        "asked": day(record.asked_on),
        "area": area.name if area else record.service_area,
        "language": language_name(record.language),
        "young": record.young,
        "closed": day(record.request.closed_on) if record.request.closed_on else "",
    }


def facts(record: Record, profile: FeedbackProfile, line_: dict[str, Any]) -> list[tuple[str, str]]:
    """What is known of a request beside what was written."""
    team = profile.organisation.team(record.team) if record.team else None
    questionnaire = profile.questionnaire(record.questionnaire)
    known = [
        ("Contact them", line_["clock"] or "Done"),
        ("Asked on", line_["asked"]),
        ("Service area", line_["area"] if team is None else f"{line_['area']}, {team.name}"),
        ("After the survey", questionnaire.name if questionnaire else record.questionnaire),
        ("Language", line_["language"]),
    ]
    return [("From", "A child’s survey"), *known] if record.young else known


def written(details: Details) -> list[tuple[str, str]]:
    """What the family wrote."""
    known = (
        ("Name", details.name), ("Telephone", details.phone), ("E-mail", details.email),
        ("A good time", details.best), ("What it is about", details.about),
    )  # fmt: skip
    return [(label, words) for label, words in known if words]


def history(entries: Sequence[Entry]) -> list[dict[str, str]]:
    """What happened, oldest first."""
    return [{"at": moment_words(each.at), "what": HAPPENED[each.what], "by": each.by, "words": each.words} for each in entries]
