"""Coming in as an operator with the code of `loop operator page`, and leaving again."""

from datetime import UTC, datetime

import structlog
from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.errors import DomainError
from chassis.pages import page, read_form, redirect
from gateway.access.admission import check_same_origin
from gateway.access.operators import operator_principal
from gateway.access.trail import note
from gateway.pages.cookies import forget_operator, give_operator
from gateway.pages.operator_desk import LEAVE, AtDesk, from_inside
from gateway.proxy.incoming import Incoming
from gateway.use_cases.operator_session import begin_session, end_session, whose_code
from gateway.web.parts import PartsDep, address_of

log = structlog.get_logger(__name__)

router = APIRouter(include_in_schema=False)
TITLE = "Come in as operator"


def entry_form(request: Request, status: int, wrong: str = "") -> Response:
    """The form for a code."""
    errors = [("code", wrong)] if wrong else []
    return page(request, "operating-enter.html", status, title=TITLE, errors=errors)


@router.get("/operating/enter")
async def ask_for_code(request: Request, parts: PartsDep) -> Response:
    """Where a code is typed."""
    from_inside(request, parts)
    return entry_form(request, 200)


@router.post("/operating/enter")
async def come_in(request: Request, parts: PartsDep) -> Response:
    """A right code begins a session; what was open in this browser before is left alone, and ends by itself."""
    from_inside(request, parts)
    check_same_origin(Incoming(request.scope["headers"]), parts.settings.public_origin)
    address = address_of(request)
    await parts.authentication.wait_after_wrong_ones(address)
    form = await read_form(request)
    try:
        session = await whose_code(parts.uow, form.text("code"))
        if session.key_id is None and parts.settings.second_factor:
            raise DomainError("wrong-code", "The installation's first key opens no page.")
        operator = operator_principal(session.subject, session.name)
        request.scope["state"]["principal"] = operator
        note(request, operator)
        cookie = await begin_session(parts.recording, form.text("code"))
    except DomainError as error:
        parts.authentication.count_wrong_code(address)
        return entry_form(request, 403, f"{error.detail} Get a new one with `loop operator page`")
    log.info("operator.came_in", operator=operator.subject)
    response = redirect("/operating")
    seconds = max(int((session.ends_at - datetime.now(UTC)).total_seconds()), 1)
    give_operator(response, cookie, seconds, parts.settings)
    return response


@router.get(LEAVE)
async def ask_to_leave(desk: AtDesk) -> Response:
    """Ask first: a link may come from anywhere."""
    return desk.show("operating-leave.html", title="Leave the operator's pages")


@router.post(LEAVE)
async def leave(desk: AtDesk) -> Response:
    """End the session."""
    await desk.posted()
    await end_session(desk.parts.recording, desk.session)
    log.info("operator.left", operator=desk.person.subject)
    response = redirect("/operating/enter")
    response.headers["Clear-Site-Data"] = '"cache"'
    forget_operator(response, desk.parts.settings)
    return response
