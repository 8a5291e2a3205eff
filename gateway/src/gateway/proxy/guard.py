"""What stands before one service: places for requests under way, a short queue, and a breaker for when it does not answer."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from prometheus_client import Gauge

from gateway.domain.breaker import Breaker
from gateway.domain.rates import retry_after
from gateway.proxy.answers import Refusal
from gateway.settings import GatewaySettings

log = structlog.get_logger(__name__)

_UNDER_WAY = Gauge("loop_gateway_under_way", "Requests that a service is answering.", ["service"])
_WAITING = Gauge("loop_gateway_waiting", "Requests that wait for a place at a service.", ["service"])
_OPEN = Gauge("loop_gateway_breaker_open", "1 while a service is not asked because it does not answer.", ["service"])

_NOT_DONE = "The request was not carried out. Send it again after the time in Retry-After."
_BUSY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class Places:
    """How much one service is given at once."""

    places: int
    queue: int
    turn_seconds: float
    uploads: int


class Guard:
    """One service's places, queue and breaker. All of one event loop, so nothing here needs a lock."""

    def __init__(self, service: str, places: Places, breaker: Breaker, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock` is any steady one, in seconds."""
        self.service = service
        self.breaker = breaker
        self._most = places
        self._clock = clock
        self._queue: deque[asyncio.Future[None]] = deque()
        self.under_way = 0
        self.uploads = 0
        self.shed = 0
        _UNDER_WAY.labels(service).set_function(lambda: self.under_way)
        _WAITING.labels(service).set_function(lambda: self.waiting)
        _OPEN.labels(service).set_function(lambda: float(self.breaker.is_open))

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return len(self._queue)

    def ask_breaker(self) -> bool:
        """Whether this request is the one that tries whether the service is back; it must be told how that went.

        Raises `Refusal` while the service is taken to be away.
        """
        wait = self.breaker.wait(self._clock())
        if wait:
            detail = f"This part of Learning Loop is away for the moment. {_NOT_DONE}"
            raise Refusal(503, "service-away", detail, {"Retry-After": str(retry_after(wait))})
        return self.breaker.is_open

    async def enter(self, *, upload: bool = False) -> None:
        """Take a place, in the order of coming. Raises `Refusal` where the queue is full or the wait too long.

        A body that streams holds its place for as long as its caller sends, so those may take a part of the places only.
        """
        if upload and self.uploads >= self._most.uploads:
            raise self._busy("takes as many large bodies as it can")
        if self.under_way >= self._most.places or self._queue:
            await self._wait()
        else:
            self.under_way += 1
        self.uploads += upload

    async def _wait(self) -> None:
        if len(self._queue) >= self._most.queue:
            raise self._busy("has as much to do as it can")
        turn = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(self._most.turn_seconds):
                await turn
        except (TimeoutError, asyncio.CancelledError) as error:
            if turn.done() and not turn.cancelled():
                # The place was handed over in the very moment in which the waiting ended.
                self._hand_on()
            elif turn in self._queue:
                self._queue.remove(turn)
            if isinstance(error, TimeoutError):
                raise self._busy("has had no time for this request") from None
            raise

    def leave(self, *, upload: bool = False) -> None:
        """Give the place back: to who has waited longest, if anybody has."""
        self.uploads -= upload
        self._hand_on()

    def _hand_on(self) -> None:
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.under_way -= 1

    def _busy(self, what: str) -> Refusal:
        self.shed += 1
        detail = f"This part of Learning Loop {what}. {_NOT_DONE}"
        return Refusal(503, "service-busy", detail, {"Retry-After": str(_BUSY_SECONDS)})

    def answered(self) -> None:
        """The service has answered, whatever it said."""
        if self.breaker.answered():
            log.warning("breaker.closed", upstream=self.service)

    def failed(self, reason: str) -> None:
        """The service was not reached, or did not answer."""
        if self.breaker.failed(self._clock()):
            log.warning("breaker.opened", upstream=self.service, reason=reason, seconds=round(self.breaker.seconds, 1))

    def undecided(self) -> None:
        """The exchange ended without telling anything about the service, as when the caller hung up."""
        self.breaker.undecided()


def guards_of(settings: GatewaySettings) -> dict[str, Guard]:
    """One guard for each service that is routed to."""
    places = Places(
        settings.connections_per_service, settings.queue_per_service, settings.turn_timeout, settings.uploads_per_service
    )
    services = {rule.service for rule in settings.route_rules}
    return {
        service: Guard(service, places, Breaker(settings.breaker_failures, settings.breaker_seconds))
        for service in sorted(services)
    }
