"""The OpenAPI document of an application: FastAPI's own, completed with what all operations share.

A route documents what is its own: its answers 2xx, and in words why *it* says 404 or 409. What stands before and around routes
(gateway, identity, limits, the reading of bodies, conditions, keys of idempotency, a database that is away) answers all of them
alike, and is documented here, by what the operation takes: nothing of it is written at a route, and nothing is forgotten.
"""

from collections.abc import Iterable, Iterator, Mapping
from threading import Lock
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts
from fastapi.telemetry import TelemetryConfig
from starlette.responses import Response

from chassis.access import OPERATOR, grants_of
from chassis.problems import MEDIA_TYPE, Problem


def schemes(public_url: str, scopes: Mapping[str, str] | None = None) -> dict[str, dict[str, Any]]:
    """How a caller shows the gateway who they are. Behind a scheme stand the scope or role of which an operation asks one."""
    flow = {"tokenUrl": f"{public_url.rstrip('/')}/oauth2/token", "scopes": dict(scopes or {})}
    return {
        "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
        "oauth2": {"type": "oauth2", "flows": {"clientCredentials": flow}},
        "basic": {"type": "http", "scheme": "basic", "description": "Only below /reporting/odata and /reporting/exports."},
        "session": {
            "type": "apiKey", "in": "cookie", "name": "__Host-loop-session",
            "description": "Staff, signed in with a browser. Without https the cookie is called `loop-session`.",
        },
        "operator": {"type": "http", "scheme": "bearer", "description": "The operator's key, with the header Loop-Org."},
    }  # fmt: skip


NO_TELEMETRY: TelemetryConfig = {
    "tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False,
}  # fmt: skip
"""For every application. FastAPI's own telemetry would send paths, queries and the words of errors as soon as anything sets up
a provider (FASTAPI_OTEL_AUTO_CONFIGURE does); what is traced is said by `chassis.tracing`."""

_BASIC = ("/reporting/odata/", "/reporting/exports/")
_OPERATORS = frozenset({OPERATOR, "profile:write"})
_METHODS = frozenset({"get", "put", "post", "delete", "patch"})

_WORDS: dict[int, str] = {
    400: "The request could be read in two ways: two credentials, an ambiguous path, no single Host.",
    401: "No credentials, or none that are good.",
    403: "The caller is known and may not: another scope, role, service area or organisation is needed.",
    404: "There is none, or not for the caller's eyes.",
    408: "The body did not arrive in time.",
    409: "Against the state of things, or a request with this Idempotency-Key is still under way.",
    412: "It was changed since the caller read it (If-Match).",
    413: "The body is larger than is read here.",
    414: "The address is longer than 8 KiB.",
    415: "The body is of another media type than those that are documented.",
    422: "Something in the request is not as documented; `errors` names every place. Nothing was stored.",
    428: "The header If-Match is needed.",
    429: "Too much at once. Send it again after the time in Retry-After, with the same key.",
    431: "More headers than are read here: 100, or 32 KiB.",
    502: "A part of the installation did not answer as it should. Send it again with the same key.",
    503: "A part of the installation is away or busy for the moment. Send it again after Retry-After, with the same key.",
    504: "A part of the installation did not answer in time. Send it again with the same key.",
}
_HEADERS: dict[int, dict[str, str]] = {
    401: {"WWW-Authenticate": "How to come in (RFC 9110, 11.6.1)."},
    429: {"Retry-After": "Seconds to wait."},
    503: {"Retry-After": "Seconds to wait, where they are known."},
}
_ALWAYS = (400, 401, 414, 429, 431, 502, 503, 504)
_ERRORS = 400
_SCHEMAS = "#/components/schemas/"
_NOT_OURS = ("HTTPValidationError", "ValidationError")
"""What FastAPI says of its own malformed answers, which `chassis.problems` replaces."""


class DescribedApp(FastAPI):
    """An application whose OpenAPI document is complete."""

    def setup(self) -> None:
        """Serve the document. A thread makes it, once: the event loop would stand still for the two seconds that it takes."""
        lock = Lock()
        content = b""

        def openapi(_: Request) -> Response:
            nonlocal content
            with lock:
                content = content or orjson.dumps(self.openapi())
            return Response(content, media_type="application/json")

        self.add_route(self.openapi_url or "/openapi.json", openapi, include_in_schema=False)

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = complete(super().openapi(), grants(self), self.state.settings.public_url)
        return self.openapi_schema


