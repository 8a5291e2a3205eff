"""The audit service's staff directory as reporting reads it: it believes a signed identity with the scope, and nothing else."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from chassis.identity import HEADER, InvalidTokenError, TokenVerifier
from chassis.testing.fixtures import Keys
from reporting.adapters.staff_directory import StaffDirectory


@dataclass
class Directory:
    """Who works here; `away` while nobody answers. `asked` is how often it was, `meanwhile` what is done before it answers."""

    keys: Keys
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    away: bool = False
    asked: int = 0
    meanwhile: Callable[[], Awaitable[None]] | None = None

    def has(self, code: str, name: str, email: str | None = None, *, active: bool = True) -> None:
        """Somebody of the directory."""
        self.people[code] = {"code": code, "name": name, "email": email, "active": active, "team": None, "duties": ["auditor"]}

    def read(self, clock: Callable[[], float] | None = None) -> StaffDirectory:
        """How reporting reads it; without a clock nothing is kept between two readings."""
        steps = iter(range(0, 10_000_000, 100))
        signer, transport = self.keys.service_signer, httpx.MockTransport(self._answer)
        return StaffDirectory("http://audit", signer, transport, clock=clock or (lambda: float(next(steps))))

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.away:
            raise httpx.ConnectError("nobody is there")
        try:
            verifier = TokenVerifier.from_file("audit", self.keys.folder / "identity-keys.json")
            identity = verifier.verify(request.headers.get(HEADER))
        except InvalidTokenError:
            return httpx.Response(401)
        if "audit:people:read" not in identity.grants or request.url.path != "/audit/v1/people":
            return httpx.Response(403)
        codes = sorted(self.people)
        after = request.url.params.get("after", "")
        page = [code for code in codes if code > after][:2]
        more = page[-1] if page and page[-1] != codes[-1] else None
        return httpx.Response(200, json={"items": [self.people[code] for code in page], "next": more})
