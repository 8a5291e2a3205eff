import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from loop_cli.servers import ChildProcess
from loop_cli.stack.launch import Nursery

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forking is used on Linux only")

Make = Callable[[str], ChildProcess]

STAYS = "import time; print('up', flush=True); time.sleep(60)\n"
"""A program that runs until it is ended. A start returns at the fork; what it says shows that it has become the program."""


def up(program: ChildProcess) -> ChildProcess:
    program.start()
    deadline = time.monotonic() + 120
    while program.log_tail() != "up":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return program


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs of this module are found."""
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(scope="module")
def nursery(place: Path) -> Iterator[Nursery]:
    """One for all, because its imports take their time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(place))
        patch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # the programs are written anew within a second
        running = Nursery(place / "nursery.log")
        running.start()
        yield running
        running.stop()


@pytest.fixture
def make(nursery: Nursery, place: Path, tmp_path: Path) -> Make:
    """Make a program that runs the given source."""

    def of(source: str) -> ChildProcess:
        (place / "program.py").write_text(source)
        log = tmp_path / f"log-{len(list(tmp_path.iterdir()))}"
        log.touch()
        return ChildProcess("program", [], log, env={"WHO": "me"}, launcher=nursery.launcher("program"))

    return of


class TestNursery:
    def test_a_program_runs_as_if_python_had_been_started_for_it(self, make: Make) -> None:
        program = make("import os, sys\nprint(__name__, sys.argv == [__file__], dict(os.environ))\n")
        program.start()
        assert program.wait(120) == 0
        assert program.log_tail() == "__main__ True {'WHO': 'me'}"

    def test_its_traceback_is_in_its_log_and_its_exit_code_is_one(self, make: Make) -> None:
        program = make("1 / 0\n")
        program.start()
        assert program.wait(120) == 1
        assert program.log_tail().endswith("ZeroDivisionError: division by zero")

    @pytest.mark.parametrize(("end", "code"), [("3", 3), ("None", 0), ("'no configuration'", 1)])
    def test_its_exit_is_its_own(self, make: Make, end: str, code: int) -> None:
        program = make(f"raise SystemExit({end})\n")
        program.start()
        assert program.wait(120) == code
        assert program.log_tail() == ("no configuration" if code == 1 else "")

    def test_it_has_its_own_session_and_name_and_can_be_killed_alone(self, make: Make) -> None:
        first, second = up(make(STAYS)), up(make(STAYS))
        assert psutil.Process(first.pid).name() == "program"
        assert first.pid != second.pid
        first.kill()
        assert first.exit_code == -9
        assert second.alive
        second.kill()

    def test_a_killed_nursery_is_replaced_by_the_next_start(self, make: Make) -> None:
        program = up(make(STAYS))
        parent = psutil.Process(program.pid).parent()
        assert parent
        parent.kill()
        assert program.wait(120) == -15
        program.start()
        assert program.alive
        program.kill()
