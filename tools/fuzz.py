"""Look for input that a parser does not take as it should (docs/security/parsers.md), for as long as is said.

python tools/fuzz.py --seconds 600 --seed 1 [more of pytest's arguments]

Round after round, each with the next seed and 500 examples of each test, within a bound of memory. Ends with the first fault,
and says how to bring it back: the same seed tries the same examples.
"""

import argparse
import re
import resource
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_WIDTH, _LINES = 400, 120
_MEMORY = 4 * 1024**3
_LIMIT = 600
"""Seconds of one test: longer takes what has no end."""


def rounds(seconds: float, seed: int, more: list[str]) -> int:
    """Rounds until the time is over; the exit status of the first that fails, else 0."""
    ends = time.monotonic() + seconds
    examples = done = 0
    while time.monotonic() < ends or not done:
        command = [
            sys.executable, "-m", "pytest", "-m", "fuzz", "-q", "-n0", "-x", "-p", "no:cacheprovider", "--show-capture=no",
            "--hypothesis-profile", "fuzz", f"--hypothesis-seed={seed + done}", "--hypothesis-show-statistics",
            "-o", f"faulthandler_timeout={_LIMIT}", *(more or ["libs", "services", "gateway"]),
        ]  # fmt: skip
        begun = time.monotonic()
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, preexec_fn=_bound)
        examples += sum(int(each) for each in re.findall(r"- (\d+) passing, ", ran.stdout))
        done += 1
        print(f"seed {seed + done - 1}: {time.monotonic() - begun:.0f} s, {examples:,} examples so far", flush=True)
        if ran.returncode:
            shown = ran.stdout.partition("= Hypothesis Statistics =")[0]
            print("\n".join(line[:_WIDTH] for line in shown.splitlines()[-_LINES:]), ran.stderr[-5_000:])
            print(f"Bring it back with: make fuzz SECONDS=0 SEED={seed + done - 1}")
            return ran.returncode
    print(f"{examples:,} examples in {done} rounds, and every parser gave a value or its own error.")
    return 0


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))


def main() -> int:
    """Do what the arguments say; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    given, more = parser.parse_known_args()
    return rounds(given.seconds, given.seed, more)


if __name__ == "__main__":
    sys.exit(main())
