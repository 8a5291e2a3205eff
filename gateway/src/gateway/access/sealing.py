"""What the gateway keeps sealed of people who sign in: their name, and what an attempt must come back with.

The key is the gateway's own (`LOOP_SESSION_KEY_FILE`), not the services': who faces the outside need not be able to open what
they keep.
"""

from dataclasses import replace

from chassis.secrets import SealError, Secrets
from gateway.adapters.sessions import Session

LABEL = "session-label"
"""The purpose under which a name is sealed."""
_ATTEMPT = "sign-in-attempt"


class Sealing:
    """Seals and opens, for one organisation at a time, and makes keyed pseudonyms."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets

    @property
    def secrets(self) -> Secrets:
        """The gateway's own, for what opens many values at once."""
        return self._secrets

    def label(self, org: str, name: str) -> bytes:
        """A name for its column."""
        return self._secrets.seal(org, LABEL, name)

    def attempt(self, org: str, content: bytes, state_hash: str) -> bytes:
        """What an attempt must come back with, bound to its state."""
        return self._secrets.seal_bytes(org, _ATTEMPT, content, state_hash)

    def open_attempt(self, org: str, sealed: bytes, state_hash: str) -> bytes | None:
        """The content of an attempt, or None for another key."""
        try:
            return self._secrets.open_bytes(org, _ATTEMPT, sealed, state_hash)
        except SealError:
            return None

    def named(self, session: Session) -> Session | None:
        """A session with its name in clear; None where the key was changed since: the person signs in again."""
        if session.at_provider is None:
            return session
        try:
            return replace(session, label=self._secrets.open(session.org, LABEL, session.at_provider.label_sealed))
        except SealError:
            return None

    def subject(self, org: str, provider: str, value: str) -> str:
        """The pseudonym under which services know somebody whose claim holds a name or an address."""
        return self._secrets.pseudonym(org, f"staff-subject/{provider}", value)

    def at_provider(self, org: str, provider: str, value: str) -> str:
        """The pseudonym of what a provider calls a person or a session."""
        return self._secrets.pseudonym(org, f"provider/{provider}", value)
