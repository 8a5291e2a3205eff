"""What tests and measurements of the gateway need: a server in this loop, a small upstream, ways to call a running gateway."""

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx
import uvicorn

from chassis.identity import Identity, TokenVerifier
from chassis.middleware import Receive, Scope, Send
from chassis.testing import statements as sent
from gateway.access.each_second import EachSecond
from gateway.access.refusals import Refusals
from gateway.access.settling import Settling
from gateway.access.trail import Walks
from gateway.settings import SERVICES, GatewaySettings

OPERATOR_KEY = "operator-key-for-tests-0123456789abcdef"
ISSUED = 201
_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of a gateway without TLS: each would else read all authorities of this machine, which takes 20 ms."""
_BACKGROUND = frozenset(kind.__name__ for kind in (EachSecond, Refusals, Settling, Walks))
"""The classes whose tasks ask the database by themselves; a task is told by the class that its coroutine was written in."""


@asynccontextmanager
async def serving(server_config: uvicorn.Config) -> AsyncIterator[int]:
    """Run a server in this loop, on a free port, which it gives."""
    # With its protocol named: asyncio takes Nagle's wait away from no other, and each answer came 40 ms late.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(server_config)
        server_config.load()
        server.lifespan = server_config.lifespan_class(server_config)
        # By its parts: Server.serve looks every tenth of a second whether it is to end, and waits as long again in the end.
        await server.startup(sockets=[listener])
        await server.on_tick(0)
        try:
            yield listener.getsockname()[1]
        finally:
            for each in server.servers:
                each.close()
            for connection in [*server.server_state.connections]:
                connection.shutdown()
            with suppress(TimeoutError):
                async with asyncio.timeout(server_config.timeout_graceful_shutdown):
                    while server.server_state.connections or server.server_state.tasks:  # noqa: ASYNC110 - uvicorn tells nobody
                        await asyncio.sleep(0.001)
            for task in [*server.server_state.tasks]:
                task.cancel()
            await server.lifespan.shutdown()


@dataclass
class Seen:
    """A request as an upstream saw it."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for each, value in self.headers if each == name.lower()), None)

    def names(self) -> set[str]:
        """The names of all headers."""
        return {name for name, _ in self.headers}


Answer = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass
class Upstream:
    """A small service for all four: notes what it sees, and answers what a test wants at a path (`answers`)."""

    verifiers: dict[str, TokenVerifier]
    port: int = 0
    seen: list[Seen] = field(default_factory=list)
    answers: dict[str, Answer] = field(default_factory=dict)

    @property
    def last(self) -> Seen:
        """The newest request."""
        return self.seen[-1]

    def identity(self, service: str) -> Identity:
        """Who the newest request says is calling, verified as that service would."""
        return self.verifiers[service].verify(self.last.header("loop-identity"))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        seen = Seen(
            scope["method"],
            scope["raw_path"].decode(),
            scope["query_string"].decode(),
            [(name.decode(), value.decode("latin-1")) for name, value in scope["headers"]],
        )
        self.seen.append(seen)
        if answer := self.answers.get(scope["path"]):
            await answer(scope, receive, send)
            return
        more = True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            seen.body += message["body"]
            more = message["more_body"]
        await respond(send, 200, json.dumps({"path": scope["path"], "bytes": len(seen.body)}).encode())


async def respond(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    """Send a whole JSON answer."""
    start = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *headers]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Gateway:
    """A running gateway and ways to call it; clients are closed with `stack`."""

    port: int
    settings: GatewaySettings
    stack: AsyncExitStack

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    async def client(self, **headers: str) -> httpx.AsyncClient:
        """A client that sends these headers; underscores stand for hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.stack.enter_async_context(
            httpx.AsyncClient(base_url=self.url, headers=sent, timeout=60, verify=_NO_TLS)
        )

    async def operator(self, org: str | None = None) -> httpx.AsyncClient:
        """A client with the operator's key, for an organisation."""
        more = {"Loop-Org": org} if org else {}
        return await self.client(Authorization=f"Bearer {OPERATOR_KEY}", **more)

    async def organisation(self, org: str = "north") -> None:
        """Make an organisation known."""
        answer = await (await self.operator()).put(f"/gateway/v1/organisations/{org}", json={"name": org.title()})
        answer.raise_for_status()

    async def credentials(self, *scopes: str, org: str = "north", name: str = "system") -> dict[str, Any]:
        """Issue an API client; gives the answer with secret and key."""
        await self.organisation(org)
        body = {"name": name, "scopes": list(scopes or ("audit:outcomes:write",))}
        answer = await (await self.operator(org)).post("/gateway/v1/clients", json=body)
        if answer.status_code != ISSUED:
            raise AssertionError(answer.text)
        issued: dict[str, Any] = answer.json()
        return issued

    async def system(self, *scopes: str, org: str = "north") -> httpx.AsyncClient:
        """A client with the API key of a fresh API client."""
        return await self.client(X_API_Key=(await self.credentials(*scopes, org=org))["api_key"])


def upstreams_at(port: int) -> dict[str, str]:
    """All services at one port of this machine."""
    return dict.fromkeys(SERVICES, f"http://127.0.0.1:{port}")


def statements() -> AbstractContextManager[list[str]]:
    """The statements that are sent to the database meanwhile, those of the background left out: nobody waits for them."""
    return sent.statements(_BACKGROUND)


async def raw(gateway: Gateway, request: bytes) -> bytes:
    """Send bytes and read until the gateway closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(request)
    found = b""
    try:
        async with asyncio.timeout(60):
            while part := await reader.read(65_536):
                found += part
    except ConnectionError:
        pass
    writer.close()
    return found
