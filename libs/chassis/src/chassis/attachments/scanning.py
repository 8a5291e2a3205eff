"""A worker's task: what waits is handed to the scanner, and its verdict written down; what holds a virus is destroyed at once.

Several workers may run it. A file is claimed before it is read (its next turn is put off), so that a crash in the middle costs
one turn. A scanner that is away is asked again, each file after a growing while, for ever. Without a scanner what waits is said
not to be scanned; with a new one what was not scanned for want of one waits again.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from prometheus_client import Counter, Gauge
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.attachments.clamd import AWAY, Scanner, ScannerAwayError, Verdict
from chassis.attachments.store import NO_SCANNER, FileDamagedError, FileStore, StoredFile
from chassis.repeating import repeat
from chassis.unit_of_work import UnitOfWork

log = structlog.get_logger(__name__)

SCANNED = Counter("loop_files_scanned_total", "Files that a scanner has looked at, by what it said.", ["service", "verdict"])
WAITING = Gauge("loop_files_waiting", "Files that wait for the scanner.", ["service"])
DAMAGED = "damaged"

# Seen by the worker for all organisations; the rest is done as the organisation of the file.
_NONE = text("update stored_file set scan = 'not-scanned', scan_reason = :none where scan = 'waiting' and destroyed_at is null")
_AGAIN = text(
    """
    update stored_file set scan = 'waiting', scan_reason = null, attempts = 0, next_try_at = now()
     where scan = 'not-scanned' and scan_reason = :none and destroyed_at is null
    """
)
_COUNT = text("select count(*) from stored_file where scan = 'waiting' and destroyed_at is null")
_CLAIM = text(
    """
    update stored_file f set attempts = attempts + 1, next_try_at = now() + least(
               cast(:first as interval) * power(2, least(attempts, 20)), cast(:longest as interval))
      from (select org, id from stored_file where scan = 'waiting' and destroyed_at is null and next_try_at <= now()
             order by next_try_at, id limit 1 for update skip locked) due
     where f.org = due.org and f.id = due.id
    returning f.org, f.id, f.attempts
    """
)
# The number of the attempt stands in each: who was too slow, and has been replaced, changes nothing any more.
_SAID = text(
    """
    update stored_file
       set scan = :scan, scan_reason = :reason,
           scanned_at = case when :scan = 'waiting' then null else now() end,
           destroyed_at = case when :scan = 'infected' then now() else destroyed_at end
     where org = :org and id = :id and scan = 'waiting' and attempts = :attempts and destroyed_at is null
    """
)
_DROP = text("delete from stored_piece where org = :org and file_id = :id")


@dataclass(frozen=True)
class ScanPace:
    """How often it looks, and how long a file waits whose scan failed: doubled each time up to the longest."""

    idle_seconds: float = 5.0
    first_wait: timedelta = timedelta(minutes=2)  # longer than a scan may take: until then a claimed file is nobody else's
    longest_wait: timedelta = timedelta(minutes=30)


class FileScanning:
    """Has one service's files scanned; add `run` to a worker's tasks."""

    def __init__(
        self, service: str, engine: AsyncEngine, store: FileStore, scanner: Scanner | None, pace: ScanPace | None = None
    ) -> None:
        self._service = service
        self._engine = engine
        self._uow = UnitOfWork(engine)
        self._store = store
        self._scanner = scanner
        self._pace = pace or ScanPace()

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`."""
        await repeat(lambda: self.step(stopping), self._pace.idle_seconds, stopping, put_off="files.scanning_put_off")

    async def step(self, stopping: asyncio.Event | None = None) -> int:
        """Deal with everything that is due; answers how many files that were."""
        async with self._engine.begin() as connection:
            await connection.execute(_AGAIN if self._scanner else _NONE, {"none": NO_SCANNER})
            waiting = (await connection.execute(_COUNT)).scalar_one()
            WAITING.labels(self._service).set(waiting)
        done = 0
        # Each at most once: one that fails must not be asked about again at once.
        while self._scanner is not None and done < waiting and not (stopping and stopping.is_set()):
            async with self._engine.begin() as connection:
                pace = {"first": self._pace.first_wait, "longest": self._pace.longest_wait}
                claimed = (await connection.execute(_CLAIM, pace)).one_or_none()
            if claimed is None:
                break
            done += 1
            if not await self._one(self._scanner, claimed):
                break
        return done

    async def _one(self, scanner: Scanner, claimed: Any) -> bool:
        """Have a file scanned; False where the scanner is away, so that asking it about the next one is of no use now."""
        about = {"file": str(claimed.id), "org": claimed.org, "attempts": claimed.attempts}
        async with self._uow.begin(claimed.org) as transaction:
            found = await self._store.find(transaction, [claimed.id])
        if claimed.id not in found:
            return True  # deleted since
        scan, reason = await self._verdict(scanner, claimed.org, found[claimed.id])
        async with self._uow.begin(claimed.org) as transaction:
            values = {"org": claimed.org, "id": claimed.id, "attempts": claimed.attempts, "scan": scan, "reason": reason}
            written = (await transaction.connection.execute(_SAID, values)).rowcount
            if written and scan == "infected":
                await transaction.connection.execute(_DROP, {"org": claimed.org, "id": claimed.id})
        if written and scan != "waiting":
            SCANNED.labels(self._service, scan).inc()
        level = log.info if scan == "clean" else log.warning
        level("files.scanned", verdict=scan, reason=reason, **about)
        return reason != AWAY

    async def _verdict(self, scanner: Scanner, org: str, file: StoredFile) -> tuple[str, str | None]:
        try:
            said: Verdict = await scanner.scan(self._store.content(self._uow, org, file))
        except ScannerAwayError as error:
            return "waiting", error.reason
        except FileDamagedError:
            return "not-scanned", DAMAGED
        if said.found is not None:
            return "infected", said.found
        return ("not-scanned", said.not_scanned) if said.not_scanned else ("clean", None)
