"""Fixtures for every test: real PostgreSQL, real NATS, a fresh database a test, identities of any kind.

Servers: LOOP_TEST_POSTGRES / LOOP_TEST_NATS name ones that run already (a superuser's URL; a NATS URL); else containers where
an engine answers; else the wheels. A service's schema is migrated once into a template, and cloned for each test;
what many tests begin with (profiles) is put into a template of its own, once (`Filling`).
"""

import base64
import json
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import OKPKey

from chassis.identity import HEADER, Identity, TokenSigner, new_key
from chassis.testing.databases import Build, Database, Databases, Filling, PostgresAddress
from loop_cli.servers import NatsServer, PostgresServer

if TYPE_CHECKING:
    from chassis.testing.browser_session import BrowserSession

__all__ = ["Database", "Databases", "Filling", "PostgresAddress"]

ROOT = Path(__file__).resolve().parents[5]
# A test database may be lost with the machine; what is tested about durability has a server of its own.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "max_wal_size": "256MB",
    # A killed server leaves its segments of /dev/shm behind; these files go with the data.
    "dynamic_shared_memory_type": "mmap",
    # It comes when it likes: into counts of sessions, into a plan, between a template and its clone.
    "autovacuum": "off",
    # Of the roles that tests make. The usual 4,096 rounds take a client in Python most of the time of a connection.
    "scram_iterations": "1",
}
PLENTY = 4 * 1024**3  # bytes; a container has 64 MB there unless it is told otherwise


@contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """Give a folder for a server's data, gone in the end.

    Outside of pytest's own: a second run of pytest closes those to every other account, and as root PostgreSQL runs under one.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"loop-{name}-", dir=_memory()))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _memory() -> str | None:
    """A folder that lies in memory, where there is plenty: a database is made for every test. None for the usual one."""
    shared = Path("/dev/shm")  # noqa: S108 - the folder in it gets a name of its own
    enough = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free >= PLENTY
    return str(shared) if enough else None


def _container_engine_answers() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    try:
        return subprocess.run([docker, "info"], capture_output=True, timeout=5, check=False).returncode == 0  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return False


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresAddress]:
    """A PostgreSQL for this session (one for each xdist worker)."""
    if named := os.environ.get("LOOP_TEST_POSTGRES"):
        yield PostgresAddress.parse(named)
        return
    if _container_engine_answers():  # pragma: no cover - not on a machine without an engine
        from testcontainers.postgres import PostgresContainer  # noqa: PLC0415 - only where an engine answers

        with PostgresContainer("postgres:18", driver=None) as container:
            yield PostgresAddress.parse(container.get_connection_url())
        return
    with scratch_folder("postgres") as folder:
        server = PostgresServer(folder / "data", settings=FAST)
        server.start()
        try:
            yield replace(PostgresAddress.parse(server.url()), fast=True)
        finally:
            server.kill()


@pytest.fixture(scope="session")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a NATS with JetStream for this session; tests use streams of their own or `clean_streams`."""
    if named := os.environ.get("LOOP_TEST_NATS"):
        yield named
        return
    server = NatsServer(tmp_path_factory.mktemp("nats") / "data")
    server.start()
    try:
        yield server.url
    finally:
        server.kill()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser_session() -> "AsyncIterator[BrowserSession]":
    """The Chromium of this session; the fixture `chromium` of chassis.testing.browser gives a test its pages."""
    from chassis.testing.browser_session import BrowserSession  # noqa: PLC0415 - Playwright, only for tests of pages

    with scratch_folder("chromium") as folder:
        session = BrowserSession(folder)
        try:
            yield session
        finally:
            await session.end()


@pytest.fixture(scope="session")
def databases(postgres: PostgresAddress) -> Iterator[Databases]:
    """Templates and clones on the session's server."""
    made = Databases(postgres)
    try:
        yield made
    finally:
        made.close()


