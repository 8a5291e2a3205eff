import socket
from collections.abc import Iterator
from pathlib import Path

import nats
import pytest
from nats.js.api import StreamConfig

from loop_cli.servers import NatsServer, ServerError


@pytest.fixture
def server(tmp_path: Path) -> Iterator[NatsServer]:
    running = NatsServer(tmp_path / "nats")
    running.start()
    yield running
    running.stop()


class TestNatsServer:
    async def test_an_acknowledged_message_survives_a_kill_but_not_a_wiped_disk(self, server: NatsServer) -> None:
        async with await nats.connect(server.url) as client:
            await client.jetstream().add_stream(StreamConfig(name="s", subjects=["s.>"]))
            await client.jetstream().publish("s.one", b"kept")
        server.kill()
        server.start()
        async with await nats.connect(server.url) as client:
            assert (await client.jetstream().stream_info("s")).state.messages == 1
        server.wipe()
        server.start()
        async with await nats.connect(server.url) as client:
            assert await client.jetstream().streams_info() == []

    def test_it_asks_for_the_password(self, server: NatsServer) -> None:
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection, connection.makefile("rwb") as wire:
            assert b'"auth_required":true' in wire.readline()
            wire.write(b'CONNECT {"user": "loop", "pass": "guessed", "verbose": false}\r\nPING\r\n')
            wire.flush()
            assert b"Authorization Violation" in wire.readline()

    def test_every_write_is_synced_and_its_configuration_is_private(self, server: NatsServer) -> None:
        configuration = server.directory / "nats.conf"
        assert '"sync_interval": "always"' in configuration.read_text()
        assert configuration.stat().st_mode & 0o077 == 0

    def test_a_port_in_use_is_named(self, tmp_path: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as other:
            port = other.getsockname()[1]
            with pytest.raises(ServerError, match=f"Port {port} for NATS is in use"):
                NatsServer(tmp_path / "nats", port=port).start()
