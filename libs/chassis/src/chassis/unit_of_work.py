"""One transaction for one organisation: business rows, idempotency record and events, all or nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import QueuePool

from chassis import outbox
from chassis.tenancy import INSTALLATION, is_organisation

traceparent: ContextVar[str | None] = ContextVar("traceparent", default=None)
"""The trace (W3C traceparent) of what is being handled; it travels with the events."""

TURN_SECONDS = 10.0
"""How long a request waits for one of the connections of its process before it is told to come back."""

# Every transaction begins with it, so it is in the driver's own words: SQLAlchemy's take half of the time of the statement.
_SET_TENANT = "select set_config('app.org', $1, true), set_config('app.capability', $2, true)"


@dataclass
class Transaction:
    """An open transaction of one organisation. Nobody commits inside; `UnitOfWork.begin` does at the end."""

    connection: AsyncConnection
    org: str
    _pending: list[outbox.Pending] = field(default_factory=list)

    def record(self, event: outbox.Recordable, *, occurred_at: datetime | None = None) -> None:
        """Tell the world, once this transaction has committed, that something happened (`occurred_at`: now)."""
        self._pending.append(outbox.Pending(event, occurred_at or outbox.now()))

    async def flush(self) -> None:
        """Write the recorded events. The unit of work calls it before it commits."""
        if self._pending:
            await outbox.write(self.connection, self.org, self._pending, traceparent.get())
            self._pending.clear()


class UnitOfWork:
    """Opens transactions; one instance a process, put together in bootstrap."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        # The pool gives a free connection to whoever asks just then, before those who wait: of 500 phones that answered at
        # once some waited for more than 5 s, and got an error, while others were served again and again. This is a queue.
        pool = engine.pool
        self._turns = asyncio.Semaphore(pool.size()) if isinstance(pool, QueuePool) else None

    @asynccontextmanager
    async def begin(self, org: str, *, capability: str = "") -> AsyncIterator[Transaction]:
        """A transaction that sees and writes the rows of `org` only; committed when the block ends without error.

        `capability` is the hash of a secret that the caller holds (see `tenancy.allow_holder`). With `org=""` only the rows
        of that capability are visible.
        """
        if org and org != INSTALLATION and not is_organisation(org):
            msg = "not the code of an organisation"
            raise ValueError(msg)
        async with self._turn():
            connection = await self._open((org, capability))
            try:
                transaction = Transaction(connection, org)
                yield transaction
                await transaction.flush()
                await connection.commit()
            finally:
                # Rolls back whatever was not committed.
                await connection.close()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait for a free connection, first come, first served. Raises SQLAlchemy's TimeoutError where it takes too long."""
        if self._turns is None:
            yield
            return
        try:
            async with asyncio.timeout(TURN_SECONDS):
                await self._turns.acquire()
        except TimeoutError as error:
            msg = f"no connection to the database was free for {TURN_SECONDS:.0f} s"
            raise PoolTimeoutError(msg) from error
        try:
            yield
        finally:
            self._turns.release()

    async def _open(self, tenant: tuple[str, str]) -> AsyncConnection:
        """A connection with the tenant set.

        A pooled connection may be dead since PostgreSQL was restarted. Its first statement finds out, and that one can be
        repeated safely: nothing has been done yet. So a restart costs nobody a request, and no connection is tested in advance.
        """
        connection = await self.engine.connect()
        try:
            await connection.exec_driver_sql(_SET_TENANT, tenant)
        except DBAPIError as error:
            await connection.close()
            if not error.connection_invalidated:
                raise
        except BaseException:
            await connection.close()
            raise
        else:
            return connection
        fresh = await self.engine.connect()
        try:
            await fresh.exec_driver_sql(_SET_TENANT, tenant)
        except BaseException:
            await fresh.close()
            raise
        return fresh


async def switch_tenant(connection: AsyncConnection, org: str) -> None:
    """Let the rest of this transaction see `org` instead; for consumers, whose batches hold several organisations."""
    await connection.exec_driver_sql(_SET_TENANT, (org, ""))
