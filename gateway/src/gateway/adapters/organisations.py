"""Organisations in the database."""

from sqlalchemy import exists, func, literal_column, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.tables import organisation


async def put(connection: AsyncConnection, org: str, name: str) -> bool:
    """Make an organisation, or rename it. Returns whether it is new."""
    statement = insert(organisation).values(org=org, name=name)
    statement = statement.on_conflict_do_update(
        index_elements=[organisation.c.org], set_={"name": name, "changed_at": func.now()}
    )
    # xmax is 0 in a row that this statement inserted
    return bool((await connection.execute(statement.returning(literal_column("xmax = 0")))).scalar_one())


async def is_known(connection: AsyncConnection, org: str) -> bool:
    """Whether there is such an organisation."""
    return bool((await connection.execute(select(exists().where(organisation.c.org == org)))).scalar_one())


async def name_of(connection: AsyncConnection, org: str) -> str:
    """What it is called; its code where there is none of that code."""
    asked = select(organisation.c.name).where(organisation.c.org == org)
    found: str | None = (await connection.execute(asked)).scalar_one_or_none()
    return found or org


async def listed(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Code and name of every organisation, by name; in a transaction of the installation."""
    rows = await connection.execute(select(organisation.c.org, organisation.c.name).order_by(organisation.c.name))
    return [(row.org, row.name) for row in rows]
