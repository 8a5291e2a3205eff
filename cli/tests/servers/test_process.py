import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from loop_cli.servers import ChildProcess, ServerError
from loop_cli.servers.process import wait_for

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


def until(condition: object, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestChildProcess:
    def test_it_stops_when_asked_to(self, tmp_path: Path) -> None:
        child = ChildProcess("child", SLEEP, tmp_path / "log")
        child.start()
        until(lambda: child.log_tail() == "up")
        assert child.stop() == -signal.SIGTERM
        assert not child.alive
        assert child.describe_end() == "child was ended by signal 15 (SIGTERM)"

    def test_one_that_does_not_listen_is_killed(self, tmp_path: Path) -> None:
        deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
        child = ChildProcess("deaf", [sys.executable, "-c", deaf], tmp_path / "log")
        child.start()
        until(lambda: child.log_tail() == "up")
        assert child.stop(timeout=0.2) == -signal.SIGKILL

    def test_killing_it_kills_what_it_started(self, tmp_path: Path) -> None:
        nested = f"import subprocess, sys; print(subprocess.Popen({SLEEP!r}).pid, flush=True); input()"
        child = ChildProcess("parent", [sys.executable, "-c", f"{nested.replace('input()', 'import time; time.sleep(60)')}"],
                             tmp_path / "log")  # fmt: skip
        child.start()
        until(lambda: "up" in child.log_tail() and len(child.family()) == 2)
        family = child.family()
        child.kill()
        assert not any(member.is_running() for member in family)

    @pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
    def test_it_ends_when_its_parent_is_killed(self, tmp_path: Path) -> None:
        script = (
            "import pathlib, sys, time\nfrom loop_cli.servers import ChildProcess\n"
            f"child = ChildProcess('child', {SLEEP!r}, pathlib.Path({str(tmp_path / 'log')!r}))\n"
            "child.start()\nprint(child.pid, flush=True)\ntime.sleep(60)\n"
        )
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
            assert parent.stdout
            child = psutil.Process(int(parent.stdout.readline()))
            assert child.is_running()
            parent.kill()
        assert child.wait(60) is None
        assert not child.is_running()

    def test_one_that_ends_while_starting_is_reported_with_its_last_words(self, tmp_path: Path) -> None:
        child = ChildProcess("broken", [sys.executable, "-c", "raise SystemExit('no configuration')"], tmp_path / "log")
        child.start()
        with pytest.raises(ServerError, match=r"broken stopped while starting \(exit 1\):\nno configuration"):
            wait_for(lambda: False, child, timeout=60)

    def test_its_log_is_private(self, tmp_path: Path) -> None:
        child = ChildProcess("child", SLEEP, tmp_path / "log")
        child.start()
        child.kill()
        assert (tmp_path / "log").stat().st_mode & 0o077 == 0
