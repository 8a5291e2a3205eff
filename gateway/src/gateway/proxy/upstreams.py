"""The client side of the proxy: one aiohttp session with a pool of kept-alive connections for each service."""

from dataclasses import dataclass
from typing import Any

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from gateway.settings import GatewaySettings

PUBLIC_PREFIXES = frozenset({"s", "c"})
"""Prefixes of pages for families: surveys, and the form to complain."""


@dataclass(frozen=True, slots=True)
class Route:
    """One routed prefix: the service that answers below it, and where it is."""

    prefix: str
    service: str
    base: str | None

    def url(self, raw_path: bytes, query: bytes) -> URL:
        """The address at the service, byte for byte as the caller wrote path and query."""
        target = f"{self.base}{raw_path.decode('ascii')}"
        if query:
            target += f"?{query.decode('latin-1')}"
        return URL(target, encoded=True)


def routes_of(settings: GatewaySettings) -> dict[bytes, Route]:
    """The routed prefixes: each service below its own name, surveys below /s, the form to complain below /c."""
    bases = {service: address.rstrip("/") for service, address in settings.upstreams.items()}
    routes = {name.encode(): Route(name, name, bases.get(name)) for name in ("audit", "feedback", "complaints", "reporting")}
    routes[b"s"] = Route("s", "feedback", bases.get("feedback"))
    routes[b"c"] = Route("c", "complaints", bases.get("complaints"))
    return routes


class PassedRequest(aiohttp.ClientRequest):
    """A request whose headers are exactly those that it is given: nothing is added, copied or parsed again."""

    def update_headers(self, headers: Any) -> None:
        """Take the headers as they are; they are made for this request alone."""
        self.headers = headers

    def update_auto_headers(self, skip_auto_headers: Any) -> None:
        """Add none: a proxy does not speak in the caller's name."""

    def update_cookies(self, cookies: Any) -> None:
        """Keep the caller's own header."""


def new_session(settings: GatewaySettings) -> aiohttp.ClientSession:
    """The session for all exchanges: it keeps no cookies, unpacks nothing and repeats nothing by itself."""
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=0,
            limit_per_host=settings.connections_per_service,
            keepalive_timeout=settings.upstream_keep_alive,
            ttl_dns_cache=30,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        request_class=PassedRequest,
        timeout=aiohttp.ClientTimeout(
            total=settings.total_timeout,
            connect=settings.turn_timeout,
            sock_connect=settings.connect_timeout,
            sock_read=settings.idle_timeout,
        ),
        max_line_size=16 * 1024,
        max_field_size=16 * 1024,
        skip_auto_headers=(),
    )
    # aiohttp repeats everything that is idempotent by the letter, PUT and DELETE too; here `Exchange` decides what is repeated.
    session._retry_connection = False  # noqa: SLF001 - there is no public switch; test_exchange holds it
    return session


def header_map(pairs: list[tuple[str, str]]) -> CIMultiDict[str]:
    """Headers for a request, in order, repeated names kept."""
    return CIMultiDict(pairs)
