"""What stands in the fact tables, and emptying them."""

import hashlib
from typing import Any

from reporting_records import Sources
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from reporting.adapters.facts import TABLES


async def facts(engine: AsyncEngine, table: str, org: str = "worcestershire") -> list[dict[str, Any]]:
    """The rows of a table as the worker sees them for an organisation."""
    async with engine.connect() as connection:
        await connection.execute(
            text("select set_config('app.areas', '*', true), set_config('app.org', :org, true)"), {"org": org}
        )
        rows = await connection.execute(text(f"select * from {table} order by {table}::text"))
        return [dict(row) for row in rows.mappings()]


async def digest(engine: AsyncEngine) -> dict[str, str]:
    """A hash of every byte of every fact table."""
    found = {}
    for table in TABLES:
        both = [await facts(engine, table, org) for org in ("worcestershire", "telford-wrekin")]
        found[table] = hashlib.sha256(repr(both).encode()).hexdigest()
    return found


async def clear(sources: Sources) -> None:
    """Forget everything, as a rebuild does first."""
    await next(iter(sources.appliers.values())).clear()
