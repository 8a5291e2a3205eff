"""Credentials of an API client: of which kind, how long they hold, and how they stand today."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal

from chassis.errors import DomainError, FieldError, Kind

CredentialKind = Literal["api-key", "client-secret", "public-key", "certificate"]
State = Literal["in use", "ends soon", "expired", "revoked"]

KINDS: dict[CredentialKind, str] = {
    "api-key": "API key",
    "client-secret": "Client secret",
    "public-key": "Public key",
    "certificate": "Certificate",
}
WARNED = timedelta(days=30)
"""How long before its end a credential is shown as ending."""

OVERLAP = timedelta(days=7)
"""How long an old credential goes on beside the one that follows it, where nobody says otherwise."""

MOST_OVERLAP_DAYS = 90
MOST_IN_USE = 10
"""Credentials of a client that are in use at once: enough for two of each kind and a rotation."""

REASONS: dict[str, str] = {
    "wrong": "the secret was wrong",
    "expired": "the credential had expired",
    "revoked": "the credential was revoked",
    "disabled": "the client is disabled",
    "network": "it came from a network that is not on the list",
    "assertion": "the signed assertion was not valid",
    "replayed": "the signed assertion had been used before",
}
"""Why somebody was refused: the caller is never told, the owner is."""


@dataclass(frozen=True)
class Credential:
    """One credential. `mark` is what its holder knows it by: a key id, a thumbprint, a subject."""

    id: str
    org: str
    client_id: str
    kind: CredentialKind
    name: str
    mark: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    last_used_on: date | None = None
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> State:
        """How it stands at a moment."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expires_at is None or self.expires_at > now + WARNED:
            return "in use"
        return "ends soon" if self.expires_at > now else "expired"

    def is_good(self, now: datetime) -> bool:
        """Whether it lets its holder in."""
        return self.state(now) in {"in use", "ends soon"}


def end_of(day: date) -> datetime:
    """The moment at which a credential that is good on `day` ends: midnight after it, in UTC."""
    return datetime.combine(day + timedelta(days=1), datetime.min.time(), UTC)


def check_expiry(expires_on: date | None, now: datetime) -> datetime | None:
    """The end of a credential that is good up to and on a day. Raises DomainError for a day that is over."""
    if expires_on is None:
        return None
    if expires_on < now.date() or expires_on > now.date() + timedelta(days=3660):
        detail = "The last day must be today or later, and within ten years. Leave it out for a credential without an end."
        raise DomainError("expiry-out-of-range", detail, Kind.MALFORMED, (FieldError("/expires_on", detail),))
    return end_of(expires_on)


def overlap_end(old: Credential, overlap_days: int, now: datetime) -> datetime | None:
    """When an old credential ends that another one follows; None when it is to end at once.

    Never later than it would have ended anyhow. Raises DomainError for a number of days out of range.
    """
    if not 0 <= overlap_days <= MOST_OVERLAP_DAYS:
        detail = f"The old one may go on for 0 to {MOST_OVERLAP_DAYS} days."
        raise DomainError("overlap-out-of-range", detail, Kind.MALFORMED, (FieldError("/overlap_days", detail),))
    if overlap_days == 0:
        return None
    end = now + timedelta(days=overlap_days)
    return end if old.expires_at is None else min(end, old.expires_at)
