"""What the user of a service may do at NATS, and what not."""

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from nats.js import JetStreamContext

from chassis import jetstream
from chassis.pull import Pull
from loop_cli.broker import broker_file
from loop_cli.servers import ChildProcess, NatsServer, free_port, wait_for
from loop_cli.servers.nats import program
from loop_cli.stack.broker import password_name, set_up_streams, users
from loop_cli.stack.services import PRODUCERS, WITH_WORKER

ROOT = Path(__file__).parents[3]
PASSWORDS = {"nats": "admin", **{password_name(each): f"of-{each}" for each in WITH_WORKER}}


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    running = NatsServer(tmp_path / "nats", password="admin", users=users(PASSWORDS))
    running.start()
    try:
        await set_up_streams(running.url)
        yield running
    finally:
        running.kill()


async def client_of(server: NatsServer, service: str) -> Client:
    url = server.url_of(service, PASSWORDS[password_name(service)])
    return await nats.connect(url, inbox_prefix=jetstream.inbox_prefix(service), allow_reconnect=False)


async def refused(js: JetStreamContext, subject: str, body: dict[str, Any]) -> bool:
    """Whether the server does not even answer."""
    try:
        await js._nc.request(subject, json.dumps(body).encode(), timeout=0.5)
    except (TimeoutError, nats.errors.Error):
        return True
    return False


class TestRights:
    async def test_service_publishes_its_own_events_and_no_others(self, server: NatsServer) -> None:
        client = await client_of(server, "audit")
        js = client.jetstream(timeout=5)
        assert (await js.publish("loop.audit.v1.audit_completed", b"ours")).seq == 1
        for subject in ("loop.complaints.v1.complaint_received", "loop.feedback.v1.response_submitted", "other"):
            with pytest.raises((TimeoutError, nats.errors.Error)):
                await js.publish(subject, b"forged", timeout=0.5)
        await client.close()
        admin = await jetstream.connect_once(server.url, "test")
        found = {each: (await admin.jetstream().stream_info(f"loop-{each}")).state.messages for each in PRODUCERS}
        await admin.close()
        assert found == {"audit": 1, "feedback": 0, "complaints": 0}

    async def test_no_service_empties_changes_or_deletes_a_stream(self, server: NatsServer) -> None:
        for service in ("audit", "reporting"):
            client = await client_of(server, service)
            js = client.jetstream(timeout=0.5)
            for stream in ("loop-audit", "loop-complaints"):
                for act in ("DELETE", "PURGE", "UPDATE", "MSG.DELETE", "MSG.GET"):
                    assert await refused(js, f"$JS.API.STREAM.{act}.{stream}", {"name": stream, "seq": 1}), (service, act)
            config = {"name": "loop-complaints", "subjects": ["loop.complaints.>"]}
            assert await refused(js, "$JS.API.STREAM.CREATE.loop-complaints", config)
            await client.close()

    async def test_reader_reads_with_its_own_consumer_and_nobody_hears_what_it_is_sent(self, server: NatsServer) -> None:
        audit, reader = await client_of(server, "audit"), await client_of(server, "reporting")
        heard: list[Any] = []

        async def note(message: Any) -> None:
            heard.append(message)

        await audit.subscribe(f"{jetstream.inbox_prefix('reporting')}.>", cb=note)
        await audit.subscribe("loop.>", cb=note)
        await audit.jetstream().publish("loop.audit.v1.audit_completed", b"one")
        js = reader.jetstream(timeout=5)
        await jetstream.ensure_stream(js, "audit")
        await jetstream.ensure_consumer(js, "audit", "reporting")
        pull = Pull(reader, "audit", "reporting")
        [message] = await pull.next_batch(10)
        assert message.data == b"one"
        await message.ack_sync(timeout=5)
        await pull.close()
        # A consumer under another's name, and one of a service that reads nothing.
        assert await refused(js, "$JS.API.CONSUMER.DURABLE.CREATE.loop-audit.spy", {"stream_name": "loop-audit"})
        own = audit.jetstream(timeout=0.5)
        create = "$JS.API.CONSUMER.DURABLE.CREATE.loop-complaints.audit"
        assert await refused(own, create, {"stream_name": "loop-complaints", "config": {"durable_name": "audit"}})
        await asyncio.wait_for(audit.flush(), 5)
        assert heard == []
        await audit.close()
        await reader.close()

    async def test_producer_makes_its_stream_anew_where_the_broker_lost_everything(self, server: NatsServer) -> None:
        server.wipe()
        server.start()
        client = await client_of(server, "audit")
        js = client.jetstream(timeout=5)
        await jetstream.ensure_stream(js, "audit")
        assert (await js.publish("loop.audit.v1.audit_completed", b"again")).seq == 1
        await client.close()


class TestFile:
    def test_it_is_the_one_that_the_command_prints(self) -> None:
        assert (ROOT / "deploy" / "nats-users.conf").read_text() == broker_file()

    def test_the_server_reads_it_with_passwords_of_its_environment(self) -> None:
        names = {f"{each['user'].upper()}_NATS_PASSWORD": "it-is-secret" for each in users({})}
        command = [str(program()), "-t", "-c", str(ROOT / "deploy" / "nats-users.conf")]
        for environment, code in ((names, 0), ({}, 1)):
            assert subprocess.run(command, env=environment, capture_output=True, check=False).returncode == code

    def test_passwords_may_lie_in_a_file_beside_it_which_a_reload_reads_again(self, tmp_path: Path) -> None:
        names = [f"{each['user'].upper()}_NATS_PASSWORD" for each in users({})]
        passwords, whole = tmp_path / "passwords.conf", tmp_path / "nats.conf"
        port = free_port()
        whole.write_text(
            f'host: 127.0.0.1\nport: {port}\ninclude "passwords.conf"\n' + (ROOT / "deploy" / "nats-users.conf").read_text()
        )
        passwords.write_text("".join(f'{name}: "1st-{name}"\n' for name in names))
        process = ChildProcess("nats", [program(), "-c", whole], tmp_path / "log", env={})
        asked = NatsServer(tmp_path / "asked", port=port)
        process.start()
        try:
            wait_for(lambda: asked.lets_in("audit", "1st-AUDIT_NATS_PASSWORD"), process, 20)
            passwords.write_text(passwords.read_text().replace("1st-AUDIT", "2nd-AUDIT"))
            process.send(signal.SIGHUP)
            wait_for(lambda: asked.lets_in("audit", "2nd-AUDIT_NATS_PASSWORD"), process, 20)
            assert not asked.lets_in("audit", "1st-AUDIT_NATS_PASSWORD")
            assert asked.lets_in("feedback", "1st-FEEDBACK_NATS_PASSWORD")
        finally:
            process.kill()
