"""What the gateway's own routes share: the process' parts, and who is calling."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import aiohttp
from fastapi import Depends, Request
from multidict import CIMultiDict
from yarl import URL

from chassis.access import OPERATOR, asks
from chassis.errors import DomainError, Kind
from chassis.secrets import Secrets
from chassis.unit_of_work import UnitOfWork
from gateway.access.admission import Admission
from gateway.access.authentication import Authentication
from gateway.access.maintenance import Maintenance
from gateway.access.recall import Recall
from gateway.access.settling import Settling
from gateway.access.trail import Walks, note
from gateway.adapters.tokens import AccessTokens
from gateway.domain.principals import Principal
from gateway.proxy.answers import Refusal
from gateway.proxy.exchange import Exchange
from gateway.proxy.guard import Guard
from gateway.proxy.incoming import Incoming
from gateway.proxy.upstreams import Route
from gateway.settings import GatewaySettings

if TYPE_CHECKING:
    from chassis.profile_store import ProfileStore
    from gateway.domain.sign_in_profile import SignInDocument
    from gateway.use_cases.sign_in_context import SignInContext
    from gateway.use_cases.webhook_setup import WebhookSetup
    from gateway.web.gathered import Gathered
    from gateway.web.health import HealthOfAll


@dataclass
class Parts:
    """Everything that is put together once a process."""

    settings: GatewaySettings
    uow: UnitOfWork
    recording: UnitOfWork
    """As `uow`, for what is done in the name of an operator or administrator: each transaction leaves an entry in the trail."""
    authentication: Authentication
    admission: Admission
    settling: Settling
    maintenance: Maintenance
    recall: Recall
    walks: Walks
    tokens: AccessTokens
    routes: dict[bytes, Route]
    guards: dict[str, Guard]
    health: "HealthOfAll"
    gathered: "Gathered"
    profiles: "ProfileStore[SignInDocument]"
    webhooks: "WebhookSetup"
    operator_secrets: Secrets
    """What seals the second factors of operators."""
    forward_auth_key: bytes | None = None
    sign_in: "SignInContext | None" = None
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


def incoming_of(request: Request) -> Incoming:
    """The headers of a request to the operator's own routes.

    A session is not asked for: they take the operator's key alone, so no page can ride on a sign-in.
    """
    incoming = Incoming(request.scope["headers"])
    incoming.cookie = b""
    incoming.exact = request.state.exact
    return incoming


async def operator(request: Request) -> Principal:
    """A dependency that lets the operator in and nobody else."""
    return await _operator(request, first=False)


async def beginner(request: Request) -> Principal:
    """As `operator`, and also with the installation's first key, where it does not count for anything else."""
    return await _operator(request, first=True)


async def _operator(request: Request, *, first: bool) -> Principal:
    authentication = parts_of(request).authentication
    principal = await authentication.authenticate(incoming_of(request), address_of(request), first=first)
    if principal is None:
        raise DomainError("unauthenticated", "Send the operator's key (Authorization: Bearer).", Kind.UNAUTHENTICATED)
    if principal.kind != "operator":
        raise DomainError("forbidden", "Only the operator may do this.", Kind.FORBIDDEN)
    request.scope["state"]["principal"] = principal
    note(request, principal)
    return principal


def operator_or(scope: str) -> Callable[[Request], Awaitable[Principal]]:
    """A dependency that lets operators in, and systems with a scope; no page can ride on a sign-in here either."""

    async def reader(request: Request) -> Principal:
        parts = parts_of(request)
        found = await parts.authentication.authenticate(incoming_of(request), address_of(request))
        if found is None:
            detail = f"Send an operator's key, or credentials with the scope {scope}."
            raise DomainError("unauthenticated", detail, Kind.UNAUTHENTICATED)
        request.scope["state"]["principal"] = found
        if found.kind != "operator":
            if found.kind != "client" or scope not in found.grants:
                raise DomainError("forbidden", f"This needs the scope {scope}.", Kind.FORBIDDEN)
            await parts.admission.count_client(found)
        note(request, found)
        return found

    asks(reader, OPERATOR, scope)
    return reader


asks(operator, OPERATOR)
asks(beginner, OPERATOR)
PartsDep = Annotated[Parts, Depends(parts_of)]
Operator = Annotated[Principal, Depends(operator)]
Beginner = Annotated[Principal, Depends(beginner)]
