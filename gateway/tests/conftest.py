"""A gateway on a real port, a real upstream behind it, a real database below it."""

import base64
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from chassis.identity import TokenVerifier
from chassis.middleware import Receive, Scope, Send
from chassis.testing.browser import chromium
from chassis.testing.fixtures import Database, Databases, Keys, migrate
from gateway.main import config
from gateway.settings import SERVICES, GatewaySettings
from gateway.testing import OPERATOR_KEY, Gateway, Upstream, serving, upstreams_at
from gateway.testing_sign_in import SECRET, LyingProvider
from gateway.testing_webhooks import Kit, kit_on

__all__ = ["chromium"]


class Upstreams:
    """One server for the upstreams of all tests, of which one at a time answers: to end a server takes 0.2 seconds."""

    def __init__(self) -> None:
        self.port = 0
        self.now: Upstream | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.now is not None, "asked between two tests"
        await self.now(scope, receive, send)


@pytest.fixture(scope="session")
async def upstreams() -> AsyncIterator[Upstreams]:
    app = Upstreams()
    # It keeps connections as long as services do: longer than the gateway, which would else send into one that just closes.
    options = uvicorn.Config(app, http="httptools", lifespan="off", log_config=None, access_log=False, timeout_keep_alive=75)
    async with serving(options) as port:
        app.port = port
        yield app


@pytest.fixture
def upstream(upstreams: Upstreams, keys: Keys) -> Iterator[Upstream]:
    verifiers = {name: TokenVerifier.from_file(name, keys.folder / "identity-keys.json") for name in SERVICES}
    upstreams.now = Upstream(verifiers, upstreams.port)
    yield upstreams.now
    upstreams.now = None


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    with databases.clone("gateway", migrate("gateway")) as clone:
        yield clone


@pytest.fixture
def options(database: Database, keys: Keys, upstream: Upstream, tmp_path: Path) -> dict[str, Any]:
    return options_on(database, keys, upstream.port, tmp_path)


def options_on(database: Database, keys: Keys, port: int, folder: Path) -> dict[str, Any]:
    (folder / "operator.key").write_text(OPERATOR_KEY)
    return {
        "database_url": database.url(),
        "database_pool": 3,
        "signing_key": keys.folder / "gateway.jwk",
        "identity_keys": keys.folder / "identity-keys.json",
        "operator_key_file": folder / "operator.key",
        "operator_second_factor": "offered",  # unless a test says otherwise, also where it is reached by https
        "upstreams": upstreams_at(port),
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


@pytest.fixture
async def kit(database: Database) -> AsyncIterator[Kit]:
    """A receiver of webhooks, and the parts that send to it, on the test's database."""
    async with kit_on(database) as made:
        yield made


@pytest.fixture
def sign_in_settings(tmp_path: Path) -> dict[str, Any]:
    """Settings with which people sign in at the providers of `north` and `south`."""
    for org in ("north", "south"):
        (tmp_path / "secrets" / org).mkdir(parents=True)
        (tmp_path / "secrets" / org / "main.secret").write_text(f"{SECRET}\n")
    (tmp_path / "session.key").write_text(base64.b64encode(bytes(range(32))).decode())
    return {
        "sign_in_secrets": tmp_path / "secrets",
        "session_key_file": tmp_path / "session.key",
        "sign_in_key_refetch": 0,
        "sign_in_timeout": 5,
    }


@pytest.fixture
async def liar() -> AsyncIterator[LyingProvider]:
    app = LyingProvider()
    async with serving(uvicorn.Config(app, http="httptools", lifespan="off", log_config=None, access_log=False)) as port:
        app.port = port
        yield app


@pytest.fixture(scope="module")
async def shared(
    databases: Databases, keys: Keys, upstreams: Upstreams, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Gateway]:
    """One with two organisations and the demonstration's sign-in, for tests to which it is all one who has signed in before."""
    with databases.clone("gateway", migrate("gateway")) as database:
        options = options_on(database, keys, upstreams.port, tmp_path_factory.mktemp("shared"))
        settings = GatewaySettings(**options, demo_sign_in=True)
        async with AsyncExitStack() as stack:
            gateway = Gateway(await stack.enter_async_context(serving(config(settings))), settings, stack)
            await gateway.organisation("north")
            await gateway.organisation("south")
            yield gateway
