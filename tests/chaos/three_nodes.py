"""NATS on three nodes of this machine: what is published goes on with one node lost, waits with two, and nothing is lost."""

import asyncio
import contextlib
import secrets
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.console import Console

from chassis import jetstream
from loop_cli.operator import Operator
from loop_cli.servers import NatsServer, free_port
from loop_cli.stack.broker import users
from loop_cli.stack.embedded import EmbeddedStack
from loop_cli.stack.services import PRODUCERS, Addresses
from tests.chaos.auditor import audit
from tests.chaos.installation import Installation
from tests.chaos.mixed import MixedLoad
from tests.chaos.running import WRITES, come_to_rest
from tests.chaos.standing import patient_positions, wait

NODES = 3


def nodes(folder: Path, users: Any = (), password: str | None = None) -> list[NatsServer]:
    """Three nodes of one cluster, not started; the same users on each."""
    routes = [free_port() for _ in range(NODES)]
    password = password or secrets.token_urlsafe(24)
    found = []
    for number, port in enumerate(routes):
        node = NatsServer(folder / f"node-{number}", users=users, password=password)
        node.more = {
            "server_name": f"node-{number}",
            "cluster": {
                "name": "chaos",
                "listen": f"127.0.0.1:{port}",
                "routes": [f"nats://127.0.0.1:{each}" for each in routes],
            },
        }
        found.append(node)
    return found


async def set_up(url: str, patience: float = 60.0) -> None:
    """Make the streams of all producers with a copy on each node; waits until the cluster has a leader."""
    deadline = time.monotonic() + patience
    while True:
        try:
            client = await jetstream.connect_once(url, "chaos")
            try:
                js = client.jetstream(timeout=5)
                for service in PRODUCERS:
                    await js.add_stream(jetstream.stream_config(service, NODES))
                return
            finally:
                await client.close()
        except (jetstream.BrokerError, OSError, TimeoutError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


@contextlib.contextmanager
def started(cluster: list[NatsServer]) -> Iterator[list[NatsServer]]:
    """All nodes run; in the end none does."""
    try:
        for node in cluster:
            node.start()
        yield cluster
    finally:
        for node in cluster:
            node.kill()


class ThreeNodes(Installation):
    """An installation whose broker runs on three nodes; the processes know the address of the first."""

    is_set_up = False

    def make_nats(self, wanted: Mapping[str, str]) -> NatsServer:
        """The first node; the others are started and stopped with it."""
        first, *self.others = nodes(self.layout.nats, users(wanted), wanted["nats"])
        return first

    def start_nats(self) -> None:
        """Start the nodes that do not run; the first time, make the streams with a copy on each."""
        for node in (self.nats, *self.others):
            node.start()
        if not self.is_set_up:
            asyncio.run(set_up(self.nats.url))
        self.is_set_up = True

    def choose_addresses(self) -> Addresses:
        """The servers themselves: a client is told by a node where the others are."""
        return EmbeddedStack.choose_addresses(self)

    def __exit__(self, *exception: object) -> None:
        super().__exit__(*exception)
        for node in self.others:
            node.stop()


def three_nodes(seed: int, console: Console) -> int:
    """One node is lost and comes back, then the two others; gives the exit code."""
    with tempfile.TemporaryDirectory(prefix="loop-chaos-") as folder, contextlib.ExitStack() as open_:
        Path(folder).chmod(0o711)
        stack = open_.enter_context(ThreeNodes(Path(folder) / "data", tell=console.print))
        operator = open_.enter_context(Operator.of(stack.layout.root))
        load = MixedLoad(stack.url, operator, seed=seed)
        asyncio.run(_scenario(stack, load, console))
        findings = audit(stack, load.journal)
    for each in (*findings, *load.unexpected):
        console.print(f"[bold red]{each}[/]", soft_wrap=True)
    return 1 if findings or load.unexpected else 0


async def _scenario(stack: ThreeNodes, load: MixedLoad, console: Console) -> None:
    async with load.running():
        await load.until(3, WRITES)
        with stack.held("nats"):
            stack.nats.kill()
            await _goes_on(stack, load, console, "the node that the processes know by its address is lost", published=True)
        await asyncio.to_thread(stack.wait_ready)
        for node in stack.others:
            node.kill()
        await _goes_on(stack, load, console, "two nodes are lost", published=False)
        for node in stack.others:
            node.start()
        await _goes_on(stack, load, console, "all nodes are back", published=True)
    await asyncio.to_thread(come_to_rest, stack)


async def _goes_on(stack: ThreeNodes, load: MixedLoad, console: Console, what: str, *, published: bool) -> None:
    """Wait until everything is written and reported that is asked for now, and, with a majority, published too."""
    began = time.monotonic()
    await load.until(3, WRITES)
    written = time.monotonic() - began
    target = {source: count for source, (_, count) in patient_positions(stack).items()}

    def reported() -> bool:
        now = patient_positions(stack)
        return all(now[source][0] >= count for source, count in target.items())

    await asyncio.to_thread(wait, reported, f"{what}: reporting has caught up")
    console.print(f"{what}: writing after {written:.1f} s, reported after {time.monotonic() - began:.1f} s")
    if published:
        await asyncio.to_thread(wait, lambda: _unpublished(stack) == 0, f"{what}: all that was written then is published")
        console.print(f"{what}: published after {time.monotonic() - began:.1f} s")


def _unpublished(stack: ThreeNodes) -> int:
    """Events that were written more than ten seconds ago and are not published."""
    sql = " + ".join(
        f"(select count(*) from {service}.outbox where published_at is null and recorded_at < now() - interval '10 s')"
        for service in PRODUCERS
    )
    return int(stack.postgres.run_sql(f"select {sql}", database="loop"))