def migrate(service: str, *, down: bool = False, to: str = "") -> Build:
    """Give the `Build` that runs the migrations of a service, up or `down`, all or to one; use it with `Databases.clone`.

    Where a loop runs, call it in a thread: alembic runs one of its own.
    """

    def build(owner_url: str) -> None:
        from alembic import command  # noqa: PLC0415 - most tests of the chassis need none
        from alembic.config import Config  # noqa: PLC0415 - most tests of the chassis need none

        folder = ROOT / ("gateway" if service == "gateway" else f"services/{service}")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("LOOP_DATABASE_URL", owner_url)
            config = Config(folder / "alembic.ini")
            config.set_main_option("script_location", str(folder / "migrations"))
            if down:
                command.downgrade(config, to or "base")
            else:
                command.upgrade(config, to or "head")

    return build


class SignedHeaders(dict[str, str]):
    """Headers with an identity, which ends after two minutes; `renewed` gives them signed anew, as the gateway would."""

    def __init__(self, sign: Callable[[], dict[str, str]]) -> None:
        super().__init__(sign())
        self.renewed = sign


@dataclass(frozen=True)
class Keys:
    """Key files of an installation, and the gateway's signer."""

    folder: Path
    signer: TokenSigner
    service_signer: TokenSigner

    def environment(self, database_url: str, nats_url: str = "nats://127.0.0.1:1") -> dict[str, str]:
        """The variables with which a process of the service starts."""
        return {
            "LOOP_DATABASE_URL": database_url,
            "LOOP_NATS_URL": nats_url,
            "LOOP_IDENTITY_KEYS": str(self.folder / "identity-keys.json"),
            "LOOP_SIGNING_KEY": str(self.folder / "reporting.jwk"),
            "LOOP_SCAN_URL": os.environ.get("LOOP_SCAN_URL", "none"),
            "LOOP_SECRET_KEY_FILE": str(self.folder / "master.key"),
        }

    def headers(self, audience: str, identity: Identity | None) -> dict[str, str]:
        """The headers with which the gateway would pass on a request of this identity."""
        return SignedHeaders(lambda: {HEADER: self.signer.sign(identity, audience)}) if identity else {}


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    """Fresh keys for this session."""
    folder = tmp_path_factory.mktemp("keys")
    issuers: dict[str, Any] = {}
    for issuer in ("gateway", "reporting"):
        private, public = new_key()
        (folder / f"{issuer}.jwk").write_text(json.dumps(private))
        issuers[issuer] = public
    (folder / "identity-keys.json").write_text(json.dumps({"issuers": issuers}))
    (folder / "master.key").write_text(base64.b64encode(secrets.token_bytes(32)).decode())

    def signer(issuer: str) -> TokenSigner:
        return TokenSigner(issuer, OKPKey.import_key(json.loads((folder / f"{issuer}.jwk").read_text())))

    return Keys(folder, signer("gateway"), signer("reporting"))


def caller(*grants: str, org: str | None = "worcestershire", subject: str = "client:test") -> Identity:
    """An identity with these grants; `role:` makes it staff, `operator` an operator, none of them a machine."""
    kind: Any = "client"
    if "operator" in grants:
        kind = "operator"
    elif any(grant.startswith("role:") for grant in grants):
        kind = "staff"
    return Identity(org=org, subject=subject, kind=kind, grants=frozenset(grants))


class ServiceClient(httpx.AsyncClient):
    """An HTTP client that calls an ASGI application as the gateway would, as one identity."""

    def __init__(self, app: Any, keys: Keys, audience: str, identity: Identity | None = None, **options: Any) -> None:
        self._keys = keys
        self._audience = audience
        self.identity = identity
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        super().__init__(transport=transport, base_url=options.pop("base_url", "http://127.0.0.1"), **options)

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send with a freshly signed identity."""
        request.headers.update(self._keys.headers(self._audience, self.identity))
        return await super().send(request, **options)

    def acting_as(self, identity: Identity | None) -> "ServiceClient":
        """The same application, called by somebody else."""
        return ServiceClient(self._transport.app, self._keys, self._audience, identity)  # type: ignore[attr-defined]
