"""Sessions, attempts and tokens that are over go by the worker, whoever's they are; those that count stay."""

import hashlib

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.testing.fixtures import Database
from gateway.access.leftovers import Leftovers

_WEEK_AND = "now() - interval '8 days'"
_SESSION = """
    insert into gateway.session (session_hash, org, subject, label, roles, areas, browser, created_at, expires_at, ended_at)
    values ('{name}', '{org}', 's', 'S', '{{role:manager}}', '{{}}', 'other', now() - interval '20 days', {expires}, {ended})
"""
_OTHERS = (
    (
        "insert into gateway.sign_in_attempt (state_hash, org, provider, browser_hash, sealed, created_at, expires_at) "
        "values ('{name}', '{org}', 'p', '{name}', '\\x00', now() - interval '1 day', {expires})"
    ),
    "insert into gateway.logout_token (org, provider, jti_hash, expires_at) values ('{org}', 'p', '{name}', {expires})",
)


def hashed(org: str, name: str) -> str:
    return hashlib.sha256(f"{org} {name}".encode()).hexdigest()


async def test_what_is_over_goes_and_what_counts_stays(database: Database) -> None:
    admin = await asyncpg.connect(database.url("admin"))
    try:
        await admin.execute("set session_replication_role = replica")
        for org in ("north", "south"):
            for name, expires, ended in (
                ("open", "now() + interval '1 hour'", "null"),
                ("ended", "now() + interval '1 hour'", "now()"),
                ("long-ended", "now() + interval '1 hour'", _WEEK_AND),
                ("long-expired", _WEEK_AND, "null"),
            ):
                await admin.execute(_SESSION.format(name=hashed(org, name), org=org, expires=expires, ended=ended))
            for statement in _OTHERS:
                for name, expires in (("fresh", "now() + interval '1 minute'"), ("over", "now() - interval '1 minute'")):
                    await admin.execute(statement.format(name=hashed(org, name), org=org, expires=expires))
        engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
        try:
            assert await Leftovers(engine).once() == 8
            assert await Leftovers(engine).once() == 0
        finally:
            await engine.dispose()
        left = await admin.fetch("select session_hash as name from gateway.session")
        left += await admin.fetch("select state_hash as name from gateway.sign_in_attempt")
        left += await admin.fetch("select jti_hash as name from gateway.logout_token")
    finally:
        await admin.close()
    kept = ("open", "ended", "fresh", "fresh")
    assert sorted(row["name"] for row in left) == sorted(hashed(org, name) for org in ("north", "south") for name in kept)
