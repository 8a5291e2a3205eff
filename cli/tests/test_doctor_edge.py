"""What `loop doctor` says of the public address: with real sockets and real certificates."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chassis.testing.authority import Authority
from loop_cli.doctor import edge
from loop_cli.servers import free_port

HOST = "127.0.0.2"
"""This machine, by an address that is not taken for it."""


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does something with each connection; gives its port."""
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()


@contextmanager
def https(authority: Authority, name: str = HOST, newest: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED) -> Iterator[int]:
    """A server with a certificate for `name`; gives its port."""
    files = authority.certificate(name)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    context.maximum_version = newest

    def shake_hands(connection: socket.socket) -> None:
        try:
            with context.wrap_socket(connection, server_side=True) as wrapped:
                wrapped.recv(1)
        except OSError:
            pass

    with listening(shake_hands) as port:
        yield port


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this machine knows."""
    authority = Authority(tmp_path / "known")
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    return authority


@pytest.fixture
def closed() -> int:
    return free_port()


class TestCertificate:
    def test_one_that_is_believed_is_well(self, known: Authority, closed: int) -> None:
        with https(known) as port:
            assert [each.state for each in edge.examine(f"https://{HOST}:{port}", closed)] == ["well", "well"]

    def test_one_of_an_authority_that_nobody_knows_is_wrong(self, tmp_path: Path, closed: int) -> None:
        with https(Authority(tmp_path / "own", "own authority")) as port:
            found, _ = edge.examine(f"https://{HOST}:{port}", closed)
        assert (found.state, "not believed" in found.words, "chain" in found.do) == ("wrong", True, True)

    def test_one_for_another_name_is_wrong(self, known: Authority, closed: int) -> None:
        with https(known, "loop.example") as port:
            found, _ = edge.examine(f"https://{HOST}:{port}", closed)
        assert (found.state, "not believed" in found.words) == ("wrong", True)

    def test_tls_of_before_is_wrong(self, known: Authority, closed: int) -> None:
        with pytest.warns(DeprecationWarning, match="TLSv1_1"), https(known, newest=ssl.TLSVersion.TLSv1_1) as port:
            found, _ = edge.examine(f"https://{HOST}:{port}", closed)
        assert (found.state, "TLS" in found.words) == ("wrong", True)

    def test_one_that_cannot_be_reached_is_to_be_looked_at_from_elsewhere(self, closed: int) -> None:
        found, _ = edge.examine(f"https://{HOST}:{closed}", closed)
        assert (found.state, "from here" in found.words, "--public" in found.do) == ("look", True, True)

    @pytest.mark.parametrize("url", ["http://qa.example", "qa.example", ""])
    def test_one_without_https_is_wrong(self, url: str) -> None:
        assert [each.state for each in edge.examine(url)] == ["wrong"]

    def test_this_machine_needs_none(self) -> None:
        assert edge.examine("http://127.0.0.1:8000") == []


class TestPlain:
    @pytest.mark.parametrize(
        ("answer", "state"),
        [
            (f"HTTP/1.1 301 Moved\r\nLocation: https://{HOST}/\r\n\r\n", "well"),
            ("HTTP/1.1 301 Moved\r\nLocation: https://elsewhere.example/\r\n\r\n", "wrong"),
            ("HTTP/1.1 200 OK\r\n\r\n", "wrong"),
            ("", "wrong"),
        ],
    )
    def test_it_leads_to_https_or_is_wrong(self, closed: int, answer: str, state: str) -> None:
        def reply(connection: socket.socket) -> None:
            connection.recv(4096)
            connection.sendall(answer.encode())

        with listening(reply) as port:
            _, found = edge.examine(f"https://{HOST}:{closed}", port)
        assert found.state == state
