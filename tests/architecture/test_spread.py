"""What an installation is spread by: every unique constraint and foreign key has `org`, or stands here with the reason.

docs/scaling.md tells of it. A new constraint without `org` is either given it, or named with why it may be without.
"""

import asyncio
from typing import Any

import asyncpg
import pytest

from chassis.testing.fixtures import Databases, migrate

ROOT_OF_ALL = "belongs to the installation, not to an organisation"
LOG = "one gapless log a service, of all organisations: the relay numbers it (ADR 0001)"
CONSUMER = "what a consumer has read of another service's log, of all organisations"
CAPABILITY = "found before the organisation is known, by the hash of a secret (ADR 0002)"
RANDOM = "a random id that nobody else gets; org stands beside it and could be put in"
Tables = dict[str, dict[tuple[str, ...], str]]
EVERYWHERE: Tables = {
    "outbox": {("position",): LOG, ("id",): LOG, ("sequence",): LOG},
}
CONSUMING: Tables = {
    "inbox": {("consumer", "event_id"): CONSUMER},
    "consumer_position": {("consumer", "source"): CONSUMER},
    "dead_letter": {("id",): CONSUMER, ("consumer", "event_id"): CONSUMER},
    "consumer_command": {("id",): CONSUMER},
}
WITHOUT: dict[str, Tables] = {
    "audit": EVERYWHERE,
    "complaints": EVERYWHERE,
    "feedback": {
        **EVERYWHERE,
        "link": {("token_hash",): CAPABILITY, ("code_hash",): CAPABILITY},
        "sending": {("no_hash",): CAPABILITY},
    },
    "reporting": {
        **EVERYWHERE,
        **CONSUMING,
        "rebuild_target": {("source",): ROOT_OF_ALL},
        "direct_reader": {("role",): "a role of the database server, which knows no organisations"},
    },
    "gateway": {
        **CONSUMING,
        "client": {("client_id",): CAPABILITY},
        "credential": {("credential_id",): RANDOM, ("hash",): CAPABILITY},
        "client_history": {("position",): ROOT_OF_ALL},
        "session": {("session_hash",): CAPABILITY},
        "sign_in_attempt": {("state_hash",): CAPABILITY},
        "rate": {("key",): "a keyed hash of an address, a client or a session: counted before anybody is known"},
        "maintenance": {("service",): ROOT_OF_ALL},
        "operator_key": {("key_id",): ROOT_OF_ALL, ("hash",): ROOT_OF_ALL},
        "operator_pass": {("pass_hash",): ROOT_OF_ALL},
        "operator_session": {("code_hash",): ROOT_OF_ALL, ("session_hash",): ROOT_OF_ALL},
        "webhook_subscription": {("subscription_id",): RANDOM},
        "webhook_message": {("message_id",): RANDOM, ("subscription_id", "event_id"): RANDOM},
        "webhook_attempt": {("message_id", "number"): RANDOM},
        "webhook_history": {("position",): ROOT_OF_ALL},
    },
}
"""Unique constraints without `org`, by service and table."""
REFERENCES: dict[str, dict[tuple[str, tuple[str, ...]], str]] = {
    "gateway": {
        ("webhook_attempt", ("message_id",)): RANDOM,
        ("operator_pass", ("key_id",)): ROOT_OF_ALL,
        ("operator_session", ("key_id",)): ROOT_OF_ALL,
    },
}
"""Foreign keys without `org`."""

UNIQUE = """
    select c.relname, array(select a.attname::text from unnest(x.indkey) with ordinality k (number, place)
                              join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number order by k.place)
      from pg_index x join pg_class c on c.oid = x.indrelid join pg_namespace n on n.oid = c.relnamespace
     where x.indisunique and n.nspname = $1 and c.relname <> 'alembic_version'
"""
FOREIGN = """
    select c.relname, array(select a.attname::text from unnest(k.conkey) with ordinality key (number, place)
                              join pg_attribute a on a.attrelid = c.oid and a.attnum = key.number order by key.place)
      from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
     where k.contype = 'f' and n.nspname = $1
"""
TABLES = """
    select c.relname, exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org' and not a.attisdropped)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind in ('r', 'p') and c.relname <> 'alembic_version'
"""


async def catalogue(url: str, service: str) -> tuple[Any, ...]:
    connection = await asyncpg.connect(url)
    try:
        return tuple([await connection.fetch(query, service) for query in (UNIQUE, FOREIGN, TABLES)])
    finally:
        await connection.close()


@pytest.mark.parametrize("service", WITHOUT)
def test_what_is_unique_and_what_refers_has_the_organisation_or_a_reason(databases: Databases, service: str) -> None:
    with databases.clone(service, migrate(service)) as database:
        unique, foreign, tables = asyncio.run(catalogue(database.url("admin"), service))
    assert len(unique) > 30
    assert [name for name, has_org in tables if not has_org] == []
    without = {(table, tuple(columns)) for table, columns in unique if "org" not in columns}
    assert without == {(table, columns) for table, each in WITHOUT[service].items() for columns in each}
    crossing = {(table, tuple(columns)) for table, columns in foreign if "org" not in columns}
    assert crossing == set(REFERENCES.get(service, {}))
