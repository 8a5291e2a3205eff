"""The gateway's pages: landing, demo sign-in, API documentation."""

from typing import Any

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.errors import DomainError, Kind
from chassis.pages import page, read_form, redirect
from chassis.settings import NavigationEntry
from gateway.access.admission import check_same_origin
from gateway.domain.paths import safe_next
from gateway.domain.people import PEOPLE
from gateway.domain.principals import Principal
from gateway.pages.reference import reference
from gateway.proxy.incoming import Incoming, cookie_value
from gateway.use_cases.sign_in import sign_in
from gateway.use_cases.sign_out import sign_out
from gateway.web.parts import Parts, PartsDep, address_of

log = structlog.get_logger(__name__)
router = APIRouter(include_in_schema=False)

_WITHOUT_NAVIGATION = "/reporting/"
"""Where staff begin on an installation that does not say what ways there are (`LOOP_NAVIGATION`)."""


@router.get("/")
async def landing(request: Request, parts: PartsDep) -> Response:
    """What this is, and the ways on."""
    person = await _signed_in(request, parts)
    ways = _ways(parts, person) if person else []
    return page(
        request, "landing.html", title="Learning Loop", person_in=person, ways=ways, sign_in=parts.settings.demo_sign_in
    )


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
    """Choose an organisation and a person; only where the demonstration's sign-in is switched on."""
    return await _form(request, parts, request.query_params.get("next"))


@router.post("/sign-in")
async def sign_in_as(request: Request, parts: PartsDep) -> Response:
    """Open a session and go where the person wanted to go."""
    _only_when_on(parts)
    check_same_origin(Incoming(request.scope["headers"]), parts.settings.public_origin)
    form = await read_form(request)
    org, person, target = form.text("organisation"), form.text("person"), form.text("next")
    try:
        cookie, session = await sign_in(parts.uow, org, person, parts.settings.session_lifetime)
    except DomainError as error:
        errors = [(each.pointer[1:], each.detail) for each in error.errors]
        return await _form(request, parts, target, status=422, errors=errors, chosen=(org, person))
    log.info("signed_in", org=org, roles=sorted(session.roles), request_id=request.state.request_id)
    response = redirect(safe_next(target, _ways(parts, session.principal())[0].href))
    response.set_cookie(
        parts.authentication.session_cookie.decode(),
        cookie,
        max_age=parts.settings.session_lifetime,
        path="/",
        secure=parts.settings.secure,
        httponly=True,
        samesite="lax",
    )
    return response


@router.get("/sign-out")
async def sign_out_link(request: Request, parts: PartsDep) -> Response:
    """End the session for a link of our own; from another site, ask first."""
    site = request.headers.get("sec-fetch-site", "same-origin")
    if site in {"same-origin", "none"}:
        return await _end(request, parts)
    return page(request, "sign-out.html", title="Sign out")


@router.post("/sign-out")
async def sign_out_form(request: Request, parts: PartsDep) -> Response:
    """End the session."""
    check_same_origin(Incoming(request.scope["headers"]), parts.settings.public_origin)
    return await _end(request, parts)


async def _end(request: Request, parts: Parts) -> Response:
    cookie = _cookie(request, parts)
    if cookie:
        await sign_out(parts.uow, cookie)
        parts.authentication.forget_session(cookie)
    response = redirect("/")
    response.delete_cookie(
        parts.authentication.session_cookie.decode(), path="/", secure=parts.settings.secure, httponly=True, samesite="lax"
    )
    # What this browser kept is not for the next person who sits down at it (W3C Clear Site Data).
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


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


def _ways(parts: Parts, person: Principal) -> list[NavigationEntry]:
    """Where somebody may go, where they begin first."""
    ways = [entry for entry in parts.settings.navigation if not person.grants.isdisjoint(entry.grants)]
    return ways or [NavigationEntry(text="Reports", href=_WITHOUT_NAVIGATION, grants=())]


def _only_when_on(parts: Parts) -> None:
    if not parts.settings.demo_sign_in:
        raise DomainError(
            "no-sign-in",
            "Nobody can sign in to this installation yet: it has no identity provider, and the demonstration's sign-in is off.",
            Kind.NOT_FOUND,
        )


def _cookie(request: Request, parts: Parts) -> bytes:
    return cookie_value(request.headers.get("cookie", "").encode("latin-1"), parts.authentication.session_cookie)


async def _signed_in(request: Request, parts: Parts) -> Principal | None:
    incoming = Incoming(request.scope["headers"])
    incoming.authorization = incoming.api_key = incoming.org = b""
    return await parts.authentication.authenticate(incoming, address_of(request))
