"""Copies of the database: when the last one was made, and whether PostgreSQL's log gets into an archive.

Who makes a copy notes the moment as a setting of the database that nothing reads as one. It is of the database as a whole and
of no service's schema, every role may look it up, and no dump carries it into another installation. What PostgreSQL says of
its archiver holds for any archive: that of `loop up`, CloudNativePG's, or one of your own.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from prometheus_client import Gauge
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import figures

Kind = Literal["dump", "base"]
"""`dump`: by `loop backup`; `base`: files of PostgreSQL, in the archive of `loop up`."""

WAITING_SECONDS = 600.0
"""How long a finished segment of the log may wait for the archive: two of the usual intervals."""
COPY_SECONDS = 30 * 3600.0
"""How old the last copy may be: they are made once a day, and take their time."""

WAITING = Gauge("loop_archive_waiting_seconds", "For how long a finished segment of PostgreSQL's log waits to be archived.")
COPIED = Gauge("loop_backup_timestamp_seconds", "When the last copy of the database was made; 0: never.", ["kind"])

LOOK = """
    select current_setting('archive_mode') <> 'off' as archives,
           pg_size_bytes(current_setting('wal_segment_size')) as segment_bytes,
           pg_walfile_name(pg_current_wal_lsn()) as current, a.last_archived_wal as archived,
           extract(epoch from clock_timestamp()
               - coalesce(a.last_archived_time, greatest(a.stats_reset, pg_postmaster_start_time()))) as since,
           (select cast(json_object_agg(substring(said from 'copied_(.+)_at='), substring(said from '=([0-9]+)$')) as text)
              from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase cross join unnest(s.setconfig) said
             where d.datname = current_database() and s.setrole = 0 and said ~ '^loop.copied_[a-z]+_at=[0-9]+$') as copies
      from pg_stat_archiver a
"""


def note(kind: Kind) -> str:
    """SQL for an administrator that notes: a copy of the database that it is connected to was made now."""
    return f"""
        do $$ begin
            execute format('alter database %I set "loop.copied_{kind}_at" = %L', current_database(),
                           floor(extract(epoch from clock_timestamp()))::bigint::text);
        end $$
    """


@dataclass(frozen=True, slots=True)
class Copies:
    """How it stands: whether there is an archive, for how many seconds a segment waits for it, when copies were made (1970)."""

    archives: bool
    waiting: float
    copied: Mapping[str, float]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Copies":
        """What `LOOK` has found."""
        per_log = 0x1_0000_0000 // row["segment_bytes"]
        archived = row["archived"] or ""
        # The one after the last that was archived is being written, and is nobody's fault; of a history file nothing is known.
        written = _number(row["current"], per_log) - 1
        waits = row["archives"] and (len(archived) < _NAME or _number(archived, per_log) < written)
        copied = {str(kind): float(at) for kind, at in json.loads(row["copies"] or "{}").items()}
        return cls(row["archives"], max(0.0, float(row["since"] or 0)) if waits else 0.0, copied)


_NAME = 24


def _number(name: str, per_log: int) -> int:
    return int(name[8:16], 16) * per_log + int(name[16:24], 16)


class Looking:
    """A look of a worker (`chassis.figures`)."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._copied = figures.Filling(COPIED)

    async def __call__(self) -> None:
        """Show how it stands."""
        async with self._engine.begin() as connection:
            await figures.limit(connection)
            row = (await connection.execute(text(LOOK))).mappings().one()
        found = Copies.of({str(name): value for name, value in row.items()})
        WAITING.set(found.waiting)
        # Where there is neither archive nor copy, that is as bad as a very old one.
        shown = found.copied or ({} if found.archives else {"dump": 0.0})
        self._copied.fill({(kind,): at for kind, at in shown.items()})
