"""What goes wrong: each fault begins, lasts as long as its chances say, and is over when its function returns."""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import psutil
from nats.js.api import StreamInfo

from chassis import jetstream
from loop_cli.stack.services import PRODUCERS, PROGRAMS
from tests.chaos.clock import jump
from tests.chaos.full_disk import fill_disk
from tests.chaos.installation import Installation
from tests.chaos.proxy import Mode

Fault = Callable[[Installation, random.Random], None]

SMALL_WINDOW = 1.0
"""Seconds in which the broker knows a message again, where a fault has to last longer than that."""
SERVERS = ("postgres", "nats")
FULL_DISK = "disk full"
"""Only where the data lie on a disk of their own."""
CLOCKS = "clocks put wrong by hours"
"""Only where the processes have a clock of their own."""
NAMES = (*SERVERS, *(program.name for program in PROGRAMS))


def kill(name: str) -> Fault:
    """Kill -9; the supervisor starts it again."""
    return lambda stack, _: stack.process(name).kill()


def freeze(name: str) -> Fault:
    """SIGSTOP for some seconds, then SIGCONT: it wakes up and believes that no time has passed."""

    def act(stack: Installation, chance: random.Random) -> None:
        family = stack.process(name).family()
        try:
            for member in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.suspend()
            time.sleep(chance.uniform(2, 6))
        finally:
            for member in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    member.resume()

    return act


def network(server: str, mode: Mode, least: float, most: float) -> Fault:
    """The network between all processes and a server is bad for some seconds."""

    def act(stack: Installation, chance: random.Random) -> None:
        proxy = stack.network[server]
        proxy.behave(mode)
        try:
            time.sleep(chance.uniform(least, most))
        finally:
            proxy.behave("pass")

    return act


def restart_fast(stack: Installation, _: random.Random) -> None:
    """PostgreSQL is shut down as for maintenance, and started again."""
    stack.restart("postgres")


def restart_at_once(stack: Installation, _: random.Random) -> None:
    """PostgreSQL is shut down without a checkpoint, and recovers."""
    stack.process("postgres").send(signal.SIGQUIT)


def restart_workers(stack: Installation, _: random.Random) -> None:
    """All workers are restarted, one after the other, as for an update."""
    for program in PROGRAMS:
        if program.part == "worker":
            stack.restart(program.name)


def wipe_broker(stack: Installation, _: random.Random) -> None:
    """The broker comes back without anything that it held."""
    with stack.held("nats"):
        stack.nats.kill()
        stack.nats.wipe()


def broker_away(stack: Installation, chance: random.Random) -> None:
    """The broker is away for longer than it knows messages again."""
    shrink_window(stack)
    with stack.held("nats"):
        stack.nats.kill()
        time.sleep(chance.uniform(3, 6) * SMALL_WINDOW)


def acknowledgements_lost(stack: Installation, chance: random.Random) -> None:
    """What the relays publish arrives, and they are not told; they send it again when the broker does not know it any more."""
    shrink_window(stack)
    network("nats", "deaf", 3 * SMALL_WINDOW, 6 * SMALL_WINDOW)(stack, chance)


def shrink_window(stack: Installation) -> None:
    """Let the broker forget within a second what it has stored; until it is started again."""

    async def act() -> None:
        client = await jetstream.connect_once(stack.nats.url, "chaos")
        try:
            js = client.jetstream(timeout=10)
            for service in PRODUCERS:
                info: StreamInfo = await js.stream_info(jetstream.stream_name(service))
                await js.update_stream(replace(info.config, duplicate_window=SMALL_WINDOW))
        finally:
            await client.close()

    asyncio.run(act())


FAULTS: dict[str, Fault] = {
    **{f"kill -9 {name}": kill(name) for name in NAMES},
    **{f"freeze {name}": freeze(name) for name in NAMES},
    **{f"network to {name} cut": network(name, "cut", 1, 5) for name in SERVERS},
    **{f"network to {name} slow": network(name, "slow", 3, 8) for name in SERVERS},
    **{f"network to {name} stalled": network(name, "stall", 2, 8) for name in SERVERS},
    "PostgreSQL restarted, fast": restart_fast,
    "PostgreSQL restarted, immediate": restart_at_once,
    "workers restarted": restart_workers,
    FULL_DISK: fill_disk,
    CLOCKS: jump,
    "broker storage wiped": wipe_broker,
    "broker away for longer than the duplicate window": broker_away,
    "acknowledgements lost for longer than the duplicate window": acknowledgements_lost,
}


def plan(seed: int, names: tuple[str, ...] = tuple(FAULTS)) -> Iterator[tuple[str, int]]:
    """Faults in an order that follows from the seed, each with the seed of its own chances: all of them, then all anew."""
    chance = random.Random(f"{seed}/faults")
    while True:
        for name in chance.sample(names, len(names)):
            yield name, chance.getrandbits(32)
