"""The gateway's own errors as problem details: refusals, and a database that is away."""

import structlog
from fastapi import FastAPI, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.responses import Response

from chassis import problems
from chassis.database import is_away
from gateway.proxy.answers import Refusal

log = structlog.get_logger(__name__)


async def _refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):  # pragma: no cover - registered for Refusal only
        raise error
    body = problems.problem_dict(error.slug, error.status, error.detail, request_id=problems.request_id_of(request))
    return problems.problem_response(body, error.headers)


async def _database(request: Request, error: Exception) -> Response:
    if not is_away(error) and not isinstance(error, PoolTimeoutError):
        raise error
    log.warning("database.away", reason=type(error).__name__)
    detail = "The gateway's database is away for a moment. Send the request again in a second; doing it twice does no harm."
    body = problems.problem_dict("temporarily-unavailable", 503, detail, request_id=problems.request_id_of(request))
    return problems.problem_response(body, {"Retry-After": "1"})


def install(app: FastAPI) -> None:
    """Answer refusals, and say so when the database is away."""
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeoutError, _database)
    app.add_exception_handler(OSError, _database)
