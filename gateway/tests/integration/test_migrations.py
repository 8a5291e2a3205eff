"""Migrations, up and down again."""

import asyncio

import asyncpg
import pytest

from chassis.testing.fixtures import Database, migrate

TABLES = {
    "organisation", "client", "session", "rate", "maintenance", "profile", "sign_in_attempt", "logout_token", "account",
    "credential", "client_history", "client_refusal", "assertion", "operator_key", "operator_pass", "recall",
    "trail", "trail_beginning", "trail_checkpoint", "trail_check", "inbox", "consumer_position", "dead_letter",
    "consumer_command", "webhook_subscription", "webhook_message", "webhook_attempt", "webhook_history",
    "mail", "operator_session",
}  # fmt: skip


async def tables(database: Database) -> set[str]:
    connection = await asyncpg.connect(database.url("admin"))
    try:
        rows = await connection.fetch(
            "select relname from pg_class where relnamespace = 'gateway'::regnamespace and relkind = 'r'"
        )
        return {row["relname"] for row in rows} - {"alembic_version"}
    finally:
        await connection.close()


class TestMigrations:
    async def test_down_and_up_again(self, database: Database) -> None:
        assert await tables(database) == TABLES
        await asyncio.to_thread(migrate("gateway", down=True), database.url("owner"))
        assert await tables(database) == set()
        await asyncio.to_thread(migrate("gateway"), database.url("owner"))
        assert await tables(database) == TABLES

    async def test_who_is_signed_in_stays_so_with_the_role_they_had(self, database: Database) -> None:
        await asyncio.to_thread(migrate("gateway", down=True, to="0001"), database.url("owner"))
        connection = await asyncpg.connect(database.url("admin"))
        try:
            await connection.execute("insert into gateway.organisation (org, name) values ('north', 'North')")
            await connection.execute(
                "insert into gateway.session (session_hash, org, subject, label, role, expires_at)"
                " values (repeat('a', 64), 'north', 'demo-x', 'X', 'qa-officer', now() + interval '1 hour')"
            )
            await asyncio.to_thread(migrate("gateway"), database.url("owner"))
            assert await connection.fetchval("select roles from gateway.session") == ["qa-officer"]
            with pytest.raises(asyncpg.CheckViolationError, match="session_has_a_role"):
                await connection.execute("update gateway.session set roles = '{}'")
            await asyncio.to_thread(migrate("gateway", down=True, to="0001"), database.url("owner"))
            assert await connection.fetchval("select role from gateway.session") == "qa-officer"
        finally:
            await connection.close()
