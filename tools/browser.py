"""Make sure that there is a Chromium for page tests: Debian's as root, else one on PATH, else Playwright's own in its cache.

Debian has it without the windows around it, which starts a profile in a third of the time: it is preferred to one on PATH.
Without one the page tests are skipped; where CI is set that is an error.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHT = Path(sys.executable).parent / "playwright"


def on_path() -> str | None:
    """Path of an installed Chromium or Chrome that answers; Ubuntu's `chromium-browser` may only point to a snap."""
    for name in NAMES:
        if (path := shutil.which(name)) and succeeds([path, "--version"]):
            return path
    return None


def succeeds(command: list[str], seconds: float = 900) -> bool:
    """Run a command quietly; tell whether it worked, in time."""
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=seconds).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    """Look, install if need be; gives the exit code."""
    if shutil.which(SHELL):
        return 0
    debian = os.geteuid() == 0 and shutil.which("apt-get") and shutil.which("dpkg")
    if debian:
        print("Installing the system's Chromium with apt-get, for the page tests")
        for package in (SHELL, "chromium"):
            # Where there is a browser already, a mirror that does not answer is not waited for.
            seconds = 120 if on_path() else 900
            if succeeds(["apt-get", "install", "-y", "--no-install-recommends", package], seconds) or on_path():
                break
    if on_path():
        return 0
    if debian:
        succeeds([str(PLAYWRIGHT), "install-deps", "chromium"])
    if succeeds([str(PLAYWRIGHT), "install", "chromium"]):
        return 0
    print("There is no Chromium, and none could be installed: the page tests will be skipped.")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
