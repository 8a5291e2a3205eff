"""A program that is older than its schema: it lives with what was added, and is refused where it needs what is gone."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from chassis.migrate import TooOldError, contracted, is_ahead
from chassis.testing.fixtures import PostgresAddress

SCHEMA = "going_back"


@pytest.fixture
async def admin(postgres: PostgresAddress) -> AsyncIterator[AsyncEngine]:
    """Somebody who may make a schema."""
    engine = create_async_engine(postgres.url().replace("postgresql://", "postgresql+asyncpg://", 1))
    yield engine
    await engine.dispose()


class Operations:
    """The one operation of alembic's that is used."""

    def __init__(self, connection: Connection) -> None:
        self.execute = lambda statement: connection.execute(text(statement))


async def ask(owner: AsyncEngine, current: str | None, known: str, *, needs: tuple[str, ...] = ()) -> bool:
    """Whether a schema at `current` is ahead of a program, after contractions; nothing of it stays."""

    def work(connection: Connection) -> bool:
        connection.execute(text(f"create schema {SCHEMA}"))
        connection.execute(text(f"create table {SCHEMA}.alembic_version (version_num varchar(32) not null)"))
        for each in needs:
            contracted(Operations(connection), SCHEMA, each)
        return is_ahead(connection, SCHEMA, current, known)

    async with owner.connect() as connection:
        try:
            return await connection.run_sync(work)
        finally:
            await connection.rollback()


class TestAhead:
    @pytest.mark.parametrize(("current", "known"), [(None, "0003"), ("0002", "0003"), ("0003", "0003")])
    async def test_a_schema_that_is_not_newer_is_migrated(self, admin: AsyncEngine, current: str | None, known: str) -> None:
        assert not await ask(admin, current, known)

    async def test_a_newer_one_is_left_alone(self, admin: AsyncEngine) -> None:
        assert await ask(admin, "0005", "0003")

    async def test_after_a_contraction_it_is_for_those_who_know_what_it_needs(self, admin: AsyncEngine) -> None:
        assert await ask(admin, "0005", "0003", needs=("0003",))
        with pytest.raises(TooOldError, match=r"needs a program that knows 0004; this one knows 0003\. Nothing was changed"):
            await ask(admin, "0005", "0003", needs=("0003", "0004"))
