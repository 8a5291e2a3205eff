"""What the benchmarks of a service share: its real web process on a durable PostgreSQL of its own, and its keys."""

import base64
import json
import os
import secrets
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml
from joserfc.jwk import OKPKey

from chassis.identity import HEADER, Identity, TokenSigner, new_key
from chassis.testing.fixtures import Database, Databases, PostgresAddress, migrate
from loop_cli.servers import ChildProcess, PostgresServer, free_port
from loop_cli.servers.process import wait_for

ROOT = Path(__file__).resolve().parents[2]
ORG = "worcestershire"


@dataclass(frozen=True)
class Installation:
    """The web process of a service at `url` on the first of `databases`, and what the process was started with."""

    service: str
    url: str
    signer: TokenSigner
    databases: tuple[Database, ...]
    process: psutil.Process
    environment: dict[str, str]

    @property
    def database(self) -> Database:
        """The one that the web process serves."""
        return self.databases[0]

    @property
    def master_key(self) -> Path:
        """File of the key that names and words are sealed with."""
        return Path(self.environment["LOOP_SECRET_KEY_FILE"])

    def headers(self, identity: Identity) -> dict[str, str]:
        """With which the gateway would pass on a request of this identity."""
        return {HEADER: self.signer.sign(identity, self.service)}

    async def apply_profile(self, client: httpx.AsyncClient, document: dict[str, Any]) -> None:
        """Give the organisation a profile."""
        operator = Identity(ORG, "operator", "operator", frozenset({"operator"}))
        answer = await client.put(f"/{self.service}/v1/profile", json=document, headers=self.headers(operator))
        answer.raise_for_status()


@contextmanager
def installation(service: str, databases: int = 1) -> Iterator[Installation]:
    """Start a service, with so many databases, all migrated; all is gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loop-bench-")))
        server = PostgresServer(folder / "postgres")
        server.start()
        stack.callback(server.kill)
        server_databases = Databases(PostgresAddress.parse(server.url()))
        clones = tuple(stack.enter_context(server_databases.clone(service, migrate(service))) for _ in range(databases))
        private, public = new_key()
        (folder / "keys.json").write_text(json.dumps({"issuers": {"gateway": public}}))
        (folder / "signing.jwk").write_text(json.dumps(private))
        (folder / "master.key").write_text(base64.b64encode(secrets.token_bytes(32)).decode())
        port = free_port()
        environment = {
            "LOOP_DATABASE_URL": clones[0].url(),
            "LOOP_IDENTITY_KEYS": str(folder / "keys.json"),
            "LOOP_SECRET_KEY_FILE": str(folder / "master.key"),
            "LOOP_SCAN_URL": "none",
            "LOOP_PORT": str(port),
        }
        command = [sys.executable, "-m", f"{service}.main"]
        child = ChildProcess(service, command, folder / f"{service}.log", env=os.environ | environment)
        child.start()
        stack.callback(child.stop)
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{url}/readyz"), child, 30, 0.2)
        signer = TokenSigner("gateway", OKPKey.import_key(private))
        yield Installation(service, url, signer, clones, psutil.Process(child.pid), environment)


def answers(url: str) -> bool:
    """Whether a process is ready to be asked."""
    try:
        return httpx.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def processor_seconds(processes: Iterable[psutil.Process]) -> float:
    """Seconds of a processor that processes have used, and those of theirs that have ended (a backend of PostgreSQL)."""
    total = 0.0
    for each in processes:
        try:
            times = each.cpu_times()
        except psutil.NoSuchProcess:  # it has ended meanwhile
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def profile(*names: str) -> dict[str, Any]:
    """Parts of the organisation's shipped profile, as the operator's command sends them."""
    folder = ROOT / "profiles" / ORG
    parts = {name: yaml.safe_load((folder / f"{name}.yaml").read_text()) for name in names}
    document: dict[str, Any] = json.loads(json.dumps({**parts, "version": "bench"}, default=str))
    return document
