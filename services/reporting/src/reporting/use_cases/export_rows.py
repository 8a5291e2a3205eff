"""Exporting an entity set: as many at once as the process can bear, each no longer than is fair to the database."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.errors import DomainError, Kind
from reporting.adapters.arrow_files import Encoder, encoder_for
from reporting.adapters.export_source import Snapshot, snapshot
from reporting.domain.exports import Export

Send = Callable[[bytes], Awaitable[None]]

AT_ONCE, AT_ONCE_OF_ONE = 4, 2
"""Exports that a process makes at once, and of one organisation. Each holds a connection and a snapshot of the database, and
while there is an old snapshot PostgreSQL clears nothing away."""
PATIENCE = 15.0
"""Seconds that an export waits for its turn. BI tools ask for several tables at once; few of them ask again by themselves."""
RETRY_AFTER = 20


class IncompleteExportError(Exception):
    """The rows that came out are not those that were counted; the answer breaks off rather than look whole."""


class Turns:
    """Who may export now, first come, first served."""

    def __init__(
        self, engine: AsyncEngine, *, at_once: int = AT_ONCE, of_one: int = AT_ONCE_OF_ONE, patience: float = PATIENCE
    ) -> None:
        self.engine = engine
        self._all = asyncio.Semaphore(at_once)
        self._of_one = of_one
        self._own: dict[str, asyncio.Semaphore] = {}
        self._here: Counter[str] = Counter()
        self._patience = patience

    @asynccontextmanager
    async def take(self, org: str) -> AsyncIterator[None]:
        """A turn. Raises DomainError `too-many-exports` (429) and `exports-busy` (503), with the time to come back in."""
        self._here[org] += 1
        own = self._own.setdefault(org, asyncio.Semaphore(self._of_one))
        try:
            async with self._within(own, _too_many), self._within(self._all, _busy):
                yield
        finally:
            self._here[org] -= 1
            if not self._here[org]:
                # Nobody of it is here any more: a process serves many organisations, and forgets them.
                del self._here[org], self._own[org]

    @asynccontextmanager
    async def _within(self, turns: asyncio.Semaphore, refusal: Callable[[], DomainError]) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._patience):
                await turns.acquire()
        except TimeoutError:
            raise refusal() from None
        try:
            yield
        finally:
            turns.release()


def _too_many() -> DomainError:
    detail = (
        f"{AT_ONCE_OF_ONE} exports of your organisation are being fetched. Wait until one has ended, and send this one again."
    )
    return DomainError("too-many-exports", detail, Kind.TOO_MANY, retry_after=RETRY_AFTER)


def _busy() -> DomainError:
    detail = "As many exports are being fetched as can be at once. Send this one again in a moment."
    return DomainError("exports-busy", detail, Kind.UNAVAILABLE, retry_after=RETRY_AFTER)


@dataclass
class Opened:
    """An export whose snapshot stands: how many rows it has is known before its first byte."""

    snapshot: Snapshot
    encoder: Encoder
    _sent: int = 0
    _held: list[bytes] = field(default_factory=list)
    _size: int = 0
    _working: asyncio.Task[tuple[bytes, int]] | None = None

    async def write(self, send: Send) -> None:
        """Send the file, part by part; each is waited for. Raises IncompleteExportError rather than end what is not whole.

        While a part is being made in a thread, the next rows are already read: never more than one block of each.
        """

        async def take(lines: bytes) -> None:
            self._held.append(lines)
            self._size += len(lines)
            if self._size >= self.encoder.block:
                await self._turn(send)

        try:
            await send(self.encoder.begin())
            await self.snapshot.copy(take)
            await self._turn(send)
            await self._turn(send)
        finally:
            if self._working is not None:
                self._working.cancel()
        if self._sent != self.snapshot.rows:
            raise IncompleteExportError(f"{self._sent} rows came out, {self.snapshot.rows} were counted")
        await send(self.encoder.end())

    async def _turn(self, send: Send) -> None:
        """Send what was made of the block before, and begin with the one that is held."""
        finished, self._working = self._working, None
        part, rows = await finished if finished is not None else (b"", 0)
        self._sent += rows
        lines, self._held, self._size = b"".join(self._held), [], 0
        if lines:
            self._working = asyncio.create_task(asyncio.to_thread(self.encoder.add, lines))
        if part:
            await send(part)


@asynccontextmanager
async def opened(turns: Turns, export: Export) -> AsyncIterator[Opened]:
    """An export, ready to be written.

    Raises DomainError `too-many-exports` (429), `exports-busy` and `being-rebuilt` (503);
    for changes also `mark-too-old` (410) and `changes-not-followed` (422).
    """
    async with turns.take(export.org), snapshot(turns.engine, export) as found:
        metadata = {"rows": str(found.rows), "as_at": found.as_at.isoformat(), "organisation": export.org, "mark": found.mark}
        if export.since is not None:
            metadata["since"] = export.since
        yield Opened(found, encoder_for(export, metadata))
