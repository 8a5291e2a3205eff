"""Databases, engines and a broker for the made-up service of `chassis.testing.sample`."""

from collections.abc import AsyncIterator, Iterator

import pytest
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis import jetstream
from chassis.testing.fixtures import Database, Databases
from chassis.testing.sample import SCHEMA, build, engine_of
from chassis.unit_of_work import UnitOfWork


@pytest.fixture
def database(databases: Databases) -> Iterator[Database]:
    with databases.clone(SCHEMA, build) as clone:
        yield clone


@pytest.fixture
async def app_engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = engine_of(database, "app")
    yield engine
    await engine.dispose()


@pytest.fixture
async def worker_engine(database: Database) -> AsyncIterator[AsyncEngine]:
    engine = engine_of(database, "worker")
    yield engine
    await engine.dispose()


@pytest.fixture
def uow(app_engine: AsyncEngine) -> UnitOfWork:
    return UnitOfWork(app_engine)


@pytest.fixture
async def nats_client(nats_server: str) -> AsyncIterator[Client]:
    client = await jetstream.connect(nats_server, "test")
    js = client.jetstream()
    for stream in await js.streams_info():
        await js.delete_stream(str(stream.config.name))
    yield client
    await client.close()
