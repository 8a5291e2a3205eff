"""What goes into an image, and what does not."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from tools import sbom, slim, vulnerabilities

ROOT = Path(__file__).parents[2]
IMAGES = [ROOT / "cli/Dockerfile", ROOT / "gateway/Dockerfile", *sorted(ROOT.glob("services/*/Dockerfile"))]
SOURCES = [ROOT / "gateway/src", ROOT / "libs/chassis/src", ROOT / "libs/contracts/src", *sorted(ROOT.glob("services/*/src"))]


def modules() -> Iterator[tuple[str, Path]]:
    for source in SOURCES:
        for path in source.rglob("*.py"):
            yield path.relative_to(source).as_posix(), path


def is_testing(name: str) -> bool:
    return any(name == each or name.startswith(f"{each}/") for each in slim.TESTING)


class TestTesting:
    def test_what_is_for_tests_is_taken_out_of_every_image(self, tmp_path: Path) -> None:
        for image in IMAGES:
            lines = image.read_text().splitlines()
            installed = max(number for number, line in enumerate(lines) if "pip install" in line)
            assert any("tools/slim.py /venv" in line for line in lines[installed:]), image
        packages = tmp_path / "lib/python3.11/site-packages"
        for name, _ in modules():
            (packages / name).parent.mkdir(parents=True, exist_ok=True)
            (packages / name).touch()
        assert sorted(slim.slim(tmp_path)) == sorted(slim.TESTING)
        left = [path.relative_to(packages).as_posix() for path in packages.rglob("*.py")]
        assert [name for name in left if "testing" in name] == []
        with pytest.raises(SystemExit):
            slim.slim(packages)

    def test_what_is_left_is_compiled_without_a_date(self, tmp_path: Path) -> None:
        packages = tmp_path / "lib/python3.11/site-packages"
        packages.mkdir(parents=True)
        (packages / "fine.py").write_text("A = 1\n")
        (packages / "old.py").write_text("A = 1L\n")
        slim.compile_in(tmp_path)
        (compiled,) = packages.rglob("*.pyc")
        assert compiled.name.startswith("fine.")
        # PEP 552: 1 is a hash that is not looked at; the date that would stand there otherwise has another value.
        assert int.from_bytes(compiled.read_bytes()[4:8], "little") == 1

    def test_nothing_says_when_a_source_was_changed(self, tmp_path: Path) -> None:
        about = tmp_path / "lib/python3.11/site-packages/loop_audit-0.1.0.dist-info"
        about.mkdir(parents=True)
        (about / "uv_cache.json").write_text('{"timestamp": 1}')
        (about / "RECORD").write_text(f"audit/main.py,sha256=x,1\n{about.name}/uv_cache.json,sha256=y,2\n")
        slim.forget_dates(tmp_path)
        assert [path.name for path in about.iterdir()] == ["RECORD"]
        assert (about / "RECORD").read_text() == "audit/main.py,sha256=x,1\n"

    def test_nothing_that_runs_imports_it(self) -> None:
        taken = tuple(each.removesuffix(".py").replace("/", ".") for each in slim.TESTING)
        wrong = []
        for name, path in modules():
            if is_testing(name):
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                found = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                found += [each.name for each in node.names] if isinstance(node, ast.Import) else []
                wrong += [f"{name}: {each}" for each in found if each.startswith(taken)]
        assert wrong == []


class TestBill:
    def test_what_is_no_python_is_named_too(self) -> None:
        found = sbom.others("complaints")
        names = {each["name"]: each for each in found}
        assert names["govuk-frontend"]["purl"].startswith("pkg:npm/govuk-frontend@")
        assert names["python"]["purl"].startswith("pkg:docker/python@")
        fonts = [each for each in found if each["name"].endswith(".ttf")]
        assert fonts
        assert all(len(each["hashes"][0]["content"]) == 64 for each in fonts)
        # Tools that only build or test are marked so: they are in no image.
        assert names["sass"]["scope"] == "excluded"


class TestAdvisories:
    def test_what_was_not_asked_passes_here_and_fails_where_it_is_required(self, monkeypatch: pytest.MonkeyPatch) -> None:
        clean = '{"metadata": {"vulnerabilities": {"total": 0}}}'
        wrong = '{"metadata": {"vulnerabilities": {"total": 1}}, "vulnerabilities": {"x": {}}}'
        assert [vulnerabilities.read_npm(each) for each in (clean, wrong, '{"message": "offline"}', "")] == [0, 1, 0, 0]
        monkeypatch.setenv("LOOP_ADVISORIES", "required")
        assert [vulnerabilities.read_npm(each) for each in (clean, wrong, '{"message": "offline"}', "")] == [0, 1, 1, 1]
