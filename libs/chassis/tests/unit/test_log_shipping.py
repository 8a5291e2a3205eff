"""Log lines to another system: over TLS with a checked certificate, in order, and across a break."""

import io
import queue
import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chassis import log_shipping
from chassis.log_shipping import Shipper, Tee, check_address, framed
from chassis.testing.authority import Authority


class Receiver:
    """A syslog server with TLS: one connection at a time, frames into a queue."""

    def __init__(self, authority: Authority, port: int = 0) -> None:
        made = authority.certificate()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(made.certificate, made.key)
        self._listening = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listening.getsockname()[1]
        self.got: queue.Queue[bytes] = queue.Queue()
        self._connection: ssl.SSLSocket | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                plain, _ = self._listening.accept()
                self._connection = self._context.wrap_socket(plain, server_side=True)
                self._read(self._connection)
            except ssl.SSLError:
                continue
            except OSError:
                return

    def _read(self, connection: ssl.SSLSocket) -> None:
        stream = connection.makefile("rb")
        while True:
            length = b""
            while (digit := stream.read(1)) not in {b" ", b""}:
                length += digit
            if not length:
                return
            self.got.put(stream.read(int(length)))

    def next(self) -> str:
        """The message of the next frame, without what stands in front."""
        return self.got.get(timeout=60).decode().split(" - - ", 1)[1]

    def end(self) -> None:
        self._listening.close()
        if self._connection is not None:
            with suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
            self._connection.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ours")


@pytest.fixture
def receiver(authority: Authority) -> Iterator[Receiver]:
    made = Receiver(authority)
    yield made
    made.end()


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_shipping, "_PAUSES", (0.01,))


def test_lines_arrive_whole_and_in_order_and_stay_on_standard_output(receiver: Receiver, authority: Authority) -> None:
    output = io.StringIO()
    shipper = Shipper(f"tls://127.0.0.1:{receiver.port}", "audit", authority.ca).start()
    tee = Tee(output, shipper)
    for text in ('{"n":1}\n{"n":', "2}\n", "\n", '{"level":"error","n":"3 é"}\n', "not yet a line"):
        tee.write(text)
    assert [receiver.next() for _ in range(3)] == ['{"n":1}', '{"n":2}', '{"level":"error","n":"3 é"}']
    assert output.getvalue().endswith("not yet a line")
    shipper.put("last")
    shipper.close()
    assert receiver.next() == "last"


def test_what_waits_while_the_other_system_is_away_comes_when_it_is_back(authority: Authority) -> None:
    first = Receiver(authority)
    shipper = Shipper(f"tls://127.0.0.1:{first.port}", "audit", authority.ca, most=3).start()
    shipper.put("before")
    assert first.next() == "before"
    first.end()
    for number in range(5):
        shipper.put(f"meanwhile {number}")
    again = Receiver(authority, first.port)
    said = [again.next() for _ in range(4)]
    assert re.fullmatch(r'\{"event":"logs.dropped","number":[12],.*', said[0])
    assert said[1:] == ["meanwhile 2", "meanwhile 3", "meanwhile 4"]
    shipper.close()
    again.end()


def test_another_authoritys_certificate_gets_nothing(receiver: Receiver, tmp_path: Path) -> None:
    shipper = Shipper(f"tls://127.0.0.1:{receiver.port}", "audit", Authority(tmp_path / "theirs").ca).start()
    shipper.put("who did what")
    shipper.close()
    assert receiver.got.empty()


def test_frames_say_how_long_they_are_and_how_bad_it_is() -> None:
    frame = framed(b'{"level":"warning"}', "audit-worker", "host")
    length, _, message = frame.partition(b" ")
    assert int(length) == len(message)
    assert re.fullmatch(
        rb'<132>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z host audit-worker \d+ - - \{"level":"warning"\}', message
    )


@pytest.mark.parametrize(
    "wrong", ["tcp://logs.example:6514", "http://x:1", "tls://logs.example", "tls://:6514", "logs.example"]
)
def test_what_would_go_in_the_clear_or_nowhere_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="must"):
        check_address(wrong)
    assert check_address("tcp://127.0.0.1:5514")
