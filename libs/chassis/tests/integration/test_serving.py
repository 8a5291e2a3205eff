"""A server that is drained, as a process of its own: kept connections get their answer, its successor goes on."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

PROGRAM = """
import asyncio, os, uvicorn
from pathlib import Path
from chassis.serving import DrainingProtocol, DrainingServer
from chassis.settings import Settings

async def app(scope, receive, send):
    if scope["path"] == "/slow":
        while (await receive())["more_body"]:
            pass
    body = str(os.getpid()).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % len(body))]})
    await send({"type": "http.response.body", "body": body})

config = uvicorn.Config(
    app, loop="uvloop", http=DrainingProtocol, lifespan="off", log_config=None, timeout_keep_alive=60,
    timeout_graceful_shutdown=5,
)
DrainingServer(config, Settings(identity_keys=Path("none"))).run()
"""


@dataclass
class Caller:
    """A connection to whoever takes it."""

    connection: socket.socket

    def send(self, head: str) -> None:
        self.connection.sendall(head.encode())

    def answer(self) -> str:
        """The next answer, head and body; empty where the connection was closed."""
        found = b""
        while b"\r\n\r\n" not in found:
            if not (part := self.connection.recv(65_536)):
                return found.decode()
            found += part
        head, _, body = found.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        while len(body) < length:
            body += self.connection.recv(65_536)
        return (head + b"\r\n\r\n" + body).decode()

    def ask(self) -> str:
        self.send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n")
        return self.answer()


@dataclass
class Server:
    """A process that serves at a socket which is not its own."""

    process: "subprocess.Popen[bytes]"

    @property
    def pid(self) -> str:
        return str(self.process.pid)

    def drain(self, last: Caller) -> None:
        """Drain it, and wait until it has heard: it takes its time, so `last` asks until it is told."""
        self.process.send_signal(signal.SIGUSR1)
        while "connection: close" not in last.ask():
            pass


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0), backlog=64) as made:
        yield made


@pytest.fixture
def start(listener: socket.socket) -> Iterator[Callable[[], Server]]:
    made = []

    def begin() -> Server:
        reading, writing = os.pipe()
        descriptors = {"LOOP_LISTEN_FD": listener.fileno(), "LOOP_READY_FD": writing}
        environment = os.environ | {name: str(number) for name, number in descriptors.items()}
        process = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, pass_fds=[*descriptors.values()])
        made.append(process)
        os.close(writing)
        try:
            assert os.read(reading, 1) == b"1", "it says when it takes connections"
        finally:
            os.close(reading)
        return Server(process)

    yield begin
    for process in made:
        process.kill()
        process.wait()


@pytest.fixture
def call(listener: socket.socket) -> Iterator[Callable[[], Caller]]:
    made = []

    def connect() -> Caller:
        made.append(socket.create_connection(listener.getsockname(), timeout=60))
        return Caller(made[-1])

    yield connect
    for connection in made:
        connection.close()


class TestDrained:
    def test_a_connection_that_waits_gets_its_answer_and_is_told_that_it_was_the_last(
        self, start: Callable[[], Server], call: Callable[[], Caller]
    ) -> None:
        server, waiting, unused, other = start(), call(), call(), call()
        assert "connection: close" not in waiting.ask()
        assert other.ask().endswith(server.pid)
        server.drain(other)
        for each in (waiting, unused):
            answer = each.ask()
            assert answer.startswith("HTTP/1.1 200")
            assert "connection: close" in answer
            assert answer.endswith(server.pid)
            assert each.answer() == "", "it is closed after its last answer"
        assert server.process.wait(60) == 0, "and ends with its last connection"

    def test_a_request_that_is_under_way_is_finished(self, start: Callable[[], Server], call: Callable[[], Caller]) -> None:
        server, slow, other = start(), call(), call()
        other.ask()
        slow.send("POST /slow HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\na")
        server.drain(other)
        slow.send("b")
        answer = slow.answer()
        assert "connection: close" in answer
        assert answer.endswith(server.pid)
        assert server.process.wait(60) == 0

    def test_whoever_comes_meanwhile_waits_for_the_next_process(
        self, start: Callable[[], Server], call: Callable[[], Caller]
    ) -> None:
        first, kept = start(), call()
        kept.ask()
        first.drain(kept)
        assert first.process.wait(60) == 0
        late = call()
        late.send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n")
        second = start()
        assert late.answer().endswith(second.pid)

    def test_told_to_stop_while_it_is_drained_it_closes_what_waits(
        self, start: Callable[[], Server], call: Callable[[], Caller]
    ) -> None:
        server, waiting, other = start(), call(), call()
        waiting.ask()
        other.ask()
        server.drain(other)
        server.process.terminate()
        assert waiting.answer() == ""
        assert server.process.wait(60) == -signal.SIGTERM
