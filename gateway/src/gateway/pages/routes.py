"""The gateway's pages: landing, demo sign-in, API documentation."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from chassis.errors import DomainError, Kind
from chassis.pages import PAGE_HEADERS, page, read_form, redirect
from gateway.access.admission import check_same_origin
from gateway.adapters.sessions import Session
from gateway.domain.browsers import browser_of
from gateway.domain.paths import safe_next
from gateway.domain.people import PEOPLE
from gateway.pages.cookies import forget_session, give_session, session_cookie
from gateway.pages.reference import reference
from gateway.pages.session_log import log_signed_in, log_signed_out
from gateway.pages.sessions import signed_in
from gateway.pages.sign_in import choose_organisation
from gateway.pages.ways import first_way, ways
from gateway.proxy.incoming import Incoming
from gateway.use_cases.sign_in import Limits, sign_in
from gateway.use_cases.sign_out import sign_out
from gateway.web.parts import Parts, PartsDep, address_of

router = APIRouter(include_in_schema=False)


@router.get("/")
async def landing(request: Request, parts: PartsDep) -> Response:
    """What this is, and the ways on."""
    person = await signed_in(request, parts)
    found = ways(parts.settings, person) if person else []
    sign_in_is_on = parts.settings.sign_in != "none"
    return page(request, "landing.html", title="Learning Loop", person_in=person, ways=found, sign_in=sign_in_is_on)


@router.get("/docs")
async def docs(request: Request, parts: PartsDep) -> Response:
    """The gathered API description as a page."""
    document = await parts.gathered.of(parts)
    laid_out = reference(document)
    # A link leads somewhere, even when a service describes itself with a shape that it left out.
    anchors = {each.anchor for section in laid_out.sections for each in section.schemas}
    return page(request, "docs.html", title="API documentation", reference=laid_out, anchors=anchors)


@router.get("/sign-in")
async def choose(request: Request, parts: PartsDep) -> Response:
    """Choose an organisation, and where the demonstration's sign-in is switched on, a person."""
    if parts.settings.sign_in == "provider":
        await parts.admission.count_anonymous(address_of(request))
        return await choose_organisation(request, parts)
    return await _form(request, parts, request.query_params.get("next"))


@router.post("/sign-in")
async def sign_in_as(request: Request, parts: PartsDep) -> Response:
    """Open a session and go where the person wanted to go."""
    _only_when_on(parts)
    check_same_origin(Incoming(request.scope["headers"]), parts.settings.public_origin)
    form = await read_form(request)
    org, person, target = form.text("organisation"), form.text("person"), form.text("next")
    kind = browser_of(request.headers.get("user-agent", ""))
    try:
        settings = parts.settings
        limits = Limits(settings.session_lifetime, settings.session_idle, settings.sessions_per_person)
        cookie, session = await sign_in(parts.uow, org, person, limits, kind)
    except DomainError as error:
        errors = [(each.pointer[1:], each.detail) for each in error.errors]
        return await _form(request, parts, target, status=422, errors=errors, chosen=(org, person))
    if held := session_cookie(request, parts.authentication):
        await sign_out(parts.uow, held)
        await parts.recall.everywhere()
    log_signed_in(request, session)
    response = redirect(safe_next(target, first_way(parts.settings, session.principal())))
    give_session(response, cookie, parts.authentication, parts.settings)
    return response


@router.get("/sign-out")
async def sign_out_link(request: Request, parts: PartsDep) -> Response:
    """End the session for a link of our own; from another site, ask first."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site in {"same-origin", "none"}:
        return await _end(request, parts, onward=True)
    return page(request, "sign-out.html", title="Sign out")


@router.post("/sign-out")
async def sign_out_form(request: Request, parts: PartsDep) -> Response:
    """End the session."""
    check_same_origin(Incoming(request.scope["headers"]), parts.settings.public_origin)
    # A form may lead nowhere but here (form-action), so the provider is left for the page that says what is done.
    return await _end(request, parts, onward=False)


@router.get("/signed-out")
async def signed_out(request: Request, parts: PartsDep) -> Response:
    """Say that one is signed out, also to who comes back from having signed out at the provider."""
    person = await signed_in(request, parts)
    return page(
        request, "signed-out.html", title="You are still signed in" if person else "You are signed out", person_in=person
    )


async def _end(request: Request, parts: Parts, *, onward: bool) -> Response:
    cookie = session_cookie(request, parts.authentication)
    ended = await sign_out(parts.uow, cookie) if cookie else None
    if ended:
        log_signed_out(request, ended)
        await parts.recall.everywhere()
    away = await _at_provider(parts, ended) if ended and onward else None
    response = (
        RedirectResponse(away, 303, headers=PAGE_HEADERS)
        if away
        else redirect("/signed-out" if ended and ended.at_provider else "/")
    )
    # What a shared computer kept of pages goes; not its storage, where a family's unsent answers may lie (ADR 0009).
    response.headers["Clear-Site-Data"] = '"cache"'
    forget_session(response, parts.authentication, parts.settings)
    return response


async def _at_provider(parts: Parts, ended: Session) -> str | None:
    """Where to sign out at the provider too; without an answer from there the person is signed out here all the same."""
    context, there = parts.sign_in, ended.at_provider
    if context is None or there is None:
        return None
    profile = await context.of(ended.org)
    provider = profile.provider(there.provider) if profile else None
    return await context.client.end_session_url(provider, context.signed_out) if provider else None


async def _form(
    request: Request,
    parts: Parts,
    target: str | None,
    *,
    status: int = 200,
    errors: list[tuple[str, str]] | None = None,
    chosen: tuple[str, str] = ("", ""),
) -> Response:
    _only_when_on(parts)
    context: dict[str, Any] = {
        "title": "Sign in",
        "organisations": [(code, name, "") for code, name in await parts.authentication.directory.organisations()],
        "people": [(person.code, person.name, person.described) for person in PEOPLE.values()],
        # Where nobody asked for a page, the person's role decides where they begin.
        "next": safe_next(target, ""),
        "errors": errors or [],
        "chosen": chosen,
    }
    return page(request, "sign-in.html", status, **context)


def _only_when_on(parts: Parts) -> None:
    if not parts.settings.demo_sign_in:
        raise DomainError(
            "no-sign-in",
            "Nobody can sign in to this installation yet: it has no identity provider, and the demonstration's sign-in is off.",
            Kind.NOT_FOUND,
        )
