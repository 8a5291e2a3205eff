"""Who may do what: dependencies that a route declares; each service tests every route against every grant."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from chassis.errors import DomainError, Kind
from chassis.identity import Identity

PUBLIC = "public"
"""How the tests' tables of access name who may call what anybody may, said out loud so that a forgotten route is found."""

OPERATOR = "operator"


def identity_of(request: Request) -> Identity | None:
    """The verified identity of the request, if it carries one."""
    found: Identity | None = getattr(request.state, "identity", None)
    return found


def requires(*any_of: str, installation: bool = False) -> Callable[[Request], Identity]:
    """Let in callers who hold one of the grants (scopes, `role:<role>`, `operator`) and act for an organisation.

    `installation` is for what concerns no single organisation: there an operator need not name one.
    """

    def dependency(request: Request) -> Identity:
        identity = identity_of(request)
        if identity is None:
            raise DomainError("unauthenticated", "Sign in, or send credentials to the gateway.", Kind.UNAUTHENTICATED)
        if not identity.may(*any_of):
            detail = f"This needs one of: {', '.join(any_of)}. Ask your organisation's administrator for it."
            raise DomainError("forbidden", detail, Kind.FORBIDDEN)
        if identity.org is None and not (installation and identity.may(OPERATOR)):
            raise DomainError("no-organisation", "Say for which organisation you act (Loop-Org).", Kind.FORBIDDEN)
        return identity

    return dependency


def public(request: Request) -> Identity | None:
    """A dependency for routes that anybody may call."""
    return identity_of(request)


Anybody = Annotated[Identity | None, Depends(public)]


def org_of(identity: Identity) -> str:
    """The organisation for which the caller acts; `requires` has made sure that there is one."""
    if identity.org is None:
        raise DomainError("no-organisation", "Say for which organisation you act (Loop-Org).", Kind.FORBIDDEN)
    return identity.org
