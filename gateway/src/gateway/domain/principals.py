"""Who came in, as the gateway sees them, before an identity is signed for a service."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chassis.identity import Identity


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller with the right to be passed on.

    `subject` is stable for as long as the credential is; `rate_key` is what the caller's requests are counted by; `key` tells
    apart everything that changes the signed identity.
    """

    kind: Literal["staff", "client", "anonymous", "operator"]
    subject: str
    org: str | None = None
    grants: frozenset[str] = field(default_factory=frozenset)
    areas: frozenset[str] = field(default_factory=frozenset)
    label: str = ""
    rate_key: str = ""
    ends: datetime | None = field(default=None, compare=False)
    """When the credential ends that was shown; it changes nothing of the identity."""

    def identity(self) -> Identity:
        """The identity that services are told."""
        return Identity(
            org=self.org, subject=self.subject, kind=self.kind, grants=self.grants, areas=self.areas, label=self.label
        )


ANONYMOUS = Principal("anonymous", "anonymous")
"""Somebody with a survey link. All are alike to the gateway: what they may see, the link alone says."""


@dataclass(frozen=True)
class Client:
    """An API client of an organisation."""

    org: str
    client_id: str
    name: str
    scopes: frozenset[str]
    areas: frozenset[str]
    disabled: bool
    networks: tuple[str, ...] = ()
    revision: int = 1

    def principal(self, scopes: frozenset[str] | None = None, ends: datetime | None = None) -> Principal:
        """Who this client is with all of its scopes, or with those of an access token as far as it still has them."""
        grants = self.scopes if scopes is None else self.scopes & scopes
        return Principal("client", self.client_id, self.org, grants, self.areas, self.name, f"client {self.client_id}", ends)
