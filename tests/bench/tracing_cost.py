"""What traces cost a service: requests a second and processor time of each, off, with a tenth recorded and with all, in turns.

Three web processes of the audit service on one durable PostgreSQL, and a collector in a process of its own. They differ in
nothing but the settings of traces; each takes turns of a second with eight requests at once, so that a busy machine slows all.
Asked are a list over the interface, and a post of one outcome. Run it with `python -m tests.bench tracing_cost`.
"""

import asyncio
import itertools
import os
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import httpx
import psutil

from chassis.identity import Identity
from loop_cli.servers import ChildProcess, free_port
from loop_cli.servers.process import wait_for
from tests.bench._service import ORG, Installation, installation, profile
from tests.chaos.load import first_record

TURNS, SECONDS, AT_ONCE = 12, 1.0, 8
SECONDS_TAKEN = 120
AIMS = {
    f"{what}_{how}": aim
    for what in ("list", "post")
    for how, aim in (("throughput_at_0.1", "0.97 or more"), ("throughput_at_1.0", "0.85 or more"))
}
MACHINE = Identity(ORG, "client:bench", "client", frozenset({"audit:outcomes:write", "audit:outcomes:read"}))
COLLECTOR = """
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Taking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass

ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Taking).serve_forever()
"""

Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


@dataclass
class Process:
    """One of the three, and what each of its turns gave."""

    url: str
    process: psutil.Process
    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)


def run() -> dict[str, float]:
    """Measure once; gives ratios of the medians over those without traces."""
    with installation("audit") as held, _three(held) as processes:
        return asyncio.run(_measure(held, processes))


@contextmanager
def _three(held: Installation) -> Iterator[dict[str, Process]]:
    with TemporaryDirectory(prefix="loop-bench-") as folder:
        children = []
        try:
            collecting = free_port()
            collector = ChildProcess("collector", [sys.executable, "-c", COLLECTOR, str(collecting)], Path(folder) / "c.log")
            collector.start()
            children.append(collector)
            found = {"off": Process(held.url, held.process)}
            for ratio in ("0.1", "1.0"):
                port = free_port()
                traces = {"LOOP_TRACES_ENDPOINT": f"http://127.0.0.1:{collecting}", "LOOP_TRACES_RATIO": ratio}
                environment = os.environ | held.environment | traces | {"LOOP_PORT": str(port)}
                log = Path(folder) / f"{ratio}.log"
                child = ChildProcess(f"audit {ratio}", [sys.executable, "-m", "audit.main"], log, env=environment)
                child.start()
                children.append(child)
                url = f"http://127.0.0.1:{port}"
                wait_for(partial(_answers, f"{url}/readyz"), child, 60, 0.2)
                found[ratio] = Process(url, psutil.Process(child.pid))
            yield found
        finally:
            for child in reversed(children):
                child.stop()


async def _measure(held: Installation, processes: dict[str, Process]) -> dict[str, float]:
    record = first_record("audit-outcomes")
    numbers = itertools.count()
    run_of = uuid4().hex[:6]

    async def listed(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get("/audit/v1/outcomes")

    async def post(client: httpx.AsyncClient) -> httpx.Response:
        number = f"{run_of}-{next(numbers)}"
        return await client.post(
            "/audit/v1/outcomes", json={**record, "reference": number}, headers={"Idempotency-Key": number}
        )

    async with httpx.AsyncClient(base_url=held.url, timeout=60) as client:
        await held.apply_profile(client, profile("organisation", "audit"))
    figures = {}
    asked: dict[str, Ask] = {"list": listed, "post": post}
    for what, ask in asked.items():
        for turn in range(TURNS + 1):
            for each in processes.values():
                rate, cost = await _turn(held, each, ask)
                if turn:  # the first one warms up
                    each.rates.append(rate)
                    each.costs.append(cost)
        rates = {name: statistics.median(each.rates) for name, each in processes.items()}
        costs = {name: statistics.median(each.costs) for name, each in processes.items()}
        for name in ("0.1", "1.0"):
            figures[f"{what}_throughput_at_{name}"] = rates[name] / rates["off"]
            figures[f"{what}_processor_at_{name}"] = costs[name] / costs["off"]
        figures[f"{what}_processor_off_ms"] = 1000 * costs["off"]
        for each in processes.values():
            each.rates.clear()
            each.costs.clear()
    return figures


async def _turn(held: Installation, each: Process, ask: Ask) -> tuple[float, float]:
    """Requests a second, and seconds of processor time a request."""
    done = 0
    async with httpx.AsyncClient(base_url=each.url, timeout=60, headers=held.headers(MACHINE)) as client:
        until = time.perf_counter() + SECONDS

        async def one() -> None:
            nonlocal done
            while time.perf_counter() < until:
                (await ask(client)).raise_for_status()
                done += 1

        used, began = sum(each.process.cpu_times()[:2]), time.perf_counter()
        await asyncio.gather(*(one() for _ in range(AT_ONCE)))
        return done / (time.perf_counter() - began), (sum(each.process.cpu_times()[:2]) - used) / done


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
