"""What the gateway's own routes share: the process' parts, and who is calling."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import aiohttp
from fastapi import Depends, Request
from multidict import CIMultiDict
from yarl import URL

from chassis.errors import DomainError, Kind
from chassis.unit_of_work import UnitOfWork
from gateway.access.admission import Admission
from gateway.access.authentication import Authentication
from gateway.adapters.tokens import AccessTokens
from gateway.domain.principals import Principal
from gateway.proxy.answers import Refusal
from gateway.proxy.exchange import Exchange
from gateway.proxy.incoming import Incoming
from gateway.proxy.upstreams import Route
from gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from gateway.web.gathered import Gathered
    from gateway.web.health import HealthOfAll


@dataclass
class Parts:
    """Everything that is put together once a process."""

    settings: GatewaySettings
    uow: UnitOfWork
    authentication: Authentication
    admission: Admission
    tokens: AccessTokens
    routes: dict[bytes, Route]
    health: "HealthOfAll"
    gathered: "Gathered"
    session: aiohttp.ClientSession | None = None
    passing: Exchange | None = None

    @staticmethod
    def plain_headers(base: str) -> CIMultiDict[str]:
        """Headers of a request of the gateway's own; its client adds none by itself, not even Host."""
        return CIMultiDict({"Host": URL(base).authority, "Accept": "application/json"})

    def exchange(self) -> Exchange:
        """What passes requests on; uvicorn hands over none before the application has started."""
        if self.passing is None:
            raise Refusal(503, "starting", "The gateway is still starting. Try again in a second.", {"Retry-After": "1"})
        return self.passing

    def client(self) -> aiohttp.ClientSession:
        """The HTTP client, which lives as long as the application runs."""
        if self.session is None:
            raise DomainError("starting", "The gateway is still starting. Try again in a second.", Kind.UNAVAILABLE)
        return self.session


def parts_of(request: Request) -> Parts:
    """The parts of the application that handles the request."""
    found: Parts = request.app.state.parts
    return found


def address_of(request: Request) -> str:
    """The caller's address, from which rates are counted."""
    address: str = request.state.address
    return address


async def operator(request: Request) -> Principal:
    """A dependency that lets the operator in and nobody else."""
    incoming = Incoming(request.scope["headers"])
    # A session is not asked for: the operator's routes take the operator's key alone, so no page can ride on a sign-in.
    incoming.cookie = b""
    principal = await parts_of(request).authentication.authenticate(incoming, address_of(request))
    if principal is None:
        raise DomainError("unauthenticated", "Send the operator's key (Authorization: Bearer).", Kind.UNAUTHENTICATED)
    if principal.kind != "operator":
        raise DomainError("forbidden", "Only the operator may do this.", Kind.FORBIDDEN)
    request.scope["state"]["principal"] = principal
    return principal


PartsDep = Annotated[Parts, Depends(parts_of)]
Operator = Annotated[Principal, Depends(operator)]
