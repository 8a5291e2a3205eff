"""Who may do what: dependencies that a route declares; each service tests every route against every grant."""

from collections.abc import Callable, Iterator
from typing import Annotated, Any

from fastapi import Depends, Request

from chassis.errors import DomainError, Kind
from chassis.identity import Identity

PUBLIC = "public"
"""How the tests' tables of access name who may call what anybody may, said out loud so that a forgotten route is found."""

OPERATOR = "operator"

_DECLARED: dict[Callable[..., Any], tuple[str, ...]] = {}


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

    _DECLARED[dependency] = any_of
    return dependency


def asks(dependency: Callable[..., Any], *any_of: str) -> None:
    """Declare what a dependency of another kind asks for, one of it being enough; the gateway's know no identity yet."""
    _DECLARED[dependency] = any_of


def declared(dependency: Callable[..., Any]) -> tuple[str, ...] | None:
    """The grants of which `requires` asks one, for a dependency that it made or that says so (`asks`); else None."""
    return _DECLARED.get(dependency)


def grants_of(dependant: Any) -> Iterator[tuple[str, ...]]:
    """What a route's dependant and everything that it depends on ask for; each is asked, one grant of each is enough."""
    for each in dependant.dependencies:
        if (found := declared(each.call)) is not None:
            yield found
        yield from grants_of(each)


def public(request: Request) -> Identity | None:
    """A dependency for routes that anybody may call."""
    return identity_of(request)


Anybody = Annotated[Identity | None, Depends(public)]


def org_of(identity: Identity) -> str:
    """The organisation for which the caller acts; `requires` has made sure that there is one."""
    if identity.org is None:
        raise DomainError("no-organisation", "Say for which organisation you act (Loop-Org).", Kind.FORBIDDEN)
    return identity.org


def whole_org(identity: Identity) -> str:
    """The organisation of somebody who is limited to no service area. Raises `needs-all-areas`."""
    if identity.areas:
        detail = "This is for somebody who is responsible for all service areas: a person's data do not stop at one."
        raise DomainError("needs-all-areas", detail, Kind.FORBIDDEN)
    return org_of(identity)
