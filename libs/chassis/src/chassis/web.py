"""The web process of a service: FastAPI with the frame that all share."""

import gc
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.metadata import version

import structlog
import uvicorn
from fastapi import APIRouter, FastAPI, Request
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.responses import Response

from chassis import health, logs, problems, tracing
from chassis.database import assert_safe_role, create_engine, is_away, is_outside_areas, is_unstorable
from chassis.described import NO_TELEMETRY, DescribedApp
from chassis.identity import TokenVerifier
from chassis.inside import listening
from chassis.log_shipping import ship
from chassis.middleware import Frame
from chassis.operating import Operating
from chassis.process_figures import watch_process
from chassis.secrets import SealError, Secrets
from chassis.serving import DrainingProtocol, DrainingServer
from chassis.settings import ServiceSettings
from chassis.subject.marks import mark_pages
from chassis.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)


def create_app(
    service: str,
    settings: ServiceSettings,
    routers: Sequence[APIRouter],
    *,
    secrets: Secrets,
    description: str = "",
    limits: dict[str, int] | None = None,
    checks: Mapping[str, health.Check] | None = None,
) -> FastAPI:
    """An application with problems, health, identity, limits and one engine.

    `secrets` are the service's, and key the fingerprints of requests too.
    Routes find the unit of work at `request.app.state.uow` (see `uow_of`), the settings at `.settings`. `limits` are body
    limits by path prefix, or by `*` and how a path ends, in bytes (1 MiB elsewhere).
    """
    tracing.start(service, settings)
    engine = create_engine(settings, f"{service}-web")
    watch_process(service, settings)

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

    app = DescribedApp(
        title=f"Learning Loop: {service}",
        description=description,
        version=version(f"loop-{service}"),
        openapi_url=f"/{service}/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        # Its own would say paths, queries and the words of errors; ours are the frame's.
        telemetry=NO_TELEMETRY,
    )
    app.state.engine = engine
    uow = app.state.uow = UnitOfWork(engine, lambda org: secrets.key(org, "idempotency"), trail=True)
    app.state.settings = settings
    problems.install(app)
    app.add_exception_handler(DBAPIError, _database)
    app.add_exception_handler(PoolTimeoutError, _busy)
    app.add_exception_handler(OSError, _away)
    app.add_exception_handler(SealError, _sealed)
    checked = {"database": health.database_check(engine), **(checks or {})}
    verifier = TokenVerifier.from_file(service, settings.identity_keys)
    app.router.routes.extend([*health.routes(checked), *Operating(service, "web", verifier, checked).routes])
    for router in routers:
        # As they are: to include a router makes each of its routes a second time, at the first request, for half a second.
        app.router.routes.extend(mark_pages(router.routes))
    app.add_middleware(Frame, service=service, verifier=verifier, limits=limits, uow=uow)
    return app


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
    if is_unstorable(error):
        return problems.unstorable(request)
    if is_outside_areas(error):
        # Use cases say it in better words; one of them forgot to ask.
        log.error("limits.refused_by_database", request_id=problems.request_id_of(request))
        return problems.outside_areas(request)
    raise error


async def _away(request: Request, _: Exception) -> Response:
    return _unavailable(
        request,
        "The database is away for a moment. It is not certain that the request was carried out: send it again with the same "
        "Idempotency-Key, and it is done once.",
    )


async def _sealed(request: Request, error: Exception) -> Response:
    # Said loudly: a key that is not here is the operator's to bring back, and nobody should look for a fault in the page.
    log.error("sealed.does_not_open", reason=str(error), request_id=problems.request_id_of(request))
    detail = (
        "Words of this record cannot be opened: the key that sealed them is not here, or they were changed. Nothing was lost. "
        "Tell the operator; `loop keys status` says which key is missing."
    )
    return problems.problem_response(
        problems.problem_dict("words-do-not-open", 503, detail, request_id=problems.request_id_of(request))
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
    """Run the application until SIGTERM, then finish what was begun; or until it is drained (`chassis.serving`)."""
    ship(settings, service)
    logs.configure(service, settings.log_level, settings.log_format)
    _calm_collector()
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        loop="uvloop",
        http=DrainingProtocol,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(settings.grace_seconds),
        **listening(settings.inside_certificate, settings.inside_key),
    )
    DrainingServer(config, settings).run()
