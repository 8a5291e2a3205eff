"""Pages of an administrator: other systems, their credentials, and everything that can go wrong on the way."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chassis.days import british_today
from chassis.testing.page_client import check_pages
from gateway.testing import Gateway, Upstream

Start = Callable[..., Awaitable[Gateway]]

FORM = {"name": "Case management", "scopes": ["audit:outcomes:write"], "areas": "", "networks": ""}


@pytest.fixture
async def demo(start: Start) -> Gateway:
    navigation = [{"text": "Other systems", "href": "/clients", "grants": ["role:administrator"]}]
    gateway = await start(demo_sign_in=True, navigation=navigation)
    await gateway.organisation("north")
    await gateway.organisation("south")
    return gateway


async def person(gateway: Gateway, org: str = "north", who: str = "ada-novak") -> httpx.AsyncClient:
    client = await gateway.client(Accept="text/html,application/xhtml+xml", Sec_Fetch_Site="same-origin")
    check_pages(client)
    answer = await client.post("/sign-in", data={"organisation": org, "person": who})
    assert answer.status_code == 303
    return client


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a page's form."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


async def send(client: httpx.AsyncClient, path: str, **fields: Any) -> httpx.Response:
    """Open a form and send it, as a browser would."""
    opened = await client.get(path)
    assert opened.status_code == 200, opened.text
    return await client.post(path, data={**hidden(opened.text), **fields})


async def made(client: httpx.AsyncClient, **differing: Any) -> str:
    """Make a client; gives the path of its page."""
    answer = await send(client, "/clients/new", **{**FORM, **differing})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def secret_in(page: str) -> str:
    found = re.search(r'<code id="secret">([^<]+)</code>', page)
    assert found, page
    return found[1]


async def refusal_is_shown(client: httpx.AsyncClient, path: str) -> None:
    """Wait until the refusal, which is written beside the request, stands on the page."""
    for _ in range(200):
        if "The credential was revoked" in (await client.get(path)).text:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the refusal was not kept")


def _public_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


PUBLIC_KEY = _public_key()


class TestWhoMay:
    async def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(self, demo: Gateway) -> None:
        client = await demo.client(Accept="text/html", Sec_Fetch_Site="same-origin")
        answer = await client.get("/clients/new?x=1")
        assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fclients%2Fnew%3Fx%3D1")
        assert (await client.post("/clients/new", data=FORM)).status_code == 303

    async def test_other_roles_and_other_organisations_get_nothing(self, demo: Gateway) -> None:
        path = await made(await person(demo))
        ways = (path, f"{path}/change", f"{path}/disable", f"{path}/credentials/new", f"{path}/credentials/c0/revoke")
        officer, other = await person(demo, who="alex-morgan"), await person(demo, "south")
        for way in ("/clients", "/clients/new", *ways):
            assert (await officer.get(way)).status_code == 403
        token = hidden((await other.get("/clients/new")).text)["csrf"]
        for way in ways:
            assert (await other.get(way)).status_code == 404
        for way in (*ways[1:], f"{path}/credentials/c0/rotation"):
            assert (await officer.post(way, data={})).status_code == 403
            assert (await other.post(way, data={"csrf": token, "revision": "1", **FORM})).status_code == 404
        assert "Case management" not in (await other.get("/clients")).text

    async def test_form_of_another_site_or_session_changes_nothing(self, demo: Gateway) -> None:
        client, colleague = await person(demo), await person(demo)
        token = hidden((await colleague.get("/clients/new")).text)["csrf"]
        for fields, headers in (
            (FORM, {}),
            ({**FORM, "csrf": token}, {}),
            ({**FORM, "csrf": hidden((await client.get("/clients/new")).text)["csrf"]}, {"Sec-Fetch-Site": "cross-site"}),
        ):
            assert (await client.post("/clients/new", data=fields, headers=headers)).status_code == 403
        assert "Case management" not in (await client.get("/clients")).text


class TestClient:
    async def test_made_changed_and_shut_out(self, demo: Gateway) -> None:
        client = await person(demo)
        path = await made(client, areas="send\ncare", networks="192.0.2.7\n2001:db8::/48")
        page = (await client.get(path)).text
        for words in ("Post audit outcomes", "care, send", "192.0.2.7/32", "cannot come in", "Other systems"):
            assert words in page
        fields = {**FORM, "name": "Case management, live", "scopes": ["complaints:read", "reporting:read"]}
        assert (await send(client, f"{path}/change", **fields)).headers["location"] == path
        page = (await client.get(path)).text
        assert "Read complaints and their clocks" in page
        assert "Name: Case management → Case management, live" in page
        assert "From everywhere" in page
        assert (await send(client, f"{path}/disable")).headers["location"] == path
        page = (await client.get(path)).text
        assert "shut out for good" in page
        assert (await client.get(f"{path}/change")).headers["location"] == path
        assert "disabled" in (await client.get("/clients")).text

    async def test_wrong_input_is_shown_again_beside_its_field(self, demo: Gateway) -> None:
        client = await person(demo)
        await made(client)
        for differing, field, words in (
            ({"name": ""}, "name", "fill this in"),
            ({"name": "x" * 101}, "name", "100 characters"),
            ({"scopes": []}, "scopes", "choose at least one"),
            ({"scopes": ["operator"]}, "scopes", "choose from the list"),
            ({"areas": "SEND team"}, "areas", "small letters"),
            ({"networks": "10.1.2.3/8"}, "networks", "is not a network"),
            ({"networks": "0.0.0.0/0"}, "networks", "every address"),
            ({"scopes": ["reporting:read"]}, "name", "in use already"),
        ):
            answer = await send(client, "/clients/new", **{**FORM, "name": "Case management", **differing})
            assert answer.status_code in {422, 409}
            assert f'href="#{field}"' in answer.text, differing
            assert words in unescape(answer.text)

    async def test_second_click_finds_what_the_first_made(self, demo: Gateway) -> None:
        client = await person(demo)
        fields = {**hidden((await client.get("/clients/new")).text), **FORM}
        first, second = [await client.post("/clients/new", data=fields) for _ in range(2)]
        assert first.headers["location"] == second.headers["location"]

    async def test_two_who_change_it_at_once_lose_nothing(self, demo: Gateway) -> None:
        client = await person(demo)
        path = await made(client)
        stale = hidden((await client.get(f"{path}/change")).text)
        await send(client, f"{path}/change", **{**FORM, "areas": "send"})
        mine = {**FORM, "networks": "192.0.2.0/24"}
        answer = await client.post(f"{path}/change", data={**stale, **mine})
        assert answer.status_code == 412
        page = unescape(answer.text)
        assert "Service areas: none → send" in page
        assert "192.0.2.0/24</textarea>" in page
        # What a colleague limited is not widened by a form that did not mean to.
        assert "send</textarea>" in page
        fields = {**hidden(answer.text), **mine, "areas": "send"}
        clicks = [await client.post(f"{path}/change", data=fields) for _ in range(2)]
        assert [each.headers.get("location") for each in clicks] == [path, path]
        for way in ("disable", "credentials/new"):
            fields = {**stale, "kind": "api-key", "name": "Night run", "overlap_days": "7"}
            assert (await client.post(f"{path}/{way}", data=fields)).status_code == 412
        assert "cannot come in" in (await client.get(path)).text


async def comes_in(gateway: Gateway, key: str) -> int:
    return (await (await gateway.client(X_API_Key=key)).get("/audit/v1/outcomes")).status_code


class TestCredentials:
    async def test_key_is_shown_once_works_is_replaced_and_revoked(
        self, demo: Gateway, upstream: Upstream, capsys: pytest.CaptureFixture[str]
    ) -> None:
        client = await person(demo)
        path = await made(client)
        last = british_today() + timedelta(days=10)
        end = {f"expires_on-{part}": str(getattr(last, part)) for part in ("day", "month", "year")}
        answer = await send(client, f"{path}/credentials/new", kind="api-key", name="Night run", material="", **end)
        key = secret_in(answer.text)
        assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
        assert await comes_in(demo, key) == 200
        assert upstream.identity("audit").grants == {"audit:outcomes:write"}
        page = (await client.get(path)).text
        assert key not in page
        assert "ends soon" in page
        rotation = re.search(rf'href="({path}/credentials/c[0-9a-f]+)/rotation"', page)
        assert rotation
        old = rotation[1]
        newer = secret_in((await send(client, f"{old}/rotation", overlap_days="3")).text)
        assert [await comes_in(demo, each) for each in (key, newer)] == [200, 200]
        stale = hidden((await client.get(f"{old}/revoke")).text)
        assert (await client.post(f"{old}/revoke", data=stale)).headers["location"] == path
        assert (await client.post(f"{old}/revoke", data=stale)).headers["location"] == path
        assert [await comes_in(demo, each) for each in (key, newer)] == [401, 200]
        page = (await client.get(path)).text
        assert "Revoked on" in page
        assert (await client.get(f"{old}/rotation")).headers["location"] == path
        await refusal_is_shown(client, path)
        logged = capsys.readouterr().out
        assert "client.credential_made" in logged
        assert [each for each in (key, newer) if each in logged or each in upstream.last.path] == []

    async def test_second_click_makes_no_second_one_and_helps_who_saw_nothing(self, demo: Gateway) -> None:
        client = await person(demo)
        path = await made(client)
        way = f"{path}/credentials/new"
        fields = {**hidden((await client.get(way)).text), "kind": "client-secret", "name": "BI", "material": ""}
        first, second = [await client.post(way, data=fields) for _ in range(2)]
        assert secret_in(first.text).startswith("lls_")
        assert (second.status_code, "made already" in second.text) == (412, True)
        assert secret_in(first.text) not in second.text
        action = re.search(r'action="([^"]+/rotation)"', second.text)
        assert action
        third = await client.post(action[1], data=hidden(second.text))
        assert secret_in(third.text) != secret_in(first.text)
        page = (await client.get(path)).text
        assert page.count(">revoked</strong>") == page.count(">in use</strong>") == 1

    @pytest.mark.parametrize("kind", ["public-key", "certificate"])
    async def test_what_the_system_brings_is_pasted(self, demo: Gateway, kind: str) -> None:
        client = await person(demo)
        path = await made(client)
        way = f"{path}/credentials/new"
        brought = {"public-key": PUBLIC_KEY, "certificate": "CN=cms.example,O=Council"}[kind]
        for material, words in (("", "paste it"), ("rubbish", "")):
            answer = await send(client, way, kind=kind, name="CMS", material=material)
            assert answer.status_code == 422
            assert 'href="#material"' in answer.text
            assert words in answer.text
        fields = {**hidden((await client.get(way)).text), "kind": kind, "name": "CMS", "material": brought}
        assert [(await client.post(way, data=fields)).headers.get("location") for _ in range(2)] == [path, path]
        assert (await client.get(path)).text.count(">in use</strong>") == 1

    async def test_wrong_input_is_shown_again_beside_its_field(self, demo: Gateway) -> None:
        client = await person(demo)
        path = await made(client)
        way = f"{path}/credentials/new"
        good = {"kind": "api-key", "name": "Night run", "material": ""}
        past = {"expires_on-day": "1", "expires_on-month": "1", "expires_on-year": "2020"}
        for differing, field in (
            ({"kind": ""}, "kind"),
            ({"name": ""}, "name"),
            ({"material": "-----BEGIN PUBLIC KEY-----"}, "material"),
            (past, "expires_on-day"),
            ({**past, "expires_on-month": "13"}, "expires_on-day"),
        ):
            answer = await send(client, way, **{**good, **differing})
            assert answer.status_code == 422
            assert f'href="#{field}"' in answer.text, differing
        await send(client, way, **good)
        found = re.search(rf'href="({path}/credentials/c[0-9a-f]+/rotation)"', (await client.get(path)).text)
        assert found
        for days in ("", "91", "-1", "soon"):
            answer = await send(client, found[1], overlap_days=days)
            assert (answer.status_code, 'href="#overlap_days"' in answer.text) == (422, True)


class TestOperatorWhoReadAnOlderRevision:
    async def test_every_change_is_refused_and_nothing_was_done(self, gateway: Gateway) -> None:
        path = f"/gateway/v1/clients/{(await gateway.credentials())['client_id']}"
        operator = await gateway.operator("north")
        assert (await operator.patch(path, json={"areas": ["send"], "revision": 1})).status_code == 200
        held = (await operator.get(path)).json()
        one = f"{path}/credentials/{held['credentials'][0]['credential_id']}"
        for revision in (held["revision"] - 1, held["revision"] + 1):
            answers = [
                await operator.post(f"{one}/rotation", json={"revision": revision}),
                await operator.post(f"{path}/credentials/new", json={"kind": "api-key", "name": "N", "revision": revision}),
                await operator.delete(one, params={"revision": revision}),
                await operator.delete(path, params={"revision": revision}),
            ]
            assert {each.status_code for each in answers} == {412}
        assert (await operator.get(path)).json() == held
        assert (await operator.delete(one, params={"revision": held["revision"]})).status_code == 204
