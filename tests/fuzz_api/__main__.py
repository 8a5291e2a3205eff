"""The long form: start an installation, try everything, and say what was found.

python -m tests.fuzz_api [--examples 30] [--hostile 60] [--seed 1] [--only TEXT]

Each operation gets `examples` values that fit, as many that do not and as many boundaries, `hostile` broken requests, and one
request by every caller. The same seed sends the same requests; `--only` keeps operations whose label holds a text. Ctrl-C ends
it, and tells what was found until then.
"""

import argparse
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from loop_cli.operator import Operator
from loop_cli.servers import free_port
from loop_cli.stack.embedded import EmbeddedStack
from tests.fuzz_api.generating import described
from tests.fuzz_api.running import LEFT_OUT, Budget, Run
from tests.fuzz_api.world import world


def main(arguments: list[str]) -> int:
    """Do what the arguments say; gives the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz_api", description=__doc__.partition("\n")[0])
    parser.add_argument("--examples", type=int, default=30)
    parser.add_argument("--hostile", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--only", default="")
    asked = parser.parse_args(arguments)
    say(f"seed {asked.seed}")
    with ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        stack = open_.enter_context(EmbeddedStack(folder / "data", port=free_port(), demo_sign_in=True))
        operator = open_.enter_context(Operator.of(stack.layout.root))
        run = Run(open_.enter_context(world(stack.url, operator)), asked.seed, say)
        document = described(stack.url)
        began = time.monotonic()
        budget = Budget(asked.examples, asked.examples, asked.examples, asked.hostile, every_caller=True)
        try:
            run.over(document, budget, lambda label: asked.only in label)
        except KeyboardInterrupt:
            say("ended before its end")
        seconds = time.monotonic() - began
    tell(run, seconds)
    return 1 if run.findings else 0


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def tell(run: Run, seconds: float) -> None:
    """Print counts and findings."""
    total = run.by_caller.total()
    say(f"\n{total} requests to {len(run.by_operation)} operations as {len(run.by_caller)} callers in {seconds:.0f} s")
    say("by status: " + ", ".join(f"{status} {count}" for status, count in sorted(run.by_status.items())))
    for name, count in sorted(run.by_caller.items()):
        say(f"  {count:6} as {name}")
    for label, count in sorted(run.by_operation.items()):
        say(f"  {count:6} {label}")
    for label in sorted(set(run.by_operation) - run.reached):
        say(f"never answered 2xx: {label}")
    for label, reason in LEFT_OUT.items():
        say(f"left out for those who may: {label}: {reason}")
    say(f"\n{len(run.findings)} findings")
    for line in run.report():
        say(line)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
