"""Set up the checkout: a virtual environment in .venv with every locked package, our own packages, the pages' assets.

Run by `make setup`, `make demo` and `make test`; does nothing when everything is as it should be. Needs Python 3.11 and nothing
else: neither uv nor python3-venv nor pip nor Node. (This file is written so that an old Python can read it and say so.)
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "set-up.stamp"
LOCK = ROOT / "locks" / "dev.txt"
MEMBERS = ["libs/chassis", "libs/contracts", "services/audit", "services/feedback", "services/complaints", "services/reporting"]
MEMBERS += ["gateway", "cli"]
FRONTEND_BUILD = ROOT / "tools" / "frontend" / "build.py"
NEEDED_MB = 1500


def main() -> None:
    """Check, and set up what is missing or has changed."""
    if sys.version_info < (3, 11):  # noqa: UP036 - it is run by whatever python3 is
        sys.exit(
            f"Learning Loop needs Python 3.11 or newer; {sys.executable} is {platform.python_version()}.\n"
            "Install one (Debian, Ubuntu: `apt install python3.11`; macOS: `brew install python@3.12`) "
            "and name it: `make setup PYTHON=python3.11`."
        )
    wanted = _fingerprint()
    if not (PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted):
        began = time.monotonic()
        _check_space()
        STAMP.unlink(missing_ok=True)
        _make_environment()
        _install()
        STAMP.write_text(wanted)
        say(f"Installed in {time.monotonic() - began:.0f} s.")
    _build_assets()


def say(line: str) -> None:
    """Print at once, so that it stands before what the programs we run print."""
    print(line, flush=True)


def _fingerprint() -> str:
    """Hash what the environment depends on; it cannot be moved either, and is good for one Python only."""
    digest = hashlib.sha256(f"{ROOT} {platform.python_version()} {platform.machine()}".encode())
    for path in [LOCK, *(ROOT / member / "pyproject.toml" for member in MEMBERS)]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _check_space() -> None:
    free = shutil.disk_usage(str(ROOT)).free // 2**20
    if free < NEEDED_MB:
        sys.exit(f"The disk that holds {ROOT} has {free} MB left; the set-up needs {NEEDED_MB} MB.")


def _make_environment() -> None:
    """Make .venv without pip, so that python3-venv (Debian's package with ensurepip) is not needed."""
    if PYTHON.exists():
        question = [str(PYTHON), "-c", "import platform; print(platform.python_version())"]
        version = subprocess.run(question, capture_output=True, text=True, check=False).stdout.strip()
        if version == platform.python_version() and str(VENV) in (VENV / "bin" / "activate").read_text():
            return
        say("The environment in .venv is of another Python or another place; it is made anew.")
    say(f"Making a virtual environment in {VENV} with Python {platform.python_version()}")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--clear", str(VENV)], check=True)


def _install() -> None:
    """Install the locked packages, checked by their hashes, then our own as editable ones."""
    packages = sum(1 for line in LOCK.read_text().splitlines() if "==" in line)
    editable = [part for member in MEMBERS for part in ("-e", str(ROOT / member))]
    locked, own = ["--require-hashes", "-r", str(LOCK)], ["--no-deps", "--no-build-isolation", *editable]
    uv = shutil.which("uv")
    if uv:
        say(f"Installing {packages} locked packages into .venv with uv (downloads are kept in uv's cache)")
        command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON), "--compile-bytecode"]
        # Without VIRTUAL_ENV, so that an environment that happens to be active is not touched.
        env = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
        done = (subprocess.run([*command, *part], env=env, check=False, cwd=str(ROOT)) for part in (locked, own))
        if all(one.returncode == 0 for one in done):
            return
        say("uv could not install them (it does not read pip's configuration); trying pip.")
    say(f"Installing {packages} locked packages into .venv with pip; it takes a minute (downloads are kept in pip's cache)")
    pip = [str(PYTHON), str(_vendored_pip() / "pip"), "--disable-pip-version-check"]
    command = [*pip, "install", "--quiet", "--no-input", "--progress-bar", "off", "--no-warn-script-location"]
    for part in (locked, own):
        if subprocess.run([*command, *part], check=False, cwd=str(ROOT)).returncode:
            sys.exit(
                "The packages could not be installed; the reason is above. Nothing outside .venv was changed.\n"
                "Behind a proxy or with a package mirror, set it up for pip (`pip config`), then run `make setup` again."
            )


def _vendored_pip() -> Path:
    """Path of the pip that comes with the checkout, after comparing it with the lock."""
    wheel = next((ROOT / "tools" / "vendor").glob("pip-*.whl"))
    if hashlib.sha256(wheel.read_bytes()).hexdigest() not in LOCK.read_text():
        sys.exit(f"{wheel} is not the pip that locks/dev.txt names.")
    return wheel


def _build_assets() -> None:
    """Build style sheets and scripts into the chassis; quick when they are current. npm puts its packages beside build.py."""
    if subprocess.run([str(PYTHON), str(FRONTEND_BUILD)], check=False, cwd=str(ROOT)).returncode:
        sys.exit("The pages' style sheets could not be built; the reason is above. Then run `make setup` again.")


if __name__ == "__main__":
    main()
