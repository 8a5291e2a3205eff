"""Make sure that there are an nginx and a Caddy for the tests of forward-auth: on PATH, else Debian's, unpacked below .cache.

They are unpacked and not installed: nothing of the machine changes, no server starts, and it needs no root. Without one its
tests are skipped.
"""

import shutil
import subprocess
import sys
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "proxies"
PLACES = {"nginx": "usr/sbin/nginx", "caddy": "usr/bin/caddy"}
_RUNS = {"nginx": ("-V", "http_auth_request_module"), "caddy": ("list-modules", "http.handlers.reverse_proxy")}
_SECONDS = 90


def found(name: str) -> str | None:
    """Path of a program that runs here and can ask about requests: `nginx` or `caddy`."""
    unpacked = CACHE / "root" / PLACES[name]
    asked, says = _RUNS[name]
    for path in (shutil.which(name), str(unpacked) if unpacked.exists() else None):
        if path and says in said([path, asked]):
            return path
    return None


def said(command: list[str], folder: Path | None = None) -> str:
    """What a command writes, or nothing when it fails or takes too long."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout + done.stderr if done.returncode == 0 else ""


def main() -> int:
    """Look, unpack if need be; a machine without Debian's packages goes without."""
    able = shutil.which("apt-get") and shutil.which("dpkg-deb")
    for name in PLACES:
        if found(name) is None and able:
            CACHE.mkdir(parents=True, exist_ok=True)
            said(["apt-get", "download", "-q", name], CACHE)
            for package in sorted(CACHE.glob(f"{name}_*.deb"))[-1:]:
                said(["dpkg-deb", "-x", package.name, "root"], CACHE)
                package.unlink()
        if found(name) is None:
            print(f"There is no {name}, and none could be unpacked: the test of forward-auth behind it will be skipped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
