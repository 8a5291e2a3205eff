"""Whether every event that was written has been published in order and projected once."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from loop_cli.demo_api import Api, DemoError
from loop_cli.stack import EmbeddedStack

SOURCES = ("audit", "feedback", "complaints")
PATIENCE = 60.0
_PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Written:
    """The event log of a service: rows, rows with a number, and the highest number."""

    rows: int
    numbered: int
    head: int


def written(stack: EmbeddedStack) -> dict[str, Written]:
    """What stands in the event logs of all producing services, counted in their tables."""
    query = "\n".join(f"select count(*), count(sequence), coalesce(max(sequence), 0) from {each}.outbox;" for each in SOURCES)  # noqa: S608
    lines = stack.postgres.run_sql(query, database="loop").splitlines()
    return {source: Written(*map(int, line.split("|"))) for source, line in zip(SOURCES, lines, strict=True)}


async def projected(api: Api) -> dict[str, tuple[int, int]]:
    """By source: the number up to which reporting has applied all events, and how many it could not apply."""
    body = await api.get("/reporting/v1/progress")
    return {each["source"]: (each["applied"], each["dead_letters"]) for each in body["sources"]}


async def wait_for_all(stack: EmbeddedStack, api: Api, tick: Callable[[int, int], None]) -> dict[str, Written]:
    """Waits until reporting has applied every event of every log; `tick` is told how many of how many.

    Raises DemoError when that does not come about, when a log has a gap, or when events were put aside.
    """
    until = time.monotonic() + PATIENCE
    while True:
        logs, applied = await asyncio.to_thread(written, stack), await projected(api)
        done = {source: applied.get(source, (0, 0))[0] for source in SOURCES}
        tick(sum(done.values()), sum(log.rows for log in logs.values()))
        if all(log.rows == log.numbered == done[source] for source, log in logs.items()):
            break
        if time.monotonic() > until:
            raise DemoError(f"Events are missing from reporting after {PATIENCE:.0f} s: {_missing(logs, done)}")
        await asyncio.sleep(_PAUSE)
    for source, log in logs.items():
        if log.head != log.rows:
            raise DemoError(f"The event log of {source} has {log.rows} events and numbers up to {log.head}.")
        if put_aside := applied[source][1]:
            raise DemoError(
                f"{put_aside} events of {source} were put aside (dead letters). `loop logs reporting-worker` says why."
            )
    return logs


def _missing(logs: Mapping[str, Written], done: Mapping[str, int]) -> str:
    return ", ".join(f"{source} {done[source]} of {log.rows} ({log.numbered} published)" for source, log in logs.items())
