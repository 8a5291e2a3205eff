"""Requests to providers: to the hosts that the profile names and nowhere else, short, small, and without redirects."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from gateway.domain.sign_in_profile import is_safe_address
from gateway.oidc.errors import ProviderAway, ProviderWrong

_MOST_BYTES = 512 * 1024
_OK = 200
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})


def check_address(url: Any, hosts: frozenset[str], what: str) -> str:
    """An address that may be called, or ProviderWrong: metadata of a provider must not send us to somebody else."""
    if not isinstance(url, str) or not is_safe_address(url) or urlsplit(url).netloc.lower() not in hosts:
        raise ProviderWrong(f"{what}-not-allowed")
    return url


class Transport:
    """A client of its own, that keeps no cookies; closed with the application."""

    def __init__(self, timeout: float, proxy: str | None = None) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout, sock_connect=min(timeout, 5.0))
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                cookie_jar=aiohttp.DummyCookieJar(), timeout=self._timeout, connector=aiohttp.TCPConnector(limit=50)
            )
        return self._session

    async def close(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A JSON object. Raises ProviderAway, ProviderWrong."""
        status, body = await self._send("GET", url, headers or {}, None)
        if status != _OK:
            raise ProviderWrong(f"status-{status}")
        return body

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """Send a form; status and JSON object. Raises ProviderAway, ProviderWrong."""
        return await self._send("POST", url, headers, form)

    async def _send(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> tuple[int, dict[str, Any]]:
        sent = {"Accept": "application/json", **headers}
        try:
            async with self._client().request(
                method, url, data=form, headers=sent, allow_redirects=False, proxy=self._proxy
            ) as answer:
                content = await answer.content.read(_MOST_BYTES + 1)
                while len(content) <= _MOST_BYTES and (more := await answer.content.read(_MOST_BYTES + 1 - len(content))):
                    content += more
                status = answer.status
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise ProviderAway(type(error).__name__) from None
        if status in _PASSING:
            raise ProviderAway(f"status-{status}")
        if len(content) > _MOST_BYTES:
            raise ProviderWrong("answer-too-large")
        try:
            body = orjson.loads(content)
        except orjson.JSONDecodeError:
            raise ProviderWrong(f"no-json-{status}") from None
        if not isinstance(body, dict):
            raise ProviderWrong("no-object")
        return status, body
