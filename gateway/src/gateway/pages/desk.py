"""What every page of an administrator begins with: who it is, that they may, the token of its forms."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import HTMLResponse

from chassis.access import asks
from chassis.errors import DomainError, Kind
from chassis.pages import Form, csrf_token, page, read_form
from chassis.pages.forms import require_token
from gateway.access.admission import check_same_origin
from gateway.access.trail import note
from gateway.domain.principals import Principal
from gateway.domain.secrets import hash_of
from gateway.pages.cookies import session_cookie
from gateway.pages.sessions import signed_in
from gateway.pages.ways import around
from gateway.proxy.incoming import Incoming
from gateway.use_cases.hold_client import Actor
from gateway.web.parts import Parts, PartsDep

ROLE = "role:administrator"


class SignInFirstError(Exception):
    """Nobody is signed in; `target` is where they wanted to go."""

    def __init__(self, target: str) -> None:
        super().__init__("sign in first")
        self.target = target


@lru_cache(maxsize=8)
def _form_key(signing_key: Path) -> bytes:
    # All gateways have this key, so a form of one may be sent to another.
    return hmac.digest(signing_key.read_bytes(), b"gateway forms v1", hashlib.sha256)


@dataclass(frozen=True)
class Desk:
    """A page of an administrator: the request, the process' parts, and who is looking."""

    request: Request
    parts: Parts
    person: Principal
    org: str

    @property
    def actor(self) -> Actor:
        """Who the history says it was: by their number in the directory of staff, since a name does not belong there."""
        return Actor(self.person.subject)

    @property
    def _session(self) -> str:
        return hash_of(session_cookie(self.request, self.parts.authentication))

    @property
    def _key(self) -> bytes:
        return _form_key(self.parts.settings.signing_key)

    def show(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Answer with a page."""
        return page(
            self.request,
            template,
            status,
            token=csrf_token(self._key, self._session),
            **around(self.parts.settings, self.person, self.request.url.path),
            **{"errors": (), **context},
        )

    async def posted(self) -> Form:
        """The form that was posted, from a page of ours and of this session. Raises DomainError or Refusal."""
        check_same_origin(Incoming(self.request.scope["headers"]), self.parts.settings.public_origin)
        form = await read_form(self.request)
        require_token(form, self._key, self._session)
        return form


async def desk_of(request: Request, parts: Parts, check: Callable[[Principal], None], home: str) -> Desk:
    """The desk of who is signed in and passes `check`, which raises; who is not comes back to the page, or to `home`."""
    person = await signed_in(request, parts)
    if person is None or person.org is None:
        query = f"?{request.url.query}" if request.url.query else ""
        raise SignInFirstError(f"{request.url.path}{query}" if request.method == "GET" else home)
    request.scope["state"]["principal"] = person
    check(person)
    note(request, person)
    return Desk(request, parts, person, person.org)


async def administrator(request: Request, parts: PartsDep) -> Desk:
    """A dependency that lets an organisation's administrator in, and nobody else."""
    return await desk_of(request, parts, check_may, "/clients")


def check_may(person: Principal) -> None:
    """Raise DomainError unless somebody is an administrator of their whole organisation."""
    if ROLE not in person.grants:
        raise DomainError("forbidden", "Only an administrator of the organisation may do this.", Kind.FORBIDDEN)
    if person.areas:
        detail = (
            "You are an administrator for some service areas only. Credentials of other systems are given by somebody "
            "who is an administrator for the whole organisation."
        )
        raise DomainError("administrator-of-areas", detail, Kind.FORBIDDEN)


asks(administrator, ROLE)
Administrator = Annotated[Desk, Depends(administrator)]
