"""What a visit to a survey sees: its questionnaire as it began, whom to call today, and what was given so far."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID, uuid4

from chassis.days import british_day
from chassis.unit_of_work import Transaction
from feedback.adapters import invitations, star_readings, surveys
from feedback.context import Context
from feedback.domain.answers import Answer, walk
from feedback.domain.invitation import Invitation
from feedback.domain.profile import Organisation
from feedback.domain.questionnaire import Question, Questionnaire, Version
from feedback.domain.worry_profile import ReadingHours

Dead = Literal["unknown", "expired", "used"]
"""Why a link leads nowhere. A withdrawn link is unknown."""


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey on one visit. `submitted`: this visit has sent it. `star`: its answers go to whoever works with the person."""

    invitation: Invitation
    draft: UUID
    organisation: Organisation
    reading: ReadingHours
    questionnaire: Questionnaire
    version: Version
    answers: dict[str, Answer]
    begun: bool
    submitted: bool
    star: bool = False
    may_quote: bool | None = None

    def shown(self, question: Question) -> bool:
        """Whether a question is asked by what was given so far."""
        return any(each is question for each, _ in walk(self.version, self.answers))

    def open_number(self) -> int | None:
        """The place of the first question that is asked and was given nothing yet; None when all were."""
        return first_open(self.version, self.answers)


def first_open(version: Version, answers: dict[str, Answer]) -> int | None:
    """The place of the first question that is asked and has nothing given."""
    for question, answer in walk(version, answers):
        if answer is None:
            return version.numbers[question.code]
    return None


async def find_link(transaction: Transaction, secret_hash: str) -> tuple[str, UUID] | None:
    """Organisation and invitation of a link; the transaction was begun with `capability=secret_hash` and no organisation."""
    return await invitations.holder(transaction, secret_hash)


async def visit_survey(
    transaction: Transaction, context: Context, invitation: UUID, draft: UUID, now: datetime
) -> Survey | Dead:
    """The survey of a visit, or why there is none."""
    found = await surveys.look(transaction, invitation, draft)
    return await resolve(transaction, context, found, draft, now)


async def resolve(
    transaction: Transaction, context: Context, found: surveys.Found | None, draft: UUID, now: datetime
) -> Survey | Dead:
    """What was found in the database as a survey, or why it leads nowhere."""
    if found is None:
        return "unknown"
    if not found.submitted:
        state = found.invitation.state(british_day(now))
        if state == "withdrawn":
            return "unknown"
        if state != "open":
            return "used" if state == "answered" else "expired"
    return await _survey(transaction, context, found, draft)


async def _survey(transaction: Transaction, context: Context, found: surveys.Found, draft: UUID) -> Survey:
    invitation = found.invitation
    applied = await context.profiles.current(transaction)
    questionnaire = await context.profiles.questionnaire(
        transaction, applied, invitation.profile_number, invitation.questionnaire
    )
    version = questionnaire.version(invitation.version)
    if version is None:  # pragma: no cover - it was there when the link was issued, and profiles are kept
        raise LookupError(invitation.questionnaire)
    of_star = not invitation.reusable and applied.profile.stars.of_questionnaire(invitation.questionnaire)
    return Survey(
        invitation=invitation,
        draft=draft,
        organisation=applied.profile.organisation,
        reading=applied.profile.worries.read,
        questionnaire=questionnaire,
        version=version,
        answers=found.answers or {},
        begun=found.answers is not None,
        submitted=found.submitted,
        star=of_star and await star_readings.tied(transaction, invitation.id) is not None,
        may_quote=found.may_quote,
    )


async def open_link(
    transaction: Transaction, context: Context, invitation: UUID, earlier_draft: UUID | None, now: datetime
) -> Survey | Dead:
    """Open a link. It is not used up by that: programs that preview links open them too.

    A draft belongs to the visit, on a letter as on a poster (docs/decisions/0009): whoever else opens it begins afresh and sees
    nothing of it. `earlier_draft` is that of an earlier visit of the same browser, and goes on unless it was sent.
    """
    fresh = uuid4()  # not of the time-ordered kind: it must not tell when the visit began
    if earlier_draft is not None:
        earlier = await visit_survey(transaction, context, invitation, earlier_draft, now)
        if isinstance(earlier, Survey) and not earlier.submitted:
            return earlier
    return await visit_survey(transaction, context, invitation, fresh, now)
