"""Requests through the gateway over the same requests sent directly: throughput, and what is added at the median.

Three processes: this one sends over kept-alive connections as fast as the answers come; a small upstream; the real gateway,
which checks an API key, signs an identity and logs each request. Direct and through take turns of a second, so that a busy
machine slows both. Two upstreams: a FastAPI route that answers 31 bytes of JSON, as the services are made, and a bare ASGI
function, next to which every proxy of Python looks its worst. Run it with `python tests/bench/gateway_proxy.py`.
"""

import asyncio
import json
import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import psutil
import uvloop

from chassis.identity import new_key
from chassis.testing.fixtures import Databases, PostgresAddress, migrate
from loop_cli.servers import ChildProcess, PostgresServer, free_port
from loop_cli.servers.process import wait_for
from tests import proxies

TURNS = 6
SECONDS = 1.0
CONNECTIONS = (8, 64)
PATH = "/audit/v1/ping"
SERVICES = ("audit", "feedback", "complaints", "reporting")
SECONDS_TAKEN = 90
AIMS = {
    "throughput ratio, 8 connections": "0.50 or more",
    "throughput ratio, 64 connections": "0.50 or more",
    "added at p50 (ms), 8 connections": "1.5 or less",
}

UPSTREAM = """
import sys, uvicorn
from fastapi import FastAPI
app = FastAPI()

@app.get("/audit/v1/ping")
async def ping():
    return {"status": "ok", "items": [1, 2, 3]}

BODY = b'{"status":"ok","items":[1,2,3]}'
HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"31")]

async def bare(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})

uvicorn.run(bare if sys.argv[1] == "bare" else app, port=int(sys.argv[2]), loop="uvloop", http="httptools", lifespan="off",
            log_level="warning", access_log=False, timeout_keep_alive=75)
"""


class Caller(asyncio.Protocol):
    """One connection that sends the next request when the answer to the last is complete, and notes how long each took."""

    def __init__(self, request: bytes, until: float, times: list[float]) -> None:
        self._request, self._until, self._times = request, until, times
        self._buffer = b""
        self.done = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._request)  # type: ignore[attr-defined]  # asyncio gives a base class

    def data_received(self, data: bytes) -> None:
        """Take an answer; all have the same body, so its end tells that it is complete."""
        self._buffer += data
        if not self._buffer.endswith(b"[1,2,3]}"):
            return
        now = time.perf_counter()
        if not self._buffer.startswith(b"HTTP/1.1 200 "):
            self.done.set_exception(RuntimeError(self._buffer[:200].decode()))
            return
        self._times.append(now - self._began)
        self._buffer = b""
        if now < self._until:
            self._send()
        else:
            self._transport.close()
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail when the other side closed."""
        if not self.done.done():
            self.done.set_exception(exc or ConnectionResetError())


async def load(port: int, key: str, connections: int) -> tuple[float, float]:
    """Requests a second and the median in milliseconds."""
    request = f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: */*\r\nX-API-Key: {key}\r\n\r\n".encode()
    times: list[float] = []
    loop = asyncio.get_running_loop()
    began = time.perf_counter()
    made = [
        await loop.create_connection(lambda: Caller(request, began + SECONDS, times), "127.0.0.1", port)
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.done for _, protocol in made))
    return len(times) / (time.perf_counter() - began), statistics.median(times) * 1000


def run() -> dict[str, float]:
    """Measure once, against both upstreams."""
    figures: dict[str, float] = {}
    for kind in ("route", "bare"):
        with _installation(kind) as (upstream, gateway, key, process):
            found = uvloop.run(_measure(upstream, gateway, key, process))
        suffix = "" if kind == "route" else " (bare ASGI)"
        figures |= {f"{label}{suffix}": value for label, value in found.items()}
    return figures


async def _measure(upstream: int, gateway: int, key: str, process: psutil.Process) -> dict[str, float]:
    figures: dict[str, float] = {}
    for connections in CONNECTIONS:
        await load(upstream, key, connections)
        await load(gateway, key, connections)
        before = _cpu(process)
        turns = [(await load(upstream, key, connections), await load(gateway, key, connections)) for _ in range(TURNS)]
        requests = sum(through[0] * SECONDS for _, through in turns)
        figures[f"throughput ratio, {connections} connections"] = statistics.median(
            through[0] / direct[0] for direct, through in turns
        )
        figures[f"added at p50 (ms), {connections} connections"] = statistics.median(
            through[1] - direct[1] for direct, through in turns
        )
        figures[f"requests a second, {connections} connections"] = statistics.median(through[0] for _, through in turns)
        figures[f"processor time a request (µs), {connections} connections"] = (_cpu(process) - before) / requests * 1e6
    return figures


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def _installation(
    kind: str, more: dict[str, str] | None = None, operator: str = ""
) -> Iterator[tuple[int, int, str, psutil.Process]]:
    """Ports of an upstream and of a gateway before it, an API key, and the gateway's process; all is gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loop-bench-")))
        server = PostgresServer(folder / "postgres")
        server.start()
        stack.callback(server.kill)
        databases = Databases(PostgresAddress.parse(server.url()))
        database = stack.enter_context(databases.clone("gateway", migrate("gateway")))
        private, public = new_key()
        operator = operator or secrets.token_urlsafe(32)
        (folder / "signing.jwk").write_text(json.dumps(private))
        (folder / "keys.json").write_text(json.dumps({"issuers": {"gateway": public}}))
        (folder / "operator.key").write_text(operator)
        (folder / "forward.key").write_text(proxies.KEY)
        upstream, port = free_port(), free_port()
        environment = os.environ | {
            "LOOP_DATABASE_URL": database.url(),
            "LOOP_SIGNING_KEY": str(folder / "signing.jwk"),
            "LOOP_IDENTITY_KEYS": str(folder / "keys.json"),
            "LOOP_OPERATOR_KEY_FILE": str(folder / "operator.key"),
            "LOOP_UPSTREAMS": json.dumps(dict.fromkeys(SERVICES, f"http://127.0.0.1:{upstream}")),
            "LOOP_PORT": str(port),
            "LOOP_RATE_CLIENT": "1000000/1000000",
            **{name: value.replace("@folder", str(folder)) for name, value in (more or {}).items()},
        }
        service = ChildProcess("upstream", [sys.executable, "-c", UPSTREAM, kind, str(upstream)], folder / "upstream.log")
        child = ChildProcess("gateway", [sys.executable, "-m", "gateway.main"], folder / "gateway.log", env=environment)
        for process in (service, child):
            process.start()
            stack.callback(process.stop)
        wait_for(lambda: _answers(f"http://127.0.0.1:{upstream}{PATH}"), service, 30, 0.2)
        wait_for(lambda: _answers(f"http://127.0.0.1:{port}/readyz"), child, 30, 0.2)
        yield upstream, port, _issue(f"http://127.0.0.1:{port}", operator), psutil.Process(child.pid)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def _issue(url: str, operator: str) -> str:
    headers = {"Authorization": f"Bearer {operator}"}
    with httpx.Client(base_url=url, headers=headers) as client:
        client.put("/gateway/v1/organisations/bench", json={"name": "Bench"}).raise_for_status()
        body = {"org": "bench", "name": "bench", "scopes": ["audit:outcomes:read"]}
        key: str = client.post("/gateway/v1/clients", json=body).raise_for_status().json()["api_key"]
        return key


def main() -> None:
    """Measure and print."""
    for label, value in run().items():
        print(f"{label:50} {value:10.2f}  {AIMS.get(label, '')}")  # noqa: T201 - its purpose


if __name__ == "__main__":
    main()
