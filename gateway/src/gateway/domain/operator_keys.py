"""Keys of operators: whose each is, and until when it counts."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.secrets import new_secret

PREFIX = "llo_"
"""What a key begins with, so that one that leaked can be found and no client's key is taken for one."""

USUAL = timedelta(days=90)
LONGEST_DAYS = 366
LONGEST_OVERLAP = 14
"""Days that an old key may work beside the new one."""

FIRST = "operator"
"""Subject of who comes with the key of the setting `LOOP_OPERATOR_KEY_FILE`."""


@dataclass(frozen=True)
class OperatorKey:
    """A key of an operator, without what proves it."""

    id: str
    name: str
    created_at: datetime
    created_by: str
    expires_at: datetime
    last_used_at: datetime | None = None
    ended_at: datetime | None = None
    second_factor: bool = False
    """Whether it wants a pass beside it: somebody has shown a first code."""

    def is_good(self, now: datetime) -> bool:
        """Whether it counts."""
        return self.ended_at is None and self.expires_at > now

    @property
    def subject(self) -> str:
        """Who the trail and the logs say it was."""
        return subject_of(self.name)


def subject_of(name: str) -> str:
    """The subject of an operator with this name."""
    return f"{FIRST}:{name}"


def new_operator_key() -> str:
    """256 random bits behind the prefix."""
    return new_secret(PREFIX)


def is_operator_key(value: bytes) -> bool:
    """Whether a bearer token is to be looked up among operators' keys."""
    return value.startswith(PREFIX.encode())
