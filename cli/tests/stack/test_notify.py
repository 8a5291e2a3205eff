"""What systemd is told, at a socket of its kind."""

import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loop_cli.stack.notify import VARIABLE, Notify


@pytest.fixture
def told() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.settimeout(5)
        yield listening


class TestNotify:
    def test_a_state_arrives_and_processes_below_do_not_get_the_address(
        self, told: socket.socket, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        # A path from the root may be too long for an address.
        monkeypatch.chdir(tmp_path)
        told.bind("told")
        monkeypatch.setenv(VARIABLE, "told")
        notify = Notify()
        assert VARIABLE not in os.environ
        notify.say("READY=1")
        assert told.recv(100) == b"READY=1"

    @pytest.mark.skipif(sys.platform != "linux", reason="addresses without a file are Linux's")
    def test_an_address_without_a_file_too(self, told: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
        told.bind(f"\0loop-test-{os.getpid()}")
        monkeypatch.setenv(VARIABLE, f"@loop-test-{os.getpid()}")
        Notify().say("STOPPING=1")
        assert told.recv(100) == b"STOPPING=1"

    @pytest.mark.parametrize("address", [None, "/nowhere/notify"])
    def test_where_nobody_listens_nothing_happens(self, address: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv(VARIABLE, raising=False)
        if address:
            monkeypatch.setenv(VARIABLE, address)
        Notify().say("READY=1")
        assert VARIABLE not in os.environ
