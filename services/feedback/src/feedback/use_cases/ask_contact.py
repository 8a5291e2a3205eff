"""A family that has sent its answers asks somebody to contact them: once a visit, and apart from the answers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from chassis.calendar import WorkingDays
from chassis.days import british_day
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import contacts
from feedback.adapters.contacts import NewRequest
from feedback.context import Context
from feedback.domain.contact import Details, due_on
from feedback.domain.families import Caller, Contact
from feedback.domain.profile import FeedbackProfile
from feedback.use_cases.open_worry import Concern, open_asked
from feedback.use_cases.visit_survey import Survey

VISIT = "feedback-contact-visit"
YOUNG = frozenset({"child"})


@dataclass(frozen=True, slots=True)
class Offer:
    """Who would contact a family, until when, and how long what they write is kept. `asked`: they have asked already."""

    caller: Caller
    due_on: date
    keep_days: int
    asked: bool


@dataclass(frozen=True, slots=True)
class Done:
    """A request was kept; `concern` where it shows a worry."""

    outcome: Literal["kept", "before", "not-offered"]
    concern: Concern | None = None


async def offer(transaction: Transaction, context: Context, survey: Survey, now: datetime) -> Offer | None:
    """What a visit that has sent its answers is offered; None where the profile names nobody who would do it."""
    profile = (await context.profiles.current(transaction)).profile
    found = _offered(profile, survey)
    if found is None:
        return None
    rules, caller = found
    asked_on = await contacts.asked_on(transaction, _visit_key(context.secrets, transaction.org, survey))
    due = due_on(asked_on or british_day(now), rules.within_days, WorkingDays.load())
    return Offer(caller, due, rules.keep_days, asked=asked_on is not None)


def _offered(profile: FeedbackProfile, survey: Survey) -> tuple[Contact, Caller] | None:
    rules = profile.families.contact
    caller = rules.caller(survey.invitation.service_area, survey.invitation.team) if rules else None
    return (rules, caller) if rules is not None and caller is not None and survey.submitted else None


def _visit_key(secrets: Secrets, org: str, survey: Survey) -> str:
    return secrets.pseudonym(org, VISIT, str(survey.draft))


async def ask_contact(
    transaction: Transaction, context: Context, survey: Survey, details: Details, language: str, now: datetime
) -> Done:
    """Keep a request, once a visit: a second click, also with other words, keeps nothing and is told so.

    Nothing that is kept leads to the answers: neither response nor invitation, and a day instead of a time. Words of the
    profile's list open a worry, which gets a copy of its own.
    """
    profile = (await context.profiles.current(transaction)).profile
    found = _offered(profile, survey)
    if found is None:
        return Done("not-offered")
    today = british_day(now)
    if not await contacts.claim_visit(transaction, _visit_key(context.secrets, transaction.org, survey), today):
        return Done("before")
    about = survey.invitation
    new = NewRequest(
        questionnaire=about.questionnaire,
        service_area=about.service_area,
        team=about.team,
        language=language,
        young=survey.questionnaire.audience in YOUNG,
        asked_on=today,
        due_on=due_on(today, found[0].within_days, WorkingDays.load()),
        details=details,
    )
    await contacts.keep(transaction, context.secrets, new)
    return Done("kept", await open_asked(transaction, context, profile, new, now))
