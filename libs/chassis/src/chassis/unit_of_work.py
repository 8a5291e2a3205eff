"""One transaction for one organisation: business rows, idempotency record and events, all or nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from prometheus_client import Counter, Histogram
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.pool import QueuePool

from chassis import outbox, tracing
from chassis.database import statements_of
from chassis.errors import DomainError
from chassis.tenancy import ALL_AREAS, INSTALLATION, is_organisation
from chassis.trail import writing
from chassis.trail.acting import Acting, acting

limited_to: ContextVar[frozenset[str]] = ContextVar("limited_to", default=frozenset())
"""The service areas to which whoever is calling is limited (empty: all). The frame around every service sets it with the
identity, so every transaction of a request is limited by the database, and no route has to think of it."""

calling: ContextVar[str] = ContextVar("calling", default="")
"""The subject of whoever is calling: policies may let them see what is theirs in other areas, and a record whose use is
restricted is changed by those alone whom the data protection officer lets (`chassis.subject.restricted`)."""

RESTRICTED = "LL018"
"""The SQLSTATE by which the database refuses to change a record whose use is restricted (`chassis.subject.restricted`)."""

TURN_SECONDS = 10.0
"""How long a request waits for one of the connections of its process before it is told to come back."""

WAITED = Histogram(
    "loop_database_wait_seconds",
    "How long those waited for a connection of their process who did not get one at once.",
    buckets=(0.01, 0.1, 1.0, 5.0, 10.0),
)
GIVEN_UP = Counter("loop_database_wait_given_up_total", "Those who waited for a connection and got none.")

TrailWriter = Callable[[AsyncConnection, str, Acting, Sequence[UUID]], Awaitable[bool]]
"""Writes an entry at the end of a transaction of an organisation; says whether it did."""

# Every transaction begins with it, so it is in the driver's own words: SQLAlchemy's take half of the time of the statement.
_SET_TENANT = (
    "select set_config('app.org', $1, true), set_config('app.capability', $2, true), set_config('app.areas', $3, true), "
    "set_config('app.subject', $4, true)"
)
_SET_AREAS = "select set_config('app.areas', $1, true)"


def restricted() -> DomainError:
    """The refusal to change a record whose use is restricted."""
    detail = (
        "The use of this record is restricted (UK GDPR, Article 18), so nothing of it was changed and nothing was sent. Its "
        "page says why. Ask the data protection officer, who can let you put something right, or end the restriction."
    )
    return DomainError("record-restricted", detail)


@dataclass
class Transaction:
    """An open transaction of one organisation. Nobody commits inside; `UnitOfWork.begin` does at the end."""

    connection: AsyncConnection
    org: str
    fingerprints: Callable[[str], bytes] | None = None
    """The key, by organisation, under which fingerprints of requests are kept (`chassis.idempotency`)."""
    acting: Acting | None = None
    told: bool = False
    tell: TrailWriter | None = None
    _pending: list[outbox.Pending] = field(default_factory=list)
    _acts: list[tuple[dict[str, str], str]] = field(default_factory=list)

    def record(self, event: outbox.Recordable, *, occurred_at: datetime | None = None) -> None:
        """Tell the world, once this transaction has committed, that something happened (`occurred_at`: now)."""
        self._pending.append(outbox.Pending(event, occurred_at or outbox.now()))

    def did(self, codes: dict[str, str], detail: str = "") -> None:
        """Write an entry of its own into the trail for one of several things that a request does, with what was changed."""
        self._acts.append((codes, detail))

    def whole_organisation(self) -> AbstractAsyncContextManager[None]:
        """See `whole_organisation`."""
        return whole_organisation(self.connection)

    async def flush(self) -> None:
        """Write the recorded events, and who did it into the trail. The unit of work calls it before it commits."""
        events: list[UUID] = []
        if self._pending:
            events = await outbox.write(self.connection, self.org, self._pending, tracing.traceparent.get())
            self._pending.clear()
        if self.acting is None or self.tell is None:
            return
        acts, self._acts = self._acts, []
        for codes, detail in acts:
            act = replace(self.acting, written=False, said={**self.acting.said, **codes}, detail=detail)
            self.told |= await self.tell(self.connection, self.org, act, events)
            events = []
        if not acts:
            self.told |= await self.tell(self.connection, self.org, self.acting, events)


class UnitOfWork:
    """Opens transactions; one instance a process, put together in bootstrap."""

    def __init__(
        self,
        engine: AsyncEngine,
        fingerprints: Callable[[str], bytes] | None = None,
        *,
        trail: bool | TrailWriter = False,
    ) -> None:
        """`trail`: the schema keeps one (`chassis.trail`), and what requests do is written down in it, as the writer does."""
        self.engine = engine
        self._fingerprints = fingerprints
        self._trail: TrailWriter | None = writing.write if trail is True else trail or None
        # The pool gives a free connection to whoever asks just then, before those who wait: of 500 phones that answered at
        # once some waited for more than 5 s, and got an error, while others were served again and again. This is a queue.
        pool = engine.pool
        self._turns = asyncio.Semaphore(pool.size()) if isinstance(pool, QueuePool) else None

    @asynccontextmanager
    async def begin(self, org: str, *, capability: str = "", snapshot: bool = False) -> AsyncIterator[Transaction]:
        """A transaction that sees and writes the rows of `org` only; committed when the block ends without error.

        With `snapshot` all of it sees one moment, however long it reads. `capability` is the hash of a secret that the caller
        holds (see `tenancy.allow_holder`). With `org=""` only the rows of that capability are visible.
        """
        if org and org != INSTALLATION and not is_organisation(org):
            msg = "not the code of an organisation"
            raise ValueError(msg)
        with tracing.span("transaction") as span:
            async with self._turn():
                tenant = (org, capability, areas_text(limited_to.get()), calling.get())
                connection = await self._open(tenant, snapshot=snapshot)
                before = statements_of(connection) if span.recorded else 0
                try:
                    request = acting.get() if self._trail else None
                    if request is not None:
                        request.touched = request.touched or org
                    transaction = Transaction(connection, org, self._fingerprints, request, tell=self._trail)
                    yield transaction
                    await transaction.flush()
                    await connection.commit()
                    if request is not None:
                        request.written |= transaction.told
                except DBAPIError as error:
                    if getattr(error.orig, "sqlstate", None) == RESTRICTED:
                        raise restricted() from error
                    raise
                finally:
                    if span.recorded:
                        span.set("loop.org", org)
                        span.set("loop.statements", statements_of(connection) - before)
                    # Rolls back whatever was not committed.
                    await connection.close()

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Wait for a free connection, first come, first served. Raises SQLAlchemy's TimeoutError where it takes too long."""
        if self._turns is None:
            yield
            return
        try:
            await self._turns.acquire() if not self._turns.locked() else await self._wait(self._turns)
        except TimeoutError as error:
            GIVEN_UP.inc()
            msg = f"no connection to the database was free for {TURN_SECONDS:.0f} s"
            raise PoolTimeoutError(msg) from error
        try:
            yield
        finally:
            self._turns.release()

    @staticmethod
    async def _wait(turns: asyncio.Semaphore) -> None:
        with WAITED.time():
            async with asyncio.timeout(TURN_SECONDS):
                await turns.acquire()

    async def _connect(self, *, snapshot: bool) -> AsyncConnection:
        connection = await self.engine.connect()
        # Set back when the connection returns to its pool.
        return await connection.execution_options(isolation_level="REPEATABLE READ") if snapshot else connection

    async def _open(self, tenant: tuple[str, ...], *, snapshot: bool = False) -> AsyncConnection:
        """A connection with the tenant set.

        A pooled connection may be dead since PostgreSQL was restarted. Its first statement finds out, and that one can be
        repeated safely: nothing has been done yet. So a restart costs nobody a request, and no connection is tested in advance.
        """
        connection = await self._connect(snapshot=snapshot)
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
        fresh = await self._connect(snapshot=snapshot)
        try:
            await fresh.exec_driver_sql(_SET_TENANT, tenant)
        except BaseException:
            await fresh.close()
            raise
        return fresh


