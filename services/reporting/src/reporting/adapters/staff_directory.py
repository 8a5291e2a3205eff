"""The staff directory, read from the audit service, which keeps it, in this service's own name.

Reporting keeps nothing of it but the code of whoever was chosen and the name under which they were: addresses are asked for
when a mail is. What was read is used for a minute, so that a page does not wait for another service each time it is opened; nor
does it wait again and again for one that did not answer. It is asked while no transaction is open, since it may take seconds.
"""

import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis import tracing
from chassis.errors import DomainError, Kind
from chassis.identity import HEADER, Identity, TokenSigner

log = structlog.get_logger(__name__)

READER, SCOPE = "reporting", "audit:people:read"
_SECONDS = httpx.Timeout(5.0, connect=2.0)
_PAGE = 1000
MOST_PAGES = 20
KEPT_SECONDS = 60.0
AWAY_SECONDS = 15.0
"""How long nobody asks again after it did not answer."""


class Member(BaseModel):
    """Somebody of the directory, as far as plans need them; what it adds one day is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    code: str
    name: str = Field(repr=False)
    email: str | None = Field(default=None, repr=False)
    active: bool = True


@dataclass(frozen=True)
class Seen:
    """What was found when the directory was asked: everybody by code, or why not."""

    there: Mapping[str, Member] | None = field(repr=False)
    why_not: DomainError | None = None

    @property
    def members(self) -> Mapping[str, Member]:
        """Everybody. Raises DomainError as `StaffDirectory.members`."""
        if self.there is None:
            raise self.why_not or _away()
        return self.there


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
        self._away: dict[str, float] = {}

    async def members(self, org: str) -> Mapping[str, Member]:
        """Everybody of an organisation by code, also those who have left. Ask while no transaction is open.

        Raises DomainError `directory-not-set-up` and `directory-away` (unavailable).
        """
        now = self._clock()
        at, known = self._read.get(org, (0.0, None))
        if known is not None and now - at < KEPT_SECONDS:
            return known
        if (since := self._away.get(org)) is not None and now - since < AWAY_SECONDS:
            raise _away()
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
            self._away[org] = self._clock()
            raise _away() from None
        self._away.pop(org, None)
        self._read[org] = (self._clock(), found)
        return found

    async def seen(self, org: str) -> Seen:
        """The same for a page that may do without; raises nothing."""
        try:
            return Seen(await self.members(org))
        except DomainError as error:
            return Seen(None, error)

    async def _pages(self, signer: TokenSigner, identity: Identity) -> Mapping[str, Member]:
        found: dict[str, Member] = {}
        after: str | None = None
        async with httpx.AsyncClient(timeout=_SECONDS, transport=self._transport, verify=self._tls or True) as http:
            for _ in range(MOST_PAGES):
                query: dict[str, str | int] = {"limit": _PAGE, **({"after": after} if after else {})}
                with tracing.call("read people") as traced:
                    headers = {HEADER: signer.sign(identity, "audit"), **traced}
                    answer = await http.get(f"{self._url}/audit/v1/people", params=query, headers=headers)
                answer.raise_for_status()
                page = _Page.model_validate_json(answer.content)
                found |= {each.code: each for each in page.items}
                after = page.next
                if after is None:
                    break
        return found


def _away() -> DomainError:
    detail = "The staff directory cannot be reached just now. Nothing was lost or changed. Try again in a few minutes."
    return DomainError("directory-away", detail, Kind.UNAVAILABLE)
