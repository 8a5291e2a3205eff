"""What the gateways of an installation know of each other within a second: each reads it from the database again and again."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import suppress

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

_EVERY = 1.0
PATIENCE = 5.0
AWAY = (SQLAlchemyError, OSError, TimeoutError)
"""How a database that is away shows."""


class EachSecond(ABC):
    """Reads once a second, from the start on. While the database is away the last word holds."""

    unread: str
    """How the log calls that it could not be read."""

    def __init__(self, uow: UnitOfWork) -> None:
        self._uow = uow
        self._task: asyncio.Task[None] | None = None

    @abstractmethod
    async def look(self, connection: AsyncConnection) -> None:
        """Read it, in a transaction of the installation."""

    async def start(self) -> None:
        """Read once, and go on in the running loop."""
        await self.read()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End reading."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_EVERY)
            await self.read()

    async def read(self) -> None:
        """Read it now."""
        try:
            async with asyncio.timeout(PATIENCE), self._uow.begin(INSTALLATION) as transaction:
                await self.look(transaction.connection)
        except AWAY as error:
            log.debug(self.unread, reason=type(error).__name__)
