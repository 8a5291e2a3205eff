"""Parts carry the areas of their records, whatever is written, by whom and when. A made-up case with its papers."""

from collections.abc import AsyncIterator

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from chassis import tenancy
from chassis.carried_areas import OWN_AREA, Of, Part, carry, drop, hold_to_areas, hold_writing_too, parts, seen_where_carried
from chassis.database import is_outside_areas
from chassis.testing.areas import acting_within, rows
from chassis.testing.fixtures import Database
from chassis.testing.sample import SCHEMA, Collected
from chassis.unit_of_work import UnitOfWork

CASE, OTHER = "00000000-0000-0000-0000-00000000000a", "00000000-0000-0000-0000-00000000000b"
PAPER, NOTE = "00000000-0000-0000-0000-0000000000aa", "00000000-0000-0000-0000-0000000000ab"
CARRIED = (
    *parts("kase", "kase_id", "paper"),
    Part("task", (Of("kase", "kase_id"),), OWN_AREA, ("service_area",)),
    *parts("paper", "paper_id", "word"),
    Part("look", tuple(Of(each, "of_id", f"{{row}}.what = '{each}'") for each in ("kase", "paper")), "", ("what",)),
)
TABLES = {
    "kase": "service_area text not null",
    "paper": "kase_id uuid not null, foreign key (org, kase_id) references sample.kase (org, id)",
    "task": "kase_id uuid, service_area text not null",
    "word": "paper_id uuid not null",
    "look": "what text not null, of_id uuid not null",
}


async def execute(connection: asyncpg.Connection, *statements: str) -> None:
    for statement in statements:
        await connection.execute(statement)


@pytest.fixture
async def owner(database: Database) -> AsyncIterator[asyncpg.Connection]:
    """The owner of the tables of a case of send, and what lies in them already."""
    connection = await asyncpg.connect(database.url("owner"))
    made = Collected()
    for table, columns in TABLES.items():
        made.execute(f"create table {SCHEMA}.{table} (org text, id uuid, {columns}, primary key (org, id))")
        tenancy.protect(made, SCHEMA, table, app="select, insert, update, delete")
    tenancy.limit_to_areas(made, SCHEMA, "kase", tenancy.seen_by_area())
    await execute(connection, *made.statements)
    await execute(
        connection,
        "select set_config('app.org', 'north', false)",
        f"insert into kase values ('north', '{CASE}', 'send'), ('north', '{OTHER}', 'fostering')",
        f"insert into paper values ('north', '{PAPER}', '{CASE}')",
        f"insert into word values ('north', '{NOTE}', '{PAPER}')",
        f"insert into look values ('north', '{CASE}', 'kase', '{CASE}'), ('north', '{PAPER}', 'paper', '{PAPER}')",
        f"insert into task values ('north', '{NOTE}', '{CASE}', 'fostering')",
    )
    limits = Collected()
    carry(limits, SCHEMA, CARRIED)
    hold_writing_too(limits, SCHEMA)
    for part in CARRIED:
        hold_to_areas(limits, SCHEMA, part.table, seen_where_carried())
    await execute(connection, *limits.statements)
    yield connection
    await connection.close()


async def areas(connection: asyncpg.Connection, table: str) -> list[list[str]]:
    return [row[0] for row in await connection.fetch(f"select seen_in from {table} order by id")]


@pytest.mark.usefixtures("owner")
class TestCarried:
    async def test_what_lay_there_carries_its_areas_and_follows_its_record(self, owner: asyncpg.Connection) -> None:
        assert [await areas(owner, table) for table in ("paper", "word", "look", "task")] == [
            [["send"]], [["send"]], [["send"], ["send"]], [["send", "fostering"]],
        ]  # fmt: skip
        await owner.execute(f"update kase set service_area = 'safeguarding' where id = '{CASE}'")
        assert [await areas(owner, table) for table in ("paper", "word", "look", "task")] == [
            [["safeguarding"]], [["safeguarding"]], [["safeguarding"], ["safeguarding"]], [["safeguarding", "fostering"]],
        ]  # fmt: skip

    async def test_nobody_says_it_themselves(self, owner: asyncpg.Connection, uow: UnitOfWork) -> None:
        async with uow.begin("north") as transaction:
            await transaction.connection.execute(text("update paper set seen_in = '{fostering}'"))
            await transaction.connection.execute(
                text(f"insert into word (org, id, paper_id, seen_in) values ('north', '{CASE}', '{PAPER}', '{{fostering}}')")
            )
        assert (await areas(owner, "paper"), await areas(owner, "word")) == ([["send"]], [["send"], ["send"]])

    async def test_a_row_of_another_area_is_neither_put_in_nor_moved_there(self, uow: UnitOfWork) -> None:
        for statement in (
            f"insert into kase values ('north', '{NOTE}', 'fostering')",
            f"insert into paper values ('north', '{NOTE}', '{OTHER}')",
            f"update paper set kase_id = '{OTHER}'",
            "update kase set service_area = 'fostering'",
        ):
            with acting_within("send"), pytest.raises(DBAPIError) as refused:
                async with uow.begin("north") as transaction:
                    await transaction.connection.execute(text(statement))
            assert is_outside_areas(refused.value), statement

    async def test_what_passes_the_limit_by_name_moves_a_record_with_its_parts(self, uow: UnitOfWork) -> None:
        with acting_within("send"):
            async with uow.begin("north") as transaction:
                async with transaction.whole_organisation():
                    await transaction.connection.execute(text("update kase set service_area = 'fostering'"))
                assert await rows(transaction, "select id from word") == []
        with acting_within("fostering"):
            async with uow.begin("north") as transaction:
                assert await rows(transaction, "select count(*) from word") == [(1,)]

    async def test_a_part_that_is_added_while_its_record_moves_goes_along(
        self, owner: asyncpg.Connection, database: Database, uow: UnitOfWork
    ) -> None:
        move = owner.transaction()
        await move.start()
        await owner.execute(f"update kase set service_area = 'fostering' where id = '{CASE}'")
        async with uow.begin("north") as transaction:
            # It waits for the move, which is why it may not wait for ever; whoever adds it is told to try again.
            await transaction.connection.execute(text("set local lock_timeout = '50ms'"))
            with pytest.raises(DBAPIError, match="lock timeout"):
                await transaction.connection.execute(text(f"insert into paper values ('north', '{NOTE}', '{CASE}')"))
        await move.commit()
        # And the other way about: the move waits for whoever is adding one.
        adding = await asyncpg.connect(database.url("app"))
        try:
            await adding.execute("begin; select set_config('app.org', 'north', true), set_config('app.areas', '*', true)")
            await adding.execute(f"insert into paper values ('north', '{NOTE}', '{CASE}')")
            await owner.execute("set lock_timeout = '50ms'")
            with pytest.raises(asyncpg.LockNotAvailableError):
                await owner.execute(f"update kase set service_area = 'send' where id = '{CASE}'")
            await adding.execute("commit")
        finally:
            await adding.close()
        await owner.execute(f"update kase set service_area = 'send' where id = '{CASE}'")
        assert await areas(owner, "paper") == [["send"], ["send"]]

    async def test_it_can_be_taken_back(self, owner: asyncpg.Connection) -> None:
        back = Collected()
        for part in CARRIED:
            tenancy.unlimit_areas(back, SCHEMA, part.table)
        drop(back, SCHEMA, CARRIED)
        await execute(owner, *back.statements)
        left = "select count(*) from pg_trigger where not tgisinternal and tgname = any('{seen_in,moves_parts}'::text[])"
        assert await owner.fetchval(left) == 0
