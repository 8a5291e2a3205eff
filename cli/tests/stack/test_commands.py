import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from loop_cli.roles import roles_file
from loop_cli.servers import free_port
from loop_cli.stack import Layout
from loop_cli.stack.state import State

ROOT = Path(__file__).resolve().parents[3]
LOOP = Path(sys.executable).with_name("loop")


def loop(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([LOOP, *map(str, arguments)], capture_output=True, text=True, check=False, timeout=300)


class Installation:
    """`loop up` in a process of its own."""

    def __init__(self, data: Path) -> None:
        self.layout = Layout.at(data)
        self.port = free_port()
        self.process: subprocess.Popen[str] | None = None

    def start(self, **environment: str) -> subprocess.Popen[str]:
        """Start it, without waiting; with variables besides ours."""
        command: list[str | Path] = [LOOP, "up", "--data", self.layout.root, "--port", str(self.port)]
        own = os.environ | environment
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=own)
        return self.process

    def up(self, **environment: str) -> subprocess.Popen[str]:
        """Start it and wait until it says that it is ready."""
        process = self.start(**environment)
        assert process.stdout
        said = ""
        while f"Ready at http://127.0.0.1:{self.port}" not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        return process

    def children(self) -> list[psutil.Process]:
        state = State.read(self.layout)
        assert state
        found = [entry.process() for entry in state.processes]
        return [process for process in found if process]


@pytest.fixture
def installation(folder: Path) -> Iterator[Installation]:
    made = Installation(folder / "data")
    yield made
    if made.process:
        made.process.kill()
        made.process.wait()
        if made.process.stdout:
            made.process.stdout.close()


@pytest.mark.stack
class TestUp:
    def test_its_life_from_the_command_line(self, installation: Installation) -> None:
        data = installation.layout.root
        with tempfile.TemporaryDirectory(dir="/tmp") as short, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.bind(f"{short}/notify")
            systemd.settimeout(10)
            process = installation.up(NOTIFY_SOCKET=f"{short}/notify")
            assert systemd.recv(100) == b"READY=1"
        children = installation.children()
        assert len(children) == 12
        assert [child for child in children if "NOTIFY_SOCKET" in child.environ()] == []

        status = loop("status", "--data", data)
        assert status.returncode == 0, status.stdout
        assert status.stdout.count(" ready ") == 12
        assert "gateway" in loop("logs", "gateway", "--data", data).stdout
        assert "there are: audit, audit-worker" in loop("logs", "nobody", "--data", data).stderr
        assert "Stop it first" in loop("reset", "--data", data).stderr
        assert "Already running" in loop("up", "--data", data, "--port", free_port()).stderr

        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=180)
        assert process.returncode == 0, said
        assert "Stopped; the data are kept." in said
        assert [child for child in children if child.is_running()] == []
        assert loop("status", "--data", data).returncode == 1
        assert "Nothing runs" in loop("down", "--data", data).stdout
        assert "Deleted" in loop("reset", "--data", data).stdout
        assert not data.exists()
        assert "There are no data" in loop("reset", "--data", data).stdout

    def test_ctrl_c_while_it_starts_stops_it_too(self, installation: Installation) -> None:
        process = installation.start()
        assert process.stdout
        assert process.stdout.readline().startswith("Starting PostgreSQL")
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=180)
        assert process.returncode == 1
        assert said.endswith("\nStopped while starting.\n")
        assert not installation.layout.is_locked()

    @pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
    def test_a_killed_supervisor_leaves_nothing_and_its_data_are_found_again(self, installation: Installation) -> None:
        process = installation.up()
        children = installation.children()
        process.kill()
        process.communicate()
        deadline = time.monotonic() + 120
        while running := [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]:
            assert time.monotonic() < deadline, running
            time.sleep(0.1)

        process = installation.up()
        down = loop("down", "--data", installation.layout.root)
        assert down.stdout == "Stopped; the data are kept.\n"
        process.communicate(timeout=180)
        assert process.returncode == 0


class TestMain:
    def test_commands_are_listed_and_an_unknown_one_is_refused(self) -> None:
        listed = loop("--help")
        assert listed.returncode == 0
        assert all(name in listed.stdout for name in ("up", "down", "reset", "status", "logs", "roles"))
        assert loop("fly").returncode == 2

    def test_an_error_for_the_operator_is_a_message_and_no_traceback(self, tmp_path: Path) -> None:
        (tmp_path / "thesis.doc").touch()
        answer = loop("reset", "--data", tmp_path)
        assert answer.returncode == 1
        assert "is not a data folder of Learning Loop" in answer.stderr
        assert "Traceback" not in answer.stderr


class TestRoles:
    def test_the_tracked_file_is_what_the_command_writes(self) -> None:
        assert (ROOT / "deploy" / "roles.sql").read_text() == roles_file()
