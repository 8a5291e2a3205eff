"""The operator's page, with the gateway's own worker behind it: a real consumer on PostgreSQL and NATS."""

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from chassis import jetstream
from chassis.testing.browser import DESK, PHONE, Chromium, looked_at, served
from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import check_pages
from chassis.worker import Worker
from gateway.testing import OPERATOR_KEY, Gateway
from gateway.testing_webhooks import KEY, NORTH, Kit, complaint, received, until
from gateway.use_cases.make_webhook import NewWebhook, make_webhook
from gateway.worker import build
from gateway.worker_settings import GatewayWorkerSettings

Start = Callable[..., Awaitable[Gateway]]
OWN = "/gateway/v1/operator-keys/own/page"
DEAD = "/operating/dead-letters/gateway"
SAME = {"Sec-Fetch-Site": "same-origin"}
BREAK = "alter table gateway.webhook_message add constraint poisoned check (type not like 'complaints%') not valid"
MEND = "alter table gateway.webhook_message drop constraint poisoned"


async def code_of(gateway: Gateway, key: str = OPERATOR_KEY) -> str:
    """What `loop operator page` shows."""
    answer = await (await gateway.client(Authorization=f"Bearer {key}")).post(OWN)
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store"), answer.text
    assert answer.json()["address"].endswith("/operating/enter")
    return str(answer.json()["code"])


async def browser(gateway: Gateway, **headers: str) -> httpx.AsyncClient:
    """A browser without script."""
    client = await gateway.client(Accept="text/html", **headers)
    check_pages(client)
    return client


async def come_in(gateway: Gateway, key: str = OPERATOR_KEY) -> httpx.AsyncClient:
    """A browser in which an operator is."""
    client = await browser(gateway)
    answer = await client.post("/operating/enter", data={"code": await code_of(gateway, key)}, headers=SAME)
    assert (answer.status_code, answer.headers["location"]) == (303, "/operating"), answer.text
    return client


async def send(client: httpx.AsyncClient, page: httpx.Response, path: str, **fields: Any) -> httpx.Response:
    """Send a form of a page."""
    token = re.findall(r'name="csrf" value="([^"]+)"', page.text)[0]
    return await client.post(path, data={"csrf": token, **fields}, headers=SAME)


def hidden(page: httpx.Response, name: str) -> list[str]:
    return re.findall(rf'name="{name}" (?:type="checkbox" )?value="([^"]+)"', page.text)


@dataclass
class Running:
    """The gateway's worker at work, and the log of a service that it reads."""

    url: str
    log: list[dict[str, Any]]

    def happens(self) -> str:
        """An event of the service; gives its identifier."""
        found = received(complaint())
        self.log.append({**found.envelope, "sequence": str(len(self.log) + 1)})
        return str(found.id)


