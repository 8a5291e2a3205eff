"""Words of one organisation that are sealed in their columns; nothing stands there for no words."""

from dataclasses import dataclass

from chassis.secrets import Secrets

CASE_NUMBER = "audit/case"
"""Purpose of the key that seals a case's own number, which auditors need to find the file."""


@dataclass(frozen=True)
class Sealing:
    """Seals and opens the words of one kind of record. Where `readable` is False nothing is opened: words come back empty."""

    secrets: Secrets
    org: str
    purpose: str
    readable: bool = True

    def seal(self, words: str) -> bytes | None:
        """For a column that may be null: no words, no value."""
        return self.seal_always(words) if words else None

    def seal_always(self, words: str) -> bytes:
        """For a column that may not be null."""
        return self.secrets.seal(self.org, self.purpose, words)

    def open(self, sealed: bytes | None) -> str:
        """The words, empty where there are none or the reader may not read them."""
        if sealed is None or not self.readable:
            return ""
        return self.secrets.open(self.org, self.purpose, bytes(sealed))
