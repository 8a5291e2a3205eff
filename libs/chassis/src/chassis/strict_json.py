"""Reading a JSON body before FastAPI does, so that whatever arrives is answered with the right problem.

FastAPI turns what the parser did not expect (bytes that are not UTF-8, numbers and nesting without end) into a bare 400; and
the standard library's parser lets lone surrogates and NaN through, which nothing behind it can store. orjson refuses them all.
"""

from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from chassis.errors import DomainError, Kind


class _Parsed(Request):
    """A request whose JSON was parsed already."""

    parsed: Any

    async def json(self) -> Any:
        return self.parsed


class StrictJsonRoute(APIRoute):
    """A route whose JSON body is read strictly; raises `DomainError` malformed-json (422), and 415 for another media type."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler, behind our reading."""
        handle = super().get_route_handler()

        async def strict(request: Request) -> Response:
            if request.method not in {"POST", "PUT", "PATCH"}:
                return await handle(request)
            parsed = _Parsed(request.scope, request.receive)
            body = await parsed.body()
            if not body:
                # Nothing to read: FastAPI knows whether the route needs a body.
                return await handle(parsed)
            if self.body_field is not None and not _is_json(request.headers.get("content-type", "")):
                raise HTTPException(415, "The body is not sent as JSON: set Content-Type to application/json.")
            try:
                parsed.parsed = orjson.loads(body)
            except orjson.JSONDecodeError as error:
                detail = f"The body is not JSON (RFC 8259, UTF-8): {error.msg}, at character {error.pos}. Nothing was stored."
                raise DomainError("malformed-json", detail, Kind.MALFORMED) from None
            return await handle(parsed)

        return strict


def _is_json(content_type: str) -> bool:
    """Whether FastAPI reads a body of this type as JSON; it takes every other for one text, and complains of that."""
    main, _, sub = content_type.partition(";")[0].strip().lower().partition("/")
    return main == "application" and (sub == "json" or sub.endswith("+json"))
