"""`make bench`: run every benchmark and print one table of ratios; fails on errors only, never on a figure.

python -m tests.bench [name ...]    names are the modules of this folder

`LOOP_BENCH_SHARE=0.01` runs those of reporting with a hundredth of their rows: it says whether they work, and no figure.
"""

import importlib
import os
import pkgutil
import platform
import sys
import time
import traceback
from pathlib import Path
from types import ModuleType

import psutil
from rich.console import Console
from rich.table import Table

HERE = Path(__file__).resolve().parent
console = Console(width=110, highlight=False)


def modules(names: list[str]) -> list[str]:
    """Names of the benchmarks to run: those asked for, or all that have a `run`."""
    known = sorted(each.name for each in pkgutil.iter_modules([str(HERE)]) if not each.name.startswith("_"))
    known = [name for name in known if "\ndef run(" in (HERE / f"{name}.py").read_text()]
    if unknown := set(names) - set(known):
        sys.exit(f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(known)}.")
    return names or known


def shown(value: float) -> str:
    """A figure with three significant digits, large ones in full."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def measure(name: str, table: Table) -> bool:
    """Run one benchmark into the table; gives whether it worked."""
    console.print(f"{name} …", style="dim")
    began = time.monotonic()
    try:
        module: ModuleType = importlib.import_module(f"tests.bench.{name}")
        figures: dict[str, float] = module.run()
    except Exception:  # noqa: BLE001 - one that fails must not hide the others; the exit code tells
        traceback.print_exc()
        table.add_row(name, "[red]failed[/red]", "", "")
        return False
    aims: dict[str, str] = getattr(module, "AIMS", {})
    for label, value in figures.items():
        table.add_row(name, label, shown(value), aims.get(label, ""))
        name = ""
    table.add_row("", f"[dim]took {time.monotonic() - began:.0f} s[/dim]", "", "", end_section=True)
    return True


def main(names: list[str]) -> int:
    """Run the benchmarks; gives the exit code."""
    table = Table(title="Ratios within one run; single timings on a shared machine say little")
    for column in ("benchmark", "figure", "measured", "aim"):
        table.add_column(column, justify="right" if column == "measured" else "left")
    worked = [measure(name, table) for name in modules(names)]
    console.print(table)
    memory = psutil.virtual_memory().total / 2**30
    console.print(f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}")
    return 0 if all(worked) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
