"""Entries that are made as if long ago, and the worker's task that lets them go."""

from datetime import timedelta
from typing import Any, Protocol

from libs.chassis.tests.integration.trail.conftest import entries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.retention.kinds import Declared
from chassis.retention.periods import Period
from chassis.retention.running import Running
from chassis.secrets import Secrets
from chassis.testing.fixtures import ServiceClient
from chassis.testing.sample import SCHEMA
from chassis.trail.chaining import Chainer
from chassis.unit_of_work import Transaction, UnitOfWork

NOW = timedelta()
ORG = "north"
PERIODS = {"trail": Period(years=2)}
DECLARED = Declared(SCHEMA, (), {})


class Write(Protocol):
    """Writes so many entries, as if so long ago; the last of them is sealed, unless `checkpoint` says otherwise."""

    async def __call__(self, count: int, ago: str, *, checkpoint: bool = True) -> None: ...


def writer(client: ServiceClient, chainer: Chainer, admin: AsyncEngine) -> Write:
    async def written(count: int, ago: str, *, checkpoint: bool = True) -> None:
        for number in range(count):
            await client.get(f"/sample/v1/things/{number}")
        async with admin.begin() as connection:
            await connection.execute(text("alter table sample.trail disable trigger trail_stays"))
            await connection.execute(text(f"update sample.trail set at = now() - interval '{ago}' where number is null"))
            await connection.execute(text("alter table sample.trail enable trigger trail_stays"))
        await chainer.join_all(NOW if checkpoint else timedelta(hours=1))

    return written


def running(engine: AsyncEngine, secrets: Secrets, periods: dict[str, Period] = PERIODS) -> Running:
    async def said(_: Transaction) -> dict[str, Period]:
        return periods

    return Running(DECLARED, UnitOfWork(engine), secrets, said, None)


async def numbers(engine: AsyncEngine) -> list[int | None]:
    return [row.number for row in await entries(engine)]


async def beginnings(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list((await connection.execute(text("select * from trail_beginning"))).all())
