"""What holds behind each proxy, as it is shipped: answers arrive whole, nothing is believed, nothing passes unasked."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests import proxies

from gateway.testing import Gateway, Upstream, respond
from loop_cli.servers import free_port

Start = Callable[..., Awaitable[Gateway]]
OWN = {"connection", "content-length", "date", "server", "transfer-encoding", "x-request-id", "retry-after"}
"""Headers that are the server's, or differ from answer to answer."""
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PEOPLE = {"X-API-Key": "", "Accept": "text/html"}


@pytest.fixture
async def gateway(start: Start, tmp_path: Path) -> Gateway:
    """A gateway that a proxy on this machine may ask, where people sign in."""
    (tmp_path / "forward.key").write_text(proxies.KEY)
    return await start(
        forward_auth_key_file=tmp_path / "forward.key", trusted_proxies=["127.0.0.0/8"], demo_sign_in=True, rate_client="0.01/3"
    )


@pytest.fixture(params=sorted(proxies.PREPARED))
async def front(request: pytest.FixtureRequest, gateway: Gateway, upstream: Upstream, tmp_path: Path) -> AsyncIterator[str]:
    async with proxies.running(request.param, tmp_path, gateway=gateway.port, service=upstream.port) as url:
        yield url


async def raw(url: str, *lines: str) -> bytes:
    """Everything that is answered to a request of these lines."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(url.rpartition(":")[2]))
    writer.write("\r\n".join((*lines, "Connection: close", "", "")).encode())
    async with asyncio.timeout(30):
        found = await reader.read()
    writer.close()
    return found


class TestRefusals:
    async def test_arrive_as_the_gateway_gives_them(self, front: str, gateway: Gateway, upstream: Upstream) -> None:
        key = (await gateway.credentials("audit:outcomes:write"))["api_key"]
        operator = await gateway.operator()
        cases: list[tuple[str, str, dict[str, str], int]] = [
            ("GET", "/audit/v1/x", {"X-API-Key": "llk_wrong"}, 401),
            ("GET", "/reporting/odata/v4/x", {"X-API-Key": ""}, 401),
            ("POST", "/audit/programmes", PEOPLE, 401),
            ("GET", "/audit/programmes?area=a%20b", PEOPLE, 303),
            ("GET", "/audit/v1/x", {"Loop-Org": "south"}, 403),
            ("PROPFIND", "/audit/v1/x", {}, 405),
            ("GET", "/complaints/v1/x", {}, 503),
            ("GET", "/audit/v1/x", {}, 429),
        ]
        (await operator.put("/gateway/v1/maintenance/complaints", json={})).raise_for_status()
        headers = {"X-API-Key": key}
        async with (
            httpx.AsyncClient(base_url=front, headers=headers, timeout=60) as through,
            httpx.AsyncClient(base_url=gateway.url, headers=headers, timeout=60) as direct,
        ):
            for _ in range(4):
                await direct.get("/audit/v1/x")
            passed = len(upstream.seen)
            for method, path, more, status in cases:
                given = await direct.request(method, path, headers=more)
                found = await through.request(method, path, headers=more)
                assert (found.status_code, given.status_code) == (status, status)
                assert {name: found.headers.get_list(name) for name in given.headers if name not in OWN} == {
                    name: given.headers.get_list(name) for name in given.headers if name not in OWN
                }, path
                assert ("retry-after" in found.headers) is ("retry-after" in given.headers)
                assert found.headers["x-request-id"]
                told = [each.text.replace(each.headers["x-request-id"], "") for each in (found, given)]
                # The seconds to wait stand in words too.
                assert status == 429 or told[0] == told[1]
                assert found.headers["content-type"] == given.headers["content-type"]
            last = (await through.get("/audit/v1/x")).json()["type"]
            assert last == "urn:learning-loop:problem:too-many-requests"
            assert len(upstream.seen) == passed

    async def test_a_preflight_of_another_site_gets_no_leave(self, front: str, upstream: Upstream) -> None:
        asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "POST"}
        async with httpx.AsyncClient(base_url=front, timeout=60) as client:
            answer = await client.options("/audit/v1/x", headers=asked)
        assert answer.status_code in {204, 401}
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert upstream.seen == []

    # Caddy ends the connection at once, and some callers see that alone.
    @pytest.mark.parametrize("front", ["envoy", "nginx"], indirect=True)
    async def test_a_caller_who_still_sends_a_batch_sees_why_it_is_refused(self, front: str, upstream: Upstream) -> None:
        async with httpx.AsyncClient(base_url=front, headers={"X-API-Key": "llk_wrong"}, timeout=60) as client:
            answer = await client.post("/audit/v1/batch", content=b"y" * 6_000_000)
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:learning-loop:problem:unauthenticated")
        assert upstream.seen == []


class TestWaysIn:
    async def test_a_token_and_a_session_come_in_and_neither_goes_on(
        self, front: str, gateway: Gateway, upstream: Upstream
    ) -> None:
        issued = await gateway.credentials("audit:outcomes:write")
        who = (issued["client_id"], issued["client_secret"])
        async with httpx.AsyncClient(base_url=front, timeout=60) as system:
            given = await system.post("/oauth2/token", data={"grant_type": "client_credentials"}, auth=who)
            bearer = {"Authorization": f"Bearer {given.json()['access_token']}"}
            assert (await system.post("/audit/v1/x", json={}, headers=bearer)).status_code == 200
            assert upstream.identity("audit").subject == issued["client_id"]
            assert (await system.get("/reporting/odata/v4/x", auth=who)).status_code == 200
            assert "authorization" not in upstream.last.names()
        async with httpx.AsyncClient(base_url=front, timeout=60) as person:
            form, public = {"organisation": "north", "person": "alex-morgan"}, "http://127.0.0.1:8400"
            assert (await person.post("/sign-in", data=form, headers={"Origin": public})).status_code == 303
            sites = [{"Sec-Fetch-Site": "same-origin"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": public}, {"Origin": front}]
            answers = [await person.post("/audit/start", data={"a": "b"}, headers=each) for each in sites]
        assert [each.status_code for each in answers] == [200, 403, 200, 403]
        assert upstream.identity("audit").kind == "staff"
        assert "loop-session" not in str(upstream.last.headers)


class TestWhatIsSaid:
    async def test_the_trace_goes_on_and_the_end_of_a_credential_comes_back(
        self, front: str, gateway: Gateway, upstream: Upstream
    ) -> None:
        issued = await gateway.credentials()
        operator = await gateway.operator("north")
        path = f"/gateway/v1/clients/{issued['client_id']}"
        listed = (await operator.get(path)).json()["credentials"]
        old = next(each["credential_id"] for each in listed if each["kind"] == "api-key")
        made = await operator.post(f"{path}/credentials/{old}/rotation", json={"overlap_days": 2})
        own = {"X-Request-Id": "of-the-caller-1", "traceparent": TRACE, "tracestate": "a=1", "Loop-Credential-Expires": "never"}
        async with httpx.AsyncClient(base_url=front, timeout=60) as client:
            answers = [
                await client.get("/audit/v1/x", headers=own | {"X-API-Key": key})
                for key in (issued["api_key"], made.json()["secret"])
            ]
        assert [each.status_code for each in answers] == [200, 200]
        seen = dict(upstream.last.headers)
        assert (seen["x-request-id"], seen["traceparent"], seen["tracestate"]) == ("of-the-caller-1", TRACE, "a=1")
        assert [each.headers.get_list("x-request-id") for each in answers] == [["of-the-caller-1"]] * 2
        ends = [each.headers.get("loop-credential-expires", "") for each in answers]
        assert (ends[0][:2], ends[1]) == ("20", "")

    async def test_an_address_that_the_caller_names_is_not_believed(self, front: str, gateway: Gateway) -> None:
        issued = await gateway.credentials()
        operator = await gateway.operator("north")
        await operator.patch(f"/gateway/v1/clients/{issued['client_id']}", json={"networks": ["192.0.2.0/24"]})
        headers = {"X-API-Key": issued["api_key"], "X-Forwarded-For": "192.0.2.7", "X-Loop-Caller": "192.0.2.7"}
        for url, status in ((gateway.url, 200), (front, 401)):
            async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
                assert (await client.get("/audit/v1/x")).status_code == status

    async def test_two_of_a_header_are_one_or_none(self, front: str, gateway: Gateway, upstream: Upstream) -> None:
        key, host = (await gateway.credentials())["api_key"], f"Host: {front.removeprefix('http://')}"
        lies = ("Loop-Identity: a", "Loop-Identity: b", "Cookie: a=1; loop-session=s", "Cookie: loop-session=t; b=2")
        answer = await raw(front, "GET /audit/v1/x HTTP/1.1", host, f"X-API-Key: {key}", *lies)
        assert b" 200 OK\r\n" in answer
        assert upstream.identity("audit").org == "north"
        assert [value for name, value in upstream.last.headers if name == "cookie"] == ["a=1; b=2"]
        assert len([1 for name, _ in upstream.last.headers if name == "loop-identity"]) == 1
        count = len(upstream.seen)
        answer = await raw(front, "GET /audit/v1/x HTTP/1.1", host, "Host: elsewhere.example", f"X-API-Key: {key}")
        assert answer.startswith(b"HTTP/1.1 400")
        assert len(upstream.seen) == count

    async def test_what_a_service_says_of_the_inside_stays_inside(
        self, front: str, gateway: Gateway, upstream: Upstream
    ) -> None:
        async def talks(_: Any, __: Any, send: Any) -> None:
            said = (
                (b"loop-identity", b"x"), (b"x-request-id", b"other"), (b"access-control-allow-origin", b"*"),
                (b"access-control-expose-headers", b"*"), (b"content-security-policy", b"own"), (b"set-cookie", b"a=1"),
                (b"set-cookie", b"b=2"),
            )  # fmt: skip
            await respond(send, 200, b"{}", *said)

        upstream.answers["/audit/v1/talks"] = talks
        key = (await gateway.credentials())["api_key"]
        async with httpx.AsyncClient(base_url=front, headers={"X-API-Key": key}, timeout=60) as client:
            answer = await client.get("/audit/v1/talks")
        inside = ("access-control", "loop-", "x-envoy")
        assert {name: value for name, value in answer.headers.items() if name.startswith(inside)} == {}
        assert answer.headers.get_list("content-security-policy") == ["own"]
        assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert answer.headers.get_list("x-request-id") == [upstream.last.header("x-request-id")]
        assert answer.headers["x-frame-options"] == "DENY"


class TestGatewayAway:
    @pytest.mark.parametrize("name", sorted(proxies.PREPARED))
    async def test_nothing_passes(self, name: str, gateway: Gateway, upstream: Upstream, tmp_path: Path) -> None:
        key = (await gateway.credentials())["api_key"]
        nobody = free_port()
        async with (
            proxies.running(name, tmp_path, gateway=nobody, service=upstream.port, away=True) as url,
            httpx.AsyncClient(base_url=url, headers={"X-API-Key": key}, timeout=60) as client,
        ):
            answers = [await client.get("/audit/v1/x"), await client.post("/audit/v1/x", json={}), await client.get("/sign-in")]
        assert {each.status_code for each in answers} <= {502, 503}
        assert upstream.seen == []
