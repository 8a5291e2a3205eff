"""How much more one service answers with more web processes: requests a second of two and of four over those of one.

Web processes of the complaints service on one PostgreSQL and ports of their own, as behind a balancer that gives each the same
share; 16 callers ask for a list of a large council's complaints. One, two and four take turns of a second and a half, so that
a busy machine slows all. Caller and database want cores too, so with two cores the aim is what those two leave: that a second
process helps and that more do no harm. Run it with `python -m tests.bench processes`.
"""

import asyncio
import itertools
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

import asyncpg
import httpx
import psutil
import uvloop

from chassis.days import british_today
from complaints.domain.profile import Profile
from loop_cli.servers import ChildProcess, free_port
from loop_cli.servers.process import wait_for
from tests.bench import complaint_lists
from tests.bench._service import ORG, Installation, answers, installation, profile

SECONDS_TAKEN = 75
PROCESSES = (1, 2, 4)
CALLERS = 16
TURNS, SECONDS = 6, 1.5
COMPLAINTS = 500
PATH = "/complaints/?state=all"
AIMS = {"2 processes over 1": "1.1 or more", "4 processes over 2": "0.85 or more"}


def run() -> dict[str, float]:
    """Measure once."""
    with installation("complaints") as held, _more(held, max(PROCESSES) - 1) as (ports, processes):
        asyncio.run(_seed(held))
        found = uvloop.run(_measure(held, ports))
        memory = [each.memory_full_info().uss / 2**20 for each in processes]
    one, two, four = (found[each] for each in PROCESSES)
    return {
        "requests a second of one process": statistics.median(one),
        "2 processes over 1": statistics.median(more / less for more, less in zip(two, one, strict=True)),
        "4 processes over 1": statistics.median(more / less for more, less in zip(four, one, strict=True)),
        "4 processes over 2": statistics.median(more / less for more, less in zip(four, two, strict=True)),
        "memory of a process (MB)": statistics.median(memory),
    }


@contextmanager
def _more(held: Installation, number: int) -> Iterator[tuple[list[int], list[psutil.Process]]]:
    """So many more web processes like the first: the ports of all, and all of them."""
    with ExitStack() as stack:
        ports, processes = [int(held.environment["LOOP_PORT"])], [held.process]
        for each in range(number):
            port = free_port()
            environment = os.environ | held.environment | {"LOOP_PORT": str(port)}
            log = held.master_key.parent / f"complaints-{each + 2}.log"
            child = ChildProcess(f"complaints-{each + 2}", [sys.executable, "-m", "complaints.main"], log, env=environment)
            child.start()
            stack.callback(child.stop)
            wait_for(partial(answers, f"http://127.0.0.1:{port}/readyz"), child, 120, 0.2)
            ports.append(port)
            processes.append(psutil.Process(child.pid))
        yield ports, processes


async def _seed(held: Installation) -> None:
    document = profile(*complaint_lists.PARTS)
    async with httpx.AsyncClient(base_url=held.url, timeout=120) as client:
        await held.apply_profile(client, document)
    known, rng, today = (
        Profile.model_validate({name: document[name] for name in complaint_lists.PARTS}),
        random.Random(1),
        british_today(),
    )
    rows: dict[str, list[dict[str, Any]]] = {}
    for number in range(COMPLAINTS):
        complaint_lists.add(rows, rng, known, ORG, number, today - timedelta(days=number * 365 // COMPLAINTS))
    connection = await asyncpg.connect(held.database.url("admin"))
    try:
        await complaint_lists.write(connection, rows)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()


async def _measure(held: Installation, ports: list[int]) -> dict[int, list[float]]:
    """Requests a second of each turn, by the number of processes."""
    await _load(held, ports)
    found: dict[int, list[float]] = {number: [] for number in PROCESSES}
    for turn in range(TURNS):
        # Forth and back: whoever comes after a busy moment is not always the same.
        for number in PROCESSES if turn % 2 else PROCESSES[::-1]:
            found[number].append(await _load(held, ports[:number]))
    return found


async def _load(held: Installation, ports: list[int]) -> float:
    """Requests a second of all callers, each of whom asks again when it has its answer."""
    (name, value), *_ = held.headers(complaint_lists.OFFICER).items()
    request = f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n{name}: {value}\r\n\r\n".encode()
    began, done = time.perf_counter(), 0

    async def caller(port: int) -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            while time.perf_counter() - began < SECONDS:
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                if not head.startswith(b"HTTP/1.1 200 "):
                    raise RuntimeError(head[:300].decode())
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]))
                done += 1
        finally:
            writer.close()

    async with asyncio.TaskGroup() as group:
        for port in itertools.islice(itertools.cycle(ports), CALLERS):
            group.create_task(caller(port))
    return done / (time.perf_counter() - began)
