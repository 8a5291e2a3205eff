"""The version before and this one run together on the schema of this one: nothing fails, and each can go on alone."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from chassis.serving import DRAIN
from chassis.testing.fixtures import scratch_folder
from loop_cli.operator import Operator
from loop_cli.profile import send
from loop_cli.profile_files import read_profile
from loop_cli.servers import ChildProcess, free_port
from loop_cli.stack.embedded import EmbeddedStack
from loop_cli.stack.launch import Nursery
from loop_cli.stack.programs import choose_ports
from loop_cli.stack.services import GATEWAY, PROGRAMS, WITH_WORKER, Addresses, environment
from loop_cli.stack.state import is_ready
from tests.chaos.load import ORG
from tests.chaos.steady import FACTS, Load, facts, new_client
from tests.projected import wait_until_projected
from tests.upgrade.release import commit_before, install
from tests.upgrade.splitter import Splitter

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 180.0
PAUSE = 0.05

pytestmark = [
    pytest.mark.stack,
    pytest.mark.skipif(sys.platform != "linux", reason="programs of two versions are forked, which is done on Linux only"),
]


@dataclass
class Before:
    """The ten processes of the version before, on ports of their own."""

    url: str
    addresses: Addresses
    processes: dict[str, ChildProcess]
    answers: Counter[str] = field(default_factory=Counter)


@pytest.fixture(scope="module")
def now() -> Iterator[EmbeddedStack]:
    """This version, with a profile applied."""
    with (
        scratch_folder("upgrade") as folder,
        EmbeddedStack(folder / "data", port=free_port(), demo_sign_in=True) as running,
        Operator.of(running.layout.root) as operator,
    ):
        send(read_profile(ROOT / "profiles" / ORG), operator.http, dry_run=False)
        yield running


@pytest.fixture(scope="module")
async def split() -> AsyncIterator[dict[str, Splitter]]:
    """One port for each service, for the gateways of both versions."""
    async with AsyncExitStack() as opened:
        yield {service: await opened.enter_async_context(Splitter().listening()) for service in WITH_WORKER}


@pytest.fixture(scope="module")
async def before(now: EmbeddedStack, split: dict[str, Splitter]) -> AsyncIterator[Before]:
    """The version before beside this one; each gateway reaches the services of both."""
    with scratch_folder("before") as folder:
        python = await asyncio.to_thread(install, commit_before(), folder)
        nursery = Nursery(now.layout.logs / "nursery-before.log", python)
        ports = choose_ports(free_port())
        addresses = Addresses(now.url, now.nats.port, now.postgres.port, ports)
        upstreams = {"LOOP_UPSTREAMS": json.dumps({name: f"http://127.0.0.1:{each.port}" for name, each in split.items()})}
        processes = {}
        for program in PROGRAMS:
            env = environment(program, addresses, now.keys, demo_sign_in=now.demo_sign_in)
            # Each version's own `loop up` says what its pages lead to; the version before knows no groups of them.
            env |= {"LOOP_NAVIGATION": "[]", **(upstreams if program == GATEWAY else {})}
            log = now.layout.logs / f"{program.name}-before.log"
            processes[program.name] = ChildProcess(program.name, [], log, env=env, launcher=nursery.launcher(program.module))
        made = Before(f"http://127.0.0.1:{ports[GATEWAY.name]}", addresses, processes)
        try:
            for process in processes.values():
                await asyncio.to_thread(process.start)
            await _ready(made)
            for service, each in split.items():
                each.targets = [now.addresses.ports[service], ports[service]]
            gateway = now.process(GATEWAY.name)
            gateway.env = {**(gateway.env or {}), **upstreams}
            await asyncio.to_thread(now.restart, GATEWAY.name)
            yield made
        finally:
            for process in processes.values():
                process.ask_to_stop()
            for process in processes.values():
                await asyncio.to_thread(process.stop)
            nursery.stop()


async def _ready(before: Before) -> None:
    async with asyncio.timeout(PATIENCE):
        for name, process in before.processes.items():
            while not await asyncio.to_thread(is_ready, before.addresses.ports[name]):
                assert process.alive, f"{process.describe_end()}\n{process.log_tail(40)}"
                await asyncio.sleep(0.1)


async def _read(url: str, key: str, times: int) -> Counter[str]:
    """Ask reporting, which is read only, again and again on new connections."""
    found: Counter[str] = Counter()
    for _ in range(times):
        async with httpx.AsyncClient(base_url=url, timeout=60, headers={"Authorization": key, "Loop-Org": ORG}) as http:
            answer = await http.get("/reporting/v1/progress")
            found[str(answer.status_code)] += 1
    return found


class TestSideBySide:
    async def test_load_through_both_gateways_to_both_versions_of_each_service(
        self, now: EmbeddedStack, before: Before, split: dict[str, Splitter]
    ) -> None:
        with Operator.of(now.layout.root) as operator:
            credentials, key = new_client(operator), operator.http.headers["Authorization"]
        loads = Load(now.url, credentials, pause=PAUSE), Load(before.url, credentials, pause=PAUSE)
        async with loads[0].running(), loads[1].running():
            for load in loads:
                await load.until(30)
            asked = await _read(now.url, key, 10) + await _read(before.url, key, 10)
        assert asked == Counter({"200": 20})
        assert [(load.unexpected, load.repeated) for load in loads] == [([], 0)] * 2
        for service, each in split.items():
            assert all(each.taken[port] for port in each.targets), f"{service}: {each.taken}"
        await _projected(now, *loads)

    async def test_gone_back_the_version_before_goes_on_alone(
        self, now: EmbeddedStack, before: Before, split: dict[str, Splitter]
    ) -> None:
        """This version is stopped, and what it wrote is carried on with."""
        with Operator.of(now.layout.root) as operator:
            load = Load(before.url, new_client(operator), pause=PAUSE)
        earlier = {kind: set(facts(now, kind)) for kind in FACTS}
        with ExitStack() as held:
            async with load.running():
                await load.until(5)
                for service, each in split.items():
                    each.targets = [before.addresses.ports[service]]
                    for name in (service, f"{service}-worker"):
                        held.enter_context(now.held(name))
                    now.process(service).send(DRAIN)
                    await asyncio.to_thread(now.process(f"{service}-worker").stop)
                await load.until(20)
            assert (load.unexpected, load.repeated) == ([], 0)
            await _projected(now, load, earlier=earlier)
            # So that what lets go of it finds it ended, and starts it again.
            for service in WITH_WORKER:
                await asyncio.to_thread(now.process(service).stop)
        await asyncio.to_thread(now.wait_ready)


async def _projected(now: EmbeddedStack, *loads: Load, earlier: dict[str, set[str]] | None = None) -> None:
    await asyncio.to_thread(wait_until_projected, now)
    for kind in FACTS:
        found = sorted(each for each in facts(now, kind) if earlier is None or each not in earlier[kind])
        assert found == sorted(str(each) for load in loads for each in load.accepted[kind]), kind
    dead = "select count(*) from reporting.dead_letter"
    assert int(now.postgres.run_sql(dead, database="loop")) == 0
