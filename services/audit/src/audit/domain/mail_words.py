"""The words of mails about audits: what is due, when, and where to do it.

A mail leaves the council's systems and may be read on any screen. So it holds the audit's own reference and never a child, a
case, a team, a grade or anybody's name; who wants to know more follows the link and signs in.
"""

from dataclasses import dataclass
from datetime import date

from audit.domain.reminders import DeadlineKind, Late, Reminder


@dataclass(frozen=True)
class Words:
    """Subject and body, in plain text."""

    subject: str
    body: str


@dataclass(frozen=True)
class _Thing:
    """How a kind of deadline is spoken of: `{}` is the reference."""

    what: str  # in a heading
    yours: str  # "… is due"
    theirs: str  # the same to somebody else
    todo: str


_THINGS = {
    DeadlineKind.SUBMISSION: _Thing(
        "submit audit {}",
        "Your part of audit {}",
        "A part of audit {}",
        "Grade each section, give the evidence, and submit it. What you have saved so far is kept.",
    ),
    DeadlineKind.MODERATION: _Thing(
        "moderate audit {}",
        "Your moderation of audit {}",
        "The moderation of audit {}",
        "Look at the auditors' grades side by side, fix the final ones, and set the actions.",
    ),
    DeadlineKind.ACKNOWLEDGEMENT: _Thing(
        "acknowledge audit {}",
        "Your acknowledgement of audit {}",
        "The acknowledgement of audit {}",
        "Read the result and say that you have.",
    ),
    DeadlineKind.DISCUSSION: _Thing(
        "discuss audit {} in supervision",
        "Your discussion of audit {} with the worker",
        "The discussion of audit {} in supervision",
        "Discuss the result with the worker, and record the date.",
    ),
    DeadlineKind.ACTION: _Thing(
        "an action from audit {}",
        "An action of yours from audit {}",
        "An action from audit {}",
        "Do it, and say what shows that it was done. If it cannot be done by then, say so on its page.",
    ),
    DeadlineKind.REVIEW: _Thing(
        "review audit {}",
        "Your review of audit {}",
        "The review of audit {}",
        "Look whether the actions were done and what changed for the child; close the audit, or open actions again.",
    ),
    DeadlineKind.CONCERN: _Thing(
        "a concern in audit {}",
        "The concern in audit {} that could not wait",
        "The concern in audit {} that could not wait",
        "Take it over today, and say what is being done.",
    ),
    DeadlineKind.CIRCULATION: _Thing(
        "circulate {}",
        "The circulation of {}",
        "The circulation of {}",
        "List the cases, draw and allocate, so that it can go out. The page says what is still to be done.",
    ),
    DeadlineKind.DISPUTE: _Thing(
        "answer dispute {}",
        "Your answer to dispute {}",
        "The answer to dispute {}",
        "Answer it, or say why it goes to the next stage.",
    ),
}

MOST_LINES = 40
"""Late things that a mail names; how many more there are it says."""

FOOTER = (
    "Learning Loop sent this message automatically. Please do not put a child's name or case number into an email about it."
)


def reminder_words(reminder: Reminder, today: date, link: str) -> Words:
    """The mail of a reminder that goes out today; `link` is the address of the page where the thing is done.

    It speaks of today and not of the day the reminder fell on: it may go out later.
    """
    due = reminder.deadline
    thing = _THINGS[due.kind]
    when = _when(due.due_on, today)
    late = due.due_on < today
    subject = f"{'Overdue since' if late else 'Due'} {_short(due.due_on, today)}: {thing.what.format(due.audit)}"
    note = "It is late. The quality-assurance officer can see this too.\n\n" if late else ""
    body = f"{thing.yours.format(due.audit)} {when}.\n\n{note}{thing.todo}\n\n{link}\n\n{FOOTER}\n"
    return Words(subject, body)


def late_words(late: Late, today: date, link: str) -> Words:
    """The mail to an officer about everything that is late, the oldest first; `link` is the address of the work list."""
    number = len(late.deadlines)
    lines = [f"{_THINGS[each.kind].theirs.format(each.audit)} {_when(each.due_on, today)}." for each in late.deadlines]
    shown = "\n".join(lines[:MOST_LINES])
    more = f"\nAnd {number - MOST_LINES} more." if number > MOST_LINES else ""
    things = "1 thing" if number == 1 else f"{number} things"
    are = "is" if number == 1 else "are"
    body = f"{things} {are} late:\n\n{shown}{more}\n\nThe page says whose turn it is.\n\n{link}\n\n{FOOTER}\n"
    return Words(f"Late on {_short_day(today)}: {things}", body)


def _when(day: date, today: date) -> str:
    """The verb and the day: "is due today, Monday 30 November 2026"."""
    if day == today:
        return f"is due today, {_long(day)}"
    return f"is due on {_long(day)}" if day > today else f"was due on {_long(day)}"


def _short(day: date, today: date) -> str:
    return "today" if day == today else _short_day(day)


def _short_day(day: date) -> str:
    return f"{day.day} {day:%B}"


def _long(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B} {day.year}"
