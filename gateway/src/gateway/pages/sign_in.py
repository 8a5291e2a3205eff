"""Pages of staff who sign in at their organisation's provider: choose, go there, come back, be told why not."""

import structlog
from fastapi import APIRouter, Request
from prometheus_client import Counter
from starlette.responses import RedirectResponse, Response

from chassis.errors import DomainError, Kind
from chassis.pages import PAGE_HEADERS, page, redirect
from gateway.domain.browsers import browser_of
from gateway.domain.members import NotAMember
from gateway.domain.paths import safe_next
from gateway.domain.sign_in_profile import Provider, SignIn
from gateway.oidc.errors import ProviderAway, ProviderWrong, TokenRefused
from gateway.pages.cookies import attempt_cookie, give_attempt, give_session, session_cookie
from gateway.pages.session_log import log_signed_in
from gateway.pages.sign_in_words import DENIED, REFUSED
from gateway.pages.ways import first_way
from gateway.use_cases.begin_sign_in import begin_sign_in
from gateway.use_cases.finish_sign_in import Answer, AttemptGone, Browser, Denied, finish_sign_in
from gateway.use_cases.sign_in_context import SignInContext
from gateway.web.parts import Parts, PartsDep, address_of

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)

_REFUSED = Counter("loop_gateway_sign_ins_refused_total", "Sign-ins of staff that ended at a refusal, by the page.", ["page"])
for _kind_of_page in REFUSED:
    _REFUSED.labels(_kind_of_page)  # shown from the start: a rise from nothing would not be seen
_ANSWERED = ("state", "code", "error", "iss")


async def choose_organisation(request: Request, parts: Parts) -> Response:
    """Choose the organisation; where there is one with one provider, go there at once."""
    context, target = _context(parts), safe_next(request.query_params.get("next"), "")
    organisations = await context.organisations()
    if len(organisations) == 1:
        return await _of_organisation(request, parts, organisations[0][0], target)
    return page(
        request,
        "sign-in-choice.html",
        title="Sign in",
        question="Which organisation do you work for?",
        choices=[(f"/sign-in/{org}", name) for org, name in organisations],
        next=target,
    )


@router.get("/sign-in/{org}")
async def choose_provider(org: str, request: Request, parts: PartsDep) -> Response:
    """Choose the way to sign in; where there is one, go there at once."""
    await parts.admission.count_anonymous(address_of(request))
    return await _of_organisation(request, parts, org, safe_next(request.query_params.get("next"), ""))


async def _of_organisation(request: Request, parts: Parts, org: str, target: str) -> Response:
    found = await _sign_in_of(parts, org)
    if len(found.providers) == 1:
        return await _start(request, parts, org, found, found.providers[0], target)
    choices = [(f"/sign-in/{org}/{each.code}", each.name) for each in found.providers]
    return page(request, "sign-in-choice.html", title="Sign in", question="How do you sign in?", choices=choices, next=target)


@router.get("/sign-in/{org}/{code}")
async def start(org: str, code: str, request: Request, parts: PartsDep) -> Response:
    """Go to the provider."""
    await parts.admission.count_anonymous(address_of(request))
    found = await _sign_in_of(parts, org)
    return await _start(request, parts, org, found, _provider(found, code), safe_next(request.query_params.get("next"), ""))


async def _start(request: Request, parts: Parts, org: str, found: SignIn, provider: Provider, target: str) -> Response:
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        # Led here by another site, nobody is signed in without having said so themselves.
        choices = [(f"/sign-in/{org}/{provider.code}", f"Sign in with {provider.name}")]
        question = "Go on to sign in?"
        return page(request, "sign-in-choice.html", title="Sign in", question=question, choices=choices, next=target)
    again = request.query_params.get("again") == "yes"
    held = attempt_cookie(request, parts.settings)
    try:
        begun = await begin_sign_in(_context(parts), org, provider, target, held, again=again)
    except (ProviderAway, ProviderWrong) as error:
        return _refuse(request, org, found, provider.code, *_kind(error))
    response = RedirectResponse(begun.url, 303, headers=PAGE_HEADERS)
    give_attempt(response, begun.browser, parts.settings)
    return response


@router.get("/sign-in/{org}/{code}/callback")
async def callback(org: str, code: str, request: Request, parts: PartsDep) -> Response:
    """Come back from the provider."""
    await parts.admission.count_anonymous(address_of(request))
    found = await _sign_in_of(parts, org)
    provider = _provider(found, code)
    given = request.query_params
    if any(len(given.getlist(name)) > 1 for name in _ANSWERED):
        return _refuse(request, org, found, provider.code, "refused", "field-twice")
    answer = Answer(given.get("state", ""), given.get("code", ""), given.get("error", ""), given.get("iss"))
    held = session_cookie(request, parts.authentication)
    browser = Browser(attempt_cookie(request, parts.settings), held, browser_of(request.headers.get("user-agent", "")))
    try:
        done = await finish_sign_in(_context(parts), org, code, answer, browser)
    except (AttemptGone, Denied, NotAMember, TokenRefused, ProviderAway, ProviderWrong) as error:
        return _refuse(request, org, found, code, *_kind(error))
    log_signed_in(request, done.session)
    if held or done.ended:
        await parts.recall.everywhere()
    response = redirect(safe_next(done.target, first_way(parts.settings, done.session.principal())))
    give_session(response, done.cookie, parts.authentication, parts.settings)
    return response


def _kind(error: AttemptGone | Denied | NotAMember | TokenRefused | ProviderAway | ProviderWrong) -> tuple[str, str]:
    """Which page says why not, and the code for the log."""
    match error:
        case AttemptGone():
            return "gone", "no-attempt"
        case Denied():
            return DENIED.get(error.code, "denied"), "denied-by-provider"
        case NotAMember():
            return error.reason, error.reason
        case TokenRefused():
            return "refused", error.reason
    return "away" if isinstance(error, ProviderAway) else "wrong", error.reason


def _refuse(request: Request, org: str, found: SignIn, provider: str, kind: str, reason: str) -> Response:
    """The page that says why not, and one line for the administrator. Neither says anything about the person."""
    words = REFUSED[kind]
    _REFUSED.labels(kind).inc()
    log.warning("sign_in.refused", org=org, provider=provider, reason=reason, request_id=request.state.request_id)
    response = page(
        request,
        "sign-in-refused.html",
        words.status,
        title=words.title,
        text=words.text,
        ask=found.ask if words.ask else "",
        again=f"/sign-in/{org}" if words.again else "",
        reference=request.state.request_id,
    )
    if kind == "away":
        response.headers["Retry-After"] = "60"
    return response


def _context(parts: Parts) -> SignInContext:
    if parts.sign_in is None:
        detail = "Nobody signs in here at an organisation's provider: this installation is not set up for it."
        raise DomainError("no-sign-in", detail, Kind.NOT_FOUND)
    return parts.sign_in


async def _sign_in_of(parts: Parts, org: str) -> SignIn:
    found = await _context(parts).of(org)
    if found is None or not found.providers:
        detail = "There is no organisation of this name whose people sign in here. Go to /sign-in and choose yours."
        raise DomainError("no-sign-in", detail, Kind.NOT_FOUND)
    return found


def _provider(found: SignIn, code: str) -> Provider:
    provider = found.provider(code)
    if provider is None:
        raise DomainError("no-sign-in", "There is no such way to sign in. Go to /sign-in and choose again.", Kind.NOT_FOUND)
    return provider
