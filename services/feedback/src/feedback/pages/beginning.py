"""`/s/again`: delete what was begun on this device and begin again, for whoever else holds it or wants to."""

from dataclasses import replace
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response

from chassis.outbox import now
from chassis.pages import read_form, redirect
from chassis.pages.csrf import FIELD, check
from chassis.web import uow_of
from feedback.adapters import sealing, surveys
from feedback.context import context_of
from feedback.pages import visit as visits
from feedback.pages.kind import kind_page
from feedback.pages.survey_page import speaking, survey_page
from feedback.pages.survey_shown import DONE, START
from feedback.use_cases.visit_survey import visit_survey

AGAIN = "/s/again"


async def show_again(request: Request) -> Response:
    """`GET /s/again`: what would be deleted, and the button that does it; shows no answer."""
    return await _asked(request)


async def _asked(request: Request, *, stale: bool = False) -> Response:
    context = context_of(request)
    visit = visits.read(request, context.secrets)
    if visit is None:
        return kind_page(request, "lost")
    request.state.language = visit.language
    async with uow_of(request).begin(visit.org) as transaction:
        survey = await visit_survey(transaction, context, visit.invitation, visit.draft, now())
    if isinstance(survey, str):
        return kind_page(request, survey, visit.language)
    if survey.submitted or not survey.begun:
        return redirect(DONE if survey.submitted else START)
    visit = speaking(visit, survey)
    said = request.app.state.pages.strings.say(visit.language, "again.error.form")
    errors = [("again", said)] if stale else []
    return survey_page(request, "again.html", visit, survey, 403 if stale else 200, errors=errors)


async def begin_again(request: Request) -> Response:
    """`POST /s/again`: delete the draft of this visit; what was sent stays. Twice deletes nothing more."""
    form = await read_form(request)
    context = context_of(request)
    visit = visits.read(request, context.secrets)
    if visit is None:
        return kind_page(request, "lost")
    if not check(sealing.form_key(context.secrets), visit.forms, form.get(FIELD, "")):
        return await _asked(request, stale=True)
    async with uow_of(request).begin(visit.org) as transaction:
        await surveys.drop(transaction, visit.draft)
        survey = await visit_survey(transaction, context, visit.invitation, visit.draft, now())
    if isinstance(survey, str):
        return kind_page(request, survey, visit.language)
    if survey.submitted:
        return redirect(DONE)
    response = redirect(START)
    visits.keep(response, replace(visit, draft=uuid4()), context.secrets, secure=context.secure)
    return response
