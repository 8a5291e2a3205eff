"""What protects every answer, and callers who try to be read in two ways, or do not read at all."""

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from chassis.middleware import Receive, Scope, Send
from chassis.testing.sample import eventually
from gateway.testing import Gateway, Upstream, raw, respond
from loop_cli.servers import free_port

Start = Callable[..., Awaitable[Gateway]]

PROTECTING = (
    "x-content-type-options", "content-security-policy", "referrer-policy", "permissions-policy", "x-frame-options",
    "cross-origin-opener-policy", "cross-origin-resource-policy", "strict-transport-security",
)  # fmt: skip


class TestHeadersOfEveryAnswer:
    async def test_protecting_headers_stand_on_all_of_them_once(self, start: Start, upstream: Upstream) -> None:
        async def own(_: Scope, __: Receive, send: Send) -> None:
            more = ((b"content-security-policy", b"default-src 'self'"), (b"access-control-allow-origin", b"*"))
            await respond(send, 200, b"{}", *more)

        upstream.answers["/audit/page"] = own
        gateway = await start(public_url="https://loop.example")
        client = await gateway.system()
        found = [
            await client.get("/audit/v1/x"), await client.get("/livez"), await client.get("/nothing"),
            await client.get("/audit/%2e%2e/x"), await client.get("/health"),
            await client.get("/reporting/v1/x", headers={"X-API-Key": "llk_wrong"}),
            await client.get("/audit/page"), await client.options("/audit/v1/x"),
        ]  # fmt: skip
        for answer in found:
            for name in PROTECTING:
                assert len(answer.headers.get_list(name)) == 1, (str(answer.url), name)
            assert not [name for name in answer.headers if name.startswith("access-control-")]
        # A service knows its own pages.
        assert found[6].headers["content-security-policy"] == "default-src 'self'"
        for request in (b"nonsense\r\n\r\n", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"):
            said = (await raw(gateway, request)).lower()
            assert said.startswith(b"http/1.1 4")
            assert [name for name in PROTECTING if said.count(b"\r\n" + name.encode() + b": ") != 1] == []

    async def test_other_sites_get_no_leave(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.client(Origin="https://evil.example", Access_Control_Request_Method="POST")
        for path in ("/audit/v1/x", "/gateway/v1/clients", "/s/start", "/oauth2/token"):
            answer = await client.options(path, headers={"Access-Control-Request-Headers": "x-api-key"})
            assert answer.status_code == 204
            assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert upstream.seen == []


TWO_WAYS = (
    (b"GET http://evil/audit/v1/x HTTP/1.1", b"Host: x\r\n"),
    (b"GET http://x@evil/audit/v1/x HTTP/1.1", b"Host: x\r\n"),
    (b"GET /audit/v1/x HTTP/1.1", b"Host: x\r\nX-A: 1\r\n folded\r\n"),
    (b"GET /audit/v1/x HTTP/1.1", b"Host : x\r\n"),
    (b"GET /audit/v1/x HTTP/1.1", b"Host: x\r\nX A: 1\r\n"),
    (b"GET /audit/v1/x HTTP/1.1", b"Host: x\r\nX-A: 1\rX-B: 2\r\n"),
    (b"GET /audit/v1/x HTTP/1.1", b"Host: x\r\nX-A: \x00\r\n"),
    (b"POST /audit/v1/x HTTP/1.1", b"Host: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
    (b"POST /audit/v1/x HTTP/1.1", b"Host: x\r\nTransfer-Encoding: xchunked\r\n"),
    (b"POST /audit/v1/x HTTP/1.1", b"Host: x\r\nTransfer-Encoding : chunked\r\n"),
    (b"POST /audit/v1/x HTTP/1.1", b"Host: x\r\nContent-Length: 5\r\nContent-Length: 5\r\n"),
    (b"POST /audit/v1/x HTTP/1.1", b"Host: x\r\nContent-Length: +5\r\n"),
    (b"POST /audit/v1/x HTTP/1.0", b"Host: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
)  # fmt: skip


class TestReadInTwoWays:
    async def test_is_refused_and_nothing_reaches_a_service(self, gateway: Gateway, upstream: Upstream) -> None:
        key = (await gateway.system()).headers["X-API-Key"].encode()
        smuggled = b"0\r\n\r\nGET /audit/v1/smuggled HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key + b"\r\n\r\n"
        for line, headers in TWO_WAYS:
            request = line + b"\r\nX-API-Key: " + key + b"\r\n" + headers + b"\r\n"
            answer = await raw(gateway, request + (smuggled if line.startswith(b"POST") else b""))
            assert answer[:12] in {b"HTTP/1.1 400", b"HTTP/1.1 421"}, headers
            assert answer.count(b"HTTP/1.1 ") == 1
            assert upstream.seen == []

    async def test_address_in_absolute_form_that_names_its_host_is_as_good(self, gateway: Gateway, upstream: Upstream) -> None:
        key = (await gateway.system()).headers["X-API-Key"].encode()
        request = b"GET http://X/audit/v1/x?a=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: " + key + b"\r\n\r\n"
        assert (await raw(gateway, request)).startswith(b"HTTP/1.1 200 ")
        assert (upstream.last.path, upstream.last.query) == ("/audit/v1/x", "a=1")


PARENTS = (
    ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", True),
    ("cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-brings", True),
    ("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x", False),
    ("ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", False),
    ("00-00000000000000000000000000000000-b7ad6b7169203331-01", False),
    ("00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01", False),
    ("", False),
)


class TestTrace:
    async def test_state_goes_on_with_its_trace_only(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.system()
        for parent, goes_on in PARENTS:
            await client.get("/audit/v1/x", headers={"traceparent": parent, "tracestate": "a=1,b=2"})
            seen = upstream.last.header("traceparent") or ""
            assert (seen[3:35] == "0af7651916cd43dd8448eb211c80319c") is goes_on, parent
            assert seen.startswith("00-")
            assert upstream.last.header("tracestate") == ("a=1,b=2" if goes_on else None)


class TestCallerWhoDoesNotRead:
    async def test_is_cut_off_and_the_service_is_free_again(self, start: Start, upstream: Upstream) -> None:
        ended = asyncio.Event()

        async def endless(_: Scope, receive: Receive, send: Send) -> None:
            async def produce() -> None:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                while True:
                    await send({"type": "http.response.body", "body": b"x" * (1 << 20), "more_body": True})
                    await asyncio.sleep(0)

            task = asyncio.create_task(produce())
            while (await receive())["type"] != "http.disconnect":
                pass
            task.cancel()
            ended.set()

        upstream.answers["/audit/v1/endless"] = endless
        gateway = await start(stall_timeout=0.3)
        key = (await gateway.system()).headers["X-API-Key"].encode()
        with socket.create_connection(("127.0.0.1", gateway.port)) as caller:
            caller.sendall(b"GET /audit/v1/endless HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key + b"\r\n\r\n")
            async with asyncio.timeout(60):
                await ended.wait()

    async def test_address_with_too_many_connections_gets_no_more(self, start: Start) -> None:
        gateway = await start(connections_per_address=3)
        held = [await asyncio.open_connection("127.0.0.1", gateway.port) for _ in range(3)]
        assert await raw(gateway, b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n") == b""
        for _, writer in held:
            writer.close()

        async def taken() -> bool:
            answer = await raw(gateway, b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return answer.startswith(b"HTTP/1.1 200 ")

        await eventually(taken)


class TestRoutesOfTheSettings:
    async def test_prefix_and_its_limits_are_what_the_settings_say(self, start: Start, upstream: Upstream) -> None:
        routes: list[dict[str, Any]] = [
            {"prefix": "quality", "service": "audit", "body": 100, "limits": [{"at": "ends", "path": "/large", "body": 200}]},
            {"prefix": "answers", "service": "feedback", "open": True},
        ]
        gateway = await start(routes=routes, upstreams={"audit": f"http://127.0.0.1:{upstream.port}",
                                                        "feedback": f"http://127.0.0.1:{upstream.port}"})  # fmt: skip
        client = await gateway.system()
        sizes = {"/quality/v1/x": 100, "/quality/v1/large": 200}
        for path, size in sizes.items():
            assert (await client.post(path, content=b"x" * size)).status_code == 200
            assert (await client.post(path, content=b"x" * (size + 1))).status_code == 413
        assert (await client.get("/audit/v1/x")).status_code == 404
        assert (await (await gateway.client()).get("/answers/x")).status_code == 200
        assert json.loads((await client.get("/health")).text)["services"].keys() == {"audit", "feedback"}


class TestApart:
    async def test_metrics_have_a_port_of_their_own_and_are_nowhere_else(self, start: Start) -> None:
        port = free_port()
        gateway = await start(metrics_port=port)
        near = await gateway.client()
        for path in ("/metrics", "/readyz"):
            assert (await near.get(path)).status_code == 404
        assert (await near.get("/livez")).status_code == 200
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as monitor:
            assert "loop_gateway_seconds" in (await monitor.get("/metrics")).text
            assert (await monitor.get("/readyz")).status_code == 200
            assert (await monitor.get("/gateway/v1/organisations/x")).status_code == 404

    async def test_names_below_the_host_are_included_unless_somebody_says_no(self, start: Start) -> None:
        for more, said in (({}, "max-age=31536000; includeSubDomains"), ({"hsts_subdomains": False}, "max-age=31536000")):
            gateway = await start(public_url="https://loop.north.example", **more)
            client = await gateway.client()
            for path in ("/health", "/audit/v1/x", "/nowhere/x"):
                assert (await client.get(path)).headers["strict-transport-security"] == said
        gateway = await start()
        assert "strict-transport-security" not in (await (await gateway.client()).get("/health")).headers