def grants(app: FastAPI) -> dict[tuple[str, str], tuple[tuple[str, ...], ...]]:
    """What each operation asks for, by its path and its method in lower case."""
    found: dict[tuple[str, str], tuple[tuple[str, ...], ...]] = {}
    for context in iter_route_contexts(app.router.routes):
        route: Any = context
        if hasattr(route.original_route, "dependant"):
            asked = tuple(dict.fromkeys(grants_of(route.dependant)))
            found |= {(route.path, method.lower()): asked for method in route.methods or ()}
    return found


def complete(
    document: dict[str, Any], asked: Mapping[tuple[str, str], tuple[tuple[str, ...], ...]], public_url: str
) -> dict[str, Any]:
    """Complete a document in place, and give it back. `asked` are the grants of each operation, any one of each group."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template=_SCHEMAS + "{model}")
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    components["securitySchemes"] = schemes(public_url)
    components["responses"] = {_name(status): _shared(status) for status in _WORDS}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method in _METHODS:
                groups = asked.get((path, method), ())
                _complete_answers(operation, path, restricted=bool(groups))
                operation.setdefault("security", list(_security(path, groups)))
    for name in _NOT_OURS:
        schemas.pop(name, None)
    components["schemas"] = dict(sorted(schemas.items()))
    return document


def _complete_answers(operation: dict[str, Any], path: str, *, restricted: bool) -> None:
    own: dict[str, Any] = operation.get("responses", {})
    answers = {status: answer for status, answer in own.items() if not _is_error(status)}
    if "200" in answers and "201" in answers and not answers["200"].get("content"):
        # What stands there already is answered as what is new.
        answers["200"] = {**answers["200"], "content": answers["201"].get("content", {})}
    documented = {status for status in own if _is_error(status)} | {str(each) for each in _due(operation, path, restricted)}
    for status in sorted(documented):
        answers[status] = _answer(int(status), own.get(status))
    operation["responses"] = answers


def _is_error(status: str) -> bool:
    return status.isdigit() and int(status) >= _ERRORS


def _due(operation: dict[str, Any], path: str, restricted: bool) -> Iterator[int]:  # noqa: FBT001 - of three that it is told
    """What stands around routes can answer to an operation, by what it takes."""
    headers = {each["name"].lower() for each in operation.get("parameters", ()) if each["in"] == "header"}
    yield from _ALWAYS
    if restricted:
        yield 403
    if "{" in path:
        yield 404
    if operation.get("parameters") or "requestBody" in operation:
        yield 422
    if "requestBody" in operation:
        yield from (408, 413, 415)
    if "idempotency-key" in headers:
        yield 409
    if "if-match" in headers:
        yield 412


def _answer(status: int, own: dict[str, Any] | None) -> dict[str, Any]:
    if own is None or "HTTPValidationError" in str(own):
        return {"$ref": f"#/components/responses/{_name(status)}"}
    said = _shared(status) | {"description": own.get("description") or _WORDS.get(status, "")}
    # An error of another form (RFC 6749, OData) stands beside ours: what is before the route answers all of them with problems.
    other = {
        media: content
        for media, content in own.get("content", {}).items()
        if media != MEDIA_TYPE and content.get("schema", {}).get("$ref") != f"{_SCHEMAS}Problem"
    }
    said["content"] = other | said["content"]
    return said


def _shared(status: int) -> dict[str, Any]:
    said: dict[str, Any] = {
        "description": _WORDS.get(status, ""),
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_SCHEMAS}Problem"}}},
    }
    if headers := _HEADERS.get(status):
        said["headers"] = {name: {"description": words, "schema": {"type": "string"}} for name, words in headers.items()}
    return said


def _name(status: int) -> str:
    return f"Problem{status}"


def _security(path: str, groups: Iterable[tuple[str, ...]]) -> Iterator[dict[str, list[str]]]:
    """The ways in, any of which is enough; for a route that anybody may call there are none to name."""
    for grant in dict.fromkeys(grant for group in groups for grant in group):
        if grant in _OPERATORS:
            yield {"operator": []}
        elif grant.startswith("role:"):
            yield {"session": [grant]}
        else:
            yield {"apiKey": [grant]}
            yield {"oauth2": [grant]}
            if path.startswith(_BASIC):
                yield {"basic": [grant]}
