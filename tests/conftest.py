"""One whole embedded stack for the tests that come in as the outside world does."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pyrage
import pytest

from chassis.testing.fixtures import scratch_folder
from chassis.testing.traces import Receiver, receiving
from loop_cli.operator import Operator
from loop_cli.profile import send
from loop_cli.profile_files import read_profile
from loop_cli.servers import free_port
from loop_cli.stack.archive.keeper import Archive
from loop_cli.stack.embedded import EmbeddedStack

ROOT = Path(__file__).resolve().parents[1]
ORGS = ("worcestershire", "telford-wrekin")
WHO_RESTORES = pyrage.x25519.Identity.generate()
"""Who can read the archive of the stack."""


@pytest.fixture(scope="package")
def collector() -> Iterator[Receiver]:
    """A collector of traces, to which the processes of the stack send everything they do."""
    with receiving() as receiver:
        yield receiver


@pytest.fixture(scope="package")
def stack(collector: Receiver) -> Iterator[EmbeddedStack]:
    """PostgreSQL, archived, NATS and all ten processes, with both profiles applied, every request traced.

    They end with the last test of this folder: their workers look for work twenty times a second as long as they live.
    """
    with scratch_folder("stack") as folder, ExitStack() as open_:
        with pytest.MonkeyPatch.context() as patch:
            # For the processes alone: what a test makes in its own process is not traced.
            patch.setenv("LOOP_TRACES_ENDPOINT", collector.url)
            patch.setenv("LOOP_TRACES_RATIO", "1")
            archive = Archive(folder / "archive", (str(WHO_RESTORES.to_public()),))
            running = open_.enter_context(EmbeddedStack(folder / "data", port=free_port(), demo_sign_in=True, archive=archive))
        operator = open_.enter_context(Operator.of(running.layout.root))
        for org in ORGS:
            send(read_profile(ROOT / "profiles" / org), operator.http, dry_run=False)
        yield running


@dataclass(frozen=True)
class Outside:
    """The installation as somebody outside sees it, with a way to get credentials."""

    url: str
    operator: Operator

    def client(self, *scopes: str, org: str = ORGS[0], areas: tuple[str, ...] = ()) -> httpx.Client:
        """An API client of an organisation with these scopes."""
        body: dict[str, Any] = {"name": f"test {uuid4().hex[:8]}", "scopes": list(scopes), "areas": list(areas)}
        issued = self.operator.call("POST", "/gateway/v1/clients", org=org, json=body)
        return httpx.Client(base_url=self.url, headers={"X-API-Key": issued["api_key"]}, timeout=120)

    def anybody(self) -> httpx.Client:
        """Somebody without credentials."""
        return httpx.Client(base_url=self.url, timeout=120)


@pytest.fixture
def outside(stack: EmbeddedStack) -> Iterator[Outside]:
    """The way in from outside."""
    stack.wait_ready()
    with Operator.of(stack.layout.root) as operator:
        yield Outside(stack.url, operator)


def key() -> dict[str, str]:
    """A fresh Idempotency-Key."""
    return {"Idempotency-Key": uuid4().hex}
