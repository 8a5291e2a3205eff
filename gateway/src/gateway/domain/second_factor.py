"""The second factor of operators: codes of an authenticator (RFC 6238), and the pass that a right one gives for some hours."""

from datetime import datetime, timedelta
from typing import Literal

from gateway.domain.secrets import new_secret

Lack = Literal["", "second-factor", "enrol", "first"]
"""What an operator's key lacks: a pass that counts, a second factor at all, or a name (it is the installation's first key)."""

PASS_PREFIX = "llp_"  # noqa: S105 - what passes begin with
BESIDE = b"~"
"""Between a key and its pass, in one bearer token (RFC 6750 allows it): neither is of use without the other."""

PASS_HOURS = timedelta(hours=8)
STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
"""160 bits, as RFC 4226 (4, R6) recommends."""

FREE_TRIES = 5
_LONGEST_WAIT = 3600


def new_pass() -> str:
    """256 random bits behind the prefix."""
    return new_secret(PASS_PREFIX)


def parts_of(value: bytes) -> tuple[bytes, bytes]:
    """The key and the pass beside it, which may be empty."""
    key, _, beside = value.partition(BESIDE)
    return key, beside


def steps_at(moment: datetime) -> tuple[int, ...]:
    """The steps whose codes are taken now: the one before and the one after too, since clocks differ."""
    now = int(moment.timestamp()) // STEP_SECONDS
    return now - 1, now, now + 1


def wait_after(wrong: int, last: datetime | None, now: datetime) -> timedelta:
    """How long no code of a key is taken: after five wrong ones half a minute, twice as long after each more, up to an hour."""
    if last is None or wrong < FREE_TRIES:
        return timedelta()
    seconds = min(30 << min(wrong - FREE_TRIES, 10), _LONGEST_WAIT)
    return max(last + timedelta(seconds=seconds) - now, timedelta())
