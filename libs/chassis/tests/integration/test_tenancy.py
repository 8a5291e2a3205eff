"""Row-level security as the migrations make it, on real PostgreSQL with the real roles."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.database import UnsafeRoleError, assert_safe_role
from chassis.testing.fixtures import Database, Databases
from chassis.testing.sample import SCHEMA, engine_of, things, write
from chassis.unit_of_work import UnitOfWork

INSERT = text("insert into thing (org, id, number) values (:org, :id, 1)")


async def add(uow: UnitOfWork, org: str, name: str) -> None:
    async with uow.begin(org) as transaction:
        await transaction.connection.execute(INSERT, {"org": org, "id": name})


class TestTenancy:
    async def test_an_organisation_sees_its_own_rows_only(self, uow: UnitOfWork) -> None:
        await add(uow, "north", "a")
        await add(uow, "south", "b")
        assert await things(uow.engine, "north") == {"a": 1}
        assert await things(uow.engine, "south") == {"b": 1}

    async def test_an_unset_tenant_sees_nothing(self, uow: UnitOfWork) -> None:
        await add(uow, "north", "a")
        async with uow.engine.connect() as connection:
            assert (await connection.execute(text("select * from thing"))).all() == []
            assert (await connection.execute(text("update thing set number = 9"))).rowcount == 0
        async with uow.begin("") as transaction:
            assert (await transaction.connection.execute(text("select * from thing"))).all() == []

    async def test_a_view_does_not_lead_around_it(self, uow: UnitOfWork) -> None:
        await add(uow, "south", "b")
        async with uow.begin("north") as transaction:
            assert (await transaction.connection.execute(text("select * from things"))).all() == []

    async def test_a_row_cannot_be_written_for_another_organisation(self, uow: UnitOfWork) -> None:
        with pytest.raises(DBAPIError, match="row-level security"):
            async with uow.begin("north") as transaction:
                await transaction.connection.execute(INSERT, {"org": "south", "id": "a"})

    async def test_the_tenant_ends_with_the_transaction(self, uow: UnitOfWork) -> None:
        await add(uow, "north", "a")
        async with uow.engine.connect() as connection:
            for _ in range(10):  # whichever pooled connection comes
                assert (await connection.execute(text("select current_setting('app.org', true)"))).scalar_one() in {"", None}

    async def test_connections_that_died_in_the_pool_cost_nobody_a_request(
        self, uow: UnitOfWork, database: Database, databases: Databases
    ) -> None:
        async with uow.begin("north"), uow.begin("south"):
            pass  # two connections wait in the pool
        end = f"select pg_terminate_backend(pid, 60000) from pg_stat_activity where datname = '{database.name}'"
        databases.execute("postgres", end)
        await asyncio.gather(*(add(uow, "north", name) for name in ("a", "b", "c")))
        assert await things(uow.engine, "north") == {"a": 1, "b": 1, "c": 1}

    async def test_a_connection_that_dies_in_the_middle_is_an_error_and_nothing_is_done(
        self, uow: UnitOfWork, database: Database, databases: Databases
    ) -> None:
        end = f"select pg_terminate_backend(pid, 60000) from pg_stat_activity where datname = '{database.name}'"

        async def die_halfway() -> None:
            async with uow.begin("north") as transaction:
                await transaction.connection.execute(INSERT, {"org": "north", "id": "a"})
                databases.execute("postgres", end)

        with pytest.raises(DBAPIError):
            await die_halfway()
        assert await things(uow.engine, "north") == {}

    @pytest.mark.parametrize("org", ["North", "a'; drop table thing", "x" * 80, "-a"])
    async def test_a_string_that_is_no_organisation_is_refused_before_any_sql(self, uow: UnitOfWork, org: str) -> None:
        with pytest.raises(ValueError, match="organisation"):
            async with uow.begin(org):
                pass

    async def test_who_holds_a_link_sees_that_link_alone(self, uow: UnitOfWork) -> None:
        async with uow.begin("north") as transaction:
            await transaction.connection.execute(text("insert into link (org, hash) values ('north', 'h1'), ('north', 'h2')"))
        async with uow.begin("", capability="h1") as transaction:
            rows = (await transaction.connection.execute(text("select hash from link"))).scalars().all()
            assert rows == ["h1"]
            assert (await transaction.connection.execute(text("update link set state = 'x'"))).rowcount == 0

    async def test_the_worker_sees_all_events_and_no_business_row(self, uow: UnitOfWork, worker_engine: AsyncEngine) -> None:
        await write(uow, 1)
        await write(uow, 1, org="south")
        await add(uow, "north", "a")
        async with worker_engine.connect() as connection:
            assert (await connection.execute(text("select count(*) from outbox"))).scalar_one() == 2
            assert (await connection.execute(text("select count(*) from thing"))).scalar_one() == 0

    async def test_the_web_role_can_neither_read_change_nor_delete_events(self, uow: UnitOfWork) -> None:
        await write(uow, 1)
        for statement in ("select * from outbox", "delete from outbox", "update outbox set org = 'south'", "truncate outbox"):
            with pytest.raises(DBAPIError, match="permission denied"):
                async with uow.begin("north") as transaction:
                    await transaction.connection.execute(text(statement))


class TestSafeRole:
    @pytest.mark.parametrize("suffix", ["app", "worker"])
    async def test_the_roles_of_the_processes_are_safe(self, database: Database, suffix: str) -> None:
        engine = engine_of(database, suffix)
        await assert_safe_role(engine, SCHEMA)
        await engine.dispose()

    @pytest.mark.parametrize(("suffix", "words"), [("owner", "owns"), ("admin", "superuser")])
    async def test_owner_and_superuser_are_refused(self, database: Database, suffix: str, words: str) -> None:
        engine = engine_of(database, suffix)
        with pytest.raises(UnsafeRoleError, match=words):
            await assert_safe_role(engine, SCHEMA)
        await engine.dispose()

    async def test_a_table_without_forced_row_security_is_refused(self, database: Database, app_engine: AsyncEngine) -> None:
        owner = engine_of(database, "owner")
        async with owner.begin() as connection:
            await connection.execute(text("alter table thing no force row level security"))
        await owner.dispose()
        with pytest.raises(UnsafeRoleError, match="thing"):
            await assert_safe_role(app_engine, SCHEMA)
