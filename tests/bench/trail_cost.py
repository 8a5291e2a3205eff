"""What it costs that who read and changed what is written down: requests with the trail over the same without, in turns.

The audit service's application in this process, on a PostgreSQL with durable settings: a page of the programmes, a list over
the interface, and a post of one outcome. The two applications differ in nothing but the trail. Run it with
`python -m tests.bench trail_cost`.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from unittest.mock import patch
from uuid import uuid4

import httpx
from fastapi import FastAPI

from audit.bootstrap import build_app
from audit.settings import AuditSettings
from chassis.identity import Identity
from chassis.unit_of_work import UnitOfWork
from tests.bench._service import ORG, Installation, installation, profile
from tests.chaos.load import first_record

TIMES, WARM_UP = 300, 30
SECONDS_TAKEN = 60
AIMS = {"page_with_over_without": "under 1.3", "list_with_over_without": "under 1.3", "post_with_over_without": "under 1.2"}
OFFICER = Identity(ORG, "staff:bench", "staff", frozenset({"role:qa-officer"}))
MACHINE = Identity(ORG, "client:bench", "client", frozenset({"audit:outcomes:write", "audit:outcomes:read"}))

Ask = Callable[[httpx.AsyncClient], Awaitable[httpx.Response]]


def run() -> dict[str, float]:
    """Measure once; gives the ratios of the medians."""
    with installation("audit") as held, patch.dict(os.environ, held.environment | {"LOOP_LOG_LEVEL": "warning"}):
        return asyncio.run(_measure(held))


async def _measure(held: Installation) -> dict[str, float]:
    settings = AuditSettings.load()
    apps = {"with": build_app(settings), "without": build_app(settings)}
    apps["without"].state.uow = UnitOfWork(apps["without"].state.engine)
    clients = {name: _client(app) for name, app in apps.items()}
    await held.apply_profile(clients["with"], profile("organisation", "audit"))
    record = first_record("audit-outcomes")

    async def page(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get("/audit/programmes", headers=held.headers(OFFICER))

    async def listed(client: httpx.AsyncClient) -> httpx.Response:
        return await client.get("/audit/v1/outcomes", headers=held.headers(MACHINE))

    async def post(client: httpx.AsyncClient) -> httpx.Response:
        body = {**record, "reference": uuid4().hex[:12]}
        headers = {**held.headers(MACHINE), "Idempotency-Key": uuid4().hex}
        return await client.post("/audit/v1/outcomes", json=body, headers=headers)

    asked: dict[str, Ask] = {"page": page, "list": listed, "post": post}
    found = {}
    for name, ask in asked.items():
        seconds: dict[str, list[float]] = {"with": [], "without": []}
        for turn in range(WARM_UP + TIMES):
            for which, client in clients.items():
                began = time.perf_counter()
                (await ask(client)).raise_for_status()
                if turn >= WARM_UP:
                    seconds[which].append(time.perf_counter() - began)
        medians = {which: statistics.median(each) for which, each in seconds.items()}
        found[f"{name}_with_over_without"] = medians["with"] / medians["without"]
        found[f"{name}_more_ms"] = 1000 * (medians["with"] - medians["without"])
    for app in apps.values():
        await app.state.engine.dispose()
    return found


def _client(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://127.0.0.1", timeout=60)
