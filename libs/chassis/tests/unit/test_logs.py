"""A log that cannot be written stops nobody."""

import errno
import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from chassis.logs import Lasting

FULL = Path("/dev/full")
PROGRAM = """
import sys
import structlog
from chassis import logs
logs.configure("sample")
for _ in range(3):
    structlog.get_logger().info("something")
    print("something else")
sys.stderr.write("came to its end")
"""


class Disk(StringIO):
    """A file on a disk that can be full."""

    full = False

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(text)


class TestLasting:
    def test_lines_are_lost_while_the_disk_is_full_and_how_many_is_said_afterwards(self) -> None:
        disk = Disk()
        out = Lasting(disk)
        out.write("before\n")
        disk.full = True
        for _ in range(3):
            assert out.write("lost\n") == len("lost\n")
            out.flush()
        disk.full = False
        out.write("after\n")
        out.write("more\n")
        before, empty, told, *after = disk.getvalue().splitlines()
        assert (before, empty, after) == ("before", "", ["after", "more"])
        assert json.loads(told) == {"event": "log.lost", "writes": 3, "level": "warning"}

    @pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")
    def test_a_process_whose_output_takes_nothing_comes_to_its_end(self) -> None:
        with FULL.open("w") as full:
            ended = subprocess.run(
                [sys.executable, "-c", PROGRAM],
                env=os.environ | {"PYTHONUNBUFFERED": "1"}, stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
        assert (ended.returncode, ended.stderr) == (0, "came to its end")
