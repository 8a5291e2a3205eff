"""In whose name a request is handled: set by the frame around every service, read where its work is written down."""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from chassis.identity import Identity

LONGEST = 200
"""Characters of a value that are kept: ids and codes are shorter, and nothing longer is one."""


@dataclass
class Acting:
    """Who asked for what. `scope` is the ASGI scope of the request, in which the router writes what it found."""

    identity: Identity
    request_id: str
    scope: Mapping[str, Any]
    written: bool = False
    # A transaction was opened for the organisation: only then is there something to write down.
    touched: str | None = None
    # Codes that stand in a query or a form, and say which record it was; the handler adds them.
    said: dict[str, str] = field(default_factory=dict)
    # What was changed, as JSON of codes and numbers that is kept whole: of an act (`unit_of_work.Transaction.did`).
    detail: str = ""

    @property
    def method(self) -> str:
        """The HTTP method."""
        return str(self.scope["method"])

    @property
    def reads(self) -> bool:
        """Whether the request by its nature changes nothing."""
        return self.method in {"GET", "HEAD"}

    @property
    def route(self) -> str | None:
        """The template of the route (`/complaints/{complaint_id}`), None where none was found (static files)."""
        return getattr(self.scope.get("route"), "path", None)

    @property
    def parameters(self) -> dict[str, str]:
        """The ids and codes in the path, by name. What stands in a query or a body is never kept: it can hold names."""
        found: Mapping[str, Any] = {**(self.scope.get("path_params") or {}), **self.said}
        kept = {name: str(value)[:LONGEST] for name, value in found.items()}
        return {**kept, "detail": self.detail} if self.detail else kept


acting: ContextVar[Acting | None] = ContextVar("acting", default=None)
"""The request that is being handled; None in workers, and for families, of whose visits nothing is kept."""


def touch(org: str) -> None:
    """Say that a request reads of an organisation on a connection of its own; the frame writes it down when it is done."""
    request = acting.get()
    if request is not None:
        request.touched = request.touched or org


def begin(identity: Identity | None, request_id: str, scope: Mapping[str, Any]) -> Acting | None:
    """What is to be written down of a request, None for anonymous ones."""
    if identity is None or identity.kind == "anonymous":
        return None
    return Acting(identity, request_id, scope)
