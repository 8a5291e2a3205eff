"""Rates: how many requests a second, and how many at once.

The generic cell rate algorithm (ITU-T I.371, "leaky bucket as a meter"): one number a key, the time at which its bucket would
be full again. A key whose time has passed is as good as unknown and is forgotten, so memory follows the traffic of the last
seconds and not the number of callers ever seen.
"""

import math
import re
from collections.abc import Awaitable, Callable
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


class SharedLimiter(Limiter):
    """A limiter that takes part in a rate which several processes keep together.

    Each counts for itself and tells the others from time to time (`gateway.access.settling`). What it has let pass and not told
    is at most its `share` of the burst: then it tells before it lets more pass. So n processes let at most n shares more pass
    at once than one would, and since what they told adds up, that is paid back: in the long run the rate is exact.
    """

    def __init__(self, rate: Rate, keys: int = 20_000) -> None:
        """As the limiter; a share is an eighth of the burst."""
        super().__init__(rate, keys)
        self.share = max(1, rate.burst // 8)
        self.step, self._burst = self._step, rate.burst
        self.together = False
        """Whether others are told; switched on and off as the place where all meet is there or not."""
        self.hurry: Callable[[], None] | None = None
        self.tell: Callable[[], Awaitable[bool]] | None = None
        self._untold: dict[bytes | str, int] = {}
        self._telling: dict[bytes | str, int] = {}

    def most(self, processes: int) -> float:
        """Seconds until a key's allowance is whole again, at most: of a burst, and of a share of each process besides."""
        return self.step * (self._burst + processes * self.share)

    def take(self, key: bytes | str, now: float) -> float:
        """Count one request, as `Limiter.take`; what passes is to be told."""
        wait = super().take(key, now)
        if not wait and self.together:
            count = self._untold[key] = self._untold.get(key, 0) + 1
            if count * 2 >= self.share and self.hurry is not None:
                self.hurry()
        return wait

    def is_due(self, key: bytes | str) -> bool:
        """Whether this key has used up its share, so that the others must be told before the next request."""
        return self.together and self._untold.get(key, 0) + self._telling.get(key, 0) >= self.share

    async def make_room(self, key: bytes | str) -> None:
        """Tell the others first, where this key's share is used up; return at once where they cannot be told."""
        while self.is_due(key) and self.tell is not None and await self.tell():
            pass

    def to_tell(self) -> dict[bytes | str, int]:
        """What passed and is not told yet; it counts as untold until `told` or `not_told`."""
        self._telling, self._untold = self._untold, {}
        return self._telling

    def told(self) -> None:
        """All of `to_tell` is known to the others."""
        self._telling = {}

    def not_told(self) -> None:
        """None of it is: it is told later."""
        for key, count in self._telling.items():
            self._untold[key] = self._untold.get(key, 0) + count
        self._telling = {}
        if len(self._untold) > self._keys:
            # Away for long, under load: the limits here hold, and what is older than this is over anyway.
            self._untold.clear()

    def hear(self, key: bytes | str, full_at: float) -> None:
        """Take over when the key's allowance is whole again, by what all have told; what is untold here comes on top."""
        full_at += self._untold.get(key, 0) * self._step
        if full_at > self._full_at.get(key, -math.inf):
            self._full_at[key] = full_at
