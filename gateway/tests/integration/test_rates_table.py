"""What gateways have told the database of their callers' rates, when its clock is set back."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.tenancy import INSTALLATION
from chassis.testing.fixtures import Database
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import rates

KEY, OTHER = b"k" * 16, b"o" * 16
# So long that no time that a test takes is any of it.
USED, BURST, SET_BACK = 1e6, 1e7, 1e8
MOST = dict.fromkeys((KEY, OTHER), BURST)


@pytest.fixture
async def uow(database: Database) -> AsyncIterator[UnitOfWork]:
    engine = create_async_engine(database.url("app").replace("postgresql://", "postgresql+asyncpg://"))
    yield UnitOfWork(engine)
    await engine.dispose()


class TestAdd:
    async def test_what_was_told_before_the_clock_was_set_back_shuts_nobody_out(self, uow: UnitOfWork) -> None:
        async with uow.begin(INSTALLATION) as transaction:
            await rates.add(transaction.connection, {KEY: 1.0, OTHER: USED}, MOST)
            await transaction.connection.execute(
                text("update gateway.rate set full_at = full_at + :later where key = :key"), {"later": SET_BACK, "key": KEY}
            )
        async with uow.begin(INSTALLATION) as transaction:
            ahead = await rates.add(transaction.connection, {KEY: 2.0, OTHER: USED}, MOST)
        assert ahead[KEY] == pytest.approx(2)
        assert USED < ahead[OTHER] <= 2 * USED, "what others have used up stays used up"
        async with uow.begin(INSTALLATION) as transaction:
            ahead = await rates.add(transaction.connection, {KEY: USED}, MOST)
        assert ahead[KEY] <= USED + 2
