"""The survey itself: start, one question a page, check, done. Without script, and nothing is lost on the way."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Receive, Scope, Send

from chassis.outbox import now
from chassis.pages import Form, read_form, redirect
from chassis.pages.csrf import FIELD, check
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from feedback.adapters import sealing
from feedback.adapters.changes import Changes
from feedback.alerts import alert
from feedback.context import context_of
from feedback.domain.answers import Answer, walk
from feedback.domain.questionnaire import Question
from feedback.pages import no_reminders, view, you_said
from feedback.pages import visit as visits
from feedback.pages.answer_form import Typed, error_words, read_answer
from feedback.pages.beginning import begin_again, show_again
from feedback.pages.contact import ask, show_contact
from feedback.pages.kind import kind_page
from feedback.pages.language import go_back, switch
from feedback.pages.opening import open_by_code, open_by_link, show_code
from feedback.pages.survey_page import speaking as _speaking
from feedback.pages.survey_shown import (
    CHECK,
    DONE,
    check_page,
    done_page,
    onward,
    question_page,
    question_path,
    start_page,
    words_of,
)
from feedback.pages.visit import Visit
from feedback.use_cases.answer_question import answer_question
from feedback.use_cases.ask_contact import offer
from feedback.use_cases.submit_survey import submit_survey
from feedback.use_cases.visit_survey import Survey, first_open, visit_survey

Show = Callable[[Request, Visit, Survey], Response]


def _showing(show: Show, *, when_done: str | None = DONE, offers: bool = False) -> Callable[[Request], Awaitable[Response]]:
    """A page of the visit's survey; a survey that was sent leads to `when_done`. `offers`: it shows what can follow."""

    async def handle(request: Request) -> Response:
        context = context_of(request)
        visit = visits.read(request, context.secrets)
        if visit is None:
            return kind_page(request, "lost")
        request.state.language = visit.language
        async with uow_of(request).begin(visit.org) as transaction:
            survey = await visit_survey(transaction, context, visit.invitation, visit.draft, now())
            if offers and not isinstance(survey, str):
                request.state.offer = await offer(transaction, context, survey, now())
                request.state.changed = await Changes(transaction, context.secrets).any_public()
        if isinstance(survey, str):
            return kind_page(request, survey, visit.language)
        if survey.submitted and when_done:
            return redirect(when_done)
        return show(request, _speaking(visit, survey), survey)

    return handle


def _question(request: Request, visit: Visit, survey: Survey) -> Response:
    question = _asked(request, survey)
    if question is None:
        return redirect(onward(survey))
    answer = survey.answers.get(question.code)
    values = view.values_of(answer, words_of(request, visit, answer))
    return question_page(request, visit, survey, question, values, from_check=_from_check(request))


def _from_check(request: Request) -> bool:
    return request.query_params.get("from") == "check"


def _asked(request: Request, survey: Survey) -> Question | None:
    """The question of this address, None where there is none or it is not asked."""
    question = survey.version.at(request.path_params["number"])
    return question if question is not None and survey.shown(question) else None


@dataclass(frozen=True, slots=True)
class _Refused:
    """An answer that was not kept: what is shown again, with why."""

    visit: Visit
    survey: Survey
    question: Question
    typed: Typed
    slug: str


async def _post_question(request: Request) -> Response:
    """Keep an answer and lead on: to the next question, or back to the check that it came from."""
    form = await read_form(request)
    context = context_of(request)
    visit = visits.read(request, context.secrets)
    if visit is None:
        return kind_page(request, "lost")
    request.state.language = visit.language
    async with uow_of(request).begin(visit.org) as transaction:
        outcome = await _keep(request, transaction, visit, form)
    if isinstance(outcome, Response):
        return outcome
    error = _error(request, outcome)
    status = 403 if outcome.slug == "form" else 422
    shown, values = outcome.question, outcome.typed.values
    return question_page(request, outcome.visit, outcome.survey, shown, values, error, status, from_check=_from_check(request))


