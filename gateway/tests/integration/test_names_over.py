"""Names in what was done with access go after the installation's period, those of today stay, and no table is forgotten."""

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.testing.fixtures import Database
from gateway.access.names_over import NamesOver
from gateway.domain.kept import KEPT

_MADE = (
    "insert into gateway.organisation (org, name) values ('north', 'North')",
    (
        "insert into gateway.client (client_id, org, name, scopes, created_by, disabled_at, disabled_by, networks) "
        "values ('{code}', 'north', 'Ada {code}', '{{complaints:read}}', 'ada', {at}, {by}, '{{}}')"
    ),
    (
        "insert into gateway.client_history (org, client_id, at, by, by_label, act) "
        "values ('north', '{code}', coalesce({at}, now()), 'ada', 'Ada Smith', 'made')"
    ),
    (
        "insert into gateway.client_refusal (org, client_id, reason, last_at) "
        "values ('north', '{code}', 'wrong', coalesce({at}, now()))"
    ),
    (
        "insert into gateway.webhook_subscription (subscription_id, org, name, types, status, deleted_at, address, secret, "
        "created_by) values ('w-{code}', 'north', 'Ada {code}', '{{complaints.*}}', "
        "case when {at} is null then 'unverified' else 'deleted' end, {at}, "
        "case when {at} is null then '\\x00'::bytea end, case when {at} is null then '\\x00'::bytea end, 'ada')"
    ),
    (
        "insert into gateway.operator_key (key_id, name, hash, created_by, created_at, expires_at, totp_sealed, totp_since) "
        "values ('o-{code}', 'ada-{code}', repeat('{mark}', 64), 'ada', coalesce({at}, now()) - interval '1 day', "
        "coalesce({at}, now() + interval '1 day'), '\\x00', now())"
    ),
    (
        "insert into gateway.credential (credential_id, org, client_id, kind, name, hash, mark, created_by) "
        "values ('k-{code}', 'north', '{code}', 'api-key', 'of Ada', repeat('{mark}', 64), 'm', 'ada')"
    ),
)


async def test_names_of_what_is_long_over_go_and_the_others_stay(database: Database) -> None:
    admin = await asyncpg.connect(database.url("admin"))
    engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    try:
        await admin.execute(_MADE[0])
        for code, at, by, mark in (("old", "now() - interval '25 months'", "'ada'", "a"), ("here", "null", "null", "b")):
            for statement in _MADE[1:]:
                await admin.execute(statement.format(code=code, at=at, by=by, mark=mark))
        gone = await NamesOver(engine, 24).once()
        assert {table: count for table, count in gone.items() if count} == {
            "client_history": 1, "client_refusal": 1, "credential": 1, "client": 1,
            "webhook_subscription": 1, "operator_key": 1,
        }  # fmt: skip
        assert not any((await NamesOver(engine, 24).once()).values())
        for table in ("client", "client_history", "credential", "webhook_subscription", "operator_key"):
            rows = await admin.fetch(f"select t::text as row from gateway.{table} t order by 1")
            named = [row["row"] for row in rows if "ada" in row["row"].lower()]
            assert len(rows) == 2, table
            assert len(named) == 1, table
            assert "here" in named[0]
    finally:
        await engine.dispose()
        await admin.close()


async def test_every_table_says_how_long_it_is_kept_or_why_it_has_no_end(database: Database) -> None:
    admin = await asyncpg.connect(database.url("admin"))
    try:
        rows = await admin.fetch(
            "select relname from pg_class where relnamespace = 'gateway'::regnamespace and relkind in ('r', 'p')"
        )
    finally:
        await admin.close()
    assert {row["relname"] for row in rows} == KEPT.keys()
