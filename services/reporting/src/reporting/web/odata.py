"""The BI feed: OData 4.0, read-only, flat entity sets, JSON. Conforms to what OData calls the minimal level and more.

Pages hold 1,000 rows unless the client asks otherwise (`Prefer: odata.maxpagesize`); the next one begins at a sort key, so
rows that come and go in between are neither repeated nor skipped.
"""

import hashlib
import re
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.responses import Response

from chassis.access import OPERATOR, org_of, requires
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.problems import STATUS
from chassis.web import uow_of
from reporting.domain.odata import metadata, query
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import ODataError
from reporting.use_cases.read_feed import FeedAnswer, open_feed
from reporting.web.answers import NOT_CHANGED, OBJECTS, shape

PATH = "/reporting/odata/v4"
VERSION = {"OData-Version": "4.0", "Cache-Control": "private, no-cache"}
JSON = "application/json;odata.metadata=minimal;charset=utf-8"
_PAGE_SIZE = re.compile(r"(?:^|[,;])\s*(?:odata\.)?maxpagesize\s*=\s*(\d{1,6})\s*(?:$|[,;])", re.IGNORECASE)

_TRACK = re.compile(r"(?:^|[,;])\s*(?:odata\.)?track-changes\s*(?:$|[,;])", re.IGNORECASE)

Reader = Annotated[Identity, Depends(requires("reporting:read", OPERATOR))]


class ODataFault(BaseModel):
    """What was wrong."""

    code: str
    message: str


class ODataFailure(BaseModel):
    """An error in the form that OData clients read (OData JSON 4.01, section 21)."""

    error: ODataFault


_FAILURES: dict[int | str, dict[str, Any]] = {
    status: {"model": ODataFailure, "description": words}
    for status, words in {
        400: "The query cannot be understood.",
        401: "No credentials, or none that are good.",
        403: "The caller is known and may not.",
        404: "There is no such set.",
        406: "Another format than JSON was asked for.",
        410: "The delta link is worth nothing any more: read the whole set.",
        501: "OData has it, and this feed does not.",
        503: "The reports are being rebuilt.",
    }.items()
}
_ROWS = shape({"@odata.context": {"type": "string"}, "value": OBJECTS})
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ODataRoute(APIRoute):
    """A route whose errors have the form that OData clients read."""

    def get_route_handler(self) -> Handler:
        """The handler, with errors put into form."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except ODataError as error:
                return _error(error.status, error.code, error.message)
            except DomainError as error:
                return _error(STATUS[error.kind], error.slug, error.detail)
            except RequestValidationError:
                return _error(400, "malformed-query", "The request does not have the form that is documented.")

        return guarded


def router() -> APIRouter:
    """The service document, `$metadata` and the entity sets."""
    routes = APIRouter(prefix=PATH, tags=["odata"], route_class=ODataRoute, responses=_FAILURES)

    @routes.get("/", summary="OData service document", responses=_ROWS)
    @routes.get("", include_in_schema=False)
    async def read_service(request: Request, _: Reader) -> Response:
        """The entity sets of the feed."""
        return _json(orjson.dumps(metadata.service_document(_base(request))))

    @routes.get(
        "/$metadata",
        summary="OData metadata (CSDL XML)",
        response_class=Response,
        responses={200: {"content": {"application/xml": {}}}},
    )
    async def read_metadata(_: Reader) -> Response:
        """Every entity set and property, with its type and description."""
        return Response(metadata.csdl(), media_type="application/xml", headers=VERSION)

    @routes.get(
        "/{name}/$count",
        summary="Number of rows of an entity set",
        response_class=Response,
        responses={200: {"content": {"text/plain": {}}}, **NOT_CHANGED},
    )
    async def count_rows(request: Request, name: str, identity: Reader) -> Response:
        """As text; `$filter` and `$apply` apply."""
        asked = _asked(request, name)
        async with uow_of(request).begin(org_of(identity)) as transaction:
            reading = await open_feed(transaction, identity.areas, asked)
            tag = _tag(request, asked, reading.state)
            if _holds(request, tag):
                return _unchanged(tag)
            total = await reading.count()
        return Response(str(total), media_type="text/plain", headers={**VERSION, **tag})

    @routes.get("/{name}", summary="Rows of an entity set", responses={**_ROWS, **NOT_CHANGED})
    async def read_rows(request: Request, name: str, identity: Reader) -> Response:
        """`$select`, `$filter`, `$orderby`, `$top`, `$skip`, `$count` and `$apply`; follow `@odata.nextLink` to the end.

        `$filter` knows eq, ne, gt, ge, lt, le, in, and, or, not, contains, startswith and endswith. `$apply` knows filter,
        groupby and aggregate. `Prefer: odata.track-changes` asks for an `@odata.deltaLink`, which gives what changed since.
        """
        asked = _asked(request, name)
        async with uow_of(request).begin(org_of(identity)) as transaction:
            reading = await open_feed(transaction, identity.areas, asked)
            tag = _tag(request, asked, reading.state)
            if _holds(request, tag):
                return _unchanged(tag)
            answer = await reading.page()
        return _json(_body(request, asked, answer), {**_applied(request, asked), **tag})

    @routes.get("/{rest:path}", include_in_schema=False)
    async def read_nothing(rest: str, _: Reader) -> Response:
        """Everything else under the feed's address."""
        raise ODataError(404, "not-found", f"There is nothing at '{rest[:80]}'; the service document lists what there is.")

    return routes


