"""What one write costs through gateway, service and database, in core-seconds and bytes; and a queue, held against the model.

The real complaints service behind the real gateway on a durable PostgreSQL, asked by as many callers as keep it busy: what can
be taken, how the processor's time divides, bytes a row and event, and WAL over what is kept. Then half as much again is offered
as can be taken, for some seconds: `tools.scaling` says how long it takes afterwards until nothing waits, and so does the clock.
Bytes are measured a second time at the audit service, which takes outcomes with seven sections in batches of 1,000.
Run it with `python -m tests.bench scaling`.
"""

import asyncio
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import httpx
import psutil
from tools import scaling

from tests.bench import audit_batch
from tests.bench import gateway_shedding as shedding
from tests.bench._service import Installation, installation, processor_seconds, profile

State = dict[str, tuple[int, int]]
"""Rows and bytes by table; the WAL as one more."""
BATCHES = 4
SECONDS_TAKEN = 60
AIMS = {"drained as the model says": "0.7 to 1.4"}
_TABLES = """
    select c.relname, c.reltuples::bigint, pg_total_relation_size(c.oid)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind = 'r'
"""


def run() -> dict[str, float]:
    """Measure once."""
    with installation("complaints") as held, ExitStack() as stack:
        asyncio.run(shedding._profile(held))
        port, key, gateway = shedding._gateway(stack, held, places=16, queue=10_000)
        shedding._wave(port, key, "warm", callers=16)
        before, spent = asyncio.run(_state(held)), _spent(held, gateway)
        full = shedding._wave(port, key, "full", callers=16)
        after, used = asyncio.run(_state(held)), _spent(held, gateway)
        taken = full["sent"]
        capacity = taken / full["answering"]
        over = shedding._wave(port, key, "over", rate=capacity * 1.5)
        refused = sum(status not in shedding.TAKEN for _, status, *_ in over["answers"])
        waited = over["answering"] - over["sending"]
        # What was refused never stood in the queue.
        queued = scaling.drained(over["sent"] - refused, over["sending"], capacity)
    work = {name: (used[name] - spent[name]) / taken for name in used}
    whole = sum(work.values())
    return {
        "taken a second": capacity,
        "core-seconds a write": whole,
        "of these the gateway's": work["gateway"] / whole,
        "of these the service's": work["service"] / whole,
        "of these the database's": work["postgres"] / whole,
        **_kept("a compliment", before, after, taken),
        **_outcomes(),
        "refused while more came than could be taken": refused,
        "drained as the model says": waited / max(0.001, queued),
    }


def _outcomes() -> dict[str, float]:
    """What outcomes of audits take that come in batches."""

    async def post() -> tuple[State, State]:
        async with httpx.AsyncClient(base_url=held.url, timeout=120) as client:
            await held.apply_profile(client, profile("organisation", "audit"))
            await audit_batch._post(client, held, 0)
            before = await _state(held)
            for number in range(1, BATCHES + 1):
                await audit_batch._post(client, held, number)
            return before, await _state(held)

    with installation("audit") as held:
        before, after = asyncio.run(post())
    return _kept("an outcome", before, after, BATCHES * audit_batch.SIZE)


def _kept(what: str, before: State, after: State, number: int) -> dict[str, float]:
    """Bytes and rows of so many records, between two states."""
    grown = {name: after[name][1] - before.get(name, (0, 0))[1] for name in after if name != "wal"}
    rows = {name: after[name][0] - before.get(name, (0, 0))[0] for name in after if name != "wal"}
    others = [name for name in rows if name != "outbox" and rows[name] > 0]
    return {
        f"{what}: bytes of its event in the log": grown["outbox"] / max(1, rows["outbox"]),
        f"{what}: bytes a row elsewhere": sum(grown[name] for name in others) / max(1, sum(rows[name] for name in others)),
        f"{what}: rows": sum(rows.values()) / number,
        f"{what}: WAL over what is kept": (after["wal"][1] - before["wal"][1]) / max(1, sum(grown.values())),
    }


async def _state(held: Installation) -> State:
    """Rows and bytes by table, and how much WAL there was."""
    connection = await asyncpg.connect(held.database.url("admin"))
    try:
        await connection.execute("vacuum analyze")
        found = {row[0]: (max(0, row[1]), row[2]) for row in await connection.fetch(_TABLES, held.service)}
        wal = await connection.fetchval("select pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
        return found | {"wal": (0, int(wal))}
    finally:
        await connection.close()


def _spent(held: Installation, gateway: psutil.Process) -> dict[str, float]:
    """Seconds of a processor that each part has used."""
    everyone = psutil.Process().children(recursive=True)
    database = [each for each in everyone if each.is_running() and Path(each.name()).name.startswith("postgres")]
    return {
        "gateway": processor_seconds([gateway]),
        "service": processor_seconds([held.process]),
        "postgres": processor_seconds(database),
    }