async def _keep(request: Request, transaction: Transaction, visit: Visit, form: Form) -> Response | _Refused:
    context = context_of(request)
    survey = await visit_survey(transaction, context, visit.invitation, visit.draft, now())
    if isinstance(survey, str):
        return kind_page(request, survey, visit.language)
    if survey.submitted:
        return redirect(DONE)
    visit = _speaking(visit, survey)
    question = _asked(request, survey)
    if question is None:
        return redirect(onward(survey))
    typed = read_answer(question, form)
    if not check(sealing.form_key(context.secrets), visit.forms, form.get(FIELD, "")):
        return _Refused(visit, survey, question, typed, "form")
    if typed.wrong is not None:
        return _Refused(visit, survey, question, typed, typed.wrong)
    answers = await answer_question(transaction, context, survey, question, typed.answer, now())
    return redirect(_next(request, survey, question, answers) if answers is not None else DONE)


def _error(request: Request, refused: _Refused) -> str:
    return error_words(request, refused.visit.language, refused.typed, refused.slug)


def _next(request: Request, survey: Survey, question: Question, answers: Mapping[str, Answer]) -> str:
    asked = [each for each, _ in walk(survey.version, answers)]
    after = asked[asked.index(question) + 1 :]
    if _from_check(request):
        # A changed answer may have opened another question; those that were seen are not asked again.
        number = first_open(survey.version, dict(answers))
        return question_path(number, from_check=True) if number else CHECK
    return question_path(survey.version.numbers[after[0].code]) if after else CHECK


async def _submit(request: Request) -> Response:
    """Send the answers, once; a second time shows the same confirmation."""
    form = await read_form(request)
    context = context_of(request)
    visit = visits.read(request, context.secrets)
    if visit is None:
        return kind_page(request, "lost")
    request.state.language = visit.language
    if not check(sealing.form_key(context.secrets), visit.forms, form.get(FIELD, "")):
        return await _showing(partial(check_page, error="error.form.check", status=403, said=form.text("may_quote")))(request)
    may_quote = {"yes": True, "no": False}.get(form.text("may_quote"))
    async with uow_of(request).begin(visit.org) as transaction:
        done = await submit_survey(
            transaction, context, visit.invitation, visit.draft, visit.language, now(), may_quote=may_quote
        )
    if isinstance(done, str):
        return kind_page(request, done, visit.language)
    if done.missing is not None:
        return redirect(question_path(done.missing, from_check=True))
    if done.concern is not None:
        alert(visit.org, done.concern)
    return redirect(DONE)


class _Page(Route):
    """A route whose pattern stands in the access log; the path itself may hold a link."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """As a route does; a number with more digits than Python reads (4,300) leads nowhere."""
        try:
            return super().matches(scope)
        except ValueError:
            return Match.NONE, {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        scope["route"] = self
        await super().handle(scope, receive, send)


def survey_routes() -> list[Route]:
    """The routes under /s. Everybody may call them: the link is the permission."""
    return [
        _Page("/s/start", _showing(start_page), methods=["GET"]),
        _Page("/s/question/{number:int}", _showing(_question), methods=["GET"]),
        _Page("/s/question/{number:int}", _post_question, methods=["POST"]),
        _Page("/s/check", _showing(check_page), methods=["GET"]),
        _Page("/s/check", _submit, methods=["POST"]),
        _Page("/s/done", _showing(done_page, when_done=None, offers=True), methods=["GET"]),
        _Page("/s/contact", _showing(show_contact, when_done=None, offers=True), methods=["GET"]),
        _Page("/s/contact", ask, methods=["POST"]),
        _Page("/s/language", switch, methods=["POST"]),
        _Page("/s/language", go_back, methods=["GET"]),
        _Page("/s/again", show_again, methods=["GET"]),
        _Page("/s/again", begin_again, methods=["POST"]),
        _Page("/s/code", show_code, methods=["GET"]),
        _Page("/s/code", open_by_code, methods=["POST"]),
        _Page("/s/no/{token}", no_reminders.ask, methods=["GET"]),
        _Page("/s/no/{token}", no_reminders.stop, methods=["POST"]),
        _Page("/s/you-said/{org}", you_said.you_said, methods=["GET"]),
        _Page("/s/{token}", open_by_link, methods=["GET"]),
    ]
