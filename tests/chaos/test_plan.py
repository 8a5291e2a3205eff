"""What a seed makes of the faults, and what a journal keeps of it; and clocks that are put wrong and right again."""

import contextlib
import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.chaos import clock
from tests.chaos.faults import FAULTS, plan
from tests.chaos.journal import Journal

NUMBER = len(FAULTS)


class TestPlan:
    def test_the_same_seed_has_the_same_faults_in_the_same_order_with_the_same_chances(self) -> None:
        first, again, other = (list(itertools.islice(plan(seed), 3 * NUMBER)) for seed in (7, 7, 8))
        assert first == again
        assert first != other

    def test_every_fault_comes_once_before_any_comes_again(self) -> None:
        names = [name for name, _ in itertools.islice(plan(7), 2 * NUMBER)]
        assert sorted(names[:NUMBER]) == sorted(names[NUMBER:]) == sorted(FAULTS)

    def test_a_journal_that_was_written_says_what_it_takes_to_run_the_same_again(self, tmp_path: Path) -> None:
        head = {"seed": 7, "seconds": 60.0, "pause": 0.1, "faults": list(itertools.islice(plan(7), NUMBER))}
        Journal(head).write(tmp_path / "journal.jsonl")
        found = Journal.head_of(tmp_path / "journal.jsonl")
        assert [tuple(each) for each in found.pop("faults")] == head.pop("faults")
        assert found == head


class TestClocks:
    """Of processes: wrong one by one, and right again."""

    def test_a_process_that_was_forked_has_its_own_and_what_measures_goes_on(self, tmp_path: Path) -> None:
        told: list[str] = []
        program = (
            "import os, sys, time\n"
            "began = time.monotonic()\n"
            "if os.fork() == 0:\n"
            "    os.environ[sys.argv[1]] = sys.argv[2]\n"
            "os.write(1, f'{time.time()} {time.monotonic() - began}\\n'.encode())\n"
            "time.sleep(0.01)\n"
        )
        with contextlib.ExitStack() as open_:
            clocks = open_.enter_context(clock.own_clocks(tmp_path, told.append))
            if clocks is None:
                pytest.skip(" ".join(told))
            for wrong_by in (clock.DAY, -clock.DAY, 0):
                clock.put(clocks, "audit", wrong_by)
                command = [sys.executable, "-c", program, clock.FILE, str(clocks / "audit")]
                lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
                seen = sorted((float(moment) - time.time(), float(took)) for moment, took in map(str.split, lines))
                assert sorted((0, wrong_by)) == [round(by / clock.HOUR) * clock.HOUR for by, _ in seen]
                assert all(0 <= took < clock.HOUR for _, took in seen)
        assert clock.FILE not in os.environ
