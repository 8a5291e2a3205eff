"""Two gateways, each a process of its own, before one database: rates and planned work are the same in both."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import assert_page
from chassis.testing.sample import eventually
from gateway.testing import OPERATOR_KEY, Upstream, upstreams_at
from loop_cli.servers import ChildProcess, free_port

SLOW = 0.01
"""Requests a second: no allowance grows again while a test runs."""
BURST = 80
SHARE = BURST // 8

Pair = list[httpx.AsyncClient]


@pytest.fixture
async def pair(database: Database, keys: Keys, upstream: Upstream, tmp_path: Path) -> AsyncIterator[Pair]:
    """Clients of two gateways, with the operator's key."""
    (tmp_path / "operator.key").write_text(OPERATOR_KEY)
    ports = [free_port(), free_port()]
    running = []
    for number, port in enumerate(ports):
        variables = {
            "PATH": os.environ["PATH"],
            **keys.environment(database.url()),
            "LOOP_SIGNING_KEY": str(keys.folder / "gateway.jwk"),
            "LOOP_OPERATOR_KEY_FILE": str(tmp_path / "operator.key"),
            "LOOP_UPSTREAMS": str(upstreams_at(upstream.port)).replace("'", '"'),
            "LOOP_PORT": str(port),
            "LOOP_RATE_CLIENT": f"{SLOW}/{BURST}",
            "LOOP_RATE_ADDRESS": "100000/100000",
        }
        command = [sys.executable, "-m", "gateway.main"]
        running.append(ChildProcess(f"gateway-{number}", command, tmp_path / f"gateway-{number}.log", env=variables))
        running[-1].start()
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}"}
    clients = [httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) for port in ports]

    async def ready() -> bool:
        try:
            return all([(await client.get("/readyz")).status_code == 200 for client in clients])
        except httpx.TransportError:
            return False

    try:
        await eventually(ready, seconds=120)
        yield clients
    finally:
        for client in clients:
            await client.aclose()
        for process in running:
            await asyncio.to_thread(process.stop)


async def issue(client: httpx.AsyncClient) -> dict[str, str]:
    (await client.put("/gateway/v1/organisations/north", json={"name": "North"})).raise_for_status()
    body = {"org": "north", "name": "cms", "scopes": ["audit:outcomes:read"]}
    issued: dict[str, Any] = (await client.post("/gateway/v1/clients", json=body)).raise_for_status().json()
    return {"X-API-Key": issued["api_key"], "Authorization": ""}


async def ask(client: httpx.AsyncClient, key: str) -> httpx.Response:
    return await client.send(httpx.Request("GET", client.base_url.join("/audit/v1/x"), headers={"X-API-Key": key}))


class TestTwoGateways:
    async def test_rate_of_a_client_holds_across_both(self, pair: Pair, upstream: Upstream) -> None:
        key = (await issue(pair[0]))["X-API-Key"]
        # Both at once, and more to each than the whole rate: apart they would let twice the burst pass.
        answers = await asyncio.gather(*(ask(client, key) for _ in range(2 * BURST) for client in pair))
        passed = [answer.status_code for answer in answers].count(200)
        assert BURST <= passed <= BURST + len(pair) * SHARE
        assert {answer.status_code for answer in answers} == {200, 429}
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status_code == 429)
        assert len([each for each in upstream.seen if each.path == "/audit/v1/x"]) == passed

    async def test_planned_work_is_seen_by_both_and_ends(self, pair: Pair) -> None:
        first, second = pair
        key = (await issue(first))["X-API-Key"]
        until = datetime.now(UTC) + timedelta(hours=2)
        (await first.put("/gateway/v1/maintenance/audit", json={"until": until.isoformat()})).raise_for_status()
        closed = await ask(first, key)
        assert (closed.status_code, closed.json()["type"]) == (503, "urn:learning-loop:problem:maintenance")
        assert 7000 < int(closed.headers["retry-after"]) <= 7200

        async def closed_there() -> bool:
            return (await ask(second, key)).status_code == 503

        await eventually(closed_there)
        person = await second.get("/audit/", headers={"Accept": "text/html", "Authorization": ""})
        assert person.status_code == 503
        assert_page(person)
        assert "Closed for planned work" in person.text
        # The operator looks whether all is well; others are not concerned.
        assert (await second.get("/audit/v1/x", headers={"Loop-Org": "north"})).status_code == 200
        assert (await second.get("/s/start", headers={"Authorization": ""})).status_code == 200
        (await second.delete("/gateway/v1/maintenance/audit")).raise_for_status()

        async def open_here() -> bool:
            return (await ask(first, key)).status_code == 200

        await eventually(open_here)
