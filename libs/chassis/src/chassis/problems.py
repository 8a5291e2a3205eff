"""RFC 9457 problem details: the one place where an error becomes an HTTP answer.

Every error of the JSON API is `application/problem+json` with a stable `type` (`urn:learning-loop:problem:<slug>`), a
`title`, `status`, `detail` that says what to do, and `request_id`. Malformed payloads list `errors`, each with a JSON pointer
(RFC 6901). What the caller sent is never repeated beyond a code's first characters: it may be about a child.
"""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from chassis.errors import DomainError, Kind

MEDIA_TYPE = "application/problem+json"
STATUS: dict[Kind, int] = {
    Kind.MALFORMED: 422,
    Kind.CONFLICT: 409,
    Kind.NOT_FOUND: 404,
    Kind.GONE: 410,
    Kind.FORBIDDEN: 403,
    Kind.UNAUTHENTICATED: 401,
    Kind.STALE: 412,
    Kind.TOO_LARGE: 413,
    Kind.TOO_MANY: 429,
    Kind.UNAVAILABLE: 503,
    Kind.PRECONDITION_REQUIRED: 428,
}


# Written out: Python renames its phrases (413, 422), a problem's type never changes.
_SLUGS: dict[int, str] = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    413: "body-too-large",
    415: "unsupported-media-type",
    422: "malformed-payload",
    429: "too-many-requests",
    503: "temporarily-unavailable",
}


_PLAIN: dict[int, str] = {
    404: "There is nothing at this address.",
    405: "This address does not take this method; the header Allow names those that it takes.",
}
"""What is said where only a phrase of HTTP was given."""


class ProblemError(BaseModel):
    """One wrong place in the payload."""

    pointer: str
    detail: str


class Problem(BaseModel):
    """The body of every error answer (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = None
    errors: list[ProblemError] | None = None


def problem_dict(
    slug: str,
    status: int,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    request_id: str | None = None,
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A problem document as a dictionary; empty members are left out."""
    body: dict[str, Any] = {
        "type": f"urn:learning-loop:problem:{slug}",
        "title": slug.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        **(extra or {}),
    }
    if errors:
        body["errors"] = errors
    if request_id:
        body["request_id"] = request_id
    return body


def from_domain_error(error: DomainError, request_id: str | None = None) -> dict[str, Any]:
    """The problem document of a domain error."""
    return problem_dict(
        error.slug,
        STATUS[error.kind],
        error.detail,
        errors=[each.as_dict() for each in error.errors],
        request_id=request_id,
        extra=error.extra,
    )


def problem_response(body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """A problem document as an answer."""
    return JSONResponse(body, status_code=body["status"], media_type=MEDIA_TYPE, headers=headers)


def pointer_of(location: tuple[Any, ...] | list[Any]) -> str:
    """The JSON pointer (RFC 6901) of a Pydantic error location, with a leading `body` removed."""
    parts = list(location)
    if parts and parts[0] == "body":
        parts = parts[1:]
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def validation_errors(details: list[Any] | tuple[Any, ...], limit: int = 100) -> list[dict[str, str]]:
    """Pydantic's error details as pointers and words, at most `limit` of them and without the input."""
    found = [{"pointer": pointer_of(each["loc"]), "detail": str(each["msg"])} for each in details[:limit]]
    if len(details) > limit:
        found.append({"pointer": "", "detail": f"… and {len(details) - limit} more."})
    return found


def request_id_of(request: Request) -> str | None:
    """The id under which this request stands in the logs."""
    value: str | None = getattr(request.state, "request_id", None)
    return value


def unstorable(request: Request) -> Response:
    """The answer to a text that PostgreSQL cannot store (`database.is_unstorable`)."""
    detail = "A text holds a character that cannot be stored (NUL, or half a surrogate pair). Nothing was stored."
    return problem_response(problem_dict("unstorable-character", 422, detail, request_id=request_id_of(request)))


def outside_areas(request: Request) -> Response:
    """The answer where the database refused to write outside the caller's service areas (`database.is_outside_areas`)."""
    detail = "This would be written in a service area that is not one of yours. Nothing was stored. Ask somebody of that area."
    return problem_response(problem_dict("outside-your-areas", 403, detail, request_id=request_id_of(request)))


async def _domain(request: Request, error: Exception) -> Response:
    if not isinstance(error, DomainError):  # pragma: no cover - registered for DomainError only
        raise error
    body = from_domain_error(error, request_id_of(request))
    headers = {"Retry-After": str(error.retry_after)} if error.kind in {Kind.TOO_MANY, Kind.UNAVAILABLE} else None
    return problem_response(body, headers)


async def _malformed(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):  # pragma: no cover
        raise error
    body = problem_dict(
        "malformed-payload",
        422,
        "The request does not have the form that is documented. Nothing was stored. See `errors`.",
        errors=validation_errors(list(error.errors())),
        request_id=request_id_of(request),
    )
    return problem_response(body)


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):  # pragma: no cover
        raise error
    phrase = HTTPStatus(error.status_code).phrase
    slug = _SLUGS.get(error.status_code, f"status-{error.status_code}")
    detail = error.detail if error.detail != phrase else _PLAIN.get(error.status_code, f"{phrase}.")
    body = problem_dict(slug, error.status_code, detail, request_id=request_id_of(request))
    return problem_response(body, dict(error.headers or {}))


def install(app: FastAPI) -> None:
    """Make every expected error of `app` a problem document; `middleware.Frame` answers for the unexpected."""
    app.add_exception_handler(DomainError, _domain)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
