"""Puts the gateway together, once a process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import structlog
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import health, problems, tracing
from chassis.database import assert_safe_role, create_engine
from chassis.described import NO_TELEMETRY, complete, grants
from chassis.identity import TokenSigner, TokenVerifier
from chassis.inside import listening
from chassis.key_encryption import key_encryption
from chassis.key_ring import KeyRing
from chassis.middleware import App
from chassis.operating import Operating
from chassis.pages import Pages
from chassis.pages import install as install_pages
from chassis.process_figures import watch_process
from chassis.profile_store import ProfileStore
from chassis.secrets import Secrets
from chassis.settings import SettingsError
from chassis.trail.desk import trail_pages
from chassis.trail.joining import JoinedTrail
from chassis.unit_of_work import UnitOfWork
from gateway.access.admission import Admission
from gateway.access.authentication import Authentication
from gateway.access.directory import Directory
from gateway.access.identities import Identities
from gateway.access.maintenance import Maintenance
from gateway.access.operators import Operators, read_operator_key
from gateway.access.recall import Recall
from gateway.access.refusals import Refusals
from gateway.access.settling import Settling
from gateway.access.trail import SERVICE, Walks, trail_secrets
from gateway.access_log import AccessLog
from gateway.adapters.tokens import AccessTokens
from gateway.adapters.webhook_sealing import WebhookSealing
from gateway.domain.rates import Rate
from gateway.domain.scopes import SCOPES
from gateway.domain.sign_in_profile import SignInDocument
from gateway.domain.sign_in_profile import check as check_sign_in
from gateway.entrance import Entrance
from gateway.operating.own import trail_of
from gateway.pages import client_credentials, clients, operator_entry, organisation_sessions, webhook_acts
from gateway.pages import routes as page_routes
from gateway.pages import sessions as session_pages
from gateway.pages import sign_in as sign_in_pages
from gateway.pages import webhooks as webhook_pages
from gateway.pages.kind import kind_page
from gateway.pages.operating import operating_pages
from gateway.pages.subjects import subject_pages
from gateway.proxy.exchange import Exchange
from gateway.proxy.forward_auth import read_key
from gateway.proxy.guard import guards_of
from gateway.proxy.upstreams import new_session, routes_of
from gateway.settings import GatewaySettings
from gateway.use_cases.sign_in_context import sign_in_context
from gateway.use_cases.webhook_setup import WebhookSetup
from gateway.web import (
    admin,
    back_channel,
    credentials,
    errors,
    gathered,
    inner,
    maintenance,
    oauth,
    operator_keys,
    operator_page,
    profile,
    second_factor,
    sessions,
    trail,
    webhook_log,
    webhooks,
)
from gateway.web import health as health_of_all
from gateway.web.front import Front
from gateway.web.parts import Parts
from gateway.web.subjects import subject_api

log = structlog.get_logger(__name__)

SIGN_IN = (profile.router, back_channel.router, sign_in_pages.router, session_pages.router)
"""Routes of staff who sign in at their organisation's provider."""


ADMINISTRATOR = (
    client_credentials.router, clients.router, organisation_sessions.router, webhook_pages.router, webhook_acts.router,
)  # fmt: skip
"""Pages of an organisation's administrator. The ways of credentials come before those of a client, which they begin with."""

OWN_ROUTERS = (
    admin.router, credentials.router, operator_keys.router, second_factor.router, operator_page.router, sessions.router,
    maintenance.router, oauth.router, health_of_all.router, gathered.router, webhooks.router, webhook_log.router,
    page_routes.router, operator_entry.router, *SIGN_IN, *ADMINISTRATOR,
)  # fmt: skip
"""What the gateway answers itself without keys of its own."""


def trail_routers(seals: Secrets) -> APIRouter:
    """The gateway's trail, for machines and as a page; `seals` checks its checkpoints."""
    both = APIRouter()
    both.include_router(trail.trail_api(seals))
    both.include_router(trail_pages(SERVICE, seals), dependencies=[Depends(trail.officer)])
    return both


def subject_routers(identities: Identities, seals: Secrets) -> APIRouter:
    """Requests of people: what the gateway holds of them, and one request over all parts."""
    both = APIRouter()
    both.include_router(subject_api(seals))
    both.include_router(subject_pages(identities, seals))
    return both


def own_routers(identities: Identities, seals: Secrets, operating: Operating) -> list[APIRouter]:
    """All that the gateway answers itself, beside its health; `operating` tells an operator of this process."""
    pages = operating_pages(identities, operating)
    return [*OWN_ROUTERS, trail_routers(seals), subject_routers(identities, seals), pages]


def build(settings: GatewaySettings) -> App:
    """The whole application: the entrance, and behind it the gateway's own routes."""
    tracing.start("gateway", settings)
    engine = create_engine(settings, "gateway-web")
    watch_process("gateway", settings)
    parts = _parts(settings, engine)
    access_log = AccessLog(settings.log_format, settings.log_level)
    pages = Pages(Path(__file__).parent / "pages" / "templates", static_path="/static", home="/", chrome=trail.chrome)
    identities = Identities(TokenSigner.from_file("gateway", settings.signing_key))
    own = _own(settings, parts, engine, pages, access_log, identities)
    return Entrance(
        Front(own, settings.transport, apart=bool(settings.metrics_port)), parts, identities, access_log, kind_page(pages)
    )