@asynccontextmanager
async def whole_organisation(connection: AsyncConnection) -> AsyncIterator[None]:
    """Read past the limit to service areas, for what is of the organisation and tells nobody of another area.

    Such are the next number of a record, the day of the first one, whether a reference is taken. What comes of it is never
    a row of another area that the caller is shown. Does nothing for who is not limited.
    """
    limited = limited_to.get()
    if not limited:
        yield
        return
    await connection.exec_driver_sql(_SET_AREAS, (ALL_AREAS,))
    try:
        yield
    except Exception:
        # Of a transaction that the error has ended there is nothing left to limit.
        with suppress(DBAPIError):
            await connection.exec_driver_sql(_SET_AREAS, (areas_text(limited),))
        raise
    await connection.exec_driver_sql(_SET_AREAS, (areas_text(limited),))


async def switch_tenant(connection: AsyncConnection, org: str) -> None:
    """Let the rest of this transaction see `org` instead; for consumers, whose batches hold several organisations."""
    await connection.exec_driver_sql(_SET_TENANT, (org, "", areas_text(limited_to.get()), calling.get()))


def areas_text(areas: frozenset[str]) -> str:
    """Service areas as the policies of the database read them (`tenancy.seen_by_area`).

    What cannot be the code of one is left out, and who has no other sees nothing.
    """
    if not areas:
        return ALL_AREAS
    return ",".join(sorted(area for area in areas if area != ALL_AREAS and "," not in area))
