"""The worker for real: a service's log over HTTP, NATS, the consumers, and a receiver."""

import asyncio
import json
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis import jetstream
from chassis.identity import HEADER, TokenVerifier
from chassis.testing.browser import served
from chassis.testing.fixtures import Keys
from chassis.worker import Worker
from gateway.testing_webhooks import KEY, NORTH, Kit, complaint, received, until
from gateway.use_cases.make_webhook import NewWebhook, make_webhook
from gateway.worker import build
from gateway.worker_settings import GatewayWorkerSettings


async def test_what_a_service_tells_reaches_who_asked_for_it_once(
    kit: Kit, keys: Keys, nats_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log: list[dict[str, object]] = []
    verifiers = {name: TokenVerifier.from_file(name, keys.folder / "identity-keys.json") for name in ("audit", "complaints")}

    async def events(request: Request) -> Response:
        source = request.path_params["source"]
        if source in verifiers:
            verifiers[source].verify(request.headers.get(HEADER))
        found = log if source == "complaints" else []
        after = int(request.query_params["after"])
        return JSONResponse({"events": found[after:], "head": len(found)})

    def happens() -> str:
        found = received(complaint())
        log.append({**found.envelope, "sequence": str(len(log) + 1)})
        return str(found.id)

    happens()
    (tmp_path / "webhook.key").write_text(KEY)
    with served(Starlette(routes=[Route("/{source}/events", events)])) as url:
        for name, value in {
            **keys.environment(kit.database.url("worker"), nats_server),
            "LOOP_SIGNING_KEY": str(keys.folder / "gateway.jwk"),
            "LOOP_EVENT_LOGS": json.dumps({source: f"{url}/{source}" for source in ("audit", "feedback", "complaints")}),
            "LOOP_WEBHOOK_KEY_FILE": str(tmp_path / "webhook.key"),
            "LOOP_WEBHOOK_LOOPBACK": "true",
        }.items():
            monkeypatch.setenv(name, value)
        client = await jetstream.connect(nats_server, "test")
        worker = Worker("gateway", GatewayWorkerSettings.load(), kit.engine, client)
        await build(worker)
        stopping = asyncio.Event()
        running = asyncio.create_task(worker.run(stopping))
        made = await make_webhook(kit.setup, NORTH, NewWebhook("cms", kit.receiver.url(), frozenset({"complaints.*"})))
        await until(lambda: len(kit.receiver.got) == 1)
        await kit.until("select from gateway.webhook_subscription where status = 'live'")
        ident = happens()
        await until(lambda: len(kit.receiver.got) == 2)
        stopping.set()
        await running
        await client.close()
    got = kit.receiver.got[-1]
    assert got.headers["webhook-id"] == ident
    assert Webhook(made.secret).verify(got.body, got.headers)["type"] == "complaints.v1.complaint_received"
    assert (await kit.sql("select sequence from gateway.consumer_position where source = 'complaints'"))[0][0] == 2


async def test_without_a_key_the_worker_only_answers_for_its_health(
    kit: Kit, keys: Keys, nats_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in keys.environment(kit.database.url("worker"), nats_server).items():
        monkeypatch.setenv(name, value)
    client = await jetstream.connect(nats_server, "test")
    worker = Worker("gateway", GatewayWorkerSettings.load(), kit.engine, client)
    await build(worker)
    assert [each.__qualname__ for each in worker.tasks] == ["Leftovers.run", "TrailOver.run"]
    await client.close()
