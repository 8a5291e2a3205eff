"""Run the checks of tools/checks.toml, all of them, and say at the end which failed.

    python tools/check.py [name ...]

Exits 1 if one failed.
"""

import os
import subprocess
import sys
import time
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(names: list[str]) -> int:
    """Run the named checks, or all; gives the exit code."""
    checks = tomllib.loads((ROOT / "tools" / "checks.toml").read_text())["check"]
    if unknown := set(names) - {check["name"] for check in checks}:
        print(f"No such check: {', '.join(sorted(unknown))}")
        return 2
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    failed = []
    for check in checks:
        if names and check["name"] not in names:
            continue
        began = time.monotonic()
        done = subprocess.run(check["run"], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        passed = done.returncode == 0
        print(f"{'passed' if passed else 'FAILED'}  {check['name']:<16} {time.monotonic() - began:5.1f} s", flush=True)
        if not passed:
            failed.append(check["name"])
            print((done.stdout + done.stderr).rstrip())
            if "mend" in check:
                print(f"→ {check['mend']}")
        elif note := [line for line in done.stdout.splitlines() if line.startswith("Note:")]:
            print("        " + "\n        ".join(note))
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll checks passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
