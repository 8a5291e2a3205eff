"""Services that are away, slow or broken; callers who are too many or too slow."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from chassis.middleware import Receive, Scope, Send
from chassis.testing.page_client import assert_page
from chassis.testing.sample import eventually
from gateway.testing import Gateway, Upstream, respond, upstreams_at
from loop_cli.servers import free_port

Start = Callable[..., Awaitable[Gateway]]

Connection = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(handle: Connection) -> AsyncIterator[int]:
    writers: list[asyncio.StreamWriter] = []

    async def noting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await handle(reader, writer)

    server = await asyncio.start_server(noting, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for writer in writers:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def request_of(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class TestServiceThatIsAway:
    async def test_caller_is_told_that_nothing_was_done(self, start: Start) -> None:
        gateway = await start(upstreams=upstreams_at(free_port()))
        answer = await (await gateway.system()).post("/audit/v1/outcomes", json={})
        assert (answer.status_code, answer.headers["retry-after"]) == (502, "2")
        assert answer.json()["type"] == "urn:learning-loop:problem:service-away"
        assert "was not carried out" in answer.json()["detail"]

    async def test_family_gets_a_kind_page(self, start: Start) -> None:
        gateway = await start(upstreams=upstreams_at(free_port()))
        client = await gateway.client(Accept="text/html")
        answer = await client.get("/s/start")
        assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        number = answer.headers["x-request-id"]
        assert number in answer.text
        assert "502" not in answer.text.replace(number, "")  # one in 150 has these digits
        assert_page(answer)
        style = answer.text.partition('rel="stylesheet" href="')[2].partition('"')[0]
        assert (await client.get(style)).status_code == 200

    async def test_service_that_is_not_set_up_is_away(self, start: Start, upstream: Upstream) -> None:
        gateway = await start(upstreams={"audit": f"http://127.0.0.1:{upstream.port}"})
        client = await gateway.system()
        assert (await client.get("/audit/v1/x")).status_code == 200
        assert (await client.get("/complaints/v1/x")).status_code == 502


class TestServiceThatIsSlow:
    async def test_silence_ends_with_a_time_out(self, start: Start) -> None:
        async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
            await reader.read()

        async with listening(silent) as port:
            gateway = await start(upstreams=upstreams_at(port), idle_timeout=0.3)
            answer = await (await gateway.system()).post("/audit/v1/outcomes", json={})
            assert (answer.status_code, answer.json()["type"]) == (504, "urn:learning-loop:problem:service-timeout")
            assert "Idempotency-Key" in answer.json()["detail"]

    async def test_whole_exchange_has_an_end(self, start: Start, upstream: Upstream) -> None:
        async def drip(_: Scope, __: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _number in range(50):  # longer than the whole may take, and not for ever: the server waits for its end
                await send({"type": "http.response.body", "body": b"x", "more_body": True})
                await asyncio.sleep(0.05)

        upstream.answers["/audit/v1/drip"] = drip
        gateway = await start(total_timeout=1.5)
        client = await gateway.system()
        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await client.get("/audit/v1/drip")

    async def test_full_pool_is_said_to_be_busy(self, start: Start, upstream: Upstream) -> None:
        came, go = asyncio.Event(), asyncio.Event()

        async def slow(_: Scope, __: Receive, send: Send) -> None:
            came.set()
            await go.wait()
            await respond(send, 200, b"{}")

        upstream.answers["/audit/v1/slow"] = slow
        gateway = await start(connections_per_service=1, turn_timeout=0.5)
        client = await gateway.system()
        # The one connection is opened before, so that nothing but the wait for it can take too long.
        assert (await client.get("/audit/v1/quick")).status_code == 200
        holding = asyncio.create_task(client.get("/audit/v1/slow"))
        await came.wait()
        busy = await client.get("/audit/v1/slow")
        assert (busy.status_code, busy.headers["retry-after"]) == (503, "2")
        assert "was not carried out" in busy.json()["detail"]
        go.set()
        assert (await holding).status_code == 200


class TestServiceThatBreaksOff:
    async def test_reading_is_repeated_once_on_a_fresh_connection(self, start: Start) -> None:
        requests: list[bytes] = []

        async def closes_after_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            requests.append(await request_of(reader))
            writer.write(OK)
            # The next request on this connection finds it closed without an answer.
            requests.append(await request_of(reader))
            writer.close()

        async with listening(closes_after_one) as port:
            gateway = await start(upstreams=upstreams_at(port))
            client = await gateway.system()
            assert (await client.get("/audit/v1/one")).text == "ok"
            assert (await client.get("/audit/v1/two")).text == "ok"
            assert [request.split(b" ")[1] for request in requests] == [b"/audit/v1/one", b"/audit/v1/two", b"/audit/v1/two"]

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
    async def test_writing_is_never_repeated(self, start: Start, method: str) -> None:
        requests: list[bytes] = []

        async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            requests.append(await request_of(reader))
            writer.close()

        async with listening(resets) as port:
            gateway = await start(upstreams=upstreams_at(port))
            answer = await (await gateway.system()).request(method, "/audit/v1/x", content=b"{}")
            assert (answer.status_code, answer.json()["type"]) == (502, "urn:learning-loop:problem:service-failed")
            assert "not certain" in answer.json()["detail"]
            assert len(requests) == 1

    async def test_reading_is_repeated_once_only(self, start: Start) -> None:
        requests: list[bytes] = []

        async def resets(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            requests.append(await request_of(reader))
            writer.close()

        async with listening(resets) as port:
            gateway = await start(upstreams=upstreams_at(port))
            assert (await (await gateway.system()).get("/audit/v1/x")).status_code == 502
            assert len(requests) == 2

    @pytest.mark.parametrize("head", [b"Content-Length: 100000\r\n", b"Transfer-Encoding: chunked\r\n"])
    async def test_half_an_answer_does_not_look_whole(self, start: Start, head: bytes) -> None:
        async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await request_of(reader)
            writer.write(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + b"5\r\nhello\r\n")
            await writer.drain()
            await asyncio.sleep(0.1)
            writer.close()

        async with listening(half) as port:
            gateway = await start(upstreams=upstreams_at(port))
            with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
                await (await gateway.system()).get("/audit/v1/x")

    @pytest.mark.parametrize(
        "answer", [b"nonsense\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n", b"\x00" * 100]
    )
    async def test_nonsense_is_a_bad_gateway(self, start: Start, answer: bytes) -> None:
        async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await request_of(reader)
            writer.write(answer)
            await writer.drain()
            writer.close()

        async with listening(nonsense) as port:
            gateway = await start(upstreams=upstreams_at(port))
            assert (await (await gateway.system()).post("/audit/v1/x", json={})).status_code == 502

    async def test_service_that_refuses_before_it_has_read_everything_is_heard(self, start: Start, upstream: Upstream) -> None:
        async def refuses(_: Scope, __: Receive, send: Send) -> None:
            await respond(send, 403, b"{}")

        upstream.answers["/audit/v1/outcomes/batch"] = refuses
        gateway = await start()
        answer = await (await gateway.system()).post("/audit/v1/outcomes/batch", content=b"x" * (7 << 20))
        assert answer.status_code == 403


class TestCallersConnection:
    async def send(self, gateway: Gateway, *parts: bytes, pause: float = 0) -> bytes:
        """Send parts; gives what came until the gateway closed the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
        found = b""

        async def write() -> None:
            for part in parts:
                writer.write(part)
                await asyncio.sleep(pause)

        writing = asyncio.create_task(write())
        try:
            async with asyncio.timeout(60):
                while piece := await reader.read(65_536):
                    found += piece
        except ConnectionError:
            pass
        writing.cancel()
        writer.close()
        return found

    async def test_headers_that_come_too_slowly_are_cut_off(self, start: Start) -> None:
        gateway = await start(header_timeout=0.4)
        parts = [b"GET /health HTTP/1.1\r\n", *(b"X-%d: 1\r\n" % number for number in range(50))]
        assert (await self.send(gateway, *parts, pause=0.1)).startswith(b"HTTP/1.1 408 ")

    @pytest.mark.parametrize("sent", [b"", b"\r\n\r\n"])
    async def test_connection_that_says_nothing_is_closed(self, start: Start, sent: bytes) -> None:
        gateway = await start(header_timeout=0.3)
        await self.send(gateway, sent)  # it returns when the connection is closed

    async def test_too_many_headers_are_refused(self, gateway: Gateway) -> None:
        many = b"".join(b"X-%d: 1\r\n" % number for number in range(150))
        answer = await self.send(gateway, b"GET /livez HTTP/1.1\r\nHost: x\r\n" + many + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 431 ")
        assert b"application/problem+json" in answer

    async def test_large_header_is_refused(self, gateway: Gateway) -> None:
        answer = await self.send(gateway, b"GET /livez HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 40_000 + b"\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 431 ")

    async def test_header_without_end_is_refused(self, gateway: Gateway) -> None:
        parts = [b"GET /livez HTTP/1.1\r\nX: ", *([b"a" * 65_536] * 40)]
        answer = await self.send(gateway, *parts, pause=0.005)
        assert answer.startswith(b"HTTP/1.1 431 ") or answer == b""

    async def test_long_address_is_refused(self, gateway: Gateway) -> None:
        answer = await self.send(gateway, b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 414 ")
        head, _, body = answer.partition(b"\r\n\r\n")
        # It is in the log under this id, as every other answer is.
        assert f"x-request-id: {json.loads(body)['request_id']}".encode() in head

    async def test_large_body_in_one_packet_with_its_headers_is_no_large_header(self, gateway: Gateway) -> None:
        client = await gateway.system()
        key = client.headers["X-API-Key"].encode()
        body = b"x" * 900_000
        head = b"POST /audit/v1/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-API-Key: " + key + b"\r\n"
        answer = await self.send(gateway, head + b"Content-Length: 900000\r\n\r\n" + body)
        assert answer.startswith(b"HTTP/1.1 200 ")

    async def test_requests_one_behind_another_are_answered_in_order(self, gateway: Gateway) -> None:
        client = await gateway.system()
        key = client.headers["X-API-Key"].encode()
        one = b"GET /audit/v1/%d HTTP/1.1\r\nHost: x\r\nX-API-Key: " + key + b"\r\n%s\r\n"
        requests = [one % (number, b"Connection: close\r\n" if number == 4 else b"") for number in range(5)]
        answer = await self.send(gateway, b"".join(requests))
        assert [int(part.split(b'"')[0]) for part in answer.split(b'"path": "/audit/v1/')[1:]] == [0, 1, 2, 3, 4]

    async def test_connections_beyond_the_limit_are_not_taken(self, start: Start) -> None:
        gateway = await start(connections=3)
        held = [await asyncio.open_connection("127.0.0.1", gateway.port) for _ in range(3)]
        assert await self.send(gateway, b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n") == b""
        for _, writer in held:
            writer.close()
        client = await gateway.client()

        async def taken() -> bool:
            with suppress(httpx.TransportError):
                return (await client.get("/livez")).status_code == 200
            return False

        await eventually(taken)
