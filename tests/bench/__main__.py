"""`make bench`: run every benchmark and print one table of ratios; fails on errors only, never on a figure.

make bench ARGS="--list"    which there are, and how long each takes
make bench ARGS="growth gateway_proxy --json figures.json"

A benchmark that fails does not take the others' results with it: the table comes in any case, after Ctrl-C too, and the file of
`--json` is written anew after each. `LOOP_BENCH_SHARE=0.01` runs those of reporting with a hundredth of their rows: it says
whether they work, and no figure.
"""

import argparse
import sys
import time
from pathlib import Path

from rich.console import Console

from tests.bench._results import Benchmark, Result, as_json, known, machine, measure, report

console = Console(width=118, highlight=False)


def arguments(given: list[str], benchmarks: dict[str, Benchmark]) -> argparse.Namespace:
    """The command line. Ends with a message where it names a benchmark that there is not."""
    minutes = sum(each.seconds for each in benchmarks.values()) / 60
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description=f"Measure, and print one table of ratios. All {len(benchmarks)} take about {minutes:.0f} minutes.",
    )
    parser.add_argument("names", nargs="*", metavar="name", help="benchmarks to run, in this order; none: all")
    parser.add_argument("--list", action="store_true", help="say which benchmarks there are and how long each takes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write machine, figures and aims to a file as well")
    found = parser.parse_args(given)
    if unknown := sorted(set(found.names) - set(benchmarks)):
        parser.error(f"no such benchmark: {', '.join(unknown)}. There are: {', '.join(benchmarks)}.")
    if found.json is not None and not found.json.parent.is_dir():
        parser.error(f"there is no folder {found.json.parent} to write to")
    return found


def main(given: list[str]) -> int:
    """Run the benchmarks; gives the exit code."""
    benchmarks = known()
    asked = arguments(given, benchmarks)
    if asked.list:
        for each in benchmarks.values():
            console.print(f"{each.name:22} {each.seconds:5} s  {each.about}", overflow="ellipsis", no_wrap=True)
        return 0
    before, results = machine(), list[Result]()
    names = list(dict.fromkeys(asked.names)) or list(benchmarks)
    stopped = False
    for number, name in enumerate(names, 1):
        console.print(
            f"{time.strftime('%H:%M:%S')} {number} of {len(names)}: {name}, about {benchmarks[name].seconds} s", style="dim"
        )
        try:
            results.append(measure(benchmarks[name]))
        except KeyboardInterrupt:
            stopped = True
        if asked.json is not None:
            asked.json.write_text(as_json(before, results))
        if stopped:
            break
    console.print(report(results))
    after = machine()
    console.print(f"{before.line()}. Load {before.load:.1f} before, {after.load:.1f} after.", soft_wrap=True)
    left = [name for name in names if name not in {each.name for each in results}]
    if left:
        console.print(f"Not run: {', '.join(left)}.")
    failed = [each.name for each in results if each.error]
    if failed:
        console.print(f"Failed: {', '.join(failed)}; why stands above.", style="red")
    return 1 if failed or left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
