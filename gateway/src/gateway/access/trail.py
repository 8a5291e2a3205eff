"""The gateway's own trail: what operators and administrators did with keys, clients, sessions, organisations, planned work."""

import asyncio
import hashlib
import hmac
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

import structlog
from fastapi import Request
from sqlalchemy.exc import SQLAlchemyError

from chassis.outbox import now
from chassis.secrets import Secrets
from chassis.tenancy import INSTALLATION
from chassis.trail.acting import acting, begin
from chassis.trail.joining import JoinedTrail
from chassis.unit_of_work import Transaction, UnitOfWork
from gateway.adapters import organisations
from gateway.domain.history import SERVICE
from gateway.domain.principals import Principal

__all__ = ["SERVICE", "Walks", "note", "say", "trail_secrets"]

log = structlog.get_logger(__name__)

DAY = timedelta(days=1)
_LOOK = 600.0
"""Seconds between two looks whether a chain was not walked along for a day."""


def trail_secrets(key_file: Path | None, signing_key: Path) -> Secrets:
    """What seals checkpoints: a key of its own, or one that follows from the signing key. Raises OSError, ValueError."""
    if key_file is not None:
        return Secrets.from_file(key_file)
    return Secrets(hmac.digest(signing_key.read_bytes(), b"gateway trail v1", hashlib.sha256))


def note(request: Request, person: Principal) -> None:
    """From here on the request is done in somebody's name: its transaction on `Parts.recording` leaves an entry."""
    acting.set(begin(person.identity(), request.state.request_id, request.scope))


def say(transaction: Transaction, **codes: str) -> None:
    """Add codes to the entry that stand in no path: whose sessions, which key. Never a person's name, never a secret."""
    if transaction.acting is not None:
        transaction.acting.said |= codes


class Walks:
    """Walks along every chain once a day; in one gateway of all. Seals where each begins, where there is a period.

    What is before that the worker clears away (`gateway.access.trail_over`): who serves requests may not delete.
    """

    def __init__(
        self, uow: UnitOfWork, trail: JoinedTrail, months: int | None = None, held: Collection[str] = frozenset()
    ) -> None:
        """`months` is how long entries are kept, None: for good; `held` are organisations whose trail stays whole."""
        self._uow = uow
        self._trail = trail
        self._months = months
        self._held = held
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_LOOK)
            try:
                await self.walk()
            except (SQLAlchemyError, OSError, TimeoutError) as error:
                log.warning("trail.check_put_off", reason=type(error).__name__)

    async def walk(self, age: timedelta = DAY) -> None:
        """Walk along what nobody walked along for `age`."""
        async with self._uow.begin(INSTALLATION) as transaction:
            known = [org for org, _ in await organisations.listed(transaction.connection)]
        await self._trail.walk_all(self._uow, [INSTALLATION, *known], age)
        if self._months is not None:
            ending = [org for org in (INSTALLATION, *known) if org not in self._held]
            await self._trail.end_all(self._uow, ending, self._months, now())
