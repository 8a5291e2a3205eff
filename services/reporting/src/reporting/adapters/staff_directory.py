"""The staff directory, read from the audit service, which keeps it, in this service's own name.

Reporting keeps nothing of it but the code of whoever was chosen and the name under which they were: addresses are asked for
when a mail is. What was read is used for a minute, so that a page does not wait for another service each time it is opened.
"""

import ssl
import time
from collections.abc import Callable, Mapping

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis.errors import DomainError, Kind
from chassis.identity import HEADER, Identity, TokenSigner

log = structlog.get_logger(__name__)

READER, SCOPE = "reporting", "audit:people:read"
_SECONDS = httpx.Timeout(5.0, connect=2.0)
_PAGE = 1000
MOST_PAGES = 20
KEPT_SECONDS = 60.0


class Member(BaseModel):
    """Somebody of the directory, as far as plans need them; what it adds one day is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    name: str = Field(repr=False)
    email: str | None = Field(default=None, repr=False)
    active: bool = True


class _Page(BaseModel):
    model_config = ConfigDict(extra="ignore")

    items: tuple[Member, ...]
    next: str | None = None


class StaffDirectory:
    """Reads the directory over HTTP; `url` is the audit service's own address, empty where it is not known."""

    def __init__(
        self,
        url: str,
        signer: TokenSigner | None,
        transport: httpx.AsyncBaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._url = url.rstrip("/")
        self._signer = signer
        self._transport = transport
        self._tls = tls
        self._clock = clock
        self._read: dict[str, tuple[float, Mapping[str, Member]]] = {}

    async def members(self, org: str) -> Mapping[str, Member]:
        """Everybody of an organisation by code, also those who have left.

        Raises DomainError `directory-not-set-up` and `directory-away` (unavailable).
        """
        at, known = self._read.get(org, (0.0, None))
        if known is not None and self._clock() - at < KEPT_SECONDS:
            return known
        if not self._url or self._signer is None:
            detail = (
                "This installation does not say where reporting finds the staff directory (LOOP_AUDIT_URL, LOOP_SIGNING_KEY)."
            )
            raise DomainError("directory-not-set-up", detail, Kind.UNAVAILABLE)
        identity = Identity(org, f"service:{READER}", "service", frozenset({SCOPE}), frozenset())
        try:
            found = await self._pages(self._signer, identity)
        except (httpx.HTTPError, ValidationError) as error:
            # The reason alone: an answer has names.
            status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else None
            log.warning("directory.away", reason=type(error).__name__, status=status)
            detail = "The staff directory cannot be reached just now. Nothing was lost or changed. Try again in a few minutes."
            raise DomainError("directory-away", detail, Kind.UNAVAILABLE) from None
        self._read[org] = (self._clock(), found)
        return found

    async def members_if_there(self, org: str) -> Mapping[str, Member] | None:
        """The same for a page that can do without: None where it cannot be read now."""
        try:
            return await self.members(org)
        except DomainError:
            return None

    async def _pages(self, signer: TokenSigner, identity: Identity) -> Mapping[str, Member]:
        found: dict[str, Member] = {}
        after: str | None = None
        async with httpx.AsyncClient(timeout=_SECONDS, transport=self._transport, verify=self._tls or True) as http:
            for _ in range(MOST_PAGES):
                query: dict[str, str | int] = {"limit": _PAGE, **({"after": after} if after else {})}
                headers = {HEADER: signer.sign(identity, "audit")}
                answer = await http.get(f"{self._url}/audit/v1/people", params=query, headers=headers)
                answer.raise_for_status()
                page = _Page.model_validate_json(answer.content)
                found |= {each.code: each for each in page.items}
                after = page.next
                if after is None:
                    break
        return found
