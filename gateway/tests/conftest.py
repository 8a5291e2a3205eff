"""A gateway on a real port, a real upstream behind it, a real database below it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from chassis.identity import TokenVerifier
from chassis.testing.browser import chromium
from chassis.testing.fixtures import Database, Databases, Keys, migrate
from gateway.main import config
from gateway.settings import SERVICES, GatewaySettings
from gateway.testing import OPERATOR_KEY, Gateway, Upstream, serving, upstreams_at

__all__ = ["chromium"]


@pytest.fixture
async def upstream(keys: Keys) -> AsyncIterator[Upstream]:
    app = Upstream({name: TokenVerifier.from_file(name, keys.folder / "identity-keys.json") for name in SERVICES})
    options = uvicorn.Config(app, http="httptools", lifespan="off", log_config=None, access_log=False)
    async with serving(options) as port:
        app.port = port
        yield app


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    with databases.clone("gateway", migrate("gateway")) as clone:
        yield clone


@pytest.fixture
def options(database: Database, keys: Keys, upstream: Upstream, tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "operator.key").write_text(OPERATOR_KEY)
    return {
        "database_url": database.url(),
        "database_pool": 3,
        "signing_key": keys.folder / "gateway.jwk",
        "identity_keys": keys.folder / "identity-keys.json",
        "operator_key_file": tmp_path / "operator.key",
        "upstreams": upstreams_at(upstream.port),
        "grace_seconds": 2,
    }


@pytest.fixture
async def start(options: dict[str, Any]) -> AsyncIterator[Callable[..., Awaitable[Gateway]]]:
    """Starts gateways with settings that differ: `await start(rate_client="5/5")`."""
    async with AsyncExitStack() as stack:

        async def starting(**differing: Any) -> Gateway:
            settings = GatewaySettings(**{**options, **differing})
            port = await stack.enter_async_context(serving(config(settings)))
            return Gateway(port, settings, stack)

        yield starting


@pytest.fixture
async def gateway(start: Callable[..., Awaitable[Gateway]]) -> Gateway:
    return await start()
