"""Rates: how many requests a second, and how many at once.

The generic cell rate algorithm (ITU-T I.371, "leaky bucket as a meter"): one number a key, the time at which its bucket would
be full again. A key whose time has passed is as good as unknown and is forgotten, so memory follows the traffic of the last
seconds and not the number of callers ever seen.
"""

import math
import re
from dataclasses import dataclass
from typing import Self

_SLACK = 1e-9  # seconds: a sum of steps is not exact
_TEXT = re.compile(r"(\d+(?:\.\d+)?)/(\d+)")


@dataclass(frozen=True)
class Rate:
    """So many requests a second in the long run, and `burst` at once."""

    per_second: float
    burst: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `500/1000` (a second / at once). Raises ValueError."""
        found = _TEXT.fullmatch(text)
        if found is None or float(found[1]) <= 0 or int(found[2]) < 1:
            raise ValueError("expected requests a second, a slash and how many at once, like 500/1000")
        return cls(float(found[1]), int(found[2]))


class Limiter:
    """One rate for many keys. Times are seconds of any steady clock."""

    def __init__(self, rate: Rate, keys: int = 20_000) -> None:
        """Keep at most `keys` keys; beyond that the longest known are forgotten, in favour of the caller."""
        self._step = 1.0 / rate.per_second
        self._depth = self._step * (rate.burst - 1)
        self._keys = keys
        self._full_at: dict[bytes | str, float] = {}

    def take(self, key: bytes | str, now: float) -> float:
        """Count one request. Returns 0.0 when it may pass, else the seconds after which the next one may."""
        full_at = self._full_at.get(key, now)
        full_at = max(full_at, now)
        over = full_at - now - self._depth
        if over > _SLACK:
            return over
        if len(self._full_at) >= self._keys and key not in self._full_at:
            self._forget(now)
        self._full_at[key] = full_at + self._step
        return 0.0

    def wait(self, key: bytes | str, now: float) -> float:
        """Tell how long the key would have to wait, without counting anything."""
        full_at = self._full_at.get(key)
        return 0.0 if full_at is None else max(0.0, full_at - now - self._depth)

    def _forget(self, now: float) -> None:
        self._full_at = {key: full_at for key, full_at in self._full_at.items() if full_at > now}
        # All are busy: let a tenth go, so that this walk is rare.
        while len(self._full_at) > self._keys * 9 // 10:
            del self._full_at[next(iter(self._full_at))]

    def __len__(self) -> int:
        """How many keys are remembered."""
        return len(self._full_at)


def retry_after(seconds: float) -> int:
    """Whole seconds for the header Retry-After (RFC 9110, 10.2.3), at least one."""
    return max(1, math.ceil(seconds))
