"""The version before, out of the history of this repository: its sources in a folder, and a Python that has them installed."""

import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
from pathlib import Path

import pytest

import chassis

ROOT = Path(__file__).resolve().parents[2]
NAMED = Path(__file__).with_name("before.txt")
MEMBERS = (
    "libs/chassis", "libs/contracts", "services/audit", "services/feedback", "services/complaints", "services/reporting",
    "gateway", "cli",
)  # fmt: skip
BUILT = Path("pages/static/built")
"""What `make setup` builds for the pages, and no commit has."""


def commit_before() -> str:
    """The commit of the version before; where history is not there, as in an archive of the sources, the test is skipped."""
    commit = NAMED.read_text().split()[0]
    here = subprocess.run(
        ["git", "cat-file", "-e", f"{commit}^{{commit}}"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if here.returncode:
        pytest.skip(
            f"The version before is commit {commit} ({NAMED.name}), which this checkout has not: {here.stderr.strip()} "
            "It needs the whole history: git fetch --unshallow."
        )
    return commit


def install(commit: str, folder: Path) -> Path:
    """Put a version's sources below `folder`; gives a Python that finds them, with the libraries of this environment."""
    sources = folder / "sources"
    sources.mkdir(parents=True)
    archived = folder / "sources.tar"
    subprocess.run(["git", "archive", "--output", archived, commit], cwd=ROOT, check=True)
    with tarfile.open(archived) as archive:
        archive.extractall(sources, filter="data")
    package = Path(chassis.__file__).parent
    shutil.copytree(package / BUILT, sources / "libs/chassis/src/chassis" / BUILT)
    environment = folder / "environment"
    venv.EnvBuilder(with_pip=False, symlinks=True).create(environment)
    python = environment / "bin" / "python"
    [packages] = environment.glob("lib/python*/site-packages")
    # A folder that a .pth names is searched, and .pth files in it are not read: what we have installed of ours stays out.
    paths = [*(sources / member / "src" for member in MEMBERS), sysconfig.get_path("purelib")]
    (packages / "before.pth").write_text("".join(f"{path}\n" for path in paths))
    found = subprocess.run(
        [python, "-c", "import chassis, gateway; print(chassis.__file__, gateway.__file__)"],
        capture_output=True, text=True, check=True, cwd=folder,
    )  # fmt: skip
    assert all(each.startswith(str(sources)) for each in found.stdout.split()), found.stdout
    assert sys.version_info[:2] == tuple(map(int, packages.parent.name.removeprefix("python").split(".")))
    return python
