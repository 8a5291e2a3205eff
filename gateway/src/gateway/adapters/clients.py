"""API clients in the database."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.tables import client, credential
from gateway.domain.principals import Client

_COLUMNS = (
    client.c.client_id, client.c.org, client.c.name, client.c.scopes, client.c.areas, client.c.networks, client.c.revision,
    client.c.disabled_at,
)  # fmt: skip


def _client(row: Any) -> Client:
    return Client(
        row.org,
        row.client_id,
        row.name,
        frozenset(row.scopes),
        frozenset(row.areas),
        disabled=row.disabled_at is not None,
        networks=tuple(row.networks),
        revision=row.revision,
    )


async def add(connection: AsyncConnection, new: Client, created_by: str) -> bool:
    """Store a new client. Returns False when a client of the organisation that is in use has its name."""
    statement = insert(client).values(
        client_id=new.client_id,
        org=new.org,
        name=new.name,
        scopes=sorted(new.scopes),
        areas=sorted(new.areas),
        networks=list(new.networks),
        created_by=created_by,
    )
    statement = statement.on_conflict_do_nothing(
        index_elements=[client.c.org, client.c.name], index_where=client.c.disabled_at.is_(None)
    )
    return (await connection.execute(statement.returning(client.c.client_id))).first() is not None


async def by_id(connection: AsyncConnection, client_id: str, *, lock: bool = False) -> Client | None:
    """The client with this identifier, if this transaction sees it; held until its end with `lock`."""
    query: Select[Any] = select(*_COLUMNS).where(client.c.client_id == client_id)
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    return None if row is None else _client(row)


async def change(connection: AsyncConnection, changed: Client) -> Client:
    """Store a client's name, what it may do, its areas and networks, as the next revision."""
    statement = update(client).where(client.c.client_id == changed.client_id)
    statement = statement.values(
        name=changed.name,
        scopes=sorted(changed.scopes),
        areas=sorted(changed.areas),
        networks=list(changed.networks),
        revision=client.c.revision + 1,
    )
    return _client((await connection.execute(statement.returning(*_COLUMNS))).one())


async def disable(connection: AsyncConnection, client_id: str, by: str) -> None:
    """Disable a client for good."""
    statement = update(client).where(client.c.client_id == client_id, client.c.disabled_at.is_(None))
    await connection.execute(statement.values(disabled_at=func.now(), disabled_by=by, revision=client.c.revision + 1))


async def page(
    connection: AsyncConnection, after: tuple[datetime, str] | None, limit: int
) -> list[tuple[Client, datetime, datetime | None, date | None, datetime | None]]:
    """Clients of the organisation from the oldest on: when each was made, disabled, last used, and its next credential ends."""
    own = and_(credential.c.org == client.c.org, credential.c.client_id == client.c.client_id)
    used = select(func.max(credential.c.last_used_on)).where(own).scalar_subquery()
    good = and_(own, credential.c.revoked_at.is_(None), credential.c.expires_at > func.now())
    ends = select(func.min(credential.c.expires_at)).where(good).scalar_subquery()
    query = select(*_COLUMNS, client.c.created_at, used.label("last_used_on"), ends.label("next_end"))
    query = query.order_by(client.c.created_at, client.c.client_id)
    if after is not None:
        moment, client_id = after
        query = query.where(
            or_(client.c.created_at > moment, and_(client.c.created_at == moment, client.c.client_id > client_id))
        )
    rows = await connection.execute(query.limit(limit))
    return [(_client(row), row.created_at, row.disabled_at, row.last_used_on, row.next_end) for row in rows]
