"""The gateway's own errors as problem details: refusals, and a database that is away."""

from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.responses import Response

from chassis import problems
from chassis.database import is_away, is_unstorable
from chassis.pages import redirect
from gateway.pages.desk import SignInFirstError
from gateway.pages.operator_desk import CodeFirstError
from gateway.pages.operator_entry import entry_form
from gateway.proxy.answers import Refusal

log = structlog.get_logger(__name__)


async def _refusal(request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):  # pragma: no cover - registered for Refusal only
        raise error
    body = problems.problem_dict(error.slug, error.status, error.detail, request_id=problems.request_id_of(request))
    return problems.problem_response(body, error.headers)


async def _database(request: Request, error: Exception) -> Response:
    if is_unstorable(error):
        return problems.unstorable(request)
    if not is_away(error) and not isinstance(error, PoolTimeoutError):
        raise error
    log.warning("database.away", reason=type(error).__name__)
    detail = "The gateway's database is away for a moment. Send the request again in a second; doing it twice does no harm."
    body = problems.problem_dict("temporarily-unavailable", 503, detail, request_id=problems.request_id_of(request))
    return problems.problem_response(body, {"Retry-After": "1"})


async def _sign_in_first(_: Request, error: Exception) -> Response:
    if not isinstance(error, SignInFirstError):  # pragma: no cover - registered for it only
        raise error
    return redirect(f"/sign-in?next={quote(error.target, safe='')}")


async def _code_first(request: Request, error: Exception) -> Response:
    if not isinstance(error, CodeFirstError):  # pragma: no cover - registered for it only
        raise error
    # Forbidden, and the way in beside it: whoever is staff of an organisation gets no further than this.
    return entry_form(request, 403)


async def _broken(request: Request, error: Exception) -> Response:
    request_id = problems.request_id_of(request)
    log.error("request.failed", request_id=request_id, exc_info=error)
    detail = "Something went wrong on our side. Look whether the change was made before you send the request again."
    return problems.problem_response(problems.problem_dict("internal-error", 500, detail, request_id=request_id))


def install(app: FastAPI) -> None:
    """Answer refusals, send who must sign in to where they can, and say so when the database is away."""
    app.add_exception_handler(SignInFirstError, _sign_in_first)
    app.add_exception_handler(CodeFirstError, _code_first)
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeoutError, _database)
    app.add_exception_handler(OSError, _database)
    app.add_exception_handler(Exception, _broken)
