"""What holds for every file that is tracked."""

import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400
SERVICES = ("audit", "feedback", "complaints", "reporting")
LAYERS = ("domain", "use_cases", "adapters", "web", "pages", "events")

# Put together here, so that this file does not hold what it forbids.
INDEX_HOSTS = ("pypi" + ".org", "python" + "hosted", "npmjs" + ".org", "npmjs" + ".com", "yarnpkg" + ".com")
MACHINE_PATHS = re.compile("(?<![\\w.-])/" + "(?:root|home|work|Users)/")


@cache
def tracked() -> tuple[Path, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return tuple(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


@cache
def texts() -> dict[Path, str]:
    found = {}
    for path in tracked():
        content = path.read_bytes()
        if b"\0" not in content[:8000]:
            found[path] = content.decode()
    return found


def projects() -> list[Path]:
    return [path.parent for path in tracked() if path.name == "pyproject.toml" and path.parent != ROOT]


class TestFiles:
    def test_no_module_is_longer_than_a_reader_can_hold(self) -> None:
        long = {str(path.relative_to(ROOT)): count for path, text in texts().items()
                if path.suffix == ".py" and (count := text.count("\n")) > MOST_LINES}  # fmt: skip
        assert not long, f"over {MOST_LINES} lines: is there a second idea in it that wants a name of its own?"

    @pytest.mark.parametrize("host", INDEX_HOSTS)
    def test_no_file_names_a_package_index_so_that_an_installation_can_use_its_mirror(self, host: str) -> None:
        assert [str(path.relative_to(ROOT)) for path, text in texts().items() if host in text] == []

    def test_no_file_names_a_path_of_somebodys_machine(self) -> None:
        found = {
            str(path.relative_to(ROOT)): match[0] for path, text in texts().items() if (match := MACHINE_PATHS.search(text))
        }
        assert found == {}

    def test_every_python_module_that_is_not_empty_says_what_it_is(self) -> None:
        modules = {path: text for path, text in texts().items() if path.suffix == ".py" and "tests" not in path.parts}
        opening = ('"""', 'r"""')
        bare = [str(path.relative_to(ROOT)) for path, text in modules.items() if text.strip() and not text.startswith(opening)]
        assert bare == []


class TestPackages:
    @pytest.mark.parametrize("service", SERVICES)
    def test_a_service_has_the_folders_that_every_service_has(self, service: str) -> None:
        source = ROOT / "services" / service / "src" / service
        assert [layer for layer in LAYERS if not (source / layer / "__init__.py").exists()] == []
        assert [name for name in ("settings.py", "bootstrap.py", "main.py", "worker.py") if not (source / name).exists()] == []

    @pytest.mark.parametrize("service", [*(f"services/{name}" for name in SERVICES), "gateway"])
    def test_a_deployable_can_be_read_and_migrated_on_its_own(self, service: str) -> None:
        folder = ROOT / service
        assert [name for name in ("README.md", "alembic.ini", "migrations/env.py") if not (folder / name).exists()] == []

    def test_every_package_declares_the_same_pythons(self) -> None:
        found = {tomllib.loads((folder / "pyproject.toml").read_text())["project"]["requires-python"] for folder in projects()}
        assert found == {">=3.11"}

    def test_every_package_is_typed(self) -> None:
        assert [str(folder.relative_to(ROOT)) for folder in projects() if not list(folder.glob("src/*/py.typed"))] == []

    def test_set_up_and_locks_know_every_package(self) -> None:
        known = {str(folder.relative_to(ROOT)) for folder in projects()}
        for tool in ("bootstrap.py", "lock.py"):
            text = (ROOT / "tools" / tool).read_text()
            assert {folder for folder in known if f'"{folder}"' not in text} == set(), tool
