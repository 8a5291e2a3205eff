"""What another system does to reach an installation: credentials, retries, and every POST under a key of its own."""

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from loop_cli.servers import ServerError

PATIENCE = 60.0
"""Seconds for which one request is repeated while a process is starting again or has too much to do."""

BUSY = frozenset({0, 429, 502, 503, 504})
"""Answers (0: none at all) after which the same request is sent again."""


class DemoError(ServerError):
    """The demonstration cannot go on; the message says what was refused and what to do."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; `replayed` when the key was known and nothing was done again."""

    status: int
    body: Any
    replayed: bool = False

    @property
    def slug(self) -> str:
        """The last part of a problem's type."""
        return str(self.body.get("type", "")).rpartition(":")[2] if isinstance(self.body, dict) else ""


@dataclass
class Api:
    """One system of one organisation, with its credentials: an API key, or OAuth2 client credentials."""

    http: aiohttp.ClientSession
    url: str
    credentials: Mapping[str, str]
    use_oauth: bool = False
    repeated: int = 0
    _token: str | None = field(default=None, repr=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)

    async def post(self, path: str, body: Mapping[str, Any], *, seen: int | None = None) -> Answer:
        """Posts under a key that is a hash of the request, so that sending it again, any day, does nothing twice.

        `seen` is the revision of what is changed, where the other side asks for it.
        """
        content = json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        key = hashlib.sha256(f"POST {path}\0".encode() + content).hexdigest()
        headers = {"Idempotency-Key": key, "Content-Type": "application/json"}
        headers |= {"If-Match": f'"{seen}"'} if seen is not None else {}
        return await self._request("POST", path, content, headers)

    async def get(self, path: str, **parameters: str | int) -> Any:
        """The JSON at a path; raises DemoError for anything but success."""
        query = {name: str(value) for name, value in parameters.items()}
        answer = await self._request("GET", path, None, {}, query)
        if answer.status >= 400:  # noqa: PLR2004 - client and server errors
            raise refused("GET", path, answer)
        return answer.body

    async def pages(self, path: str, limit: int = 500) -> AsyncIterator[dict[str, Any]]:
        """Every item of a list that pages by keyset."""
        after: dict[str, str] = {}
        while True:
            page = await self.get(path, limit=limit, **after)
            for item in page["items"]:
                yield item
            if page["next"] is None:
                return
            after = {"after": page["next"]}

    async def _request(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str], query: Mapping[str, str] | None = None
    ) -> Answer:
        until = time.monotonic() + PATIENCE
        pause = 0.1
        while True:
            try:
                answer, wait = await self._once(method, path, content, headers, query)
            except (aiohttp.ClientError, TimeoutError) as error:
                answer, wait = Answer(0, {"detail": f"no answer ({type(error).__name__})"}), pause
            is_in_flight = answer.status == 409 and answer.slug == "request-in-flight"  # noqa: PLR2004 - a status of HTTP
            if answer.status not in BUSY and not is_in_flight:
                return answer
            if time.monotonic() > until:
                raise refused(method, path, answer)
            self.repeated += 1
            await asyncio.sleep(wait)
            pause = min(2.0, pause * 2)

    async def _once(
        self, method: str, path: str, content: bytes | None, headers: dict[str, str], query: Mapping[str, str] | None
    ) -> tuple[Answer, float]:
        """One try: the answer, and how long the other side asks to wait before the next."""
        sent = headers | await self._authorisation()
        async with self.http.request(method, self.url + path, data=content, headers=sent, params=query) as response:
            text = await response.read()
            is_json = response.content_type.endswith("json") and text
            body = json.loads(text) if is_json else {"detail": response.reason}
            if response.status == 401 and self.use_oauth:  # noqa: PLR2004 - a status of HTTP
                # Ended meanwhile. Another request may have fetched a new one already.
                if sent["Authorization"] == f"Bearer {self._token}":
                    self._token = None
                return Answer(503, body), 0.0
            replayed = response.headers.get("Idempotency-Replayed") == "true"
            return Answer(response.status, body, replayed), float(response.headers.get("Retry-After", "0.1"))

    async def _authorisation(self) -> dict[str, str]:
        if not self.use_oauth:
            return {"X-API-Key": self.credentials["api_key"]}
        async with self._lock:
            if self._token is None:
                self._token = await self._fetch_token()
        return {"Authorization": f"Bearer {self._token}"}

    async def _fetch_token(self) -> str:
        basic = aiohttp.encode_basic_auth(self.credentials["client_id"], self.credentials["client_secret"])
        form = {"grant_type": "client_credentials"}
        async with self.http.post(f"{self.url}/oauth2/token", data=form, headers={"Authorization": basic}) as response:
            body = await response.json(content_type=None)
            if response.status != 200:  # noqa: PLR2004 - a status of HTTP
                raise DemoError(f"The demonstration's credentials were refused at /oauth2/token: {response.status} {body}")
            return str(body["access_token"])


def refused(method: str, path: str, answer: Answer) -> DemoError:
    """A refusal in words, with the places that were wrong."""
    body = answer.body if isinstance(answer.body, dict) else {}
    places = "".join(f"\n  {each.get('pointer') or '/'}: {each.get('detail')}" for each in body.get("errors") or ())
    return DemoError(f"{method} {path} was answered {answer.status or 'not at all'}: {body.get('detail', body)}{places}")
