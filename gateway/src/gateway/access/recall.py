"""What is ended in one gateway is ended in all: each looks once a second whether it must forget what it remembers.

A checked credential or session is believed for some seconds without asking the database. Whoever ends one raises a number;
every other process sees that within a second and asks again. Where the sign cannot be given or seen, what is remembered still
ends after `LOOP_CREDENTIAL_TTL`.
"""

import asyncio
from collections.abc import Callable

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import UnitOfWork
from gateway.access.each_second import AWAY, PATIENCE, EachSecond
from gateway.adapters import recall

log = structlog.get_logger(__name__)


class Recall(EachSecond):
    """Reads the number once a second, and raises it."""

    unread = "recall.unread"

    def __init__(self, uow: UnitOfWork, forget: Callable[[], None]) -> None:
        """`forget` makes this process ask again for everything."""
        super().__init__(uow)
        self._forget = forget
        self._number: int | None = None

    async def look(self, connection: AsyncConnection) -> None:
        """Look whether another process ended something, and forget if so."""
        number = await recall.number(connection)
        if self._number is not None and number != self._number:
            self._forget()
        self._number = number

    async def everywhere(self) -> None:
        """Forget here now, and let the others know. What was ended is ended in the database already, so this never fails."""
        self._forget()
        try:
            async with asyncio.timeout(PATIENCE), self._uow.begin(INSTALLATION) as transaction:
                await recall.raise_number(transaction.connection)
        except AWAY as error:
            log.warning("recall.not_told", reason=type(error).__name__)
