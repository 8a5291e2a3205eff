"""The build of the style sheets (tools/frontend/build.py)."""

import os
import shutil
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import pytest

FRONTEND = Path(__file__).parents[5] / "tools" / "frontend"


@pytest.fixture(scope="module")
def build() -> Any:
    spec = spec_from_file_location("frontend_build", FRONTEND / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestLogical:
    @pytest.mark.parametrize(
        ("physical", "expected"),
        [
            ("a{margin-left:1px;padding-right:2px}", "a{margin-inline-start:1px;padding-inline-end:2px}"),
            ("a{border-left:1px solid;border-right-width:0}", "a{border-inline-start:1px solid;border-inline-end-width:0}"),
            ("a{left:0;right:1px}", "a{inset-inline-start:0;inset-inline-end:1px}"),
            ("a{text-align:left}b{float:right;top:0}", "a{text-align:start}b{float:inline-end;top:0}"),
            ("a{border-top-left-radius:1px;text-align:center}", "a{border-top-left-radius:1px;text-align:center}"),
            (".left:hover{color:red}", ".left:hover{color:red}"),
        ],
    )
    def test_sides_become_start_and_end(self, build: Any, physical: str, expected: str) -> None:
        assert build.logical(physical) == expected


class TestBuild:
    def test_is_current_only_with_all_of_its_files(self, build: Any, tmp_path: Path) -> None:
        assert not build.is_current(tmp_path, "inputs")
        (tmp_path / "manifest.json").write_text('{"inputs": "inputs", "files": {"a.css": "a.1.css"}}')
        assert not build.is_current(tmp_path, "inputs")
        (tmp_path / "a.1.css").touch()
        assert build.is_current(tmp_path, "inputs")
        assert not build.is_current(tmp_path, "other inputs")

    def test_an_unreachable_registry_is_said_in_words_and_changes_nothing(self, tmp_path: Path) -> None:
        copy = shutil.copytree(FRONTEND, tmp_path / "frontend", ignore=shutil.ignore_patterns("node_modules"))
        environment = os.environ | {
            "npm_config_registry": "http://127.0.0.1:9",
            "npm_config_cache": str(tmp_path / "cache"),
            "npm_config_fetch_retries": "0",
            "LOOP_FRONTEND_OUT": str(tmp_path / "built"),
        }
        done = subprocess.run([sys.executable, copy / "build.py"], env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 1
        assert "npm cannot reach its registry" in done.stderr
        assert "npm_config_registry" in done.stderr
        assert not (tmp_path / "built").exists()

    def test_the_lock_names_no_registry(self) -> None:
        lock = (FRONTEND / "package-lock.json").read_text("utf-8")
        assert '"resolved"' not in lock
        assert '"integrity"' in lock
