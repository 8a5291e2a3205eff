"""Ask the advisory databases about every locked Python package and every npm package of the style sheets.

Exits 1 if one has a known vulnerability. Where a database cannot be reached it says so and passes: a laptop may be without;
with `LOOP_ADVISORIES=required`, as for a release, that fails too: what was not checked is not known to be well.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FRONTEND = ROOT / "tools" / "frontend"
UNREACHABLE = re.compile(
    r"ConnectionError|ConnectionTimeout|ServiceError|Max retries|timed out|Temporary failure|ProxyError|HTTPError"
)


def main() -> int:
    """Ask both; gives the exit code."""
    return max(_python(), _npm())


def _unasked(what: str) -> int:
    required = os.environ.get("LOOP_ADVISORIES") == "required"
    print(f"{'Failed' if required else 'Note'}: the advisories about {what} cannot be reached from here; nothing was checked.")
    return int(required)


def _python() -> int:
    command = ["pip-audit", "--requirement", "locks/dev.txt", "--require-hashes", "--disable-pip", "--progress-spinner", "off"]
    try:
        done = subprocess.run([*command, "--timeout", "10"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=180)
    except subprocess.TimeoutExpired:
        return _unasked("Python packages")
    if done.returncode == 0:
        return 0
    if UNREACHABLE.search(done.stderr) and "Fix Versions" not in done.stdout:
        return _unasked("Python packages")
    print(done.stdout + done.stderr)
    return 1


def _npm() -> int:
    """Of what ends in an image (`dependencies`), any weakness; of what only builds and tests, none is asked."""
    npm = Path(sys.executable).parent / "npm"
    if not npm.exists() or not (FRONTEND / "package-lock.json").exists():
        return _unasked("npm packages")
    command = [str(npm), "audit", "--omit=dev", "--json", "--fetch-timeout=10000", "--fetch-retries=1"]
    try:
        done = subprocess.run(command, cwd=FRONTEND, capture_output=True, text=True, check=False, timeout=120)
    except subprocess.TimeoutExpired:
        return _unasked("npm packages")
    return read_npm(done.stdout)


def read_npm(answer: str) -> int:
    """The exit code for what npm says."""
    try:
        found = json.loads(answer)
        total = int(found["metadata"]["vulnerabilities"]["total"])
    except (ValueError, KeyError, TypeError):
        return _unasked("npm packages")
    if total:
        print(json.dumps(found["vulnerabilities"], indent=1))
    return int(total > 0)


if __name__ == "__main__":
    sys.exit(main())
