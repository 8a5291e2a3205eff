"""What reaches a service, and what comes back."""

import asyncio
import re
import resource
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chassis.middleware import Receive, Scope, Send
from gateway.testing import Gateway, Upstream, raw, respond

Start = Callable[..., Awaitable[Gateway]]

MIB = 1 << 20


class TestHeaders:
    async def test_request_arrives_byte_for_byte(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.system("reporting:read")
        path = "/reporting/odata/v4/Facts('a%20b')?$filter=x%20eq%20%27%C3%A9%27&a=1&a=2&e="
        answer = await client.get(path, headers={"Accept-Language": "cy", "X-Thing": "1", "Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert f"{upstream.last.path}?{upstream.last.query}" == path
        assert upstream.last.header("accept-language") == "cy"
        assert upstream.last.header("accept-encoding") == "gzip"
        assert upstream.last.header("host") == f"127.0.0.1:{gateway.port}"

    async def test_claims_about_the_way_here_are_replaced(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.system()
        lies = {
            "Forwarded": "for=1.2.3.4", "X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil",
            "X-Forwarded-Prefix": "/x", "X-Real-IP": "1.2.3.4", "Via": "1.1 x", "TE": "trailers", "Upgrade": "h2c",
            "X-Original-URL": "/x", "X-HTTP-Method-Override": "DELETE", "Proxy-Authorization": "x",
        }  # fmt: skip
        await client.get("/audit/v1/outcomes", headers=lies)
        seen = dict(upstream.last.headers)
        assert seen["x-forwarded-proto"] == "http"
        assert seen["x-forwarded-host"] == f"127.0.0.1:{gateway.port}"
        ours = {"x-forwarded-proto", "x-forwarded-host"}
        assert not ({name.lower() for name in lies} - ours) & set(seen)
        assert "1.2.3.4" not in str(seen)

    async def test_request_id_and_trace_are_kept_if_well_formed_and_made_if_not(
        self, gateway: Gateway, upstream: Upstream
    ) -> None:
        client = await gateway.system()
        trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        answer = await client.get("/audit/v1/x", headers={"X-Request-Id": "request-12345", "traceparent": trace})
        assert upstream.last.header("x-request-id") == answer.headers["x-request-id"] == "request-12345"
        assert upstream.last.header("traceparent") == trace
        for wrong in ("short", "x" * 65, "with space 1", "<script>1"):
            answer = await client.get(
                "/audit/v1/x", headers={"X-Request-Id": wrong, "traceparent": trace.replace("0af7", "ZZZZ")}
            )
            assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])
            assert answer.headers.get_list("x-request-id") == [upstream.last.header("x-request-id")]
            assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01", upstream.last.header("traceparent") or "")

    async def test_survey_cookie_passes_and_the_session_does_not(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.client(Cookie="a=1; loop-session=secret; survey=abc")
        await client.get("/s/start")
        assert upstream.last.header("cookie") == "a=1;  survey=abc".replace("  ", " ")
        client = await gateway.client(Cookie="loop-session=secret")
        await client.get("/s/start")
        assert upstream.last.header("cookie") is None

    async def test_answer_comes_back_without_what_belongs_to_the_hop(self, gateway: Gateway, upstream: Upstream) -> None:
        async def answer(_: Scope, __: Receive, send: Send) -> None:
            more = [
                (b"set-cookie", b"a=1"),
                (b"set-cookie", b"b=2"),
                (b"etag", b'"1"'),
                (b"loop-identity", b"x"),
                (b"keep-alive", b"1"),
            ]
            await respond(send, 201, b"{}", *more)

        upstream.answers["/audit/v1/x"] = answer
        found = await (await gateway.system()).post("/audit/v1/x", json={})
        assert found.status_code == 201
        assert found.headers.get_list("set-cookie") == ["a=1", "b=2"]
        assert found.headers["etag"] == '"1"'
        assert not {"loop-identity", "keep-alive", "server"} & set(found.headers)
        assert len(found.headers.get_list("date")) == 1

    @pytest.mark.parametrize("status", [204, 304])
    async def test_answers_without_body_stay_without(self, gateway: Gateway, upstream: Upstream, status: int) -> None:
        async def answer(_: Scope, __: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": status, "headers": [(b"etag", b'"1"')]})
            await send({"type": "http.response.body", "body": b""})

        upstream.answers["/audit/v1/x"] = answer
        client = await gateway.system()
        for _ in range(2):  # the second on the same connection
            assert (await client.get("/audit/v1/x")).status_code == status

    async def test_head_tells_the_length_and_sends_nothing(self, gateway: Gateway) -> None:
        client = await gateway.system()
        answer = await client.head("/audit/v1/x")
        assert (answer.status_code, answer.content) == (200, b"")
        assert int(answer.headers["content-length"]) > 0

    @pytest.mark.parametrize(
        "path",
        ["/audit/../reporting/x", "/audit/./x", "/audit/%2e%2e/x", "/audit/%2E./x", "/audit/a%2fb", "/audit/a%5cb", "/audit//x",
         "/audit/a\\b", "/audit/%00", "/audit/..", "/audit/x%0d%0ay"],
    )  # fmt: skip
    async def test_path_that_could_mean_another_is_refused(self, gateway: Gateway, upstream: Upstream, path: str) -> None:
        client = await gateway.system()
        key = client.headers["X-API-Key"]
        answer = await raw(gateway, f"GET {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nConnection: close\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert upstream.seen == []

    @pytest.mark.parametrize("hosts", [b"", b"Host: a\r\nHost: b\r\n", b"Host: a\r\n" * 3, b"Host:\r\n"])
    async def test_request_without_exactly_one_host_is_refused(
        self, gateway: Gateway, upstream: Upstream, hosts: bytes
    ) -> None:
        client = await gateway.system()
        key = client.headers["X-API-Key"].encode()
        answer = await raw(
            gateway, b"GET /audit/v1/x HTTP/1.1\r\n" + hosts + b"X-API-Key: " + key + b"\r\nConnection: close\r\n\r\n"
        )
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert upstream.seen == []

    async def test_only_routed_prefixes_reach_a_service(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.system()
        for path in ("/auditor", "/events", "/livez/x", "/S/start", "/AUDIT/v1"):
            assert (await client.get(path)).status_code == 404
        assert upstream.seen == []

    @pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND"])
    async def test_unusual_methods_are_refused(self, gateway: Gateway, upstream: Upstream, method: str) -> None:
        client = await gateway.system()
        key = client.headers["X-API-Key"]
        answer = await raw(
            gateway, f"{method} /audit/v1/x HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nConnection: close\r\n\r\n".encode()
        )
        assert answer.split(b" ")[1] in {b"405", b"400"}
        assert upstream.seen == []


class TestBodies:
    async def test_sizes_around_every_threshold_arrive_whole(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.system()
        for size in (0, 1, 65_535, 65_536, 65_537, MIB - 1, MIB):
            answer = await client.post("/audit/v1/outcomes", content=b"x" * size)
            assert (answer.status_code, answer.json()["bytes"]) == (200, size)
            assert upstream.last.header("content-length") == str(size)

    async def test_chunked_body_arrives_whole(self, gateway: Gateway, upstream: Upstream) -> None:
        async def chunks() -> Any:
            for _ in range(10):
                yield b"y" * 50_000

        answer = await (await gateway.system()).post("/audit/v1/outcomes", content=chunks())
        assert (answer.status_code, answer.json()["bytes"]) == (200, 500_000)
        assert upstream.last.header("transfer-encoding") == "chunked"

    @pytest.mark.parametrize("path", ["/audit/v1/outcomes/batch", "/audit/v1/outcomes/spreadsheet", "/audit/outcomes/upload"])
    async def test_what_takes_many_records_may_be_larger(self, gateway: Gateway, path: str) -> None:
        client = await gateway.system()
        body = b"x" * (8 * MIB)
        assert (await client.post(path, content=body)).status_code == 200
        assert (await client.post(path, content=body + b"x")).status_code == 413
        assert (await client.post("/audit/v1/outcomes", content=body)).status_code == 413

    async def test_files_of_a_record_may_be_larger_and_too_many_get_a_page(self, start: Start) -> None:
        gateway = await start(upload_megabytes=2)
        client = await gateway.system()
        assert (await client.post("/complaints/v1/complaints/1/files", content=b"x" * (3 * MIB))).status_code == 200
        refused = await client.post("/complaints/v1/complaints/1/files", content=b"x" * (3 * MIB + 1))
        assert (refused.status_code, refused.json()["type"].rpartition(":")[2]) == (413, "body-too-large")
        family = await gateway.client(Accept="text/html")
        page = await family.post("/c/worcestershire/files", content=b"x" * (8 * MIB))
        assert (page.status_code, page.headers["content-type"]) == (413, "text/html; charset=utf-8")

    async def test_declared_50_mb_are_refused_before_they_are_sent(self, gateway: Gateway, upstream: Upstream) -> None:
        client = await gateway.system()
        key = client.headers["X-API-Key"]
        head = f"POST /audit/v1/outcomes HTTP/1.1\r\nHost: x\r\nX-API-Key: {key}\r\nContent-Length: 52428800\r\n"
        answer = await raw(gateway, head.encode() + b"Expect: 100-continue\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"100 Continue" not in answer
        assert b"urn:learning-loop:problem:body-too-large" in answer
        assert upstream.seen == []

    async def test_caller_who_sends_50_mb_regardless_reads_the_answer(self, gateway: Gateway) -> None:
        client = await gateway.system()
        answer = await client.post("/audit/v1/outcomes", content=b"x" * (50 * MIB))
        assert (answer.status_code, answer.headers["connection"]) == (413, "close")
        assert (await client.post("/audit/v1/outcomes", json={})).status_code == 200

    async def test_chunked_50_mb_are_refused_on_the_way(self, gateway: Gateway, upstream: Upstream) -> None:
        sent = 0

        async def chunks() -> Any:
            nonlocal sent
            for _ in range(800):
                sent += 65_536
                yield b"z" * 65_536

        client = await gateway.system()
        answer = await client.post("/audit/v1/outcomes", content=chunks())
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:learning-loop:problem:body-too-large")
        await asyncio.sleep(0.1)
        # The service saw no whole request.
        assert [len(each.body) for each in upstream.seen if len(each.body) > MIB + 65_536] == []
        assert (await client.post("/audit/v1/outcomes", json={})).status_code == 200

    async def test_gateways_own_routes_take_little(self, gateway: Gateway) -> None:
        operator = await gateway.operator()
        assert (await operator.put("/gateway/v1/organisations/north", content=b"x" * 70_000)).status_code == 413

    @pytest.mark.parametrize(
        "framing",
        [b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", b"Content-Length: 3\r\nContent-Length: 4\r\n",
         b"Content-Length: -1\r\n", b"Content-Length: 1e3\r\n", b"Transfer-Encoding: chunked, identity\r\n",
         b"Transfer-Encoding: x\r\n"],
    )  # fmt: skip
    async def test_ambiguous_framing_is_refused(self, gateway: Gateway, upstream: Upstream, framing: bytes) -> None:
        client = await gateway.system()
        head = b"POST /audit/v1/outcomes HTTP/1.1\r\nHost: x\r\nX-API-Key: " + client.headers["X-API-Key"].encode() + b"\r\n"
        answer = await raw(gateway, head + framing + b"\r\n0\r\n\r\nGET /audit/v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 400 ")
        assert upstream.seen == []

    async def test_caller_who_stops_sending_is_dropped(self, start: Start, upstream: Upstream) -> None:
        gateway = await start(idle_timeout=0.3)
        client = await gateway.system()
        for size in (100, 200_000):
            head = f"POST /audit/v1/x HTTP/1.1\r\nHost: x\r\nX-API-Key: {client.headers['X-API-Key']}\r\n"
            answer = await raw(gateway, f"{head}Content-Length: {size}\r\n\r\nabc".encode())
            assert answer.startswith(b"HTTP/1.1 408 ")


class TestStreaming:
    async def test_events_pass_as_they_are_sent(self, gateway: Gateway, upstream: Upstream) -> None:
        go = asyncio.Event()

        async def answer(_: Scope, __: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/event-stream")]})
            await send({"type": "http.response.body", "body": b"data: 1\n\n", "more_body": True})
            await go.wait()
            await send({"type": "http.response.body", "body": b"data: 2\n\n"})

        upstream.answers["/reporting/events"] = answer
        client = await gateway.system("reporting:read")
        async with client.stream("GET", "/reporting/events") as found:
            parts = found.aiter_raw()
            assert await anext(parts) == b"data: 1\n\n"
            go.set()
            assert await anext(parts) == b"data: 2\n\n"

    async def test_large_download_needs_little_memory(self, gateway: Gateway, upstream: Upstream) -> None:
        size, chunk = 200 * MIB, b"x" * MIB

        async def answer(_: Scope, __: Receive, send: Send) -> None:
            start = [(b"content-length", str(size).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": start})
            for number in range(200):
                await send({"type": "http.response.body", "body": chunk, "more_body": number < 199})

        upstream.answers["/reporting/exports/all"] = answer
        client = await gateway.system("reporting:read")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        got = 0
        async with client.stream("GET", "/reporting/exports/all") as found:
            async for part in found.aiter_raw():
                got += len(part)
        assert got == size
        # Kilobytes; the test itself, the upstream and the client are in the same process.
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000

    async def test_caller_who_hangs_up_ends_the_work_behind(self, gateway: Gateway, upstream: Upstream) -> None:
        began, ended = asyncio.Event(), asyncio.Event()

        async def answer(_: Scope, receive: Receive, __: Send) -> None:
            began.set()
            while (await receive())["type"] != "http.disconnect":
                pass
            ended.set()

        upstream.answers["/audit/v1/slow"] = answer
        client = await gateway.system()
        asking = asyncio.create_task(client.get("/audit/v1/slow"))
        async with asyncio.timeout(60):
            await began.wait()
            asking.cancel()
            await ended.wait()

    async def test_download_that_nobody_reads_any_more_ends(self, gateway: Gateway, upstream: Upstream) -> None:
        ended = asyncio.Event()

        async def answer(_: Scope, receive: Receive, send: Send) -> None:
            async def produce() -> None:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                while True:
                    await send({"type": "http.response.body", "body": b"x" * MIB, "more_body": True})
                    # A send to a connection that broke returns at once: without this, nobody would ever hear that it did.
                    await asyncio.sleep(0)

            task = asyncio.create_task(produce())
            while (await receive())["type"] != "http.disconnect":
                pass
            task.cancel()
            ended.set()

        upstream.answers["/reporting/exports/all"] = answer
        client = await gateway.system("reporting:read")
        async with client.stream("GET", "/reporting/exports/all") as found:
            await anext(found.aiter_raw())
        async with asyncio.timeout(60):
            await ended.wait()


class TestConcurrency:
    async def test_answers_go_to_those_who_asked(self, gateway: Gateway) -> None:
        client = await gateway.system()

        async def one(number: int) -> None:
            answer = await client.post(f"/audit/v1/n{number}", content=b"x" * number)
            assert answer.json() == {"path": f"/audit/v1/n{number}", "bytes": number}

        for _ in range(3):
            await asyncio.gather(*(one(number) for number in range(1, 120)))

    async def test_organisations_do_not_mix(self, gateway: Gateway, upstream: Upstream) -> None:
        clients = {org: await gateway.system(org=org) for org in ("north", "south", "east")}

        async def one(org: str, number: int) -> None:
            await clients[org].get(f"/audit/v1/{org}/{number}")

        await asyncio.gather(*(one(org, number) for number in range(40) for org in clients))
        for seen in upstream.seen:
            identity = upstream.verifiers["audit"].verify(seen.header("loop-identity"))
            assert identity.org == seen.path.split("/")[3]
        assert len(upstream.seen) == 120
