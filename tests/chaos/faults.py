"""What goes wrong: each fault begins, lasts as long as its chances say, and is over when its function returns."""

import asyncio
import contextlib
import random
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import psutil
from nats.js.api import StreamInfo

from chassis import jetstream
from loop_cli.servers import ChildProcess
from loop_cli.stack.launch import Nursery
from loop_cli.stack.programs import GRACE_SECONDS
from loop_cli.stack.services import PRODUCERS, PROGRAMS, WITH_WORKER, environment
from loop_cli.stack.state import is_ready
from tests.chaos.clock import POSTGRES, jump
from tests.chaos.full_disk import fill_disk
from tests.chaos.installation import Installation
from tests.chaos.proxy import Mode
from tests.chaos.standing import patient_positions, wait

Fault = Callable[[Installation, random.Random], None]

SMALL_WINDOW = 1.0
"""Seconds in which the broker knows a message again, where a fault has to last longer than that."""
SERVERS = ("postgres", "nats")
FULL_DISK = "disk full"
"""Only where the data lie on a disk of their own."""
ALL_CLOCKS = "clocks of all put wrong"
CLOCKS_OF = tuple(f"clock of {who} put wrong" for who in ("PostgreSQL", "the gateway", "a service", "a worker"))
"""These and the one before: only where the processes have clocks of their own."""
ROLLED_BACK = "a service rolled back"
"""Only where the version before is there."""
WORKERS = tuple(program.name for program in PROGRAMS if program.part == "worker")
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
    for name in WORKERS:
        stack.restart(name)


def workers_without_broker(stack: Installation, _: random.Random) -> None:
    """All workers are started while the broker is away; reporting reads in their logs what is written then."""
    with stack.held("nats"):
        stack.nats.kill()
        with contextlib.ExitStack() as held:
            for name in WORKERS:
                held.enter_context(stack.held(name))
                stack.process(name).stop(GRACE_SECONDS)
        goal = {source: written + 1 for source, (_, written) in patient_positions(stack).items()}
        wait(
            lambda: all(patient_positions(stack)[source][0] >= number for source, number in goal.items()),
            "reporting goes on without the broker",
        )


def clocks(*names: str) -> Fault:
    """The clocks of these processes are wrong, and NATS alone is right."""
    return lambda _, chance: jump(names, chance)


def clock_of_one(names: tuple[str, ...]) -> Fault:
    """The clock of one of these is wrong, as of a machine of its own."""
    return lambda _, chance: jump((chance.choice(names),), chance)


def rolled_back(stack: Installation, chance: random.Random) -> None:
    """A service goes back to the version before, with its worker, on the schema of this one, and comes back later."""
    python = stack.before
    assert python is not None
    service = chance.choice(sorted({program.service for program in PROGRAMS}))
    programs = [program for program in PROGRAMS if program.service == service]
    nursery = Nursery(stack.layout.logs / "nursery-before.log", python)
    with contextlib.ExitStack() as ended, contextlib.ExitStack() as held:
        ended.callback(nursery.stop)
        for program in programs:
            held.enter_context(stack.held(program.name))
            stack.process(program.name).stop(GRACE_SECONDS)
            # The version before may know nothing of a port that is opened for it.
            stack.programs.close_port(program.name)
            env = environment(program, stack.addresses, stack.keys, demo_sign_in=stack.demo_sign_in)
            # Each version's own `loop up` says what its pages lead to.
            env["LOOP_NAVIGATION"] = "[]"
            log = stack.layout.logs / f"{program.name}-before.log"
            process = ChildProcess(program.name, [], log, env=env, launcher=nursery.launcher(program.module))
            process.start()
            held.callback(process.stop, GRACE_SECONDS)
        for program in programs:
            port = stack.addresses.ports[program.name]
            wait(partial(is_ready, port), f"{program.name} of the version before is ready")
        time.sleep(chance.uniform(4, 8))


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
    ALL_CLOCKS: clocks(POSTGRES, *(program.name for program in PROGRAMS)),
    CLOCKS_OF[0]: clocks(POSTGRES),
    CLOCKS_OF[1]: clocks("gateway"),
    CLOCKS_OF[2]: clock_of_one(WITH_WORKER),
    CLOCKS_OF[3]: clock_of_one(WORKERS),
    ROLLED_BACK: rolled_back,
    "workers started while the broker is away": workers_without_broker,
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
