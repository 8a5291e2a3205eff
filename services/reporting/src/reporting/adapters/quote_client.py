"""Approved quotes, fetched from the feedback service in this service's own name.

Their words are kept nowhere else here than in versions of reports, sealed.
"""

import ssl
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

import httpx
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from chassis import tracing
from chassis.errors import DomainError, Kind
from chassis.identity import HEADER, Identity, TokenSigner

log = structlog.get_logger(__name__)

READER = "reporting"
SCOPE = "feedback:quotes:read"
_SECONDS = httpx.Timeout(5.0, connect=2.0)


class ApprovedQuote(BaseModel):
    """A quote as the feedback service hands it out; what it adds one day is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    quote_id: UUID
    version: int
    words: str = Field(repr=False)
    language: str = "en"
    questionnaire: str
    question: str
    service_area: str
    themes: tuple[str, ...] = ()
    released_on: date


class _Page(BaseModel):
    model_config = ConfigDict(extra="ignore")

    items: tuple[ApprovedQuote, ...]
    next: str | None = None


@dataclass(frozen=True)
class QuoteFilter:
    """Which quotes; empty for all."""

    questionnaire: str = ""
    theme: str = ""
    service_area: str = ""
    quotes: Collection[UUID] = field(default_factory=tuple)


class QuoteClient:
    """Reads approved quotes over HTTP; `url` is the feedback service's own address, empty where it is not known."""

    def __init__(
        self,
        url: str,
        signer: TokenSigner | None,
        transport: httpx.AsyncBaseTransport | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._signer = signer
        self._transport = transport
        self._tls = tls

    async def read(
        self, org: str, areas: Collection[str], wanted: QuoteFilter, after: str = ""
    ) -> tuple[tuple[ApprovedQuote, ...], str | None]:
        """A page of quotes that may be used now, for an organisation and a reader's service areas; and the next cursor.

        Raises DomainError `quotes-not-set-up` and `feedback-away` (unavailable).
        """
        if not self._url or self._signer is None:
            detail = (
                "This installation does not say where reporting finds the feedback service (LOOP_FEEDBACK_URL and "
                "LOOP_SIGNING_KEY). Ask whoever runs it. Nothing was lost, and a report without quotes can be issued."
            )
            raise DomainError("quotes-not-set-up", detail, Kind.UNAVAILABLE)
        identity = Identity(org, f"service:{READER}", "service", frozenset({SCOPE}), frozenset(areas))
        query: list[tuple[str, str | int | float | bool | None]] = [
            (name, value)
            for name, value in (
                ("questionnaire", wanted.questionnaire),
                ("theme", wanted.theme),
                ("service_area", wanted.service_area),
                ("after", after),
                *(("quote", str(each)) for each in wanted.quotes),
            )
            if value
        ]
        try:
            async with httpx.AsyncClient(timeout=_SECONDS, transport=self._transport, verify=self._tls or True) as http:
                with tracing.call("read quotes") as traced:
                    headers = {HEADER: self._signer.sign(identity, "feedback"), **traced}
                    answer = await http.get(f"{self._url}/feedback/v1/quotes", params=query, headers=headers)
            answer.raise_for_status()
            page = _Page.model_validate_json(answer.content)
        except (httpx.HTTPError, ValidationError) as error:
            # The reason alone: an answer may hold words of a family.
            status = error.response.status_code if isinstance(error, httpx.HTTPStatusError) else None
            log.warning("quotes.away", reason=type(error).__name__, status=status)
            detail = (
                "The feedback service, which holds the quotes, cannot be reached just now. Nothing was lost or changed: your "
                "texts and your choice of quotes are kept. Try again in a few minutes."
            )
            raise DomainError("feedback-away", detail, Kind.UNAVAILABLE) from None
        return page.items, page.next
