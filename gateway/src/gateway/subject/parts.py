"""The parts of a request: asks each service for its own, as the officer who is signed in, and joins their packages.

Each service decides by itself what the officer may do, and encrypts its package before it leaves; here they are passed on.
"""

import asyncio
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

import aiohttp
import orjson

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import HEADER
from chassis.subject.joining import Joined, join
from gateway.access.identities import Identities
from gateway.domain.principals import Principal
from gateway.proxy.upstreams import base_of
from gateway.settings import SERVICES
from gateway.web.parts import Parts

NAMES: Mapping[str, str] = {
    "audit": "Audits, disputes and good practice",
    "feedback": "Surveys, worries, contact requests, calls and outcome stars",
    "complaints": "Complaints, compliments and what came in",
    "reporting": "Reports, figures and improvement plans",
    "gateway": "Sign-ins, and what administrators did with access",
}
NOT_SEARCHED = ("Backups", "Logs of the operator", "Files that somebody saved", "Mails of the last days")
NOT_OPENED = "the request was not opened there, so nothing of it is here"
_QUICK = aiohttp.ClientTimeout(total=15)
_SLOW = aiohttp.ClientTimeout(total=None, sock_read=300)
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands in one service; `away`: it could not be asked, `id` None: not opened there."""

    service: str
    id: str | None = None
    records: int = 0
    entitlement: str = ""
    received_on: date | None = None
    due_on: date | None = None
    outcome: str | None = None
    away: bool = False


class PartsOfRequest:
    """What one officer asks of the services."""

    def __init__(self, parts: Parts, identities: Identities, person: Principal) -> None:
        self._parts = parts
        self._identities = identities
        self._person = person

    async def standing(self, reference: str) -> list[Standing]:
        """How a request stands in each."""
        return list(await asyncio.gather(*(self._standing(service, reference) for service in SERVICES)))

    async def _standing(self, service: str, reference: str) -> Standing:
        try:
            status, found = await self._call("GET", service, f"requests/{reference}")
        except (aiohttp.ClientError, OSError, ValueError):
            return Standing(service, away=True)
        if status == 404:  # noqa: PLR2004 - a status of HTTP
            return Standing(service)
        if status != 200:  # noqa: PLR2004 - a status of HTTP
            return Standing(service, away=True)
        return Standing(
            service, found["id"], found["records"], found["entitlement"], date.fromisoformat(found["received_on"]),
            date.fromisoformat(found["due_on"]), found["outcome"],
        )  # fmt: skip

    async def open(self, reference: str, body: Mapping[str, Any]) -> None:
        """Open a request in every service, again the same. Raises `DomainError` with what one says, or which is away."""
        for service in SERVICES:
            try:
                status, found = await self._call("PUT", service, f"requests/{reference}", body)
            except (aiohttp.ClientError, OSError, ValueError):
                detail = f"{NAMES[service]}: it does not answer. What was opened before it stays; send this again in a minute."
                raise DomainError("part-away", detail) from None
            if status != 200:  # noqa: PLR2004 - a status of HTTP
                errors = tuple(FieldError(each["pointer"], each["detail"]) for each in found.get("errors", ()))
                raise DomainError("part-refused", f"{NAMES[service]}: {found.get('detail', status)}", Kind.MALFORMED, errors)

    async def packages(self, reference: str, passphrase: str, into: ExitStack) -> dict[str, IO[bytes] | None]:
        """The package of each service in a file of its own, None where the request was not opened. Raises `DomainError`."""
        return {service: await self._package(service, reference, passphrase, into) for service in SERVICES}

    async def _package(self, service: str, reference: str, passphrase: str, into: ExitStack) -> IO[bytes] | None:
        body = orjson.dumps({"passphrase": passphrase})
        path = f"requests/{reference}/package"
        try:
            async with self._asked("POST", service, path, body, _SLOW) as answer:
                if answer.status == 404:  # noqa: PLR2004 - a status of HTTP
                    return None
                if answer.status != 200:  # noqa: PLR2004 - a status of HTTP
                    raise _away(service)
                file = into.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - its stack closes it
                async for piece in answer.content.iter_chunked(_PIECE):
                    await asyncio.to_thread(file.write, piece)
                return file
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise _away(service) from None

    async def _call(self, method: str, service: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        content = orjson.dumps(body) if body is not None else b""
        async with self._asked(method, service, path, content, _QUICK) as answer:
            return answer.status, orjson.loads(await answer.read())

    def _asked(self, method: str, service: str, path: str, body: bytes, timeout: aiohttp.ClientTimeout) -> Any:
        base = base_of(self._parts.routes, service)
        if base is None:
            raise aiohttp.ClientConnectionError(service)
        headers = self._parts.plain_headers(base)
        headers[HEADER] = self._identities.token(self._person, service)
        if body:
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(body))
        url = f"{base}/{service}/v1/subject/{path}"
        return self._parts.client().request(method, url, data=body or None, headers=headers, timeout=timeout)


def _away(service: str) -> DomainError:
    detail = f"{NAMES[service]}: it does not answer, so no package was made. Nothing was lost; try again in a minute."
    return DomainError("part-away", detail, Kind.UNAVAILABLE)


def joined(about: Joined, passphrase: str, packages: Mapping[str, IO[bytes] | None], closing: ExitStack) -> Iterator[bytes]:
    """One package of all; the files are gone afterwards, also when the reader went away."""
    with closing:
        yield from join(about, passphrase, {name: file for name, file in packages.items() if file is not None})
