"""The words of mails about worries: that one waits, its reference, the link and the clock.

A mail leaves the council's systems and may be read on any screen. So it holds no name, no word of an answer, no questionnaire,
no team and no service area; who may read more follows the link and signs in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.days import british_time
from feedback.domain.worry_clock import ESCALATE_AFTER, REMIND_AFTER, Call, Clock


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and body, in plain text."""

    subject: str
    body: str


def reference(number: int) -> str:
    """What a worry is called: W-0042."""
    return f"W-{number:04}"


def day_words(moment: datetime) -> str:
    """A day as it is written: Monday 7 December."""
    local = british_time(moment)
    return f"{local:%A} {local.day} {local:%B}"


def moment_words(moment: datetime) -> str:
    """A moment as it is written: Monday 7 December, 09:00."""
    return f"{day_words(moment)}, {british_time(moment):%H:%M}"


def due_words(due_at: datetime) -> str:
    """Until when a worry must be triaged, by the last day that it has: the end of Monday 7 December."""
    return f"the end of {day_words(due_at - timedelta(minutes=1))}"


def opened_words(number: int, clock: Clock, link: str) -> Words:
    """To the duty address, at once."""
    lines = [f"An answer to a survey shows that somebody may not be safe. Its reference is {reference(number)}.", ""]
    lines += _facts(clock)
    lines += ["", *_read(link)]
    return Words(f"A worry came in: {reference(number)}", "\n".join(lines))


def call_words(call: Call, number: int, clock: Clock, link: str, *, acknowledged: bool) -> Words:
    """About a worry that waits."""
    name = reference(number)
    waiting = "Nobody has triaged it yet." if acknowledged else "Nobody has acknowledged it yet."
    if call == "late":
        subject, first = f"Worry {name} is late", f"The day by whose end worry {name} had to be triaged is over."
    elif call == "escalation":
        waited = _hours(ESCALATE_AFTER)
        subject, first = f"Worry {name} has waited {waited}", f"Worry {name} came in {waited} ago."
    else:
        subject, first = f"Nobody looks at worry {name} yet", f"Worry {name} came in {_hours(REMIND_AFTER)} ago."
    lines = [f"{first} {waiting}", "", *_facts(clock), "", *_read(link)]
    if call != "reminder":
        lines += ["", "See to it that a person looks at it now."]
    return Words(subject, "\n".join(lines))


def many_words(number: int, link: str, call: Call | None = None) -> Words:
    """Of more worries than can be told of one by one: those that came in within an hour, or those that wait."""
    if call is None:
        subject, first = "Many worries came in", f"More than {number - 1} worries came in within an hour."
    else:
        late = " and are late" if call == "late" else ""
        subject, first = f"Many worries wait{late}", f"{number} worries wait to be looked at{late}."
    lines = [
        f"{first} They are not told of one by one any more. Perhaps a link is being abused; any of them may be true.",
        "",
        "Sign in to look at all of them, the first due first:",
        link,
    ]
    return Words(subject, "\n".join(lines))


def _hours(wait: timedelta) -> str:
    hours = wait // timedelta(hours=1)
    return "more than an hour" if hours == 1 else f"more than {hours} hours"


def _facts(clock: Clock) -> list[str]:
    facts = [f"It came in: {moment_words(clock.opened_at)}"]
    if clock.came_in_while_nobody_reads:
        facts.append(f"That was outside your reading hours. They begin: {moment_words(clock.read_from)}")
    return [*facts, f"To be acknowledged and triaged by: {due_words(clock.due_at)}"]


def _read(link: str) -> list[str]:
    return ["Sign in to read it and to say that you are looking at it:", link]
