"""The continuous pull on a NATS of its own, which dies and comes back."""

import asyncio
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError

from chassis import jetstream, pull
from chassis.pull import Pull
from chassis.testing.sample import SCHEMA, eventually
from loop_cli.servers import NatsServer

SUBJECT = f"loop.{SCHEMA}.v1.happened"


async def taken(each: Pull) -> list[bytes]:
    """What comes within some seconds, asked for again after every error as the consumer's loop does."""
    async with asyncio.timeout(60):
        while True:
            try:
                batch = await each.next_batch(0.25)
            except ConnectionError:
                await each.open()
                continue
            if batch:
                for message in batch:
                    await message.ack_sync()
                return [message.data for message in batch]


class TestPull:
    async def test_a_broker_that_was_started_anew_is_asked_anew(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(pull, "DEAF", 2.5)
        server = NatsServer(tmp_path / "nats")
        server.start()
        client = await jetstream.connect(server.url, "test")
        try:
            js = client.jetstream()
            await jetstream.ensure_stream(js, SCHEMA)
            await jetstream.ensure_consumer(js, SCHEMA, "reader")
            each = Pull(client, SCHEMA, "reader")
            await js.publish(SUBJECT, b"1")
            assert await taken(each) == [b"1"]
            # The broker writes acknowledgements a moment later than it confirms them: after a kill the message may come again,
            # which the inbox is for and this test is not about. What is not in the stream cannot.
            await js.purge_stream(jetstream.stream_name(SCHEMA))
            server.kill()
            server.start()
            # The broker has forgotten that it was asked, and nothing says so.
            await eventually(lambda: _published(client))
            assert await taken(each) == [b"2"]
            await each.close()
        finally:
            await client.close()
            server.kill()


async def _published(client: Client) -> bool:
    try:
        await client.jetstream(timeout=1).publish(SUBJECT, b"2", headers={"Nats-Msg-Id": "2"})
    except (NatsError, OSError):
        return False
    return True
