"""List processes that run out of a folder or name it on their command line; exits 1 if there are any.

    python tools/left_running.py <folder>

Gives those that are just ending five seconds. Ourselves and whoever started us do not count.
"""

import sys
import time

import psutil

PATIENCE = 5.0  # seconds


def left_running(folder: str) -> list[str]:
    """Describe the processes of a folder, one line each."""
    ours = {process.pid for process in (psutil.Process(), *psutil.Process().parents())}
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "cwd", "status"]):
        info = process.info
        if info["pid"] in ours or info["status"] == psutil.STATUS_ZOMBIE:
            continue
        places = [info["cwd"] or "", *(info["cmdline"] or [])]
        if any(folder in place for place in places):
            found.append(f"{info['pid']}  {' '.join(info['cmdline'] or [])[:160]}")
    return found


def main(folder: str) -> int:
    """Print what is left; gives the exit code."""
    deadline = time.monotonic() + PATIENCE
    while (left := left_running(folder)) and time.monotonic() < deadline:
        time.sleep(0.2)
    print("\n".join(left))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
