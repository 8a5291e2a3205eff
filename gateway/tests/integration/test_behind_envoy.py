"""What is Envoy's own: what steers it, bodies that it keeps and bodies that pass, its own answers, and its times."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import httpx
import pytest
from tests import proxies

from chassis.testing.authority import Authority
from chassis.testing.sample import eventually
from gateway.testing import Gateway, Upstream, respond

Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def gateway(start: Start, tmp_path: Path) -> Gateway:
    (tmp_path / "forward.key").write_text(proxies.KEY)
    return await start(forward_auth_key_file=tmp_path / "forward.key", trusted_proxies=["127.0.0.0/8"])


@pytest.fixture
async def front(gateway: Gateway, upstream: Upstream, tmp_path: Path) -> AsyncIterator[str]:
    sooner = {"request_headers_timeout: 10s": "request_headers_timeout: 0.5s"}
    async with proxies.running("envoy", tmp_path, gateway=gateway.port, service=upstream.port, sooner=sooner) as url:
        yield url


class Caller:
    """A connection that sends and reads piece by piece."""

    def __init__(self, url: str) -> None:
        self._port = int(url.rpartition(":")[2])

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._writer.close()

    async def send(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def until(self, wanted: bytes) -> bytes:
        """What comes, up to these bytes."""
        async with asyncio.timeout(30):
            return await self._reader.readuntil(wanted)

    async def rest(self) -> bytes:
        """What comes until the connection is closed."""
        async with asyncio.timeout(30):
            return await self._reader.read()


def head(method: str, path: str, *lines: str) -> bytes:
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: loop.example", *lines, "", "")).encode()


def problem(answer: bytes) -> tuple[int, str]:
    """Status and slug of an answer, whose body says the same."""
    top, _, body = answer.partition(b"\r\n\r\n")
    assert b"application/problem+json" in top
    found = json.loads(body)
    assert found["status"] == int(top.split()[1])
    return found["status"], found["type"].rpartition(":")[2]


class TestSteering:
    async def test_no_header_of_a_caller_steers_it_or_goes_on(self, front: str, gateway: Gateway, upstream: Upstream) -> None:
        async def broken(_: Any, __: Any, send: Any) -> None:
            await respond(send, 503, b"{}")

        upstream.answers["/audit/v1/broken"] = broken
        steering = {"retry-on": "5xx", "max-retries": "3", "upstream-alt-stat-name": "x", "original-path": "/x", "ip-tags": "x"}
        headers = {f"X-Envoy-{name}": value for name, value in steering.items()}
        headers["X-API-Key"] = (await gateway.credentials())["api_key"]
        async with httpx.AsyncClient(base_url=front, headers=headers, timeout=60) as client:
            answer = await client.post("/audit/v1/broken", json={})
        assert (answer.status_code, answer.content) == (503, b"{}")
        assert len(upstream.seen) == 1
        assert not [name for name in upstream.last.names() if name.startswith(("x-envoy", "x-loop"))]

    async def test_what_is_for_monitors_is_seen_by_none_behind_it(self, front: str, gateway: Gateway) -> None:
        async with httpx.AsyncClient(timeout=60) as client:
            answers = [(await client.get(f"{url}/metrics")).status_code for url in (gateway.url, front)]
        assert answers == [200, 404]

    async def test_a_service_is_told_how_people_came(self, gateway: Gateway, upstream: Upstream, tmp_path: Path) -> None:
        authority = Authority(tmp_path / "ours")
        made = authority.certificate()
        trusting = ssl.create_default_context(cafile=str(authority.ca))
        names = ("Proto", "Host", "Port", "Prefix", "Method", "Uri", "For", "Server")
        headers = {"X-API-Key": (await gateway.credentials())["api_key"]} | {f"X-Forwarded-{name}": "ftp" for name in names}
        tls = (made.certificate, made.key)
        async with (
            proxies.running("envoy", tmp_path, gateway=gateway.port, service=upstream.port, tls=tls) as url,
            httpx.AsyncClient(base_url=url, headers=headers, verify=trusting, timeout=60) as client,
        ):
            assert (await client.get("/audit/v1/x")).status_code == 200
        host = url.removeprefix("https://")
        seen = dict(upstream.last.headers)
        assert (seen["x-forwarded-proto"], seen["x-forwarded-host"], seen["host"]) == ("https", host, host)
        assert "ftp" not in str(seen)


class TestBodies:
    async def test_a_body_that_comes_slowly_holds_no_service(self, front: str, gateway: Gateway, upstream: Upstream) -> None:
        key = (await gateway.credentials())["api_key"]
        async with Caller(front) as caller:
            lines = (f"X-API-Key: {key}", "Transfer-Encoding: chunked", "Connection: close")
            await caller.send(head("POST", "/audit/v1/x", *lines) + b"3\r\nabc\r\n")
            await asyncio.sleep(0.3)
            assert upstream.seen == []
            await caller.send(b"2\r\nde\r\n0\r\n\r\n")
            assert b'"bytes": 5' in await caller.rest()

    async def test_files_and_answers_pass_as_they_come(self, front: str, gateway: Gateway, upstream: Upstream) -> None:
        async def echoes(_: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            more = True
            while more:
                message = await receive()
                more = message["more_body"]
                await send({"type": "http.response.body", "body": message["body"], "more_body": more})

        upstream.answers["/audit/v1/audits/1/files"] = echoes
        key = (await gateway.credentials())["api_key"]
        async with Caller(front) as caller:
            lines = (f"X-API-Key: {key}", "Transfer-Encoding: chunked", "Connection: close")
            await caller.send(head("POST", "/audit/v1/audits/1/files?a=1", *lines) + b"5\r\nfirst\r\n")
            assert b" 200 OK" in await caller.until(b"first")
            await caller.send(b"6\r\nsecond\r\n0\r\n\r\n")
            assert (await caller.rest()).endswith(b"6\r\nsecond\r\n0\r\n\r\n")

    async def test_what_families_send_is_left_to_the_gateway(self, front: str, upstream: Upstream) -> None:
        async def has_begun() -> bool:
            return len(upstream.seen) == 1

        async with Caller(front) as caller:
            # As much as the gateway passes on while it comes.
            part = b"14000\r\n" + b"y" * 81_920 + b"\r\n"
            await caller.send(head("POST", "/s/start", "Transfer-Encoding: chunked", "Connection: close") + part)
            await eventually(has_begun)
            await caller.send(b"0\r\n\r\n")
            assert b'"bytes": 81920' in await caller.rest()

    async def test_half_an_answer_does_not_look_whole(self, front: str, gateway: Gateway, upstream: Upstream) -> None:
        async def breaks(_: Any, __: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"half", "more_body": True})
            raise RuntimeError("as if the service had died")

        upstream.answers["/audit/v1/breaks"] = breaks
        key = (await gateway.credentials())["api_key"]
        async with httpx.AsyncClient(base_url=front, headers={"X-API-Key": key}, timeout=60) as client:
            with pytest.raises(httpx.RemoteProtocolError):
                await client.get("/audit/v1/breaks")

    @pytest.mark.parametrize("path", ["/audit/v1/x", "/audit/v1/audits/1/files"])
    async def test_a_length_beyond_the_limit_is_refused_at_once(self, front: str, upstream: Upstream, path: str) -> None:
        async with Caller(front) as caller:
            await caller.send(head("POST", path, "Content-Length: 70000000"))
            assert problem(await caller.rest()) == (413, "not-carried")
        assert upstream.seen == []

    async def test_a_body_without_length_ends_at_the_limit(self, front: str, upstream: Upstream) -> None:
        async with Caller(front) as caller:
            answer = asyncio.create_task(caller.until(b"}"))
            await caller.send(head("POST", "/audit/v1/x", "Transfer-Encoding: chunked"))
            with suppress(ConnectionError):
                while not answer.done():
                    await caller.send(b"10000\r\n" + b"y" * 65_536 + b"\r\n")
            assert problem(await answer) == (413, "not-carried")
        assert upstream.seen == []

    async def test_beyond_its_memory_nothing_new_comes_in(self, gateway: Gateway, upstream: Upstream, tmp_path: Path) -> None:
        little = {"max_heap_size_bytes: 1073741824": "max_heap_size_bytes: 1048576"}
        async with (
            proxies.running("envoy", tmp_path, gateway=gateway.port, service=upstream.port, sooner=little, away=True) as url,
            httpx.AsyncClient(base_url=url, timeout=60) as client,
        ):
            answer = await client.get("/audit/v1/x")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
        assert upstream.seen == []


class TestItsOwnAnswers:
    @pytest.mark.parametrize(
        ("lines", "status"),
        [
            (("Host: other.example",), 400), (("Content-Length: 4", "Transfer-Encoding: chunked"), 400),
            ((f"X-Big: {'x' * 40_000}",), 431), (tuple(f"X-{number}: x" for number in range(150)), 431),
            (("Upgrade: websocket", "Connection: Upgrade"), 403), (("X-Half: ",), 408),
        ],
    )  # fmt: skip
    async def test_are_problems_too(self, front: str, upstream: Upstream, lines: tuple[str, ...], status: int) -> None:
        async with Caller(front) as caller:
            request = head("GET", "/audit/v1/x", *lines)
            # Headers that do not end.
            await caller.send(request[:-2] if status == 408 else request)
            body = await caller.until(b"}")
            assert problem(body) == (status, "not-carried")
        assert upstream.seen == []

    async def test_large_headers_pass_and_those_with_underscores_are_dropped(
        self, front: str, gateway: Gateway, upstream: Upstream
    ) -> None:
        key = (await gateway.credentials())["api_key"]
        headers = {"X-API-Key": key, "X-Big": "x" * 20_000, "Loop_Identity": "x"}
        async with httpx.AsyncClient(base_url=front, headers=headers, timeout=60) as client:
            assert (await client.get("/audit/v1/x")).status_code == 200
        assert len(upstream.last.header("x-big") or "") == 20_000
        assert "loop_identity" not in upstream.last.names()

    async def test_a_service_that_is_away_is_said_to_be_so(self, front: str, gateway: Gateway) -> None:
        key = (await gateway.credentials("complaints:read"))["api_key"]
        async with httpx.AsyncClient(base_url=front, headers={"X-API-Key": key}, timeout=60) as client:
            answer = await client.get("/complaints/v1/x")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:learning-loop:problem:service-away")
        assert (answer.headers["retry-after"], answer.headers["x-content-type-options"]) == ("2", "nosniff")

    async def test_a_gateway_that_does_not_answer_lets_nothing_pass(self, upstream: Upstream, tmp_path: Path) -> None:
        async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked = await reader.readuntil(b"\r\n\r\n")
            if b"/livez" in asked:
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            else:
                await reader.read()
            writer.close()

        async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            sooner = {"cluster: gateway, timeout: 5s": "cluster: gateway, timeout: 0.3s"}
            async with (
                proxies.running("envoy", tmp_path, gateway=port, service=upstream.port, sooner=sooner) as url,
                httpx.AsyncClient(base_url=url, headers={"X-API-Key": "llk_x"}, timeout=60) as client,
            ):
                answer = await client.get("/audit/v1/x")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:learning-loop:problem:service-away")
        assert answer.headers["retry-after"] == "2"
        assert upstream.seen == []


class TestSilence:
    async def test_neither_a_caller_nor_a_service_may_keep_the_other_waiting(
        self, gateway: Gateway, upstream: Upstream, tmp_path: Path
    ) -> None:
        async def silent(_: Any, __: Any, send: Any) -> None:
            await asyncio.sleep(5)
            await respond(send, 200, b"{}")

        upstream.answers["/audit/v1/silent"] = silent
        key = f"X-API-Key: {(await gateway.credentials())['api_key']}"
        sooner = {"stream_idle_timeout: 30s": "stream_idle_timeout: 0.5s"}
        async with proxies.running("envoy", tmp_path, gateway=gateway.port, service=upstream.port, sooner=sooner) as url:
            async with Caller(url) as caller:
                await caller.send(head("POST", "/audit/v1/x", key, "Content-Length: 9") + b"half")
                assert problem(await caller.until(b"}")) == (408, "not-carried")
            assert upstream.seen == []
            async with Caller(url) as caller:
                await caller.send(head("GET", "/audit/v1/silent", key))
                assert problem(await caller.until(b"}")) == (504, "service-away")


class TestLog:
    async def test_links_of_families_are_not_in_it(self, front: str, tmp_path: Path) -> None:
        async with httpx.AsyncClient(base_url=front, timeout=60) as client:
            await client.get("/s/token-of-a-family?name=Samira")
            await client.get("/seen?name=Samira")

        def log() -> str:
            return (tmp_path / "envoy" / "out.log").read_text()

        async def is_logged() -> bool:
            return " /seen " in log() and " /s/*** " in log()

        await eventually(is_logged)
        assert not [each for each in ("token-of", "Samira") if each in log()]
