"""The long form: start an installation, break one thing after the other under load, and audit what is left.

python -m tests.chaos [--seconds 300] [--seed 1] [--journal FILE] [--only TEXT] [--replay FILE]
python -m tests.chaos --three-nodes | --fail-over [--seed 1]

The same seed breaks the same things in the same order, for as long, and sends the same records. `--replay` takes all of that
from the journal of a run before. `--only` keeps the faults whose name holds a text,
or one of several (`disk|clocks`). Two scenarios of their own: NATS on three
nodes loses one, then two; PostgreSQL is lost and its standby takes over. Exit 1 where an invariant does not hold, an answer is
one that nothing explains, or something does not come back.
"""

import argparse
import asyncio
import contextlib
import itertools
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.table import Table

from loop_cli.operator import Operator
from tests.chaos import full_disk
from tests.chaos.auditor import CHECKS, Finding, audit
from tests.chaos.clock import own_clocks
from tests.chaos.copies import Copies
from tests.chaos.failover import fail_over
from tests.chaos.faults import ALL_CLOCKS, CLOCKS_OF, FAULTS, FULL_DISK, ROLLED_BACK, plan
from tests.chaos.installation import Installation
from tests.chaos.invariants import INVARIANTS
from tests.chaos.journal import Journal
from tests.chaos.mixed import MixedLoad
from tests.chaos.running import run
from tests.chaos.three_nodes import three_nodes
from tests.upgrade.release import commit_before, install

console = Console(width=130, highlight=False)


def main(arguments: Sequence[str]) -> int:
    """Do what the arguments say; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--journal", type=Path, default=Path("build/chaos.jsonl"))
    parser.add_argument("--only", default="")
    parser.add_argument("--replay", type=Path, default=None)
    parser.add_argument("--three-nodes", action="store_true")
    parser.add_argument("--fail-over", action="store_true")
    parser.add_argument("--pause", type=float, default=0.1, help="mean seconds between two requests of a kind")
    asked = parser.parse_args(arguments)
    head = Journal.head_of(asked.replay) if asked.replay else new_head(asked)
    console.print(f"seed {head['seed']}, {head['seconds']:.0f} s; the journal is {asked.journal}")
    if asked.three_nodes:
        return three_nodes(head["seed"], console)
    if asked.fail_over:
        return fail_over(head["seed"], console)
    journal = Journal(head)
    findings: list[Finding] = []
    failed: str | None = None
    with tempfile.TemporaryDirectory(prefix="loop-chaos-", dir=place()) as folder, contextlib.ExitStack() as open_:
        Path(folder).chmod(0o711)
        disk = open_.enter_context(full_disk.own_disk(Path(folder), console.print))
        clocks = open_.enter_context(own_clocks(Path(folder), console.print))
        stack = open_.enter_context(Installation((disk or Path(folder)) / "data", tell=journal_of(journal)))
        operator = open_.enter_context(Operator.of(stack.layout.root))
        load = MixedLoad(stack.url, operator, seed=head["seed"], pause=head["pause"], journal=journal)
        journal.began = time.monotonic()
        try:
            stack.before = version_before(Path(folder), console.print)
            possible = {FULL_DISK: disk, ROLLED_BACK: stack.before} | dict.fromkeys((ALL_CLOCKS, *CLOCKS_OF), clocks)
            faults = [(name, seed) for name, seed in head["faults"] if possible.get(name, name)]
            copies = Copies(stack.url, operator)
            findings = asyncio.run(run(stack, load, faults, seconds=head["seconds"], copies=copies, tell=console.print))
            findings += audit(stack, journal)
        except (TimeoutError, AssertionError, ExceptionGroup) as error:
            failed = f"{type(error).__name__}: {error}: {getattr(error, 'exceptions', '')}"
        unexpected = load.unexpected
        if failed or findings or unexpected:
            keep_logs(stack, asked.journal.with_suffix(".logs"))
    asked.journal.parent.mkdir(parents=True, exist_ok=True)
    journal.write(asked.journal, [asdict(each) for each in findings])
    show(journal)
    return verdict(findings, unexpected, failed)


def new_head(asked: argparse.Namespace) -> dict[str, Any]:
    """What it takes to run this run again."""
    seed = asked.seed if asked.seed is not None else random.SystemRandom().randrange(10**6)
    names = tuple(name for name in FAULTS if any(part in name for part in asked.only.split("|")))
    if not names:
        sys.exit(f"No fault holds {asked.only!r}. There are: {', '.join(FAULTS)}.")
    return {
        "seed": seed,
        "seconds": asked.seconds,
        "pause": asked.pause,
        "faults": list(itertools.islice(plan(seed, names), max(len(names), int(asked.seconds)))),
    }


def place() -> str | None:
    """Where the data may lie: what the environment says, else the usual folder for what is gone tomorrow."""
    return os.environ.get("LOOP_CHAOS_FOLDER")


def version_before(folder: Path, tell: Callable[[str], None]) -> Path | None:
    """A Python with the version before; None, with the reason told, where this checkout has it not."""
    try:
        return install(commit_before(), folder / "before")
    # `commit_before` is a test's as well, and skips it where the history is not there.
    except (pytest.skip.Exception, OSError, subprocess.CalledProcessError) as error:
        tell(f"No service is rolled back: {error}")
        return None


def keep_logs(stack: Installation, folder: Path) -> None:
    """Keep what the processes wrote, beside the journal."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(stack.layout.logs, folder)
    console.print(f"What the processes wrote is in {folder}")


def journal_of(journal: Journal) -> Any:
    """Write down what the supervisor says."""
    return lambda line: journal.happened.append({"supervisor": line, "at": journal.now})


def show(journal: Journal) -> None:
    """Print faults with their times, and what was sent with what came back."""
    table = Table(title="Seconds; the last three from the end of the fault")
    for column in ("fault", "at", "lasted", "writing again", "all ready", "reporting caught up"):
        table.add_column(column, justify="left" if column == "fault" else "right")
    for each in journal.happened:
        if "fault" in each:
            values = (each[name] for name in ("at", "lasted", "writing", "ready", "reporting"))
            table.add_row(each["fault"], *(f"{value:.1f}" for value in values))
    console.print(table)
    counts = journal.counts()
    table = Table(title=f"{len(journal.sent)} records sent, of two organisations; {sum(e.tries for e in journal.sent)} tries")
    for column in ("kind", "answered 2xx", "refused", "never answered"):
        table.add_column(column, justify="left" if column == "kind" else "right")
    for kind in sorted({kind for kind, _ in counts}):
        table.add_row(kind, *(str(counts[kind, answer]) for answer in ("done", "refused", "unknown")))
    console.print(table)


def verdict(findings: Sequence[Finding], unexpected: Sequence[str], failed: str | None) -> int:
    """Print what is wrong; gives the exit code."""
    for each in findings:
        console.print(f"[bold red]{each}[/]", soft_wrap=True)
    for line in unexpected:
        console.print(f"[bold red]Unexpected answer:[/] {line}", soft_wrap=True)
    if failed:
        console.print(f"[bold red]It did not come to its end:[/] {failed}", soft_wrap=True)
        return 1
    if findings or unexpected:
        return 1
    console.print(f"[bold green]All {len(INVARIANTS) + len(CHECKS) + 1} invariants hold.[/]")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