def _asked(request: Request, name: str) -> query.Query:
    entities = ENTITY_SETS.get(name)
    if entities is None:
        raise ODataError(404, "not-found", f"There is no entity set '{name[:40]}'. There are: {', '.join(ENTITY_SETS)}.")
    prefer = request.headers.get("prefer", "")
    preferred = _PAGE_SIZE.search(prefer)
    size = min(max(int(preferred[1]), 1), query.MOST_PAGE) if preferred else query.PAGE
    return query.read(entities, request.query_params.multi_items(), size, track=_TRACK.search(prefer) is not None)


def _body(request: Request, asked: query.Query, answer: FeedAnswer) -> bytes:
    """The page, put together around the rows that PostgreSQL wrote as JSON."""
    base = _base(request)
    named = [each.name for each in asked.columns] if asked.select or asked.grouping else []
    context = f"{base}$metadata#{asked.entities.name}{'(' + ','.join(named) + ')' if named else ''}"
    head: dict[str, Any] = {"@odata.context": context + ("/$delta" if asked.since else "")}
    if answer.total is not None:
        head["@odata.count"] = answer.total
    parts = [orjson.dumps(head)[:-1], b',"value":[', answer.rows.encode(), b"]"]
    if answer.following is not None:
        parts += [b',"@odata.nextLink":', _link(request, asked, *answer.following)]
    if answer.delta is not None:
        parts += [b',"@odata.deltaLink":', _link(request, asked, "$deltatoken", answer.delta)]
    return b"".join([*parts, b"}"])


def _link(request: Request, asked: query.Query, option: str, token: str) -> bytes:
    """The address of this query from another point on, as JSON."""
    dropped = {"skiptoken", "deltatoken", *(("count",) if option == "$deltatoken" else ())}
    kept = [item for item in request.query_params.multi_items() if item[0].lower().lstrip("$") not in dropped]
    link = request.url.replace_query_params().include_query_params(**dict(kept), **{option: token})
    return orjson.dumps(f"{_base(request)}{asked.entities.name}?{link.query}")


def _tag(request: Request, asked: query.Query, state: str | None) -> dict[str, str]:
    """The weak ETag of an answer; a delta link has none, since each of its answers is another."""
    if state is None or asked.since is not None:
        return {}
    parts = [state, request.url.path, request.url.query, str(asked.size), str(asked.tracked), _base(request)]
    return {"ETag": f'W/"{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:32]}"'}


def _holds(request: Request, tag: dict[str, str]) -> bool:
    held = {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}
    return bool(tag) and (tag["ETag"].removeprefix("W/") in held or "*" in held)


def _unchanged(tag: dict[str, str]) -> Response:
    return Response(status_code=304, headers={**VERSION, **tag})


def _base(request: Request) -> str:
    """The address of the feed as people outside know it."""
    return f"{request.app.state.settings.public_url.rstrip('/')}{PATH}/"


def _applied(request: Request, asked: query.Query) -> dict[str, str]:
    applied = []
    if _TRACK.search(request.headers.get("prefer", "")) and (asked.tracked or asked.since):
        applied.append("odata.track-changes")
    if _PAGE_SIZE.search(request.headers.get("prefer", "")):
        applied.append(f"odata.maxpagesize={asked.size}")
    return {"Preference-Applied": ", ".join(applied)} if applied else {}


def _json(content: bytes, headers: dict[str, str] | None = None) -> Response:
    return Response(content, headers={**VERSION, "Content-Type": JSON, **(headers or {})})


def _error(status: int, code: str, message: str) -> Response:
    content = orjson.dumps({"error": {"code": code, "message": message}})
    headers = {**VERSION, "Content-Type": "application/json", "Cache-Control": "no-store"}
    return Response(content, status_code=status, headers=headers)
