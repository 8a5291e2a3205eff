"""Who is to be mailed about which action today, and in which words. Pure; what was mailed before is the queue's to know.

Mails go out on working days. Each has a key that says which it is: asking again, today or tomorrow, asks for the same mail. Of
what was missed while nothing ran only the latest goes out. A mail names the complaint's reference and never a child, a family,
a finding or what is to be done: who wants to know more follows the link and signs in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from chassis.calendar import WorkingDays
from complaints.domain.learning_profile import Learning

Call = Literal["before", "due", "late", "escalation", "unit"]

FOOTER = "Learning Loop sent this message automatically. Please do not put a family's name or a case into an email about it."
MOST_LINES = 40
_BEYOND = timedelta(days=366)


@dataclass(frozen=True)
class Waiting:
    """An open action. `owner` is the address of whoever sees to it, empty where there is none."""

    id: UUID
    name: str
    service_area: str
    due_on: date
    owner: str = ""


@dataclass(frozen=True)
class Mail:
    """A mail to be asked for; `key` is the same for the same mail whenever it is asked for."""

    key: str
    to: str
    subject: str
    body: str


def mails_due(waiting: Sequence[Waiting], learning: Learning, today: date, calendar: WorkingDays, base: str) -> list[Mail]:
    """Every mail that applies today. Nothing on a day that is no working day. Raises OutsideCalendarError.

    The owner is reminded before and on the day, and once after it; an owner without an address is the complaints unit's to
    remind. What is late the unit is told of in one mail, on the day after something became late and when a week begins. An
    action that is late for `escalate_after` working days goes up to the head of service.
    """
    if not calendar.is_working_day(today):
        return []
    near = [each for each in waiting if each.due_on - today < _BEYOND]
    mails = [mail for each in near for mail in _about(each, learning, today, calendar, base)]
    return [*mails, *_of_the_unit(near, learning, today, calendar, base)]


def _about(each: Waiting, learning: Learning, today: date, calendar: WorkingDays, base: str) -> Iterator[Mail]:
    last = each.due_on if calendar.is_working_day(each.due_on) else calendar.add(each.due_on, -1)
    elapsed = calendar.count(last, today)
    offsets: list[tuple[int, Call]] = [(-learning.remind_before, "before"), (0, "due"), (1, "late")]
    reached = [call for offset, call in offsets if offset <= elapsed]
    link = f"{base}/complaints/learning/{each.id}"
    owner = each.owner or learning.complaints_unit_email
    if reached and owner:
        whom: Call = reached[-1]
        yield _mail(each, whom, owner, today, link, _TODO)
    head = learning.head_of(each.service_area)
    if elapsed >= learning.escalate_after and head:
        yield _mail(each, "escalation", head, today, link, _ABOVE)


_TODO = "Do it, and say on its page what shows that it was done. If it cannot be done by then, tell the complaints unit."
_ABOVE = "It has waited for longer than your organisation allows. Please see that it is done, or agree another day."


def _mail(each: Waiting, call: Call, to: str, today: date, link: str, todo: str) -> Mail:
    late = each.due_on < today
    when = (
        f"{'was' if late else 'is'} due on {long_day(each.due_on)}"
        if each.due_on != today
        else f"is due today, {long_day(today)}"
    )
    subject = f"{'Overdue' if late else 'Due'} {short_day(each.due_on)}: an action from complaint {each.name}"
    body = f"Action {each.name} {when}.\n\n{todo}\n\n{link}\n\n{FOOTER}\n"
    return Mail(f"learning:{each.id}:{each.due_on}:{call}", to, subject, body)


def _of_the_unit(
    waiting: Sequence[Waiting], learning: Learning, today: date, calendar: WorkingDays, base: str
) -> Iterator[Mail]:
    late = sorted((each for each in waiting if each.due_on < today), key=lambda each: (each.due_on, each.name))
    if not late or learning.complaints_unit_email is None:
        return
    before = calendar.add(today, -1)
    if late[-1].due_on < before and before.isocalendar()[:2] == today.isocalendar()[:2]:
        return
    lines = "\n".join(f"Action {each.name} was due on {long_day(each.due_on)}." for each in late[:MOST_LINES])
    more = f"\nAnd {len(late) - MOST_LINES} more." if len(late) > MOST_LINES else ""
    number = "1 action" if len(late) == 1 else f"{len(late)} actions"
    link = f"{base}/complaints/learning?show=overdue"
    body = f"{number} from complaints {'is' if len(late) == 1 else 'are'} late:\n\n{lines}{more}\n\n{link}\n\n{FOOTER}\n"
    subject = f"Late on {short_day(today)}: {number} from complaints"
    yield Mail(f"learning:unit:{today}", learning.complaints_unit_email, subject, body)


def short_day(on: date) -> str:
    """A day of this year: 28 April."""
    return f"{on.day} {on:%B}"


def long_day(on: date) -> str:
    """A day in full: Thursday 28 April 2022."""
    return f"{on:%A} {on.day} {on:%B} {on.year}"
