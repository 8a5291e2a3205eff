"""Puts the gateway together, once a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import health, problems
from chassis.database import assert_safe_role, create_engine
from chassis.identity import TokenSigner
from chassis.middleware import App
from chassis.pages import Pages
from chassis.pages import install as install_pages
from chassis.settings import SettingsError
from chassis.unit_of_work import UnitOfWork
from gateway.access.admission import Admission
from gateway.access.authentication import Authentication, read_operator_key
from gateway.access.directory import Directory
from gateway.access.identities import Identities
from gateway.access_log import AccessLog
from gateway.adapters.tokens import AccessTokens
from gateway.domain.rates import Limiter, Rate
from gateway.domain.scopes import SCOPES
from gateway.entrance import Entrance
from gateway.pages import routes as page_routes
from gateway.pages.kind import kind_page
from gateway.proxy.exchange import Exchange
from gateway.proxy.upstreams import new_session, routes_of
from gateway.settings import GatewaySettings
from gateway.web import admin, errors, gathered, oauth
from gateway.web import health as health_of_all
from gateway.web.front import Front
from gateway.web.parts import Parts

log = structlog.get_logger(__name__)


def build(settings: GatewaySettings) -> App:
    """The whole application: the entrance, and behind it the gateway's own routes."""
    engine = create_engine(settings, "gateway-web")
    parts = _parts(settings, engine)
    access_log = AccessLog(settings.log_format, settings.log_level)
    pages = Pages(Path(__file__).parent / "pages" / "templates", static_path="/static", home="/")
    own = _own(settings, parts, engine, pages, access_log)
    return Entrance(
        Front(own, settings.secure),
        settings,
        parts.routes,
        parts.admission,
        Identities(TokenSigner.from_file("gateway", settings.signing_key)),
        parts.exchange,
        access_log,
        kind_page(pages),
    )


def _parts(settings: GatewaySettings, engine: AsyncEngine) -> Parts:
    uow = UnitOfWork(engine)
    tokens = AccessTokens.from_file(settings.signing_key, settings.access_token_lifetime)
    try:
        operator_key = read_operator_key(settings.operator_key_file) if settings.operator_key_file else None
    except (OSError, ValueError) as error:
        raise SettingsError(f"LOOP_OPERATOR_KEY_FILE: {error}") from None
    authentication = Authentication(
        Directory(uow),
        tokens,
        operator_key=operator_key,
        session_cookie=b"__Host-loop-session" if settings.secure else b"loop-session",
        ttl=settings.credential_ttl,
        refused=Limiter(Rate.parse(settings.rate_refused)),
    )
    return Parts(
        settings=settings,
        uow=uow,
        authentication=authentication,
        admission=Admission(authentication, settings),
        tokens=tokens,
        routes=routes_of(settings),
        health=health_of_all.HealthOfAll(),
        gathered=gathered.Gathered({"paths": {}}, SCOPES),
    )


def _own(settings: GatewaySettings, parts: Parts, engine: AsyncEngine, pages: Pages, access_log: AccessLog) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await assert_safe_role(engine, "gateway")
        parts.session = new_session(settings)
        parts.passing = Exchange(parts.session, idle_timeout=settings.idle_timeout)
        log.info("web.started", port=settings.port)
        yield
        await parts.session.close()
        await engine.dispose()
        access_log.flush()
        log.info("web.stopped")

    app = FastAPI(
        title="Gateway",
        description="Organisations, API clients and access tokens.",
        version=version("loop-gateway"),
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.parts = parts
    problems.install(app)
    errors.install(app)
    for route in health.routes({"database": health.database_check(engine)}):
        app.router.routes.append(route)
    for router in (admin.router, oauth.router, health_of_all.router, gathered.router, page_routes.router):
        app.include_router(router)
    install_pages(app, pages)
    parts.gathered.own = _described(app)
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    document: dict[str, Any] = app.openapi()
    for path, operations in document["paths"].items():
        for operation in operations.values():
            if path.startswith("/gateway/"):
                operation["security"] = [{"operator": []}]
            elif path == "/oauth2/token":
                operation["security"] = []
    return document
