"""What can go wrong between us and a provider. The words are for logs: codes, never what was received."""

from dataclasses import dataclass


@dataclass(eq=False)
class ProviderAway(Exception):
    """The provider does not answer, or says that it cannot just now. `reason` is a code."""

    reason: str


@dataclass(eq=False)
class ProviderWrong(Exception):
    """The provider answers something that may not be used, or does not know us: somebody has to set it right."""

    reason: str


@dataclass(eq=False)
class TokenRefused(Exception):
    """A token that proves nothing; `reason` says which check it failed."""

    reason: str
