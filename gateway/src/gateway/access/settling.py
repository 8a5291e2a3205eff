"""Rates that hold across gateways: each counts for itself, and all tell PostgreSQL now and then what they let pass.

One statement tells for every key at once, in the background; a request waits for one only where its key has used up this
process' share. While the database is away each process keeps the whole rate by itself, and tells what passed when it is back.
"""

import asyncio
import time
from contextlib import suppress
from hashlib import blake2b

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy.exc import SQLAlchemyError

from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import rates
from gateway.domain.rates import Rate, SharedLimiter

log = structlog.get_logger(__name__)

_TIMEOUT = 1.0
_AGAIN = 5.0
"""Seconds between tries while the database is away."""
_CLEAR = 60.0
_GATEWAYS = 32
"""More of them than stand before one installation."""
_LEAST = 0.02
"""Seconds between two statements that nobody waits for."""

_ALONE = Gauge("loop_gateway_rates_alone", "1 while this process keeps rates by itself, since it cannot tell the others.")
_TOLD = Counter("loop_gateway_rates_told", "Statements that told what passed.")


class Settling:
    """All shared limiters of a process, and the task that tells what they counted."""

    def __init__(self, uow: UnitOfWork, secret: bytes, seconds: float) -> None:
        """`secret` keys the hashes under which callers are known, alike in all processes; `seconds` 0: tell nobody."""
        self._uow = uow
        self._secret = blake2b(secret, digest_size=32, person=b"gateway-rates").digest()
        self._seconds = seconds
        self._limiters: dict[str, SharedLimiter] = {}
        self._wake = asyncio.Event()
        self._telling: asyncio.Task[bool] | None = None
        self._running: asyncio.Task[None] | None = None
        self.alone = True

    def limiter(self, name: str, rate: Rate) -> SharedLimiter:
        """A limiter that is kept together with those of this name in other processes."""
        limiter = self._limiters[name] = SharedLimiter(rate)
        limiter.hurry, limiter.tell = self._wake.set, self.settle
        return limiter

    def start(self) -> None:
        """Begin to tell; call it in the running loop."""
        if self._seconds:
            self._together(yes=True)
            self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Tell what is left, and end."""
        if self._running is not None:
            self._running.cancel()
            with suppress(asyncio.CancelledError):
                await self._running
            await self.settle()

    async def settle(self) -> bool:
        """Tell now, together with everybody who wants to; gives whether the others know."""
        if self.alone:
            return False
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())
        return await asyncio.shield(self._telling)

    async def _run(self) -> None:
        cleared = time.monotonic()
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._seconds):
                    await self._wake.wait()
            self._wake.clear()
            # To try is to tell; while they are alone, those who count do not wait for it.
            together = await (self._tell() if self.alone else self.settle())
            if time.monotonic() - cleared > _CLEAR and together:
                cleared = time.monotonic()
                await self._clear()
            await asyncio.sleep(_LEAST if together else _AGAIN)

    async def _tell(self) -> bool:
        counted = {
            self._hash(name, key): (limiter, key, count * limiter.step)
            for name, limiter in self._limiters.items()
            for key, count in limiter.to_tell().items()
        }
        try:
            sent = time.monotonic()
            heard = await self._exchange(
                {digest: seconds for digest, (_, _, seconds) in counted.items()},
                {digest: limiter.most(_GATEWAYS) for digest, (limiter, _, _) in counted.items()},
            )
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            for limiter in self._limiters.values():
                limiter.not_told()
            if not self.alone:
                log.warning("rates.alone", reason=type(error).__name__)
            self._together(yes=False)
            return False
        for limiter in self._limiters.values():
            limiter.told()
        for digest, ahead in heard.items():
            limiter, key, _ = counted[digest]
            limiter.hear(key, sent + ahead)
        if self.alone:
            log.info("rates.together")
            self._together(yes=True)
        return True

    async def _exchange(self, counted: dict[bytes, float], most: dict[bytes, float]) -> dict[bytes, float]:
        if not counted and not self.alone:
            return {}
        _TOLD.inc()
        async with asyncio.timeout(_TIMEOUT), self._uow.begin(INSTALLATION) as transaction:
            return await rates.add(transaction.connection, counted, most)

    async def _clear(self) -> None:
        with suppress(SQLAlchemyError, OSError, TimeoutError):
            async with asyncio.timeout(_TIMEOUT * 5), self._uow.begin(INSTALLATION) as transaction:
                await rates.clear(transaction.connection)

    def _together(self, *, yes: bool) -> None:
        self.alone = not yes
        _ALONE.set(self.alone)
        for limiter in self._limiters.values():
            limiter.together = bool(self._seconds)

    def _hash(self, name: str, key: bytes | str) -> bytes:
        raw = key.encode() if isinstance(key, str) else key
        return blake2b(raw, digest_size=16, key=self._secret, person=name.encode()).digest()
