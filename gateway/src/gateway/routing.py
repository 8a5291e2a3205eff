"""Which path goes to which service, and what a request there may cost: from `LOOP_ROUTES`, checked before anything starts."""

from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

OWN_PATHS = frozenset(
    {"gateway", "operating", "oauth2", "sign-in", "sign-out", "docs", "openapi.json", "health", "livez", "readyz", "metrics"}
)
"""First segments of the gateway's own paths: a route would hide them."""

Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Part = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9._~/-]{0,199}$")]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PathLimit(_Frozen):
    """What is different for some paths of a route. Of a route's limits the first that fits counts."""

    at: Literal["ends", "below", "holds"] = Field(description="How `path` is compared: with the end, the beginning, any place.")
    path: Part
    body: int | None = Field(default=None, gt=0, le=1 << 32, description="Bytes of a request's body at most.")
    seconds: float | None = Field(default=None, gt=0, le=86_400, description="For one whole exchange.")
    patient: bool = Field(
        default=False, description="Read a body that is too large away for two minutes, for people with files."
    )

    def fits(self, path: str) -> bool:
        """Whether it counts for a path."""
        if self.at == "ends":
            return path.endswith(self.path)
        return path.startswith(self.path) if self.at == "below" else self.path in path


class RouteRule(_Frozen):
    """One routed prefix."""

    prefix: Code = Field(description="First segment of the path.")
    service: Code = Field(description="The service that answers; its address stands in LOOP_UPSTREAMS.")
    open: bool = Field(default=False, description="For everybody, with the anonymous identity: pages for families.")
    body: int | None = Field(default=None, gt=0, le=1 << 32, description="Bytes of a body at most; left out, LOOP_BODY_LIMIT.")
    limits: tuple[PathLimit, ...] = Field(default=(), strict=False, max_length=50)


class RoutesError(ValueError):
    """The routes do not fit together; says which and how."""


def check(routes: Iterable[RouteRule], upstreams: Iterable[str], known: Iterable[str]) -> None:
    """Refuse routes that hide or contradict one another. Raises `RoutesError` with every fault, one a line."""
    routes, wrong = tuple(routes), []
    services = {each.service for each in routes}
    seen: set[str] = set()
    for each in routes:
        if each.prefix in OWN_PATHS:
            wrong.append(f"/{each.prefix} is the gateway's own; choose another prefix")
        if each.prefix in seen:
            wrong.append(f"/{each.prefix} is routed twice; keep one of them")
        seen.add(each.prefix)
        if each.service not in known:
            wrong.append(f"/{each.prefix} leads to {each.service}; the services are {', '.join(known)}")
        wrong += [
            f"/{each.prefix}: the limit for {limit.path} lies below no path of this route"
            for limit in each.limits
            if limit.at == "below" and not f"{limit.path}/".startswith(f"/{each.prefix}/")
        ]
    wrong += [
        f"LOOP_UPSTREAMS has an address for {name}, and no route leads there" for name in upstreams if name not in services
    ]
    if not routes:
        wrong.append("there is none, so nothing could be reached; leave LOOP_ROUTES out for the usual ones")
    if wrong:
        raise RoutesError("\n  ".join(("LOOP_ROUTES does not fit:", *wrong)))


def usual(*, batch: int, files: int, upload_seconds: float, export_seconds: float) -> tuple[RouteRule, ...]:
    """The routes of an installation that says nothing else: each service below its name, families below /s and /c.

    `batch` and `files` are bytes of a body with many records and of a form with files.
    """
    many = tuple(PathLimit(at="ends", path=path, body=batch) for path in ("/batch", "/spreadsheet", "/upload"))
    kept = (
        PathLimit(at="ends", path="/files", body=files, seconds=upload_seconds, patient=True),
        # One file is fetched below that path.
        PathLimit(at="holds", path="/files", seconds=upload_seconds),
    )
    exports = PathLimit(at="below", path="/reporting/exports/", seconds=export_seconds)
    return (
        RouteRule(prefix="audit", service="audit", limits=(*kept, *many)),
        RouteRule(prefix="feedback", service="feedback", limits=(*kept, *many)),
        RouteRule(prefix="complaints", service="complaints", limits=(*kept, *many)),
        RouteRule(prefix="reporting", service="reporting", limits=(exports, *kept, *many)),
        RouteRule(prefix="s", service="feedback", open=True, limits=(*kept, *many)),
        RouteRule(prefix="c", service="complaints", open=True, limits=(*kept, *many)),
    )
