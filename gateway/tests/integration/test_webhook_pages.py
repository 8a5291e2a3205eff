"""Pages of an administrator: who is told of events, what became of each, and everything that can go wrong on the way."""

import re
from collections.abc import Awaitable, Callable
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.testing.page_client import check_pages
from gateway.testing import Gateway
from gateway.testing_webhooks import KEY, Kit, complaint, status

Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def gateway(kit: Kit, start: Start, tmp_path: Path) -> Gateway:
    (tmp_path / "webhook.key").write_text(KEY)
    key = tmp_path / "webhook.key"
    return await start(demo_sign_in=True, webhook_key_file=key, webhook_loopback=True)


async def person(gateway: Gateway, org: str = "north", who: str = "ada-novak") -> httpx.AsyncClient:
    client = await gateway.client(Accept="text/html,application/xhtml+xml", Sec_Fetch_Site="same-origin")
    check_pages(client)
    assert (await client.post("/sign-in", data={"organisation": org, "person": who})).status_code == 303
    return client


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


async def send(client: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    """Open a form and send it, as a browser would."""
    opened = await client.get(path)
    assert opened.status_code == 200, opened.text
    return await client.post(path, data={**hidden(opened.text), **fields})


def form(kit: Kit, **differing: Any) -> dict[str, Any]:
    return {"name": "Case system", "url": kit.receiver.url(), "complaints": ["complaints.*"], "areas": "", **differing}


async def made(client: httpx.AsyncClient, kit: Kit, **differing: Any) -> str:
    """Make a subscription; gives the path of its page."""
    answer = await send(client, "/webhooks/new", **form(kit, **differing))
    assert answer.status_code == 201, answer.text
    assert re.search(r'<code id="secret">whsec_[^<]+</code>', answer.text)
    found = re.search(r'href="(/webhooks/wh-[^"]+)"', answer.text)
    assert found
    return found[1]


async def test_other_roles_and_other_organisations_get_nothing(gateway: Gateway, kit: Kit) -> None:
    path = await made(await person(gateway), kit)
    (event,) = await kit.sql("select event_id from gateway.webhook_message")
    ways = [f"{path}/{each}" for each in ("change", "pause", "resume", "test", "rotation", "replay", "delete")]
    message = f"{path}/messages/{event['event_id']}"
    officer, other = await person(gateway, who="alex-morgan"), await person(gateway, "south")
    token = hidden((await other.get("/webhooks/new")).text)["csrf"]
    for way in ("/webhooks", "/webhooks/new", path, message, *ways):
        assert (await officer.get(way)).status_code == 403
    for way in (path, message, *ways):
        assert (await other.get(way)).status_code == 404
    for way in (*ways, f"{message}/again"):
        assert (await officer.post(way, data={})).status_code == 403
        sent = {**form(kit), "csrf": token, "revision": "1", "overlap_days": "1", "which": "all"}
        assert (await other.post(way, data=sent)).status_code == 404, way
        assert (await (await person(gateway)).post(way, data={**sent, "csrf": token})).status_code == 403
    assert "Case system" not in (await other.get("/webhooks")).text
    assert (await (await person(gateway)).get(f"{path}/nonsense")).status_code == 404


async def test_made_answered_told_and_deleted(gateway: Gateway, kit: Kit) -> None:
    client = await person(gateway)
    path = await made(client, kit)
    assert "has not answered a test message yet" in (await client.get(path)).text
    second = await send(client, "/webhooks/new", **form(kit))
    assert second.headers["location"] == path
    await kit.deliver()
    kit.receiver.answers["/events"] = [status(500), status(204)]
    (event,) = await kit.happens(complaint())
    await kit.deliver()
    page = (await client.get(path)).text
    for words in (
        "failing",
        "Nothing has got through since",
        "Next attempt on",
        "status 500",
        "A complaint or enquiry was received",
    ):
        assert words in page
    assert "A complaint or enquiry was received</a>" not in (await client.get(f"{path}?state=sent")).text
    message = f"{path}/messages/{event.id}"
    page = unescape((await client.get(message)).text)
    assert '"service_area":"send"' in page
    assert (await client.post(f"{message}/again", data=hidden(page))).headers["location"] == message
    await kit.deliver()
    assert "Taken (status 204" in (await client.get(message)).text
    assert (await send(client, f"{path}/replay", which="all")).status_code == 422
    assert (await send(client, f"{path}/replay", which="unsent")).headers["location"] == path
    for act, words in (("pause", "paused"), ("resume", "live"), ("test", "Test message")):
        answer = await send(client, f"{path}/{act}")
        assert answer.status_code == 303
        assert words in (await client.get(answer.headers["location"])).text
    assert (await send(client, f"{path}/delete")).headers["location"] == "/webhooks"
    assert (await client.get(path)).status_code == 404
    assert "No other system is told of anything yet" in (await client.get("/webhooks")).text


async def test_wrong_input_is_shown_again_beside_its_field(gateway: Gateway, kit: Kit) -> None:
    client = await person(gateway)
    path = await made(client, kit)
    for differing, field, words in (
        ({"name": ""}, "name", "fill this in"),
        ({"url": "http://cms.example/"}, "url", "must begin with https://"),
        ({"url": "https://10.0.0.1/"}, "url", "must name its server"),
        ({"complaints": []}, "audit", "choose at least one kind of event"),
        ({"complaints": ["nonsense"]}, "complaints", "choose from the list"),
        ({"areas": "SEND!"}, "areas", "is not a code"),
        ({"url": "https://cms.example/"}, "name", "another subscription has this name"),
    ):
        answer = await send(client, "/webhooks/new", **form(kit, **differing))
        assert answer.status_code in {409, 422}, differing
        found = re.search(f'id="{field}-error"[^>]*>(.*?)</p>', answer.text, re.DOTALL)
        assert found, (differing, answer.text)
        assert words in unescape(found[1])
    for days in ("-1", "31", "soon", "²"):
        assert (await send(client, f"{path}/rotation", overlap_days=days)).status_code == 422


async def test_who_was_slower_is_shown_what_was_changed(gateway: Gateway, kit: Kit) -> None:
    client = await person(gateway)
    path = await made(client, kit)
    opened = hidden((await client.get(f"{path}/change")).text)
    assert (await send(client, f"{path}/change", **form(kit, areas="send"))).status_code == 303
    answer = await client.post(f"{path}/change", data={**opened, **form(kit, name="Other")})
    assert answer.status_code == 412
    assert "It was changed meanwhile" in answer.text
    again = await client.post(f"{path}/change", data={**opened, **form(kit, areas="send")})
    assert again.headers["location"] == path
    stale = await client.post(f"{path}/delete", data=opened)
    assert stale.status_code == 412
    rotated = await send(client, f"{path}/rotation", overlap_days="7")
    assert rotated.status_code == 201
    assert "The old secret signs until" in (await client.get(path)).text
