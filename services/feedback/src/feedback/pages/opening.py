"""The ways into a survey: a link, and a short code that is typed. Opening never uses anything up."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response

from chassis.outbox import now
from chassis.pages import csrf_token, page, read_form, redirect
from chassis.pages.csrf import FIELD, check
from chassis.tenancy import INSTALLATION
from chassis.web import uow_of
from feedback.adapters import sealing
from feedback.context import context_of
from feedback.domain import links
from feedback.pages import visit as visits
from feedback.pages.kind import browser_language, kind_page
from feedback.pages.visit import Visit
from feedback.use_cases import try_code
from feedback.use_cases.visit_survey import find_link, open_link


async def open_by_link(request: Request) -> Response:
    """`GET /s/{token}`: exchange the link for a cookie and lead on, so that the token leaves the address bar."""
    token = request.path_params["token"].lower()
    found = await _holder(request, links.token_hash(token)) if links.is_token(token) else None
    return await _enter(request, found)


async def _holder(request: Request, secret_hash: str) -> tuple[str, UUID] | None:
    async with uow_of(request).begin("", capability=secret_hash) as transaction:
        return await find_link(transaction, secret_hash)


async def _enter(
    request: Request, found: tuple[str, UUID] | None, unknown: Callable[[], Awaitable[Response]] | None = None
) -> Response:
    # What is unknown costs the database what a withdrawn one costs, so that the two cannot be told apart by their time: it is
    # looked for where nobody's rows are seen.
    org, invitation = found or ("", uuid4())
    context = context_of(request)
    before = visits.read(request, context.secrets)
    if before is not None and (before.org, before.invitation) != found:
        before = None
    async with uow_of(request).begin(org) as transaction:
        survey = await open_link(transaction, context, invitation, before.draft if before else None, now())
    if isinstance(survey, str):
        return await unknown() if unknown and survey == "unknown" else kind_page(request, survey)
    if before is not None and before.draft == survey.draft:
        # The same visit: forms that are still open in another tab stay good.
        visit = before
    else:
        visit = Visit.begin(org, invitation, survey.draft, survey.questionnaire.language(survey.invitation.language))
    response = redirect("/s/start")
    visit = visit.for_now(None if survey.invitation.reusable else survey.invitation.expires_on)
    visits.keep(response, visit, context.secrets, secure=context.secure)
    return response


async def show_code(request: Request) -> Response:
    """`GET /s/code`: ask for the short code."""
    return _code_page(request, visits.browser_of(request))


async def open_by_code(request: Request) -> Response:
    """`POST /s/code`: open the survey of a short code, unless too many wrong ones were typed."""
    form = await read_form(request)
    context = context_of(request)
    browser = visits.browser_of(request)
    typed = form.text("code")[:40]
    if not check(sealing.form_key(context.secrets), browser, form.get(FIELD, "")):
        return _code_page(request, browser, "form", typed, 403)
    if not typed:
        return _code_page(request, browser, "missing", typed, 422)
    moment = now()
    visitor = try_code.visitor_of(context.secrets, browser)
    async with uow_of(request).begin(INSTALLATION) as transaction:
        allowed = await try_code.may_try(transaction, visitor, moment)
    if not allowed:
        return _code_page(request, browser, "wait", typed, 429)
    capability = try_code.capability_of(context.secrets, typed)
    found = await _holder(request, capability) if capability else None
    # A code that was withdrawn is a wrong one, and counts as such.
    return await _enter(request, found, lambda: _wrong_code(request, browser, visitor, typed, moment))


async def _wrong_code(request: Request, browser: str, visitor: str, typed: str, moment: datetime) -> Response:
    async with uow_of(request).begin(INSTALLATION) as transaction:
        await try_code.count_wrong(transaction, visitor, moment)
    return _code_page(request, browser, "unknown", typed, 422)


def _code_page(request: Request, browser: str, error: str = "", typed: str = "", status: int = 200) -> Response:
    context = context_of(request)
    pages = request.app.state.pages
    language = browser_language(request)
    errors = [("code", pages.strings.say(language, f"code.error.{error}"))] if error else []
    token = csrf_token(sealing.form_key(context.secrets), browser)
    response = page(request, "code.html", status, token=token, errors=errors, typed=typed, language=language)
    visits.keep_browser(response, browser, secure=context.secure)
    return response
