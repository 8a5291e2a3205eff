import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis import unit_of_work
from chassis.testing.areas import acting_within
from chassis.testing.fixtures import Database
from chassis.unit_of_work import UnitOfWork


@pytest.fixture
async def narrow(database: Database) -> AsyncIterator[AsyncEngine]:
    """An engine with two connections for everybody."""
    url = database.url("app").replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url, pool_size=2, max_overflow=0, pool_timeout=5)
    yield engine
    await engine.dispose()


class TestTurns:
    async def test_whoever_waits_longest_is_served_next_and_nobody_goes_hungry(self, narrow: AsyncEngine) -> None:
        uow, served, stop = UnitOfWork(narrow), Counter[int](), asyncio.Event()

        async def asks_again_and_again(who: int) -> None:
            while not stop.is_set():
                async with uow.begin("worcestershire") as transaction:
                    await transaction.connection.execute(text("select 1"))
                    served[who] += 1
                    if served.total() >= 400:
                        stop.set()

        await asyncio.gather(*(asks_again_and_again(who) for who in range(20)))
        assert len(served) == 20
        assert max(served.values()) - min(served.values()) <= 2

    async def test_a_wait_that_is_too_long_ends_with_an_error_and_loses_no_turn(
        self, narrow: AsyncEngine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(unit_of_work, "TURN_SECONDS", 0.05)
        uow = UnitOfWork(narrow)
        async with uow.begin("worcestershire"), uow.begin("worcestershire"):
            with pytest.raises(PoolTimeoutError, match="no connection to the database was free"):
                async with uow.begin("worcestershire"):
                    pass
        async with uow.begin("worcestershire"), uow.begin("worcestershire") as transaction:
            assert (await transaction.connection.execute(text("select 1"))).scalar_one() == 1


AREAS = text("select current_setting('app.areas', true)")


class TestAreas:
    async def test_the_database_is_told_to_which_areas_whoever_calls_is_limited(self, uow: UnitOfWork) -> None:
        async def told() -> str:
            async with uow.begin("north") as transaction:
                return str((await transaction.connection.execute(AREAS)).scalar_one())

        assert await told() == "*"
        with acting_within("send", "fostering"):
            assert await told() == "fostering,send"
        # What can be no code opens nothing.
        for wrong in ("*", "", "send,fostering"):
            with acting_within(wrong):
                assert await told() == ""
        with acting_within("*", "send"):
            assert await told() == "send"

    async def test_past_the_limit_is_a_block_and_no_longer_also_where_it_fails(self, uow: UnitOfWork) -> None:
        with acting_within("send"):
            async with uow.begin("north") as transaction:
                async with transaction.whole_organisation():
                    assert (await transaction.connection.execute(AREAS)).scalar_one() == "*"
                assert (await transaction.connection.execute(AREAS)).scalar_one() == "send"
                with pytest.raises(LookupError):
                    async with transaction.whole_organisation():
                        raise LookupError
                assert (await transaction.connection.execute(AREAS)).scalar_one() == "send"
            with pytest.raises(DBAPIError, match="division by zero"):
                async with uow.begin("north") as transaction, transaction.whole_organisation():
                    await transaction.connection.execute(text("select 1 / 0"))
