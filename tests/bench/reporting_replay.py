"""Events a second when reporting's read models are rebuilt from empty, through the real event logs over HTTP.

The producers' workers serve their logs from PostgreSQL with durable settings; the three consumers of reporting read them at the
same time, as they do in its worker. A third each: surveys with eight answers, audits with five sections, complaint events.
Run it with `python -m tests.bench reporting_replay`.
"""

import asyncio
import time

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.consumer import BatchApplier
from chassis.event_log import LogClient
from reporting.events.projection import ReportingProjection
from reporting.worker import SOURCES, models_of, spare_the_collector
from tests.bench._reporting import Installation, complaint, fill, installation, outcome, response, share, took

EACH = share(12_000)
SECONDS_TAKEN = 90
AIMS = {"events_per_second": "5,000 or more"}


def run() -> dict[str, float]:
    """Rebuild twice; the second time tables and indexes have to be emptied first, as for a real rebuild."""
    with installation() as held:
        addresses = {source: held.start(source, "worker") for source in SOURCES}
        return asyncio.run(_measure(held, addresses))


async def _measure(held: Installation, addresses: dict[str, str]) -> dict[str, float]:
    events = {
        "audit": (outcome(number) for number in range(EACH)),
        "feedback": (response(number) for number in range(EACH)),
        "complaints": (event for number in range(EACH // 3) for event in complaint(number)),
    }
    total = 0
    for source, made in events.items():
        total += await fill(held.databases[source], made)
    url = held.databases["reporting"].url("worker").replace("postgresql:", "postgresql+asyncpg:")
    engine = create_async_engine(url, connect_args={"server_settings": {"jit": "off"}})
    logs = LogClient("reporting", addresses, held.signer("reporting"))
    appliers = [BatchApplier("reporting", source, engine, ReportingProjection(), models_of(source), logs) for source in SOURCES]
    spare_the_collector()  # as its worker does
    figures = {"events": float(total)}
    for name in ("first", "events_per_second"):
        await appliers[0].clear()
        began = time.perf_counter()
        await asyncio.gather(*(applier.catch_up() for applier in appliers))
        figures[name] = total / took(began)
    figures["first_events_per_second"] = figures.pop("first")
    async with engine.begin() as connection:
        await connection.execute(
            text("select set_config('app.areas', '*', true), set_config('app.org', 'worcestershire', true)")
        )
        figures["answers"] = float((await connection.execute(text("select count(*) from fact_answer"))).scalar_one())
    await logs.close()
    await engine.dispose()
    return figures
