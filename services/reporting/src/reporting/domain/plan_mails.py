"""Who is to be mailed about which improvement plan today, and in which words. Pure; what was mailed before the queue knows.

Only who was chosen from the staff directory is mailed. Mails go out on working days, each once: its key says which it is. A
mail has the number of the action, its day and a link, and no word that somebody typed: no title, no name, nothing of a child.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

from chassis.calendar import WorkingDays
from reporting.domain.day_words import day_words

BEFORE = 3
"""Working days before a milestone's day, as the other mails of the system have it."""
LATE = (1, 5)
"""Working days after it."""
SILENT_DAYS = 28
"""After which somebody has to say how an open action stands: plans are gone through once a month."""

_LATE_TODO = "Say on its page that it was reached, or move its day with a reason."

Kind = Literal["given", "lead", "before", "due", "late", "rag"]
FOOTER = (
    "Learning Loop sent this message automatically. If you cannot open the page, ask the quality-assurance team. Please do not "
    "put a child's or a family's name into an email about it."
)


@dataclass(frozen=True)
class Owner:
    """Somebody of the directory: `address` None where they have none, or have left."""

    code: str
    address: str | None


@dataclass(frozen=True)
class OpenMilestone:
    """A milestone that is neither reached nor dropped."""

    id: UUID
    due_on: date


@dataclass(frozen=True)
class OpenAction:
    """An open action of an open plan. `given` is the revision at which its owner was chosen."""

    id: UUID
    name: str
    owner: str | None
    given: int
    lead: str | None
    said_on: date
    milestones: tuple[OpenMilestone, ...]


@dataclass(frozen=True)
class Led:
    """A workstream of an open plan and whoever leads it."""

    id: UUID
    position: int
    lead: str
    given: int


@dataclass(frozen=True)
class OpenPlan:
    """An open plan; `of` is its service area in words."""

    id: UUID
    of: str
    workstreams: tuple[Led, ...]
    actions: tuple[OpenAction, ...]


@dataclass(frozen=True)
class PlanMail:
    """A mail to be asked for."""

    key: str
    to: str
    subject: str
    body: str


def key_of(plan: UUID, kind: Kind, of: UUID, detail: object, code: str) -> str:
    """What a mail is known by, in codes."""
    return f"plan:{plan}:{kind}:{of}:{detail}:{code}"


def mails_due(plan: OpenPlan, addresses: Mapping[str, str], today: date, calendar: WorkingDays, base: str) -> list[PlanMail]:
    """Every mail about a plan that applies today; nothing on a day that is no working day. Raises OutsideCalendarError.

    `addresses` are of those who are in the directory and work there. What nobody can be told of is in no mail, and on the page.
    """
    if not calendar.is_working_day(today):
        return []
    link = f"{base}/reporting/plans/{plan.id}"
    found = [*_leads(plan, addresses, link)]
    for action in plan.actions:
        found += _given(plan, action, addresses, link)
        found += _milestones(plan, action, addresses, today, calendar, link)
    return [*found, *_standing(plan, addresses, today, link)]


def _leads(plan: OpenPlan, addresses: Mapping[str, str], link: str) -> Iterator[PlanMail]:
    for each in plan.workstreams:
        if to := addresses.get(each.lead):
            what = f"workstream {each.position} of an improvement plan of {plan.of}"
            body = f"You were given {what}.\n\n{link}\n\n{FOOTER}\n"
            yield PlanMail(key_of(plan.id, "lead", each.id, each.given, each.lead), to, "A workstream was given to you", body)


def _given(plan: OpenPlan, action: OpenAction, addresses: Mapping[str, str], link: str) -> Iterator[PlanMail]:
    if action.owner and (to := addresses.get(action.owner)):
        first = min((each.due_on for each in action.milestones), default=None)
        when = f" Its first milestone is due on {day_words(first)}." if first else ""
        what = f"You were given action {action.name} of an improvement plan of {plan.of}.{when}"
        body = f"{what}\n\n{link}/actions/{action.id}\n\n{FOOTER}\n"
        subject = f"Action {action.name} of an improvement plan was given to you"
        yield PlanMail(key_of(plan.id, "given", action.id, action.given, action.owner), to, subject, body)


def _milestones(
    plan: OpenPlan, action: OpenAction, addresses: Mapping[str, str], today: date, calendar: WorkingDays, link: str
) -> Iterator[PlanMail]:
    """Before the day, on it, and twice after; to whoever leads the workstream where the owner cannot be reached."""
    code = next((each for each in (action.owner, action.lead) if each in addresses), None)
    if code is None:
        return
    for each in action.milestones:
        if each.due_on - today > timedelta(days=31):
            continue
        last = each.due_on if calendar.is_working_day(each.due_on) else calendar.add(each.due_on, -1)
        elapsed = calendar.count(last, today)
        calls: list[tuple[int, Kind]] = [(-BEFORE, "before"), (0, "due"), *((after, "late") for after in LATE)]
        reached = [(offset, kind) for offset, kind in calls if offset <= elapsed]
        if not reached:
            continue
        offset, kind = reached[-1]
        late = each.due_on < today
        when = f"was due on {day_words(each.due_on)} and was not reached" if late else f"is due on {day_words(each.due_on)}"
        todo = _LATE_TODO if late else "Say on its page when it is reached."
        body = (
            f"A milestone of action {action.name} of an improvement plan of {plan.of} {when}. {todo}\n\n"
            f"{link}/actions/{action.id}\n\n{FOOTER}\n"
        )
        subject = f"{'Overdue' if late else 'Due'} {day_words(each.due_on)}: action {action.name} of an improvement plan"
        detail = f"{each.due_on}/{offset}"
        yield PlanMail(key_of(plan.id, kind, each.id, detail, code), addresses[code], subject, body)


def _standing(plan: OpenPlan, addresses: Mapping[str, str], today: date, link: str) -> Iterator[PlanMail]:
    """Once a month to whoever leads, or sees to, actions of which nobody said for four weeks how they stand."""
    silent: dict[str, list[str]] = {}
    for each in plan.actions:
        if today - each.said_on >= timedelta(days=SILENT_DAYS):
            code = next((one for one in (each.lead, each.owner) if one in addresses), None)
            if code is not None:
                silent.setdefault(code, []).append(each.name)
    for code, names in silent.items():
        one = len(names) == 1
        actions = f"{'action' if one else 'actions'} {', '.join(names)} of an improvement plan of {plan.of}"
        how = f"how {'it stands' if one else 'they stand'}: on track, may miss or missed"
        body = f"Nobody has said for four weeks, of {actions}, {how}. Please say it on the page.\n\n{link}\n\n{FOOTER}\n"
        key = key_of(plan.id, "rag", plan.id, f"{today:%Y-%m}", code)
        yield PlanMail(key, addresses[code], "Say how actions of an improvement plan stand", body)
