"""An operator in a browser: a code that the command line shows, and the short session that it begins (ADR 0040)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.domain.operator_keys import FIRST, subject_of

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without what is read as something else: 0 and O, 1 and I."""
_GROUPS, _EACH = 5, 4

CODE_GOOD_FOR = timedelta(minutes=2)
LONGEST = timedelta(hours=2)
IDLE = timedelta(minutes=15)
"""As for whoever looks after everything (ASVS 7.3.1): a browser that is left open is closed soon."""


@dataclass(frozen=True)
class OperatorSession:
    """A session of an operator. `name` is empty for the key that the installation began with."""

    session_hash: str
    key_id: str | None
    name: str
    ends_at: datetime

    @property
    def subject(self) -> str:
        """Who the trail and the logs say it was."""
        return subject_of(self.name) if self.name else FIRST


def new_code() -> str:
    """100 random bits, in groups that can be typed."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_EACH)) for _ in range(_GROUPS))


def tidied(typed: str) -> str:
    """A code as it was made, however it was typed; empty where it can be none."""
    plain = "".join(each for each in typed.upper() if each not in "- \t")
    if len(plain) != _GROUPS * _EACH or not set(plain) <= set(_ALPHABET):
        return ""
    return "-".join(plain[place : place + _EACH] for place in range(0, len(plain), _EACH))


def end_of_session(now: datetime, credential_ends: datetime | None) -> datetime:
    """When a session ends at the latest: never after the pass or the key that it came from."""
    return min(now + LONGEST, credential_ends or now + LONGEST)
