"""The relay on real PostgreSQL and NATS."""

import asyncio
import json
from pathlib import Path

import pytest
from nats.aio.client import Client
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import jetstream
from chassis.relay import Relay
from chassis.testing.sample import SCHEMA, eventually, write
from chassis.unit_of_work import UnitOfWork
from loop_cli.servers import NatsServer


async def sequences(engine: AsyncEngine) -> list[tuple[int, bool]]:
    async with engine.connect() as connection:
        rows = await connection.execute(text("select sequence, published_at is not null as p from outbox order by position"))
        return [(row.sequence, row.p) for row in rows]


async def stream_messages(client: Client) -> list[dict[str, object]]:
    js = client.jetstream()
    info = await js.stream_info(jetstream.stream_name(SCHEMA))
    numbers = range(info.state.first_seq, info.state.last_seq + 1)
    stream = jetstream.stream_name(SCHEMA)
    return [json.loads((await js.get_msg(stream, number)).data or b"") for number in numbers]


class TestRelay:
    async def test_events_are_numbered_without_gaps_in_the_order_of_writing(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client
    ) -> None:
        await write(uow, 1, 2, 3)
        await write(uow, 4, org="south")
        relay = Relay(SCHEMA, worker_engine, nats_client)
        await jetstream.ensure_stream(nats_client.jetstream(), SCHEMA)
        async with worker_engine.connect() as connection:
            assert await relay.step(connection) == 4
            assert await relay.step(connection) == 0
        assert await sequences(worker_engine) == [(1, True), (2, True), (3, True), (4, True)]
        messages = await stream_messages(nats_client)
        assert [message["sequence"] for message in messages] == ["1", "2", "3", "4"]
        assert [message["data"]["number"] for message in messages] == [1, 2, 3, 4]  # type: ignore[index]
        assert {message["specversion"] for message in messages} == {"1.0"}
        assert [message["org"] for message in messages] == ["north", "north", "north", "south"]

    async def test_a_rolled_back_transaction_leaves_no_number_behind(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client
    ) -> None:
        await jetstream.ensure_stream(nats_client.jetstream(), SCHEMA)
        relay = Relay(SCHEMA, worker_engine, nats_client)
        try:
            async with uow.begin("north") as transaction:
                await write_inside(transaction)
                raise RuntimeError
        except RuntimeError:
            pass
        await write(uow, 7)
        async with worker_engine.connect() as connection:
            await relay.step(connection)
        assert await sequences(worker_engine) == [(1, True)]

    async def test_a_crash_between_publishing_and_marking_repeats_the_same_number_and_id(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client
    ) -> None:
        await jetstream.ensure_stream(nats_client.jetstream(), SCHEMA)
        relay = Relay(SCHEMA, worker_engine, nats_client)
        await write(uow, 1, 2)
        async with worker_engine.connect() as connection:
            await relay.step(connection)
            # As if the process had died before it could mark.
            await connection.execute(text("update outbox set published_at = null"))
            await connection.commit()
            assert await relay.step(connection) == 2
        messages = await stream_messages(nats_client)
        assert [message["sequence"] for message in messages] == ["1", "2"], "the broker drops the repetition by its id"

    async def test_it_goes_on_when_the_stream_was_lost(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client
    ) -> None:
        stopping = asyncio.Event()
        relay = Relay(SCHEMA, worker_engine, nats_client)
        running = asyncio.create_task(relay.run(stopping))
        await write(uow, 1)

        async def published(count: int) -> bool:
            return [done for _, done in await sequences(worker_engine)] == [True] * count

        await eventually(lambda: published(1))
        await nats_client.jetstream().delete_stream(jetstream.stream_name(SCHEMA))
        await write(uow, 2)
        await eventually(lambda: published(2))
        stopping.set()
        await running
        assert [message["sequence"] for message in await stream_messages(nats_client)] == ["2"]

    async def test_only_one_relay_leads_and_the_other_takes_over(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, nats_client: Client
    ) -> None:
        first_stop, second_stop = asyncio.Event(), asyncio.Event()
        first, second = (Relay(SCHEMA, worker_engine, nats_client) for _ in range(2))
        one = asyncio.create_task(first.run(first_stop))

        async def leads(relay: Relay) -> bool:
            return relay.leading

        await eventually(lambda: leads(first))
        two = asyncio.create_task(second.run(second_stop))
        await asyncio.sleep(0.1)
        assert not second.leading
        first_stop.set()
        await one
        await eventually(lambda: leads(second))
        await write(uow, 1)

        async def done() -> bool:
            return await sequences(worker_engine) == [(1, True)]

        await eventually(done)
        second_stop.set()
        await two

    async def test_it_hands_nothing_to_a_client_that_is_not_connected_and_goes_on_afterwards(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, tmp_path: Path
    ) -> None:
        server = NatsServer(tmp_path / "nats")
        server.start()
        client = await jetstream.connect(server.url, "test")
        try:
            await jetstream.ensure_stream(client.jetstream(), SCHEMA)
            relay = Relay(SCHEMA, worker_engine, client)
            server.kill()

            async def gone() -> bool:
                return not client.is_connected

            await eventually(gone)
            await write(uow, 1)
            async with worker_engine.connect() as connection:
                for _ in range(3):
                    with pytest.raises(ConnectionError):
                        await relay.step(connection)
                assert client.pending_data_size == 0, "what cannot be sent is not heaped up in the client"
                server.start()

                async def back() -> bool:
                    return client.is_connected

                await eventually(back)
                assert await relay.step(connection) == 1
        finally:
            await client.close()
            server.kill()

    async def test_what_is_written_while_the_broker_is_away_is_numbered_all_the_same(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, tmp_path: Path
    ) -> None:
        server = NatsServer(tmp_path / "nats")
        server.start()
        client = await jetstream.connect(server.url, "test")
        stopping = asyncio.Event()
        running = asyncio.create_task(Relay(SCHEMA, worker_engine, client).run(stopping))

        async def stand(*wanted: tuple[int, bool]) -> bool:
            return await sequences(worker_engine) == list(wanted)

        try:
            await write(uow, 1)
            await eventually(lambda: stand((1, True)))
            server.kill()
            await write(uow, 2)
            await eventually(lambda: stand((1, True), (2, False)))
            await write(uow, 3)
            await eventually(lambda: stand((1, True), (2, False), (3, False)))
            server.start()
            await eventually(lambda: stand((1, True), (2, True), (3, True)))
        finally:
            stopping.set()
            await running
            await client.close()
            server.kill()


async def write_inside(transaction: object) -> None:
    from chassis.testing.sample import Happened  # noqa: PLC0415
    from chassis.unit_of_work import Transaction  # noqa: PLC0415

    assert isinstance(transaction, Transaction)
    transaction.record(Happened(thing="a", number=9))
    await transaction.flush()
