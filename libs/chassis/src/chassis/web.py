"""The web process of a service: FastAPI with the frame that all share."""

import gc
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.responses import Response
from starlette.routing import BaseRoute

from chassis import health, logs, problems
from chassis.database import assert_safe_role, create_engine, is_away
from chassis.identity import TokenVerifier
from chassis.middleware import Frame
from chassis.settings import ServiceSettings
from chassis.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"model": problems.Problem, "description": text, "content": {problems.MEDIA_TYPE: {}}}
    for status, text in {401: "No identity", 403: "Not allowed", 422: "Malformed"}.items()
}

_KEPT = "routes_with_shared_answers"

_UNSTORABLE = frozenset({"22P05", "22021"})
"""PostgreSQL's untranslatable_character and character_not_in_repertoire: what came in, not what we did."""


def create_app(
    service: str,
    settings: ServiceSettings,
    routers: Sequence[APIRouter],
    *,
    description: str = "",
    limits: dict[str, int] | None = None,
    checks: Mapping[str, health.Check] | None = None,
) -> FastAPI:
    """An application with problems, health, identity, limits and one engine.

    Routes find the unit of work at `request.app.state.uow` (see `uow_of`), the settings at `.settings`. `limits` are body
    limits by path prefix, or by `*` and how a path ends, in bytes (1 MiB elsewhere).
    """
    engine = create_engine(settings, f"{service}-web")

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        try:
            await assert_safe_role(engine, service)
            log.info("web.started", port=settings.port)
            yield
        finally:
            # Also when it refuses to start: no connection is left behind.
            await engine.dispose()
        log.info("web.stopped")

    app = FastAPI(
        title=f"Learning Loop: {service}",
        description=description,
        version=version(f"loop-{service}"),
        openapi_url=f"/{service}/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.engine = engine
    app.state.uow = UnitOfWork(engine)
    app.state.settings = settings
    problems.install(app)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeoutError, _busy)
    app.add_exception_handler(OSError, _away)
    for route in health.routes({"database": health.database_check(engine), **(checks or {})}):
        app.router.routes.append(route)
    for router in routers:
        app.router.routes.extend(_routes_of(router))
    verifier = TokenVerifier.from_file(service, settings.identity_keys)
    app.add_middleware(Frame, service=service, verifier=verifier, limits=limits)
    return app


def _routes_of(router: APIRouter) -> Sequence[BaseRoute]:
    """The routes of a router with the answers that all share, made once for all applications of a process.

    FastAPI makes them anew at the first request of each application: 0.4 s of processor time for the 154 of the audit service,
    and a test has an application of its own. They are kept with the router, and go with it.
    """
    kept = vars(router)
    if _KEPT not in kept:
        whole = APIRouter(responses=_RESPONSES)
        whole.include_router(router)
        kept[_KEPT] = whole.routes
    routes: Sequence[BaseRoute] = kept[_KEPT]
    return routes


def uow_of(request: Request) -> UnitOfWork:
    """The unit of work of the application that handles the request."""
    found: UnitOfWork = request.app.state.uow
    return found


def _unavailable(request: Request, detail: str) -> Response:
    body = problems.problem_dict("temporarily-unavailable", 503, detail, request_id=problems.request_id_of(request))
    return problems.problem_response(body, {"Retry-After": "1"})


async def _database(request: Request, error: Exception) -> Response:
    if is_away(error):
        log.warning("database.away", reason=type(error).__name__)
        return await _away(request, error)
    if isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _UNSTORABLE:
        detail = "A text holds a character that cannot be stored (NUL, or half a surrogate pair). Nothing was stored."
        return problems.problem_response(
            problems.problem_dict("unstorable-character", 422, detail, request_id=problems.request_id_of(request))
        )
    raise error


async def _away(request: Request, _: Exception) -> Response:
    return _unavailable(
        request,
        "The database is away for a moment. It is not certain that the request was carried out: send it again with the same "
        "Idempotency-Key, and it is done once.",
    )


async def _busy(request: Request, _: Exception) -> Response:
    return _unavailable(request, "Too much at once. The request was not carried out: send it again in a second.")


def _calm_collector() -> None:
    """Let the cyclic collector run seldom: what a request makes is freed when its last reference goes.

    With Python's default (after every 700 new objects) it takes half of the processor time of a request that holds a thousand
    records, since it walks over them again and again. What was loaded before stays for good and is left out.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def serve(app: FastAPI, settings: ServiceSettings, service: str) -> None:
    """Run the application until SIGTERM, then finish what was begun."""
    logs.configure(service, settings.log_level, settings.log_format)
    _calm_collector()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.grace_seconds),
    )
