"""Connections to receivers of webhooks: to addresses that may be called and nowhere else, whatever a name leads to.

The name is looked up anew for every connection. If any of its addresses may not be called, none is: a name that leads outside
and inside at once is no mistake. What is connected to is exactly what was checked; TLS and Host go by the name. So a name that
changes between two looks (DNS rebinding) changes nothing, and the last look is at the socket itself.
"""

import asyncio
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from chassis.outbox import now
from gateway.domain.webhook_addresses import Hosts, Network, is_allowed, may_be_called
from gateway.domain.webhook_schedule import retry_after
from gateway.domain.webhooks import Outcome, kind_of

_READ = 1024
"""Bytes of an answer that are read, so that the receiver sees a whole exchange; none is kept."""

_CONNECT_SECONDS = 5.0


class ForbiddenAddressError(OSError):
    """A name leads to an address that is never called."""

    def __init__(self) -> None:
        super().__init__("an address that is not called")


class Lookup(AbstractResolver):
    """Looks names up and refuses those that lead where nobody may go.

    In threads of its own, one for each message under way: a name server that does not answer holds up nobody else.
    """

    def __init__(self, allowed: Sequence[Network], places: int) -> None:
        self._allowed = allowed
        self._threads = ThreadPoolExecutor(max_workers=places, thread_name_prefix="webhook-names")

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC) -> list[ResolveResult]:
        """Every address of a name. Raises OSError: not known, ForbiddenAddressError."""
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, lookup, host, port, family)
        if not found or not all(may_be_called(each[4][0], self._allowed) for each in found):
            raise ForbiddenAddressError
        return [
            ResolveResult(hostname=host, host=each[4][0], port=port, family=each[0], proto=each[2], flags=socket.AI_NUMERICHOST)
            for each in found
        ]

    async def close(self) -> None:
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def lookup(host: str, port: int, family: int) -> list[Any]:
    """The addresses of a name, by the system's own resolver."""
    return socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)


class Outside:
    """Posts to receivers; one for each worker, closed with it."""

    def __init__(
        self, allowed: Sequence[Network] = (), *, places: int = 100, seconds: float = 15.0, hosts: Hosts = None
    ) -> None:
        """`allowed` are networks that are no part of the internet and may be called all the same; `hosts` names, if not any."""
        self._hosts = hosts
        self._allowed = tuple(allowed)
        self._places = places
        self._timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=min(seconds, _CONNECT_SECONDS))
        self._client: aiohttp.ClientSession | None = None

    def _session(self) -> aiohttp.ClientSession:
        if self._client is None:
            connector = aiohttp.TCPConnector(
                resolver=Lookup(self._allowed, self._places),
                use_dns_cache=False,
                limit=self._places,
                # Each connection is checked; one that is kept would be used without another look.
                force_close=True,
                socket_factory=self._socket,
            )
            self._client = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
                # An answer is not unpacked: a kilobyte can hold a gigabyte.
                auto_decompress=False,
                trust_env=False,
                skip_auto_headers={"Accept-Encoding", "User-Agent"},
            )
        return self._client

    def _socket(self, info: Any) -> socket.socket:
        """A socket for an address, where it may be called: also one that stood in the URL and was never looked up."""
        family, kind, proto, _, address = info
        if not may_be_called(address[0], self._allowed):
            raise ForbiddenAddressError
        made = socket.socket(family=family, type=kind, proto=proto)
        made.setblocking(False)
        return made

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> Outcome:
        """Hand one message over. Whatever the receiver does, this ends in time and answers what came of it."""
        began = time.monotonic()
        kind, status, wait = "own", None, None
        try:
            if not is_allowed(self._hosts, url):
                raise ForbiddenAddressError
            async with self._session().post(
                url,
                data=body,
                headers={**headers, "Content-Type": "application/json", "User-Agent": "learning-loop-webhooks/1"},
                allow_redirects=False,
            ) as answer:
                status, kind = answer.status, kind_of(answer.status)
                wait = retry_after(answer.headers.get("Retry-After"), now())
                # The status is what counts: a receiver that breaks off or drips after it has the message.
                with suppress(aiohttp.ClientError, OSError):
                    await answer.content.read(_READ)
                answer.close()
        except Exception as error:  # noqa: BLE001 - a stranger's server: whatever happens there must not end the worker
            if status is None:
                kind = _trouble(error)
        return Outcome(kind, status, int((time.monotonic() - began) * 1000), wait)

    async def close(self) -> None:
        """Close all connections."""
        if self._client is not None:
            await self._client.close()


def _trouble(error: BaseException | None) -> str:
    """What went wrong, by the error or what caused it; its words are a stranger's, and go nowhere."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        error = error.__cause__ or getattr(error, "os_error", None) or error.__context__
    for kinds, name in _TROUBLE:
        if any(isinstance(each, kinds) for each in seen):
            return name
    return "own"


_TROUBLE: tuple[tuple[Any, str], ...] = (
    (ForbiddenAddressError, "forbidden"),
    (TimeoutError, "timeout"),
    ((aiohttp.ClientSSLError, aiohttp.ServerFingerprintMismatch), "tls"),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), "name"),
    ((aiohttp.ClientPayloadError, aiohttp.ClientResponseError, aiohttp.http_exceptions.HttpProcessingError), "answer"),
    ((aiohttp.ClientError, OSError), "connection"),
)
