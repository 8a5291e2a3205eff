"""Write the bill of materials of every deployable: CycloneDX 1.6 JSON, from its lock file.

python tools/sbom.py [folder [name ...]]        (build/sbom, all)
"""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ROOT / "locks"
FRONTEND = ROOT / "tools" / "frontend"
FOLDERS = {"gateway": "gateway", "cli": "cli"}
"""Those that are not in services/."""
DEPLOYABLES = ("audit", "feedback", "complaints", "reporting", "gateway", "cli")


def others(name: str) -> list[dict[str, Any]]:
    """What is in it besides Python packages: style sheets' npm packages, fonts, the image that it stands on."""
    return [*_npm(), *_fonts(), *_base(name)]


def _npm() -> list[dict[str, Any]]:
    """With everything that they need; what only builds and tests is in no image (`excluded`)."""
    found = []
    for place, each in json.loads((FRONTEND / "package-lock.json").read_text())["packages"].items():
        package = place.rpartition("node_modules/")[2]
        if package:
            purl = f"pkg:npm/{package.replace('@', '%40')}@{each['version']}"
            known = {"type": "library", "bom-ref": f"{purl}#{place}", "name": package, "version": each["version"], "purl": purl}
            found.append({**known, "scope": "excluded" if each.get("dev") else "required"})
    return found


def _fonts() -> list[dict[str, Any]]:
    found = []
    for path in sorted((ROOT / "libs").rglob("*.ttf")):
        name = path.relative_to(ROOT).as_posix()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        hashes = [{"alg": "SHA-256", "content": digest}]
        found.append({"type": "file", "bom-ref": f"file:{name}", "name": name, "version": digest[:12], "hashes": hashes})
    return found


def _base(name: str) -> list[dict[str, Any]]:
    image = ROOT / FOLDERS.get(name, f"services/{name}") / "Dockerfile"
    if not image.exists():
        return []
    version = re.search(r"ARG PYTHON=(\S+)", image.read_text())
    tag = f"{version[1] if version else 'latest'}-slim"
    purl = f"pkg:docker/python@{tag}"
    return [{"type": "container", "bom-ref": purl, "name": "python", "version": tag, "purl": purl}]


def write(name: str, target: Path) -> int:
    """One deployable's; answers how many components it names."""
    command = [str(Path(sys.executable).parent / "cyclonedx-py"), "requirements", str(LOCKS / f"{name}.txt")]
    command += ["--spec-version", "1.6", "--output-format", "JSON", "--output-reproducible", "--output-file", str(target)]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    bill = json.loads(target.read_text())
    folder = FOLDERS.get(name, f"services/{name}")
    component = {"type": "application", "bom-ref": f"learning-loop/{folder}", "name": f"learning-loop-{name}"}
    bill["components"] += others(name)
    bill.setdefault("metadata", {})["component"] = component
    target.write_text(json.dumps(bill, indent=1) + "\n")
    return len(bill["components"])


def main(arguments: list[str]) -> int:
    """Write all; gives the exit code."""
    folder = Path(arguments[0]) if arguments else ROOT / "build" / "sbom"
    folder.mkdir(parents=True, exist_ok=True)
    for name in arguments[1:] or DEPLOYABLES:
        print(f"{folder / name}.cdx.json: {write(name, folder / f'{name}.cdx.json')} components")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
