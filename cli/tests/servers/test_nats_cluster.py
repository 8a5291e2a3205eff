"""Three nodes of NATS with the configuration of deploy/kubernetes: streams lie on all of them, and one may be away."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from nats.js import JetStreamContext

from chassis import jetstream
from chassis.inside import client_context
from loop_cli.doctor.broker import examine
from loop_cli.servers import ChildProcess, free_port
from loop_cli.servers.nats import program
from loop_cli.stack.broker import set_up_streams
from loop_cli.stack.certificates import Authority
from loop_cli.stack.containers import REPLICAS
from loop_cli.stack.given import users_conf
from loop_cli.stack.keys import load_or_make
from loop_cli.stack.layout import Layout

CONFIGURATION = Path(__file__).resolve().parents[3] / "deploy/kubernetes/servers/nats.conf"
PATIENCE = 90.0

T = TypeVar("T")


@dataclass
class Cluster:
    """The nodes, and how each user comes in."""

    nodes: list[ChildProcess]
    ports: list[int]
    passwords: dict[str, str]
    ca: Path

    def url(self, user: str, node: int = 0) -> str:
        password = self.passwords["nats" if user == "loop" else f"nats-{user}"]
        return f"tls://{user}:{password}@127.0.0.1:{self.ports[node]}"


async def until(work: Callable[[], Awaitable[T]]) -> T:
    """Try until it works: a majority has to find itself first."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return await work()
        except (OSError, TimeoutError, jetstream.BrokerError, AssertionError):
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.2)


@pytest.fixture
async def cluster(folder: Path) -> AsyncIterator[Cluster]:
    layout = Layout.at(folder / "installation")
    layout.open()
    keys = load_or_make(layout, has_data=False)
    authority = Authority(layout.secrets)
    certificate, key = authority.certificate_for("nats", ["127.0.0.1", "localhost"])
    ports, among = [free_port() for _ in range(REPLICAS)], [free_port() for _ in range(REPLICAS)]
    nodes = []
    for number in range(REPLICAS):
        place = folder / f"nats-{number}"
        place.mkdir()
        text = CONFIGURATION.read_text().replace("0.0.0.0", "127.0.0.1")
        text = text.replace("port: 4222", f"port: {ports[number]}").replace("http_port: 8222", "")
        text = text.replace("port: 6222", f"port: {among[number]}")
        text = re.sub(r"nats-(\d)\.nats-nodes:6222", lambda found: f"127.0.0.1:{among[int(found[1])]}", text)
        text = text.replace("/etc/nats", str(place)).replace("/data", str(place))
        (place / "nats.conf").write_text(text)
        (place / "users.conf").write_text(users_conf(keys))
        for name, content in (("tls.crt", certificate), ("tls.key", key), ("ca.crt", authority.certificate.read_text())):
            (place / name).write_text(content)
        command: list[str | Path] = [program(), "--config", place / "nats.conf"]
        nodes.append(ChildProcess(f"nats-{number}", command, folder / f"nats-{number}.log", env={"POD_NAME": f"nats-{number}"}))
    for node in nodes:
        node.start()
    made = Cluster(nodes, ports, keys.passwords, authority.certificate)
    await until(lambda: has_majority(made))
    yield made
    for node in nodes:
        node.kill()


async def has_majority(cluster: Cluster) -> None:
    """Raise until JetStream answers; each question is short, since one that comes too early is never answered."""
    client = await jetstream.connect_once(cluster.url("loop"), "test", client_context(cluster.ca))
    try:
        await client.jetstream(timeout=1).account_info()
    finally:
        await client.close()


async def test_streams_are_brought_to_three_nodes_and_take_events_while_one_is_away(cluster: Cluster) -> None:
    url, tls = cluster.url("loop"), client_context(cluster.ca)
    await until(lambda: set_up_streams(url, cluster.ca, 1))
    found = {each.what: each for each in await until(lambda: examine(url, cluster.ca, REPLICAS))}
    assert "num_replicas" in found["stream loop-audit"].words
    await until(lambda: set_up_streams(url, cluster.ca, REPLICAS))
    publisher = await jetstream.connect(cluster.url("audit"), "test", tls)
    try:
        js = publisher.jetstream(timeout=5)
        assert (await until(lambda: js.publish("loop.audit.v1.audit_submitted", b"1"))).seq == 1
        leader = await until(lambda: led_with_copies(js))
    finally:
        await publisher.close()
    away = int(leader.removeprefix("nats-"))
    cluster.nodes[away].kill()
    other = await jetstream.connect(cluster.url("audit", (away + 1) % REPLICAS), "test", tls)
    try:
        js = other.jetstream(timeout=5)
        # The same id: tried again after a time-out it is still one event.
        await until(lambda: js.publish("loop.audit.v1.audit_submitted", b"2", headers={"Nats-Msg-Id": "2"}))
        assert (await until(lambda: js.stream_info(jetstream.stream_name("audit")))).state.messages == 2
    finally:
        await other.close()


async def led_with_copies(js: JetStreamContext) -> str:
    """The node that leads, once the others have what it has."""
    info = await js.stream_info(jetstream.stream_name("audit"))
    assert info.config.num_replicas == REPLICAS
    assert info.cluster is not None
    assert info.cluster.leader is not None
    assert [each.current for each in info.cluster.replicas or []] == [True, True]
    return info.cluster.leader
