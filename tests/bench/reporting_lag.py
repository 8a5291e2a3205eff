"""How long after its commit an event is visible in reporting, at 300 events a second.

Real relay, NATS and consumer in processes of their own (`feedback.worker`, `reporting.worker`) on a PostgreSQL with durable
settings. Surveys are committed into feedback's outbox at an even pace; another connection looks at the consumer's position,
which is committed together with the facts, and notes when it moves. Run it with `python -m tests.bench reporting_lag`.
"""

import asyncio
import json
import statistics
import time
from bisect import bisect_left
from uuid import UUID

import asyncpg

from chassis.ids import new_id
from reporting.worker import SOURCES
from tests.bench._reporting import ORG, Installation, installation, response

RATE = 300
SECONDS = 20
WARM_UP = 3
LOOK_EVERY = 0.005  # seconds; what is measured is late by half of this on average
SECONDS_TAKEN = 60
AIMS = {"p99_ms": "under 1,000"}

_INSERT = "insert into outbox (id, org, subject, data, occurred_at) values ($1, $2, $3, $4, now())"


def run() -> dict[str, float]:
    """Milliseconds from commit to visible, and the rate that was kept."""
    with installation() as held:
        logs = {source: held.start(source, "worker") for source in SOURCES}
        held.start("reporting", "worker", LOOP_EVENT_LOGS=json.dumps(logs))
        return asyncio.run(_measure(held))


async def _measure(held: Installation) -> dict[str, float]:
    committed: dict[UUID, float] = {}
    positions: list[tuple[int, float]] = []
    until = RATE * (SECONDS + WARM_UP)
    watching = asyncio.create_task(_watch(held.databases["reporting"].url("app"), positions, until))
    began = time.perf_counter()
    await _write(held.databases["feedback"].url("app"), committed)
    pace = len(committed) / (time.perf_counter() - began)
    await asyncio.wait_for(watching, 60)
    lags = await _lags(held, committed, positions)
    kept = sorted(lags[RATE * WARM_UP :])
    return {
        "events_per_second": pace,
        "p50_ms": statistics.median(kept),
        "p99_ms": kept[int(len(kept) * 0.99)],
        "worst_ms": kept[-1],
    }


async def _lags(held: Installation, committed: dict[UUID, float], positions: list[tuple[int, float]]) -> list[float]:
    """Milliseconds from the commit of each event to the first look at which the position had reached it."""
    feedback, reporting = [await asyncpg.connect(held.databases[name].url("admin")) for name in ("feedback", "reporting")]
    numbered = await feedback.fetch("select id, sequence from feedback.outbox order by sequence")
    there = await reporting.fetchval("select count(*) from reporting.fact_response")
    await feedback.close()
    await reporting.close()
    if there != len(committed) or len(numbered) != len(committed):
        raise AssertionError(f"{len(committed)} were committed, {there} are visible")
    reached = [sequence for sequence, _ in positions]
    return [
        (positions[bisect_left(reached, row["sequence"])][1] - committed[UUID(bytes=row["id"].bytes)]) * 1000
        for row in numbered
    ]


async def _write(url: str, committed: dict[UUID, float]) -> None:
    """Commit surveys at an even pace, each in a transaction of its own, as requests would."""
    pool = await asyncpg.create_pool(url, min_size=4, max_size=4)

    async def one(number: int) -> None:
        event, event_id = response(number), new_id()
        async with pool.acquire() as connection:
            async with connection.transaction():
                await connection.execute(f"select set_config('app.areas', '*', true), set_config('app.org', '{ORG}', true)")
                await connection.execute(_INSERT, event_id, ORG, event.subject, event.model_dump_json())
            committed[event_id] = time.perf_counter()

    began = time.perf_counter()
    tasks = []
    for number in range(RATE * (SECONDS + WARM_UP)):
        await asyncio.sleep(max(0.0, began + number / RATE - time.perf_counter()))
        tasks.append(asyncio.create_task(one(number)))
    await asyncio.gather(*tasks)
    await pool.close()


async def _watch(url: str, positions: list[tuple[int, float]], until: int) -> None:
    """Look at the consumer's position, which is committed with the facts, again and again, and note when it moves."""
    connection = await asyncpg.connect(url)
    await connection.execute("select set_config('app.areas', '*', false), set_config('app.org', '*', false)")
    reached = 0
    while reached < until:
        now = await connection.fetchval("select max(sequence) from consumer_position where source = 'feedback'") or 0
        if now > reached:
            reached = now
            positions.append((reached, time.perf_counter()))
        await asyncio.sleep(LOOK_EVERY)
    await connection.close()
