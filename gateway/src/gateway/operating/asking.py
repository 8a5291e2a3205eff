"""Asks every process of the services what it tells of itself, all at once, as the operator who is looking.

Who is away shows as away, and keeps nobody waiting for longer than `SECONDS`. Of a service's schema nothing is read here.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

import aiohttp
import orjson
from pydantic import BaseModel, ValidationError

from chassis.errors import DomainError, Kind, not_found
from chassis.identity import HEADER, LEEWAY
from chassis.operating import PATH, Operating, Told
from chassis.operating.told import DeadLetter, DeadLetters, Part, Redrive
from gateway.access.identities import Identities
from gateway.domain.principals import Principal
from gateway.proxy.upstreams import base_of
from gateway.settings import SERVICES
from gateway.web.parts import Parts

CONSUMING = ("reporting", "gateway")
"""Whose workers consume events."""
SECONDS = 4.0
"""For one process: longer than any look of its own takes (`chassis.operating.answering.SECONDS`)."""

NOT_SET = "its address is not set"
"""Why a process is not asked that somebody left out on purpose, or an older installation does not name."""

_OK, _GONE, _WRONG = 200, 404, 422
_CLOCKS = b":problem:clocks-differ"
_MOST = 4 * 1024 * 1024
Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True)
class Process:
    """A process as it was found. `told` is None where it did not tell, and `why` says how that was."""

    service: str
    part: Part
    told: Told | None = None
    why: str = ""

    away: bool = False
    """Nobody answered at all."""

    @property
    def name(self) -> str:
        """How people call it."""
        return self.service.capitalize() + (" worker" if self.part == "worker" else "")


class Processes:
    """What one operator asks."""

    def __init__(self, parts: Parts, identities: Identities, operator: Principal, own: Operating) -> None:
        """`own` tells of this process, which needs not ask itself."""
        self._parts = parts
        self._identities = identities
        self._operator = operator
        self._own = own

    async def all(self) -> list[Process]:
        """Every process of the installation that is set up."""
        asked = [(service, part) for service in (*SERVICES, "gateway") for part in ("web", "worker")]
        return list(await asyncio.gather(*(self._process(service, part) for service, part in asked)))  # type: ignore[arg-type]

    async def _process(self, service: str, part: Part) -> Process:
        if (service, part) == ("gateway", "web"):
            return Process(service, part, await self._own.told())
        base = self._base(service, part)
        if base is None:
            return Process(service, part, why=NOT_SET)
        try:
            status, body = await self._ask("GET", base, service, "")
            if status == _OK:
                return Process(service, part, Told.model_validate_json(body))
            why = f"answers {status}: it may be older than this page"
            if _CLOCKS in body:
                why = f"its clock and this machine's differ by more than {LEEWAY} seconds: let both keep time by NTP"
        except TimeoutError:
            return Process(service, part, why="did not answer in time", away=True)
        except ValidationError:
            why = "tells what this page does not understand"
        except (aiohttp.ClientError, OSError):
            return Process(service, part, why="cannot be reached", away=True)
        return Process(service, part, why=why)

    def _base(self, service: str, part: Part) -> str | None:
        if part == "worker":
            return self._parts.settings.workers.get(service)
        return base_of(self._parts.routes, service)

    async def dead_letters(self, service: str, after: str | None) -> DeadLetters:
        """A page of the dead letters of a consumer that wait. Raises DomainError."""
        query = {"consumer": service, **({"after": after} if after else {})}
        return await self._told("GET", service, "/dead-letters", DeadLetters, query=query)

    async def dead_letter(self, service: str, ident: UUID) -> DeadLetter:
        """One of them, with its envelope. Raises DomainError."""
        return await self._told("GET", service, f"/dead-letters/{ident}", DeadLetter)

    async def redrive(self, service: str, ident: UUID, letters: list[UUID]) -> Redrive:
        """Have some applied again; the same identifier again changes nothing. Raises DomainError."""
        body = orjson.dumps({"consumer": service, "letters": letters})
        return await self._told("PUT", service, f"/redrives/{ident}", Redrive, body)

    async def became(self, service: str, ident: UUID) -> Redrive:
        """What became of that. Raises DomainError."""
        return await self._told("GET", service, f"/redrives/{ident}", Redrive)

    async def _told(
        self,
        method: str,
        service: str,
        path: str,
        shape: type[Answer],
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        base = self._base(service, "worker") if service in CONSUMING else None
        if base is None:
            raise not_found("consumer")
        try:
            status, found = await self._ask(method, base, service, path, body, query)
        except (aiohttp.ClientError, OSError, TimeoutError):
            raise _away(service) from None
        if status == _GONE:
            raise not_found("dead letter")
        if status == _WRONG:
            raise DomainError("malformed-question", "Go back to the list, and begin there again.", Kind.MALFORMED)
        if status != _OK:
            raise _away(service)
        try:
            return shape.model_validate_json(found)
        except ValidationError:
            raise _away(service) from None

    async def _ask(
        self, method: str, base: str, service: str, path: str, body: bytes = b"", query: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:  # fmt: skip
        headers: Any = self._parts.plain_headers(base)
        headers[HEADER] = self._identities.token(self._operator, service)
        if body:
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(body))
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        asked = self._parts.client().request(
            method,
            f"{base}{PATH}{path}",
            params=query,
            data=body or None,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
        )
        async with asked as answer:
            if (answer.content_length or 0) > _MOST:
                raise aiohttp.ClientPayloadError
            return answer.status, await answer.read()


def _away(service: str) -> DomainError:
    detail = f"The worker of {service} does not answer. Nothing was changed that you do not see; try again in a minute."
    return DomainError("worker-away", detail, Kind.UNAVAILABLE)
