"""What every page of an operator begins with: from where they come, their session, the token of its forms."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse

from chassis.access import OPERATOR, asks
from chassis.errors import not_found
from chassis.pages import csrf_token, page
from chassis.tenancy import INSTALLATION
from gateway.access.operators import operator_principal
from gateway.access.trail import note
from gateway.domain.operator_sessions import OperatorSession
from gateway.pages.cookies import operator_cookie
from gateway.pages.desk import Desk
from gateway.use_cases.operator_session import open_session, touch_session
from gateway.web.parts import Parts, PartsDep, address_of

LEAVE = "/operating/leave"


class CodeFirstError(Exception):
    """Nobody is here as operator: a code has to be typed first."""


@dataclass(frozen=True)
class OperatorDesk(Desk):
    """A page of an operator."""

    session: OperatorSession

    @property
    def _session(self) -> str:
        return self.session.session_hash

    def show(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Answer with a page."""
        token = csrf_token(self._key, self._session)
        around = {"person": self.person.label, "sign_out": LEAVE, "token": token}
        return page(self.request, template, status, **around, **{"errors": (), **context})


def from_inside(request: Request, parts: Parts) -> None:
    """Raise DomainError (404) unless operators may come from there: elsewhere there is no such page."""
    if not parts.authentication.lets_operators_in_from(request.state.exact):
        raise not_found("page")


async def at_desk(request: Request, parts: PartsDep) -> OperatorDesk:
    """A dependency that lets an operator in by the session of their browser, and nobody else; each page leaves an entry."""
    from_inside(request, parts)
    await parts.admission.count_anonymous(address_of(request))
    cookie = operator_cookie(request, parts.settings)
    session = await open_session(parts.uow, cookie) if cookie else None
    if session is None or (session.key_id is None and parts.settings.second_factor):
        raise CodeFirstError
    operator = operator_principal(session.subject, session.name)
    request.scope["state"]["principal"] = operator
    note(request, operator)
    await touch_session(parts.recording, session)
    return OperatorDesk(request, parts, operator, INSTALLATION, session)


asks(at_desk, OPERATOR)
AtDesk = Annotated[OperatorDesk, Depends(at_desk)]
