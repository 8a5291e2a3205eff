"""Submit a survey: the link is used up, the answers are stored and told, all in one transaction, once."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.days import british_day
from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from feedback.adapters import responses, sendings, surveys
from feedback.context import Context
from feedback.domain.answers import settle
from feedback.domain.response import Response
from feedback.domain.sending import is_channel
from feedback.events.out import response_submitted
from feedback.use_cases.look_at_rush import hold_beginning
from feedback.use_cases.open_worry import Concern, look, open_worry
from feedback.use_cases.star_links import join_star
from feedback.use_cases.visit_survey import Dead, Survey, resolve, visit_survey


@dataclass(frozen=True, slots=True)
class Submitted:
    """A survey is in. `missing` is the place of a required question without an answer: then nothing was stored."""

    survey: Survey
    missing: int | None = None
    concern: Concern | None = None


async def submit_survey(
    transaction: Transaction,
    context: Context,
    invitation: UUID,
    draft: UUID,
    language: str,
    now: datetime,
    *,
    may_quote: bool | None = None,
) -> Submitted | Dead:
    """Submit what a visit gave. A second submit changes nothing and answers the same.

    Questions that are asked and were given nothing are `skipped`, those that branching hides `not-asked`, whatever was given to
    them before. `may_quote` is what was said about quoting: nothing said means no, and where no free text was given nobody was
    asked.
    """
    today = british_day(now)
    found = await surveys.lock(transaction, invitation, draft)
    if found is None:
        # Somebody who answered nothing and sends it all the same.
        seen = await visit_survey(transaction, context, invitation, draft, now)
        if isinstance(seen, str):
            return seen
        await surveys.begin(transaction, invitation, draft, today)
        found = await surveys.lock(transaction, invitation, draft)
    survey = await resolve(transaction, context, found, draft, now)
    if isinstance(survey, str) or survey.submitted:
        return survey if isinstance(survey, str) else Submitted(survey)
    settled = settle(survey.version, survey.answers)
    for question in survey.version.questions:
        if question.required and settled[question.code].state == "skipped":
            await surveys.keep_consent(transaction, draft, may_quote=may_quote)
            return Submitted(survey, missing=survey.version.numbers[question.code])
    about = survey.invitation
    response = Response(
        id=new_id(),
        invitation_id=about.id,
        questionnaire=about.questionnaire,
        version=about.version,
        language=survey.questionnaire.language(language),
        channel="link",
        service_area=about.service_area,
        team=about.team,
        about_on=about.about_on or today,
        answered_on=today,
        may_quote=bool(may_quote) if any(answer.has_text for answer in settled.values()) else None,
    )
    profile = (await context.profiles.current(transaction)).profile
    found_signs = look(context, transaction.org, profile, survey.version, settled)
    event = response_submitted(response, settled, now)
    try:
        in_burst = await responses.submit(
            transaction, response, draft, settled, event, reusable=about.reusable, worry=bool(found_signs), now=now
        )
    except LookupError:
        await surveys.drop(transaction, draft)
        return "used"
    if in_burst:
        await hold_beginning(transaction, about.id, now)
    if is_channel(about.channel):
        await sendings.stop(transaction, [about.id])
    await join_star(transaction, context, profile, response, settled, now)
    return Submitted(survey, concern=await open_worry(transaction, context, profile, response, found_signs, now))
