"""The client side of the proxy: one aiohttp session with a pool of kept-alive connections for each service."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from chassis.inside import client_context
from gateway.routing import PathLimit
from gateway.settings import GatewaySettings


class Allowance(NamedTuple):
    """What one request may cost."""

    body: int
    seconds: float | None = None
    """For the whole exchange; None: the usual time."""
    patient: bool = False


_USUAL = Allowance(1 << 20)


@dataclass(frozen=True, slots=True)
class Route:
    """One routed prefix: the service that answers below it, where it is, and what a request there may cost."""

    prefix: str
    service: str
    base: str | None
    open: bool = False
    usual: Allowance = _USUAL
    limits: tuple[tuple[PathLimit, Allowance], ...] = ()

    def allowance(self, path: str) -> Allowance:
        """What a request to this path may cost."""
        for limit, allowance in self.limits:
            if limit.fits(path):
                return allowance
        return self.usual

    def url(self, raw_path: bytes, query: bytes) -> URL:
        """The address at the service, byte for byte as the caller wrote path and query."""
        target = f"{self.base}{raw_path.decode('ascii')}"
        if query:
            target += f"?{query.decode('latin-1')}"
        return URL(target, encoded=True)


def routes_of(settings: GatewaySettings) -> dict[bytes, Route]:
    """The routed prefixes of the settings."""
    bases = {service: address.rstrip("/") for service, address in settings.upstreams.items()}
    routes = {}
    for rule in settings.route_rules:
        usual = Allowance(rule.body or settings.body_limit)
        limits = tuple((each, Allowance(each.body or usual.body, each.seconds, each.patient)) for each in rule.limits)
        routes[rule.prefix.encode()] = Route(rule.prefix, rule.service, bases.get(rule.service), rule.open, usual, limits)
    return routes


def base_of(routes: dict[bytes, Route], service: str) -> str | None:
    """Where a service is; None where it is not set up."""
    return next((route.base for route in routes.values() if route.service == service), None)


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
            # `Guard` counts: in its queue nobody is overtaken, and it has an end.
            limit=0,
            limit_per_host=0,
            keepalive_timeout=settings.upstream_keep_alive,
            ttl_dns_cache=30,
            # Certificate and name of a service with https:// are checked, by our own authority where there is one.
            ssl=client_context(settings.inside_ca) or True,
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
        request_class=PassedRequest,
        timeout=aiohttp.ClientTimeout(
            total=settings.total_timeout,
            connect=None,
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
