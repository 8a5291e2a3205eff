"""Four times what an installation can take, sent to it: what is taken is in the database once, others are told to come back.

The real complaints service on a durable PostgreSQL behind the real gateway, which is given two places and a short queue for it:
so what can be taken is little, and a generator of requests in a process of its own (`_arrivals`) can offer four times as much
on a small machine. First as many callers as places and queue hold find out what can be taken; then compliments come at four
times that rate, whatever becomes of them. Then the same at a half, to see that nothing is refused without need. Run it with
`python -m tests.bench gateway_shedding`.
"""

import asyncio
import json
import os
import secrets
import statistics
import subprocess
import sys
from contextlib import ExitStack
from typing import Any

import asyncpg
import httpx
import psutil

from chassis.testing.fixtures import Databases, migrate
from loop_cli.servers import ChildProcess, free_port
from loop_cli.servers.process import wait_for
from tests.bench._service import ORG, ROOT, Installation, installation, profile
from tests.bench.gateway_proxy import SERVICES

PLACES, QUEUE, SECONDS = 2, 8, 4.0
PATH = "/complaints/v1/compliments"
COMPLIMENT: dict[str, Any] = {
    "received_on": "2026-04-28",
    "service_area": "send",
    "source": "parent-or-carer",
    "external": True,
}
TAKEN = (200, 201)
TOLD = (429, 503)
SECONDS_TAKEN = 60
AIMS = {
    "offered over what can be taken": "4",
    "taken that are in the database once": "1",
    "refused that are in the database": "0",
    "told to come back of those refused": "1",
    "taken over what can be taken": "0.8 or more",
    "memory grown by shedding (MB)": "20 or less",
    "refused at half of what can be taken": "0",
}


def run() -> dict[str, float]:
    """Measure once."""
    with installation("complaints") as held, ExitStack() as stack:
        asyncio.run(_profile(held))
        port, key, process = _gateway(stack, held)
        capacity = _capacity(port, key)
        half = _wave(port, key, "half", rate=capacity / 2)
        before = process.memory_info().rss
        wave = _wave(port, key, "four", rate=capacity * 4)
        grown = process.memory_info().rss - before
        stored = asyncio.run(_stored(held))
    by = [(f"four-{number}", status, told, took) for number, status, told, took in wave["answers"]]
    taken = [each for each in by if each[1] in TAKEN]
    refused = [each for each in by if each[1] not in TAKEN]
    times = [each[3] * 1000 for each in taken]
    return {
        "requests a second that can be taken": capacity,
        "offered over what can be taken": wave["sent"] / wave["sending"] / capacity,
        "taken over what can be taken": len(taken) / wave["answering"] / capacity,
        "taken": len(taken),
        "refused": len(refused),
        "taken that are in the database once": sum(stored.get(each[0]) == 1 for each in taken) / len(taken),
        "refused that are in the database": sum(each[0] in stored for each in refused),
        "told to come back of those refused": sum(each[1] in TOLD and each[2] for each in refused) / len(refused),
        "taken at p50 (ms)": statistics.median(times),
        "taken at p95 (ms)": statistics.quantiles(times, n=20)[-1],
        "refused at p50 (ms)": statistics.median(each[3] * 1000 for each in refused),
        "memory grown by shedding (MB)": grown / 1e6,
        "refused at half of what can be taken": sum(status not in TAKEN for _, status, *_ in half["answers"]),
    }


async def _profile(held: Installation) -> None:
    async with httpx.AsyncClient(base_url=held.url, timeout=60) as client:
        await held.apply_profile(client, profile("organisation", "complaints"))


def _gateway(
    stack: ExitStack, held: Installation, *, places: int = PLACES, queue: int = QUEUE
) -> tuple[int, str, psutil.Process]:
    """The port of a gateway with few places before the service, a key of an API client, and its process."""
    database = stack.enter_context(Databases(held.database.address).clone("gateway", migrate("gateway")))
    folder, port, operator = held.master_key.parent, free_port(), secrets.token_urlsafe(32)
    (folder / "operator.key").write_text(operator)
    environment = os.environ | {
        "LOOP_DATABASE_URL": database.url(),
        "LOOP_SIGNING_KEY": str(folder / "signing.jwk"),
        "LOOP_IDENTITY_KEYS": held.environment["LOOP_IDENTITY_KEYS"],
        "LOOP_OPERATOR_KEY_FILE": str(folder / "operator.key"),
        "LOOP_UPSTREAMS": json.dumps(dict.fromkeys(SERVICES, held.url)),
        "LOOP_PORT": str(port),
        "LOOP_RATE_CLIENT": "1000000/1000000",
        "LOOP_CONNECTIONS_PER_SERVICE": str(places),
        "LOOP_QUEUE_PER_SERVICE": str(queue),
    }
    child = ChildProcess("gateway", [sys.executable, "-m", "gateway.main"], folder / "gateway.log", env=environment)
    child.start()
    stack.callback(child.stop)
    url = f"http://127.0.0.1:{port}"
    wait_for(lambda: _ready(url), child, 30, 0.2)
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {operator}"}) as client:
        client.put(f"/gateway/v1/organisations/{ORG}", json={"name": "Bench"}).raise_for_status()
        body = {"org": ORG, "name": "bench", "scopes": ["complaints:write"]}
        key: str = client.post("/gateway/v1/clients", json=body).raise_for_status().json()["api_key"]
    return port, key, psutil.Process(child.pid)


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _capacity(port: int, key: str) -> float:
    """Requests a second with all places and the queue full: each caller sends the next when it has its answer."""
    _wave(port, key, "warm", callers=PLACES + QUEUE)
    full = _wave(port, key, "full", callers=PLACES + QUEUE)
    if any(status not in TAKEN for _, status, *_ in full["answers"]):
        raise RuntimeError(f"refused with as many callers as there are places: {full['answers']}")
    return float(full["sent"] / full["answering"])


def _wave(port: int, key: str, name: str, **how: float) -> dict[str, Any]:
    """What came of requests at a `rate`, or of so many `callers`."""
    body = json.dumps({**COMPLIMENT, "reference": f"{name}-@n"})
    plan = {"port": port, "key": key, "seconds": SECONDS, "path": PATH, "body": body, "wave": name, **how}
    command = [sys.executable, "-m", "tests.bench._arrivals"]
    done = subprocess.run(command, input=json.dumps(plan), capture_output=True, text=True, check=True, cwd=ROOT)
    wave: dict[str, Any] = json.loads(done.stdout)
    return wave


async def _stored(held: Installation) -> dict[str, int]:
    connection = await asyncpg.connect(held.database.url("admin"))
    try:
        rows = await connection.fetch("select reference, count(*) from complaints.compliment group by reference")
        return {row[0]: row[1] for row in rows}
    finally:
        await connection.close()


if __name__ == "__main__":
    for label, value in run().items():
        print(f"{label:45} {value:10.2f}  {AIMS.get(label, '')}")  # noqa: T201 - its purpose
