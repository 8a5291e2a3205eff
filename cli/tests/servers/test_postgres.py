import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from chassis.testing.fixtures import scratch_folder
from loop_cli.servers import PostgresServer, ServerError, free_port
from loop_cli.servers.postgres import let_pass, major_version


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    with scratch_folder("server") as made:
        running = PostgresServer(made / "data")
        running.start()
        yield running
        running.stop()


class TestPostgresServer:
    def test_what_was_committed_survives_a_kill(self, server: PostgresServer) -> None:
        server.run_sql("create table kept (n int); insert into kept values (1), (2)")
        server.kill()
        with pytest.raises(ServerError, match="Connection refused"):
            server.run_sql("select 1")
        server.start()
        assert server.run_sql("select sum(n) from kept") == "3"

    def test_it_writes_to_disk_before_it_says_done(self, server: PostgresServer) -> None:
        assert server.run_sql("show fsync; show synchronous_commit; show data_checksums").split() == ["on", "on", "on"]

    def test_it_does_not_run_as_root(self, server: PostgresServer) -> None:
        assert psutil.Process(server.process.pid).uids().effective != 0

    def test_it_listens_on_this_machine_only_and_asks_for_the_password(self, server: PostgresServer) -> None:
        listening = {c.laddr for c in psutil.Process(server.process.pid).net_connections() if c.status == psutil.CONN_LISTEN}
        assert {address.ip for address in listening} == {"127.0.0.1"}
        with pytest.raises(ServerError, match="password authentication failed"):
            server.run_sql("select 1", password="guessed")

    def test_an_error_in_sql_is_raised_with_the_servers_words(self, server: PostgresServer) -> None:
        with pytest.raises(ServerError, match="division by zero"):
            server.run_sql("select 1 / 0")

    def test_its_settings_can_be_overridden(self, folder: Path) -> None:
        other = PostgresServer(folder / "data", settings={"max_connections": "17"})
        other.start()
        try:
            assert other.run_sql("show max_connections") == "17"
        finally:
            other.stop()
        assert other.process.exit_code == 0

    def test_a_port_in_use_is_named(self, folder: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            with pytest.raises(ServerError, match=f"Port {port} for PostgreSQL is in use"):
                PostgresServer(folder / "data", port=port).start()

    def test_data_of_another_major_version_are_left_alone(self, folder: Path) -> None:
        data = folder / "data"
        data.mkdir()
        (data / "PG_VERSION").write_text("11\n")
        with pytest.raises(ServerError, match=rf"belong to PostgreSQL 11.* brings\s+PostgreSQL {major_version()}"):
            PostgresServer(data).start()
        assert [path.name for path in data.iterdir()] == ["PG_VERSION"]

    def test_an_initialisation_that_was_interrupted_is_done_again(self, folder: Path) -> None:
        unfinished = folder / "data.unfinished"
        unfinished.mkdir()
        (unfinished / "PG_VERSION").write_text("18\n")
        other = PostgresServer(folder / "data")
        assert other.initialise() is True
        assert other.initialise() is False
        assert not unfinished.exists()
        assert not list(folder.glob("*.password"))


class TestLetPass:
    def test_closed_folders_are_opened_for_passing_through_only(self, tmp_path: Path) -> None:
        closed = tmp_path / "closed"
        (closed / "data").mkdir(parents=True)
        closed.chmod(0o700)
        assert closed in let_pass(closed / "data")
        assert closed.stat().st_mode & 0o777 == 0o701
        assert let_pass(closed / "data") == []


class TestFreePort:
    def test_it_is_outside_the_range_of_outgoing_connections(self) -> None:
        ports = {free_port() for _ in range(50)}
        assert max(ports) < 32_768
        assert len(ports) == 50

    @pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no port can be kept and listened on")
    def test_it_is_kept_from_others_and_still_free_for_the_server_that_it_is_meant_for(self) -> None:
        port = free_port()
        with socket.socket() as other, pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", port))
        with socket.socket() as nobody, pytest.raises(ConnectionRefusedError):
            nobody.connect(("127.0.0.1", port))
        for _ in range(2):  # it may be stopped and started
            with socket.create_server(("127.0.0.1", port)) as server, socket.create_connection(("127.0.0.1", port)):
                server.accept()[0].close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may start as somebody else")
class TestAsRoot:
    def test_a_data_folder_that_only_root_can_reach_works(self, folder: Path) -> None:
        inner = folder / "only-root"
        inner.mkdir(mode=0o700)
        server = PostgresServer(inner / "deeper" / "data")
        server.start()
        try:
            assert inner in server.opened_folders
            assert server.run_sql("select 1") == "1"
        finally:
            server.stop()
