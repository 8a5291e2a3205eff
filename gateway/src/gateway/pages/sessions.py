"""One's own sessions: where one is signed in, and signing out there."""

from datetime import UTC, datetime, timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.days import british_time
from chassis.pages import page, read_form, redirect
from gateway.access.admission import check_same_origin
from gateway.adapters.sessions import SHORT, Session
from gateway.domain.principals import Principal
from gateway.domain.secrets import hash_of
from gateway.pages.cookies import forget_session, session_cookie
from gateway.pages.session_log import log_ended
from gateway.pages.ways import around
from gateway.proxy.incoming import Incoming
from gateway.use_cases.sign_out import end_sessions, sessions_of
from gateway.web.parts import Parts, PartsDep, address_of

router = APIRouter(include_in_schema=False)


@router.get("/sessions")
async def your_sessions(request: Request, parts: PartsDep) -> Response:
    """Every place where one is signed in."""
    person = await signed_in(request, parts)
    if person is None:
        return redirect("/sign-in?next=%2Fsessions")
    current = hash_of(session_cookie(request, parts.authentication))
    found = await sessions_of(parts.uow, person, parts.settings.session_idle)
    found.sort(key=lambda each: each.session_hash != current)  # this one first, then the newest
    return page(
        request,
        "sessions.html",
        title="Where you are signed in",
        sessions=[_row(each, current) for each in found],
        # What an administrator asks for when the directory of staff does not know somebody.
        number=person.subject,
        **around(parts.settings, person, request.url.path),
    )


def _row(session: Session, current: str) -> dict[str, object]:
    return {
        "id": session.session_hash[:SHORT],
        "browser": session.browser,
        "begun": moment_words(session.created_at),
        "used": moment_words(session.last_used_at),
        "current": session.session_hash == current,
    }


def moment_words(moment: datetime | None) -> str:
    """A moment as people here say it: `3 December 2026 at 14:30`."""
    if moment is None:  # pragma: no cover - only before it is stored
        return ""
    here = british_time(moment)
    return f"{here.day} {here:%B %Y} at {here:%H:%M}"


@router.post("/sessions")
async def end(request: Request, parts: PartsDep) -> Response:
    """Sign out in one place, in all others, or everywhere. Doing it again changes nothing."""
    check_same_origin(Incoming(request.scope["headers"]), parts.settings.public_origin)
    person = await signed_in(request, parts)
    if person is None:
        return redirect("/sign-in?next=%2Fsessions")
    which = (await read_form(request)).text("end")
    current = hash_of(session_cookie(request, parts.authentication))
    if which != current[:SHORT] and (again := await _must_prove(parts, person, current)):
        return page(
            request,
            "session-proof.html",
            title="Show first that it is you",
            again=again,
            **around(parts.settings, person, request.url.path),
        )
    if which == "everywhere":
        ended = await end_sessions(parts.uow, person)
    elif which == "others":
        ended = await end_sessions(parts.uow, person, but=current)
    else:
        found = await sessions_of(parts.uow, person, parts.settings.session_idle)
        only = next((each.session_hash for each in found if each.session_hash[:SHORT] == which), None)
        ended = await end_sessions(parts.uow, person, only=only) if only else []
    if ended:
        await parts.recall.everywhere()
    log_ended(request, person.org or "", ended, person.subject, person.subject)
    if current not in ended:
        return redirect("/sessions")
    response = redirect("/signed-out")
    forget_session(response, parts.authentication, parts.settings)
    return response


async def _must_prove(parts: Parts, person: Principal, current: str) -> str:
    """Where somebody goes to show anew who they are, empty where they did so not long ago, or cannot.

    Whoever finds a browser open must not be able to throw its owner out everywhere else. The demonstration knows no proof.
    """
    found = await sessions_of(parts.uow, person, parts.settings.session_idle)
    there = next((each.at_provider for each in found if each.session_hash == current), None)
    if there is None:
        return ""
    if there.proven_at and there.proven_at > datetime.now(UTC) - timedelta(seconds=parts.settings.session_proof):
        return ""
    return f"/sign-in/{person.org}/{there.provider}?again=yes&next=%2Fsessions"


async def signed_in(request: Request, parts: Parts) -> Principal | None:
    """Who is signed in, by their session and nothing else."""
    incoming = Incoming(request.scope["headers"])
    incoming.authorization = incoming.api_key = incoming.org = b""
    return await parts.authentication.authenticate(incoming, address_of(request))