def _parts(settings: GatewaySettings, engine: AsyncEngine) -> Parts:
    uow = UnitOfWork(engine)
    try:
        trail = JoinedTrail(SERVICE, trail_secrets(settings.trail_key_file, settings.signing_key))
    except (OSError, ValueError) as error:
        raise SettingsError(f"LOOP_TRAIL_KEY_FILE: {error}") from None
    profiles = ProfileStore(SignInDocument, check_sign_in)
    sign_in = sign_in_context(settings, uow, profiles)
    tokens = AccessTokens.from_file(settings.signing_key, settings.access_token_lifetime)
    try:
        operator_key = read_operator_key(settings.operator_key_file) if settings.operator_key_file else None
    except (OSError, ValueError) as error:
        raise SettingsError(f"LOOP_OPERATOR_KEY_FILE: {error}") from None
    try:
        forward_auth_key = read_key(settings.forward_auth_key_file) if settings.forward_auth_key_file else None
    except (OSError, ValueError) as error:
        raise SettingsError(f"LOOP_FORWARD_AUTH_KEY_FILE: {error}") from None
    settling = Settling(uow, settings.signing_key.read_bytes(), settings.rate_settle)
    authentication = Authentication(
        Directory(
            uow,
            timedelta(seconds=settings.session_idle),
            sign_in.sealing if sign_in else None,
            demo=settings.sign_in == "demo",
        ),
        tokens,
        operators=Operators(operator_key, tuple(str(each) for each in settings.operator_networks), settings.second_factor),
        session_cookie=b"__Host-loop-session" if settings.secure else b"loop-session",
        ttl=settings.credential_ttl,
        refused=settling.limiter("refused", Rate.parse(settings.rate_refused)),
        refusals=Refusals(uow),
    )
    recording = UnitOfWork(engine, trail=trail.write)
    return Parts(
        settings=settings,
        uow=uow,
        recording=recording,
        walks=Walks(uow, trail, settings.trail_keep_months, settings.trail_held),
        authentication=authentication,
        admission=Admission(authentication, settings, settling),
        settling=settling,
        maintenance=Maintenance(uow),
        recall=Recall(uow, authentication.forget_clients),
        tokens=tokens,
        routes=routes_of(settings),
        guards=guards_of(settings),
        forward_auth_key=forward_auth_key,
        health=health_of_all.HealthOfAll(),
        gathered=gathered.Gathered(lambda: {"paths": {}}, SCOPES),
        profiles=profiles,
        webhooks=WebhookSetup(
            uow,
            recording,
            WebhookSealing.of(settings),
            settings.webhook_ports,
            settings.webhook_loopback,
            settings.webhook_names,
        ),
        operator_secrets=operator_secrets(settings),
        sign_in=sign_in,
    )


def operator_secrets(settings: GatewaySettings) -> Secrets:
    """What seals the second factors of operators: the gateway's ring; where there is none, what seals the trail."""
    if settings.key_ring_file is not None:
        named = partial(key_encryption, settings.key_encryption)
        ring = KeyRing(settings.key_ring_file, named(), named)
        if ring.root is not None:
            return Secrets(None, ring)
    return trail_secrets(settings.trail_key_file, settings.signing_key)


def _own(
    settings: GatewaySettings, parts: Parts, engine: AsyncEngine, pages: Pages, access_log: AccessLog, identities: Identities
) -> FastAPI:
    checks = {"database": health.database_check(engine)}
    inner_routes = health.routes(checks)
    # Asked by no other process: the page is here.
    operating = Operating("gateway", "web", TokenVerifier.from_file("gateway", settings.identity_keys), checks)
    operating.add("trail", partial(trail_of, parts.uow))

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await assert_safe_role(engine, "gateway")
        parts.session = new_session(settings)
        parts.passing = Exchange(
            parts.session,
            parts.guards,
            idle_timeout=settings.idle_timeout,
            body_rate=settings.body_rate,
            secure=settings.transport,
        )
        parts.settling.start()
        await parts.maintenance.start()
        await parts.recall.start()
        parts.walks.start()
        log.info("web.started", port=settings.port)
        tls = listening(settings.inside_certificate, settings.inside_key)
        async with inner.served([*inner_routes], settings.host, settings.metrics_port, tls):
            yield
        await parts.walks.stop()
        await parts.recall.stop()
        await parts.maintenance.stop()
        await parts.settling.stop()
        await parts.session.close()
        if parts.sign_in:
            await parts.sign_in.client.close()
        await parts.authentication.refusals.finish()
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
        telemetry=NO_TELEMETRY,
    )
    app.state.parts, app.state.uow = parts, parts.recording
    problems.install(app)
    errors.install(app)
    app.router.routes.extend(inner_routes)
    seals = trail_secrets(settings.trail_key_file, settings.signing_key)
    for router in own_routers(identities, seals, operating):
        # As they are: to include a router makes its routes a second time, at the first request.
        app.router.routes.extend(router.routes)
    install_pages(app, pages)
    parts.gathered.own = cache(partial(_described, app, settings.public_url))
    return app


def _described(app: FastAPI, public_url: str) -> dict[str, Any]:
    return complete(app.openapi(), grants(app), public_url)
