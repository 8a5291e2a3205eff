"""Check that a generated file is what its generator writes now: `python tools/same.py <file> <command> [argument ...]`."""

import subprocess
import sys
from pathlib import Path


def main(path: str, *command: str) -> int:
    """Compare a file with a command's output; gives the exit code."""
    written = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if Path(path).read_text() == written:
        return 0
    print(f"{path} is not what `{' '.join(command)}` writes now.")
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
