"""A run: the load in the background, one fault after the other, each until everything works again."""

import asyncio
import random
import time
from collections.abc import Callable, Iterable

from loop_cli.stack.services import PRODUCERS, WITH_WORKER
from tests.chaos.auditor import Finding, finding
from tests.chaos.copies import Copies
from tests.chaos.faults import FAULTS
from tests.chaos.installation import Installation
from tests.chaos.mixed import PATIENCE, MixedLoad
from tests.chaos.standing import patient_positions, wait
from tests.projected import wait_until_projected

WRITES = ("outcome", "complaint", "compliment", "invitation", "kpi")
"""Kinds of records of which one more has to be answered 2xx before writing is said to work again."""
PAUSE = (0.5, 3.0)
"""Seconds between two faults in which all is well."""


async def run(
    stack: Installation,
    load: MixedLoad,
    faults: Iterable[tuple[str, int]],
    *,
    seconds: float | None = None,
    pause: tuple[float, float] = PAUSE,
    copies: Copies | None = None,
    tell: Callable[[str], None] = lambda _: None,
) -> list[Finding]:
    """Let the faults happen in their order, all of them or until `seconds` are over, and write down what became of each.

    When it returns, everything that was begun was answered or given up, and reporting stands at the end of each log. Gives
    what is wrong with the copies that somebody kept meanwhile.
    """
    stopping = asyncio.Event()
    pulling = asyncio.create_task(copies.run(stopping)) if copies else None
    try:
        async with load.running():
            await load.until(1, WRITES)
            until = time.monotonic() + (seconds or float("inf"))
            for name, seed in faults:
                if time.monotonic() > until:
                    break
                chance = random.Random(seed)
                tell(f"{load.journal.now:7.1f}  {name}")
                await asyncio.to_thread(one_fault, stack, load, name, seed, chance)
                await asyncio.sleep(chance.uniform(*pause))
        await asyncio.to_thread(come_to_rest, stack)
    finally:
        stopping.set()
        if pulling:
            await pulling
    wrong = finding("A copy kept by delta links is what the whole table is", await copies.differences()) if copies else []
    await asyncio.to_thread(come_to_rest, stack)
    return wrong


def come_to_rest(stack: Installation) -> None:
    """Wait until everything is ready, published and reported, and the trail is joined."""
    stack.wait_ready()
    wait_until_projected(stack, PATIENCE)
    open_ends = " + ".join(
        [f"(select count(*) from {service}.outbox where published_at is null)" for service in PRODUCERS]
        + [f"(select count(*) from {service}.trail where number is null)" for service in WITH_WORKER]
    )
    wait(lambda: stack.postgres.run_sql(f"select {open_ends}", database="loop") == "0", "all is published and joined")


def one_fault(stack: Installation, load: MixedLoad, name: str, seed: int, chance: random.Random) -> None:
    """One fault, and how long it took until writing worked again and reporting had caught up with what was written then."""
    journal = load.journal
    began = journal.now
    FAULTS[name](stack, chance)
    over = journal.now
    goal = {kind: journal.done(kind) + 1 for kind in WRITES}
    wait(lambda: all(journal.done(kind) >= count for kind, count in goal.items()), f"{name}: writing works again")
    writes = journal.now
    stack.wait_ready()
    ready = journal.now
    target = {source: written for source, (_, written) in patient_positions(stack).items()}
    wait(
        lambda: all(patient_positions(stack)[source][0] >= written for source, written in target.items()),
        f"{name}: reporting has caught up",
    )
    journal.happened.append(
        {
            "fault": name, "seed": seed, "at": began, "lasted": over - began, "writing": writes - over, "ready": ready - over,
            "reporting": journal.now - over,
        }
    )  # fmt: skip
