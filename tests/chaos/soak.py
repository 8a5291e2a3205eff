"""A long load without faults: what each process holds must not grow.

python -m tests.chaos.soak [--seconds 3600] [--every 10] [--seed 1] [--pause 0.1]

Every process is looked at again and again: memory of its own (pages that nobody shares), open descriptors, threads. A line is
laid through what was seen after the first fifth, in which caches fill. Exit 1 where it rises by more than `MOST` would allow.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from loop_cli.operator import Operator
from tests.chaos.auditor import audit
from tests.chaos.installation import Installation
from tests.chaos.mixed import MixedLoad
from tests.chaos.running import come_to_rest

console = Console(width=130, highlight=False)
WARMING = 0.2
"""The share of the time of which nothing is said: caches fill, pools open."""
LEAST = {"memory": 8.0, "descriptors": 4.0, "threads": 2.0}
"""What may come and go, in MiB and numbers: a rise that is no more than that over the whole run is none."""
MOST = {"memory": 24.0, "descriptors": 4.0, "threads": 2.0}
"""How much may be added in an hour beyond that."""
FILES = {"postgres": 1000}
"""Descriptors that each process of a program keeps open on purpose, and no more (PostgreSQL's `max_files_per_process`). There
it is the fullest process that counts: the sum over all goes up with every table that a session comes upon."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a process and all below it held: seconds since the beginning, MiB, and numbers."""

    at: float
    memory: float
    descriptors: float
    threads: float


@dataclass
class Series:
    """What was seen of one process."""

    looks: list[Look] = field(default_factory=list)
    files: int | None = None
    """`FILES` of this process."""

    def rise(self, what: str) -> float:
        """By how much the line through what was seen rises in an hour."""
        after = self.looks[-1].at * WARMING
        looks = [look for look in self.looks if look.at >= after]
        if len(looks) < 2 or looks[0].at == looks[-1].at:
            return 0.0
        line = statistics.linear_regression([look.at for look in looks], [getattr(look, what) for look in looks])
        return line.slope * 3600

    def grows(self, what: str) -> bool:
        """Whether it rises by more than is allowed."""
        if what == "descriptors" and self.files is not None:
            return max(look.descriptors for look in self.looks) > self.files + LEAST["descriptors"]
        hours = self.looks[-1].at * (1 - WARMING) / 3600
        return self.rise(what) * hours > LEAST[what] + MOST[what] * hours


def look_at(stack: Installation, began: float) -> dict[str, Look]:
    """What each process holds now."""
    found = {}
    for name in stack.names():
        memory = descriptors = threads = 0.0
        for member in stack.process(name).family():
            try:
                memory += member.memory_full_info().uss / 2**20
                opened = member.num_fds()
                descriptors = max(descriptors, opened) if name in FILES else descriptors + opened
                threads += member.num_threads()
            except psutil.Error:
                continue
        found[name] = Look(time.monotonic() - began, memory, descriptors, threads)
    return found


async def soak(stack: Installation, load: MixedLoad, seconds: float, every: float) -> dict[str, Series]:
    """Send for so long, and look at every process every so often."""
    series = {name: Series(files=FILES.get(name)) for name in stack.names()}
    began = time.monotonic()
    async with load.running():
        while time.monotonic() - began < seconds:
            for name, look in (await asyncio.to_thread(look_at, stack, began)).items():
                series[name].looks.append(look)
            await asyncio.sleep(every)
    await asyncio.to_thread(come_to_rest, stack)
    return series


def show(series: dict[str, Series], records: int) -> list[str]:
    """Print what was seen; gives what grows."""
    hours = max(each.looks[-1].at for each in series.values()) / 3600
    table = Table(
        title=f"{records} records in {hours:.2f} h; the rise in an hour is that of a line through the last four fifths"
    )
    for column in ("process", "MiB first", "last", "most", "rise", "descriptors first", "last", "most", "rise", "threads"):
        table.add_column(column, justify="left" if column == "process" else "right")
    growing = []
    for name, each in series.items():
        row = [name]
        for what in ("memory", "descriptors"):
            seen = [getattr(look, what) for look in each.looks]
            row += [f"{seen[0]:.0f}", f"{seen[-1]:.0f}", f"{max(seen):.0f}", f"{each.rise(what):+.1f}"]
        table.add_row(*row, f"{each.looks[-1].threads:.0f}")
        growing += [f"{name}: {what} rises by {each.rise(what):.1f} in an hour" for what in MOST if each.grows(what)]
    console.print(table)
    return growing


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--every", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.1)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="loop-soak-") as folder:
        Path(folder).chmod(0o711)
        with Installation(Path(folder) / "data", strict=True) as stack, Operator.of(stack.layout.root) as operator:
            load = MixedLoad(stack.url, operator, seed=asked.seed, pause=asked.pause)
            series = asyncio.run(soak(stack, load, asked.seconds, asked.every))
            wrong = [str(each) for each in audit(stack, load.journal)] + load.unexpected + stack.failures
    wrong += show(series, len(load.journal.sent))
    for line in wrong:
        console.print(f"[bold red]{line}[/]", soft_wrap=True)
    if not wrong:
        console.print("[bold green]Nothing grows, and every invariant holds.[/]")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
