"""Another language, larger letters, or easy words, with one tap, and nothing is lost that was typed or ticked.

The buttons belong to the form of their page, so that a browser sends along what stands in it, with script or without. What fits
is kept with the answers; what does not fit, and how to reach a family, is shown again and kept nowhere.
"""

import re
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from chassis.outbox import now
from chassis.pages import Form, read_form, redirect
from chassis.pages.csrf import FIELD, check
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from feedback.adapters import sealing, surveys
from feedback.context import context_of
from feedback.domain.words import LANGUAGE_TAG
from feedback.pages import contact
from feedback.pages import visit as visits
from feedback.pages.answer_form import error_words, read_answer
from feedback.pages.kind import kind_page
from feedback.pages.survey_page import speaking
from feedback.pages.survey_shown import DONE, START, check_page, question_page
from feedback.pages.visit import Visit
from feedback.use_cases.answer_question import answer_question
from feedback.use_cases.ask_contact import offer
from feedback.use_cases.visit_survey import Survey, visit_survey

_BACK = re.compile(r"start|check|contact|question/(?P<number>[0-9]{1,3})(?P<from>\?from=check)?")
_TAG = re.compile(LANGUAGE_TAG)


async def go_back(request: Request) -> Response:
    """`GET /s/language?back=<page>`: a reload, or a link that somebody kept."""
    return redirect(_back(request))


async def switch(request: Request) -> Response:
    """`POST /s/language?back=<page>`: from now on another language, larger letters, or easy words.

    The form has `language`, `large_print` or `easy_read`; the last two are `on` or `off`; and what stood in the page's form. A
    form that is not ours changes nothing, leads back, and shows again what was typed. A language that the survey does not have
    is passed over when a page is shown.
    """
    form = await read_form(request)
    context = context_of(request)
    visit = visits.read(request, context.secrets)
    if visit is None:
        return kind_page(request, "lost")
    ours = check(sealing.form_key(context.secrets), visit.forms, form.get(FIELD, ""))
    wished = _wished(visit, form) if ours else visit
    request.state.language = wished.language
    async with uow_of(request).begin(visit.org) as transaction:
        response = await _again(request, transaction, wished, form, ours=ours)
    visits.keep(response, wished, context.secrets, secure=context.secure)
    return response


def _wished(visit: Visit, form: Form) -> Visit:
    language = form.text("language")
    if language and len(language) <= 35 and _TAG.fullmatch(language):  # noqa: PLR2004 - RFC 5646, section 4.4.1
        visit = replace(visit, language=language)
    if form.text("large_print"):
        visit = replace(visit, large_print=form.text("large_print") == "on")
    if form.text("easy_read"):
        visit = replace(visit, easy_read=form.text("easy_read") == "on")
    return visit


def _back(request: Request) -> str:
    back = request.query_params.get("back", "")
    return f"/s/{back}" if _BACK.fullmatch(back) else START


async def _again(request: Request, transaction: Transaction, visit: Visit, form: Form, *, ours: bool) -> Response:
    """The page that the buttons stood on, with what was in it."""
    at = _BACK.fullmatch(request.query_params.get("back", ""))
    if at is None or at[0] == "start":
        return redirect(START)
    context = context_of(request)
    survey = await visit_survey(transaction, context, visit.invitation, visit.draft, now())
    if isinstance(survey, str):
        return kind_page(request, survey, visit.language)
    visit = speaking(visit, survey)
    if survey.submitted or at[0] == "contact":
        to_contact = at[0] == "contact"
        return await _contact(request, transaction, visit, survey, form, ours=ours) if to_contact else redirect(DONE)
    if at["number"]:
        asked = _Asked(request, visit, survey, from_check=bool(at["from"]))
        return await asked.again(transaction, int(at["number"]), form, ours=ours)
    return await _check(request, transaction, visit, survey, form.get("may_quote"), ours=ours)


async def _check(
    request: Request, transaction: Transaction, visit: Visit, survey: Survey, said: str | None, *, ours: bool
) -> Response:
    if not ours:
        return check_page(request, visit, survey, "error.form.check", 403, said)
    if said is not None:
        await surveys.keep_consent(transaction, survey.draft, may_quote={"yes": True, "no": False}.get(said))
    return redirect(_back(request))


async def _contact(
    request: Request, transaction: Transaction, visit: Visit, survey: Survey, form: Form, *, ours: bool
) -> Response:
    offered = await offer(transaction, context_of(request), survey, now())
    if offered is None:
        return redirect(DONE)
    given = contact.given_in(form)
    if offered.asked or not any(given.values()):
        return redirect(_back(request))
    return contact.contact_page(request, visit, survey, offered, given, stale=not ours)


class _Asked:
    """A question that stood on the page."""

    def __init__(self, request: Request, visit: Visit, survey: Survey, *, from_check: bool) -> None:
        self.request, self.visit, self.survey, self.from_check = request, visit, survey, from_check

    async def again(self, transaction: Transaction, number: int, form: Form, *, ours: bool) -> Response:
        """Keep what was typed where it fits, and show the question with it."""
        survey = self.survey
        question = survey.version.at(number)
        if question is None or not survey.shown(question):
            return redirect(_back(self.request))
        typed = read_answer(question, form)
        wrong = "form" if not ours else typed.wrong if typed.values else None
        if wrong is not None:
            # With another language what is wrong is not said yet: nobody has gone on.
            error = "" if ours else error_words(self.request, self.visit.language, typed, wrong)
            status = 200 if ours else 403
            return question_page(
                self.request, self.visit, survey, question, typed.values, error, status, from_check=self.from_check
            )
        # A question that nothing was given to stays open: somebody who asks for another language has not skipped it.
        before = survey.answers.get(question.code)
        if typed.values or (before is not None and before.state != "skipped" and not question.required):
            await answer_question(transaction, context_of(self.request), survey, question, typed.answer, now())
        return redirect(_back(self.request))