@pytest.fixture
async def running(
    kit: Kit, keys: Keys, nats_server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    log: list[dict[str, Any]] = []

    async def events(request: Request) -> Response:
        found = log if request.path_params["source"] == "complaints" else []
        after, limit = (int(request.query_params[name]) for name in ("after", "limit"))
        return JSONResponse({"events": found[after : after + limit], "head": len(found)})

    (tmp_path / "webhook.key").write_text(KEY)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with served(Starlette(routes=[Route("/{source}/events", events)])) as url:
        for name, value in {
            **keys.environment(kit.database.url("worker"), nats_server),
            "LOOP_SIGNING_KEY": str(keys.folder / "gateway.jwk"),
            "LOOP_EVENT_LOGS": json.dumps({source: f"{url}/{source}" for source in ("audit", "feedback", "complaints")}),
            "LOOP_WEBHOOK_KEY_FILE": str(tmp_path / "webhook.key"),
            "LOOP_WEBHOOK_LOOPBACK": "true",
            "LOOP_HOST": "127.0.0.1",
            "LOOP_WORKER_PORT": str(port),
        }.items():
            monkeypatch.setenv(name, value)
        client = await jetstream.connect(nats_server, "test")
        worker = Worker("gateway", GatewayWorkerSettings.load(), kit.engine, client)
        await build(worker)
        stopping = asyncio.Event()
        task = asyncio.create_task(worker.run(stopping))
        await make_webhook(kit.setup, NORTH, NewWebhook("cms", kit.receiver.url(), frozenset({"complaints.*"})))
        await until(lambda: len(kit.receiver.got) == 1)
        await kit.until("select from gateway.webhook_subscription where status = 'live'")
        yield Running(f"http://127.0.0.1:{port}", log)
        stopping.set()
        await task
        await client.close()


def workers(running: Running) -> dict[str, str]:
    """Of four services nobody is there."""
    return {"gateway": running.url, **dict.fromkeys(("audit", "feedback", "complaints", "reporting"), "http://127.0.0.1:9")}


class TestComingIn:
    async def test_a_code_begins_one_session_and_leaving_ends_it(self, gateway: Gateway, database: Database, kit: Kit) -> None:
        code = await code_of(gateway)
        client = await browser(gateway)
        assert (await client.get("/operating")).status_code == 403
        foreign = await client.post("/operating/enter", data={"code": code}, headers={"Sec-Fetch-Site": "cross-site"})
        assert foreign.status_code == 403
        came = await client.post("/operating/enter", data={"code": f" {code.lower().replace('-', ' ')} "}, headers=SAME)
        assert came.status_code == 303
        assert re.search(r"loop-operator=\S+; HttpOnly; Max-Age=7\d\d\d; Path=/; SameSite=strict", came.headers["set-cookie"])
        again = await (await browser(gateway)).post("/operating/enter", data={"code": code}, headers=SAME)
        assert (again.status_code, "set-cookie" in again.headers) == (403, False)
        page = await client.get("/operating/leave")
        assert (await client.get("/operating")).status_code == 200
        assert (await client.post("/operating/leave", data={"csrf": "x"}, headers=SAME)).status_code == 403, (
            "without the form's token"
        )
        cookie = dict(client.cookies)
        assert (await send(client, page, "/operating/leave")).headers["location"] == "/operating/enter"
        client.cookies.update(cookie)
        assert (await client.get("/operating")).status_code == 403, "a copy of the cookie is of no use"
        rows = str(await kit.sql("table gateway.operator_session"))
        assert code not in rows
        assert cookie["loop-operator"] not in rows
        routes = [row["route"] for row in await kit.sql("select route from gateway.trail where org = '*' order by number")]
        assert routes == [OWN, "/operating/enter", "/operating/leave", "/operating", *["/operating/leave"] * 2]

    async def test_it_ends_with_the_key_unused_and_with_time(self, start: Start, kit: Kit) -> None:
        gateway = await start(credential_ttl=0)
        operator = await gateway.operator()
        first = await come_in(gateway)
        made = (await operator.post("/gateway/v1/operator-keys", json={"name": "alice"})).json()
        assert (await first.get("/operating")).status_code == 403, "the first key counts no more"
        alice = await come_in(gateway, made["key"])
        assert "Operator alice" in (await alice.get("/operating")).text
        for spoilt in (
            "update gateway.operator_session set last_used_at = now() - interval '16 minutes'",
            (
                "update gateway.operator_session set made_at = made_at - interval '1 hour', "
                "code_ends_at = code_ends_at - interval '1 hour', ends_at = now()"
            ),
        ):
            assert (await alice.get("/operating")).status_code == 200
            await kit.sql(spoilt)
            assert (await alice.get("/operating")).status_code == 403
            alice = await come_in(gateway, made["key"])
        keyed = await gateway.client(Authorization=f"Bearer {made['key']}")
        assert (await keyed.delete(f"/gateway/v1/operator-keys/{made['key_id']}")).status_code == 204
        assert (await alice.get("/operating")).status_code == 403
        late = await code_of(gateway)
        await kit.sql("update gateway.operator_session set code_ends_at = now() where session_hash is null")
        answer = await (await browser(gateway)).post("/operating/enter", data={"code": late}, headers=SAME)
        assert answer.status_code == 403

    async def test_nobody_else_comes_in(self, start: Start, kit: Kit, upstream: Any) -> None:
        gateway = await start(trusted_proxies=["127.0.0.1/32"], demo_sign_in=True, rate_refused="1/3")
        await gateway.organisation("north")
        staff = await browser(gateway)
        form = {"organisation": "north", "person": "administrator", "next": "/"}
        people = re.findall(r'name="person"[^>]*value="([^"]+)"', (await staff.get("/sign-in")).text)
        for person in people:
            answer = await staff.post("/sign-in", data={**form, "person": person}, headers=SAME)
            assert answer.status_code == 303, answer.text
            for path in ("/operating", DEAD, f"{DEAD}/{'0' * 8}-0000-7000-8000-{'0' * 12}", "/operating/leave"):
                assert (await staff.get(path)).status_code == 403, (person, path)
            assert (await staff.post(f"{DEAD}/redrive", data={}, headers=SAME)).status_code == 403
        system = await gateway.system("audit:outcomes:write")
        assert (await system.get("/operating")).status_code == 403
        assert (await system.post(OWN)).status_code == 403
        operator = await come_in(gateway)
        outside = {"X-Forwarded-For": "203.0.113.9"}
        for path in ("/operating", "/operating/enter", DEAD):
            assert (await operator.get(path, headers=outside)).status_code == 404
        assert (await operator.post("/operating/enter", data={}, headers={**outside, **SAME})).status_code == 404
        # The cookie of an operator reaches no service.
        operator.cookies.set("theirs", "1")
        await operator.get("/audit/v1/openapi.json")
        assert "loop-operator" not in (upstream.last.header("cookie") or "")
        guesser = await browser(gateway)
        wrong = {"code": "AAAA-BBBB-CCCC-DDDD-EEEE"}
        found = [(await guesser.post("/operating/enter", data=wrong, headers=SAME)).status_code for _ in range(5)]
        assert found[0] == 403
        assert found[-1] == 429

    async def test_with_a_second_factor_a_key_alone_gets_no_code(self, start: Start) -> None:
        gateway = await start(operator_second_factor="required")
        first = await gateway.operator()
        assert (await first.post(OWN)).status_code == 403
        made = (await first.post("/gateway/v1/operator-keys", json={"name": "alice"})).json()
        alice = await gateway.client(Authorization=f"Bearer {made['key']}")
        assert (await alice.post(OWN)).status_code == 403


class TestOverview:
    async def test_who_is_away_shows_as_away_and_the_page_still_comes(self, start: Start, running: Running) -> None:
        gateway = await start(workers=workers(running), runbooks_url="https://wiki.example/runbooks")
        operator = await gateway.operator()
        (await operator.put("/gateway/v1/maintenance/feedback", json={})).raise_for_status()
        page = await (await come_in(gateway)).get("/operating")
        assert page.status_code == 200
        words = re.sub(r"<[^>]+>|\s+", " ", page.text)
        words = re.sub(r" +", " ", words)
        assert "Audit worker is away: it cannot be reached." in words
        assert "Audit tells nothing of itself: it tells what this page does not understand." in words
        assert 'href="https://wiki.example/runbooks/service-away.md"' in page.text
        assert re.search(r"Gateway worker ready \d", words)
        assert re.search(r"Gateway ready \d", words)
        assert re.search(r"gateway of complaints 0 0 seconds 0 ", words)
        assert re.search(r"feedback \d+ \w+ \d{4}, \d\d:\d\d somebody opens it", words)


class TestDeadLetters:
    async def test_one_is_looked_at_and_applied_again_once_it_is_mended(self, start: Start, running: Running, kit: Kit) -> None:
        gateway = await start(workers=workers(running))
        operator = await gateway.operator()
        key = (await operator.post("/gateway/v1/operator-keys", json={"name": "alice"})).json()["key"]
        client = await come_in(gateway, key)
        assert "No event waits here." in (await client.get(DEAD)).text
        assert (await client.get("/operating/dead-letters/audit")).status_code == 404
        await kit.sql(BREAK)
        ident = running.happens()
        await kit.until("select from gateway.dead_letter where redriven_at is null")
        overview = (await client.get("/operating")).text
        assert "Gateway worker: 1 event put aside." in overview
        listed = await client.get(DEAD)
        letter = hidden(listed, "letter")[0]
        one = await client.get(f"{DEAD}/{letter}")
        assert ident in one.text
        assert "poisoned" in one.text
        assert "complaint_id" in one.text

        async def applied_again(letters: list[str], clicks: int = 1) -> str:
            page = await send(client, listed, f"{DEAD}/check", letter=letters)
            assert (page.status_code, hidden(page, "letter")) == (200, letters)
            command = hidden(page, "command")[0]
            became = f"{DEAD}/redrives/{command}"
            for _ in range(clicks):
                answer = await send(client, page, f"{DEAD}/redrive", command=command, letter=letters)
                assert answer.headers["location"] == became, answer.text
            await kit.until(f"select from gateway.consumer_command where id = '{command}' and done_at is not null")
            return (await client.get(became)).text

        assert "0 applied, 1 still dead" in await applied_again([letter])
        # Put aside anew it has the same identifier, and was tried twice.
        assert "2 times" in (await client.get(f"{DEAD}/{letter}")).text
        assert len(kit.receiver.got) == 1
        await kit.sql(MEND)
        result = await applied_again([letter], clicks=2)
        assert "1 applied, 0 still dead" in result
        assert "Asked for by operator:alice" in result
        await until(lambda: len(kit.receiver.got) == 2)
        assert kit.receiver.got[-1].headers["webhook-id"] == ident
        assert "No event waits here." in (await client.get(DEAD)).text
        assert (await kit.sql("select count(*) from gateway.consumer_command"))[0][0] == 2
        said = await kit.sql(
            "select subject, parameters from gateway.trail where route like '%/redrive' and parameters ? 'detail'"
        )
        assert [row["subject"] for row in said] == ["operator:alice"] * 3
        assert letter in said[0]["parameters"]

    async def test_what_is_asked_wrongly_does_nothing(self, start: Start, running: Running, kit: Kit) -> None:
        gateway = await start(workers=workers(running))
        client = await come_in(gateway)
        page = await client.get("/operating/leave")
        assert (await send(client, page, f"{DEAD}/check")).status_code == 422
        unknown = "00000000-0000-7000-8000-000000000000"
        assert (await send(client, page, f"{DEAD}/check", letter=unknown)).status_code == 404
        assert (await send(client, page, f"{DEAD}/check", letter="x")).status_code == 422
        assert (await send(client, page, f"{DEAD}/redrive", letter=unknown)).status_code == 422
        assert (await send(client, page, f"{DEAD}/redrive", command=unknown)).status_code == 422
        assert (await client.get(f"{DEAD}?after=x")).status_code == 422
        assert (await client.get(f"{DEAD}/redrives/{unknown}")).status_code == 404
        reporting = await client.get("/operating/dead-letters/reporting")
        assert reporting.status_code == 503
        assert "does not answer" in reporting.text
        assert not await kit.sql("select from gateway.consumer_command")


@pytest.mark.browser
async def test_nothing_is_in_an_operators_way(start: Start, running: Running, kit: Kit, chromium: Chromium) -> None:
    gateway = await start(workers=workers(running))
    twins = {width: await chromium.open(f"{gateway.url}/health", width=width) for width in (PHONE, DESK)}
    await kit.sql(BREAK)
    for _ in range(3):
        running.happens()
    await kit.until("select from gateway.dead_letter having count(*) = 3")
    page = await chromium.open(f"{gateway.url}/operating", width=PHONE, script=False)
    await looked_at(page, twins, "operating-enter")
    await page.get_by_label("Code").fill("AAAA-BBBB")
    await page.get_by_role("button", name="Come in").click()
    await looked_at(page, twins, "operating-enter-wrong")
    await page.get_by_label("Code").fill(await code_of(gateway))
    await page.get_by_role("button", name="Come in").click()
    await page.get_by_role("heading", name="How the installation runs").wait_for()
    await looked_at(page, twins, "operating")
    await page.get_by_role("link", name="gateway of complaints").click()
    await looked_at(page, twins, "operating-dead-letters")
    await page.get_by_role("button", name="Go on").click()
    await looked_at(page, twins, "operating-dead-letters-none-chosen")
    await page.get_by_role("link", name="Open number 3 of complaints").click()
    await looked_at(page, twins, "operating-dead-letter")
    await page.get_by_role("button", name="Apply it again").click()
    await looked_at(page, twins, "operating-check")
    await kit.sql(MEND)
    await page.get_by_role("button", name="Apply again").click()
    await kit.until("select from gateway.consumer_command where done_at is not null")
    await page.goto(page.url)
    await page.get_by_text("1 applied, 0 still dead").wait_for()
    await looked_at(page, twins, "operating-redrive")
    await page.get_by_role("link", name="Sign out").click()
    await looked_at(page, twins, "operating-leave")
