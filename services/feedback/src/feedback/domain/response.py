"""A response: where it came from and what it is about. The answers stand beside it."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from contracts.feedback import ResponseChannel


@dataclass(frozen=True, slots=True)
class Response:
    """A submitted survey without its answers. `client`, `reference`, `fingerprint` only where staff entered it.

    `may_quote` is what the person said about their words; None is not asked, and then they are never quoted.
    """

    id: UUID
    invitation_id: UUID | None
    questionnaire: str
    version: int
    language: str
    channel: ResponseChannel
    service_area: str
    team: str | None
    about_on: date
    answered_on: date
    client: str | None = None
    reference: str | None = None
    fingerprint: bytes | None = None
    may_quote: bool | None = None
