"""A circuit breaker (Nygard, "Release It!"): a service that does not answer is left in peace, and asked again now and then."""

from typing import Literal

WINDOW = 60.0
"""Seconds within which failures count as one after another."""

LONGEST = 30.0
"""Seconds after which the service is asked again at the latest."""


class Breaker:
    """Closed: all pass. Open: none. Half open: one may try, and what becomes of it decides.

    Only what says that the service is not there counts as failure: no connection, or no answer in time. Whatever it answers,
    500 too, says that it is there. Times are seconds of any steady clock.
    """

    __slots__ = ("_failures", "_first", "_most", "_open_until", "_seconds", "_trying", "seconds")

    def __init__(self, failures: int, seconds: float) -> None:
        """Open after so many failures without an answer between, at first for so many `seconds`."""
        self._most = failures
        self._seconds = seconds
        self.seconds = seconds
        self._failures = 0
        self._first = 0.0
        self._open_until: float | None = None
        self._trying = False

    @property
    def is_open(self) -> bool:
        """Whether the service is taken to be away."""
        return self._open_until is not None

    @property
    def state(self) -> Literal["closed", "open", "half-open"]:
        """`closed`, `open` or `half-open`."""
        if self._open_until is None:
            return "closed"
        return "half-open" if self._trying else "open"

    def wait(self, now: float) -> float:
        """0.0 when a request may pass, else seconds after which to come back. One that passes an open breaker is the try."""
        if self._open_until is None:
            return 0.0
        if self._trying:
            return 1.0
        if now < self._open_until:
            return self._open_until - now
        self._trying = True
        return 0.0

    def answered(self) -> bool:
        """Note an answer; gives whether this has closed the breaker."""
        if self._open_until is None:
            self._failures = 0
            return False
        self._open_until, self._trying, self._failures, self.seconds = None, False, 0, self._seconds
        return True

    def failed(self, now: float) -> bool:
        """Note a failure; gives whether this has opened the breaker, or kept it open for longer."""
        if self._open_until is not None:
            if not self._trying:
                # Begun before it opened.
                return False
            self._trying = False
            self.seconds = min(self.seconds * 2, max(LONGEST, self._seconds))
        else:
            if not self._failures or now - self._first > WINDOW:
                self._failures, self._first = 0, now
            self._failures += 1
            if self._failures < self._most:
                return False
        self._open_until = now + self.seconds
        return True

    def undecided(self) -> None:
        """Note a try that told nothing: the next one tries again."""
        self._trying = False
