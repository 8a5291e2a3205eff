"""`loop demo` as a newcomer runs it: from nothing, a second time, and after it was stopped in the middle."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from rich.console import Console

from chassis.days import british_today
from chassis.testing.fixtures import scratch_folder
from loop_cli.compare_records import read_lines
from loop_cli.demo import prepare
from loop_cli.demo_credentials import FILE, SYSTEMS
from loop_cli.demo_events import SOURCES
from loop_cli.demo_feedback import COMMENT, OFFICER, ORGANISATION, Person, System, response
from loop_cli.profile_files import checkout
from loop_cli.servers import free_port
from loop_cli.stack import EmbeddedStack
from loop_cli.stack.layout import Layout
from loop_cli.stack.state import State

# One after the other in one process: each test goes on from the data of the one before.
pytestmark = pytest.mark.stack

TIMEOUT = 900
"""Seconds after which a run hangs. It is no measure of speed: what takes 113 s here took 323 s when the machine was slow."""
WIDE = {"COLUMNS": "200"}
RECORDS = checkout() / "demo" / "records" / ORGANISATION


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    with scratch_folder("demo") as folder:
        yield folder / "data"


def command(data: Path) -> list[str]:
    return [sys.executable, "-m", "loop_cli.main", "demo", "--check", "--data", str(data), "--port", str(free_port())]


def demo(data: Path) -> tuple[int, str]:
    """Runs the demonstration; gives its exit status and what it printed, each run of white space as one space."""
    done = subprocess.run(
        command(data), capture_output=True, text=True, timeout=TIMEOUT, check=False, cwd=checkout(), env=os.environ | WIDE
    )
    return done.returncode, re.sub(r"\s+", " ", done.stdout + done.stderr)


@contextmanager
def sending(data: Path) -> Iterator["subprocess.Popen[str]"]:
    """The demonstration, when credentials have been issued and records are on their way."""
    with subprocess.Popen(
        command(data), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=checkout(), env=os.environ | WIDE
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("Profile telford-wrekin"):
                break
        until = time.monotonic() + 120
        while not _has_credentials(data):
            assert time.monotonic() < until
            time.sleep(0.05)
        time.sleep(0.5)
        yield process


def _has_credentials(data: Path) -> bool:
    path = data / FILE
    return path.exists() and len(json.loads(path.read_text()).get("telford-wrekin", {})) == len(SYSTEMS)


def rest_of(process: "subprocess.Popen[str]") -> tuple[int, str]:
    output, _ = process.communicate(timeout=TIMEOUT)
    return process.returncode, re.sub(r"\s+", " ", output)


def profile(folder: Path, data: Path, *options: str) -> str:
    """Applies a profile; gives what was printed."""
    arguments = [sys.executable, "-m", "loop_cli.main", "profile", "apply", str(folder), "--data", str(data), *options]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    return done.stdout + done.stderr


def spoil_version_in_use(folder: Path) -> None:
    """Gives a question another code, and with it another identity."""
    file = folder / "questionnaires/foster-carers.yaml"
    file.write_text(file.read_text().replace("code: supported", "code: support"))


class TestDemo:
    """In this order: each goes on from the data of the one before."""

    def test_a_run_that_is_cut_short_leaves_a_quote_that_is_made_and_not_approved(self, data: Path) -> None:
        each = next(line for line in read_lines(RECORDS / "comments.jsonl") if line.get("quote") and not line.get("waits"))
        with EmbeddedStack(data, port=free_port(), demo_sign_in=True) as stack:
            credentials = prepare(stack, Console(quiet=True))[ORGANISATION]["family-work"]
            with System(stack.url, credentials) as system, Person(stack.url, OFFICER) as officer:
                system.post("/feedback/v1/responses", response(each, british_today()))
                found = officer.fill("/feedback/comments", "/feedback/comments/search", shown=True, words=each["words"][:40])
                comment = f"/feedback/comments/{COMMENT.findall(found)[0]}"
                officer.fill(f"{comment}/quote", f"{comment}/quote", words=each["quote"], looked="yes")

    def test_a_process_that_is_killed_ends_the_check_and_is_named(self, data: Path) -> None:
        with sending(data) as process:
            state = State.read(Layout.at(data))
            assert state is not None
            victim = next(entry for entry in state.processes if entry.name == "complaints")
            os.kill(victim.pid, signal.SIGKILL)
            status, output = rest_of(process)
        assert status == 1
        assert "complaints was ended by signal 9" in output.rpartition("Families")[2]

    def test_stopped_in_the_middle_it_ends_cleanly(self, data: Path) -> None:
        with sending(data) as process:
            process.send_signal(signal.SIGINT)
            status, output = rest_of(process)
        assert status == 1
        assert "the next start goes on from there" in output

    def test_every_printed_figure_agrees_or_has_a_named_reason(self, data: Path) -> None:
        status, output = demo(data)
        assert status == 0, output[-3000:]
        assert "269 printed figures: 236 agree, 33 are printed otherwise for a named reason, 0 differ." in output
        assert "10 of 39 is 25.6%, which rounds to 26" in output
        assert "Everything agrees" in output

    def test_a_third_council_starts_by_copying_a_folder(self, data: Path, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(checkout() / "profiles/telford-wrekin", tmp_path / "elsewhere"))
        organisation = folder / "organisation.yaml"
        organisation.write_text(organisation.read_text().replace("code: telford-wrekin", "code: elsewhere"))
        with EmbeddedStack(data, port=free_port()):
            said = [profile(folder, data, "--dry-run"), profile(folder, data), profile(folder, data)]
            spoil_version_in_use(folder)
            said.append(profile(folder, data))
        assert "is new to" in said[0]
        assert "applied to audit, feedback, complaints, reporting" in said[1]
        assert "nothing to change" in said[2]
        assert re.search(r"foster-carers.yaml:\d+: feedback: version 1 is in use: only its wording may change", said[3])
        assert "nothing was changed" in said[3]

    def test_a_second_run_adds_nothing_and_says_so_even_when_the_keys_are_forgotten(self, data: Path) -> None:
        with EmbeddedStack(data, port=free_port()) as stack:
            # Idempotency keys are kept for some days only; references of the records have to be enough after that.
            for source in SOURCES:
                stack.postgres.run_sql(f"delete from {source}.idempotency", database="loop")
        status, output = demo(data)
        assert status == 0, output[-3000:]
        assert "All records were there already; nothing was added a second time." in output
        assert "Profile worcestershire: in force already." in output
