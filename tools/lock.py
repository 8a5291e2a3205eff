"""Write locks/*.txt from the pyproject files, or check that they are current.

    python tools/lock.py [--upgrade] | --check

locks/dev.txt holds everything that any part of the repository needs; one file a deployable holds what that one needs, and
docs.txt what the site of the documentation does, at the versions of dev.txt. Every package has its hashes, and no file names an
index, so that an installation can use its own mirror.
`--check` needs no network: every direct dependency is locked, and all files have the same versions.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "locks"
MEMBERS = {
    "loop-chassis": "libs/chassis",
    "loop-contracts": "libs/contracts",
    "loop-audit": "services/audit",
    "loop-feedback": "services/feedback",
    "loop-complaints": "services/complaints",
    "loop-reporting": "services/reporting",
    "loop-gateway": "gateway",
    "loop-cli": "cli",
}
DEPLOYABLES = ("audit", "feedback", "complaints", "reporting", "gateway", "cli")


def needs(member: str) -> set[str]:
    """Third-party requirements of one of our packages and of ours below it."""
    project = tomllib.loads((ROOT / MEMBERS[member] / "pyproject.toml").read_text())["project"]
    found: set[str] = set()
    for requirement in project.get("dependencies", []):
        found |= needs(requirement) if requirement in MEMBERS else {requirement}
    return found


def wanted() -> dict[str, set[str]]:
    """Direct requirements by lock file, dev.txt first because it decides the versions; image.txt builds the images."""
    files = {name: needs(f"loop-{name}") for name in DEPLOYABLES}
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    files["image"] = set(groups["image"])
    files["docs"] = set(groups["docs"])
    return {"dev": set(groups["dev"]).union(*files.values()), **files}


def compile_lock(name: str, requirements: set[str], *, upgrade: bool) -> None:
    """Resolve one file for every platform and Python from 3.11 on."""
    target = LOCKS / f"{name}.txt"
    command = [
        str(Path(sys.executable).parent / "uv"), "pip", "compile", "-", "--universal", "--python-version", "3.11",
        "--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-find-links", "--quiet",
        "--output-file", str(target),
    ]  # fmt: skip
    if name != "dev":
        command += ["--constraint", str(LOCKS / "dev.txt")]
    elif upgrade:
        command += ["--upgrade"]
    subprocess.run(command, input="\n".join(sorted(requirements)), text=True, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def versions(name: str) -> dict[str, set[str]]:
    """Locked versions by package (a universal lock may hold several, for different platforms)."""
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", (LOCKS / f"{name}.txt").read_text(), re.MULTILINE):
        found.setdefault(package, set()).add(version)
    return found


def problems() -> list[str]:
    """Give what is not current, one line each."""
    found = []
    everything = versions("dev")
    for name, requirements in wanted().items():
        if not (LOCKS / f"{name}.txt").exists():
            found.append(f"locks/{name}.txt is missing")
            continue
        locked = versions(name)
        for requirement in sorted(requirements):
            package = re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")
            if package not in locked:
                found.append(f"locks/{name}.txt lacks {package}")
        found += [
            f"locks/{name}.txt has {package} {', '.join(sorted(have))}, which locks/dev.txt has not"
            for package, have in locked.items()
            if not have <= everything.get(package, set())
        ]
        found += [f"locks/{name}.txt names an index" for _ in re.findall(r"^(?:-i|--(?:extra-)?index-url|-f)\b", _text(name))]
    return found


def _text(name: str) -> str:
    return (LOCKS / f"{name}.txt").read_text()


def main(arguments: list[str]) -> int:
    """Write or check; gives the exit code."""
    if "--check" not in arguments:
        for name, requirements in wanted().items():
            compile_lock(name, requirements, upgrade="--upgrade" in arguments)
            print(f"locks/{name}.txt: {len(versions(name))} packages")
    found = problems()
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
