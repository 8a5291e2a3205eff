"""Make sure that there is a Chromium for the page tests: on PATH, else Debian's as root, else Playwright's own in its cache.

Without one the page tests are skipped; where CI is set that is an error.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLAYWRIGHT = Path(sys.executable).parent / "playwright"


def on_path() -> str | None:
    """Path of an installed Chromium or Chrome that answers; Ubuntu's `chromium-browser` may only point to a snap."""
    for name in NAMES:
        if (path := shutil.which(name)) and succeeds([path, "--version"]):
            return path
    return None


def succeeds(command: list[str]) -> bool:
    """Run a command quietly; tell whether it worked."""
    try:
        return subprocess.run(command, capture_output=True, check=False, timeout=900).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> int:
    """Look, install if need be; gives the exit code."""
    if on_path():
        return 0
    if os.geteuid() == 0 and shutil.which("apt-get") and shutil.which("dpkg"):
        print("Installing the system's Chromium with apt-get, for the page tests")
        if succeeds(["apt-get", "install", "-y", "--no-install-recommends", "chromium"]) and on_path():
            return 0
        succeeds([str(PLAYWRIGHT), "install-deps", "chromium"])
    if succeeds([str(PLAYWRIGHT), "install", "chromium"]):
        return 0
    print("There is no Chromium, and none could be installed: the page tests will be skipped.")
    return 1 if os.environ.get("CI") else 0


if __name__ == "__main__":
    sys.exit(main())
