"""API clients in the database."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.tables import client
from gateway.domain.principals import Client

_COLUMNS = (client.c.client_id, client.c.org, client.c.name, client.c.scopes, client.c.areas, client.c.disabled_at)


def _client(row: Any) -> Client:
    return Client(
        row.org, row.client_id, row.name, frozenset(row.scopes), frozenset(row.areas), disabled=row.disabled_at is not None
    )


async def add(connection: AsyncConnection, new: Client, secret_hash: str, key_hash: str, created_by: str) -> bool:
    """Store a new client. Returns False when a client of the organisation that is in use has its name."""
    statement = insert(client).values(
        client_id=new.client_id,
        org=new.org,
        name=new.name,
        scopes=sorted(new.scopes),
        areas=sorted(new.areas),
        secret_hash=secret_hash,
        key_hash=key_hash,
        created_by=created_by,
    )
    statement = statement.on_conflict_do_nothing(
        index_elements=[client.c.org, client.c.name], index_where=client.c.disabled_at.is_(None)
    )
    return (await connection.execute(statement.returning(client.c.client_id))).first() is not None


async def by_key_hash(connection: AsyncConnection, key_hash: str) -> Client | None:
    """The client with this API key."""
    return await _one(connection, select(*_COLUMNS).where(client.c.key_hash == key_hash))


async def by_secret_hash(connection: AsyncConnection, secret_hash: str) -> Client | None:
    """The client with this secret."""
    return await _one(connection, select(*_COLUMNS).where(client.c.secret_hash == secret_hash))


async def by_id(connection: AsyncConnection, client_id: str) -> Client | None:
    """The client of this transaction's organisation with this identifier."""
    return await _one(connection, select(*_COLUMNS).where(client.c.client_id == client_id))


async def _one(connection: AsyncConnection, query: Select[Any]) -> Client | None:
    row = (await connection.execute(query)).first()
    return None if row is None else _client(row)


async def mark_used(connection: AsyncConnection, client_id: str) -> None:
    """Note the day on which a client was last seen; writes at most once a day."""
    today = func.current_date()
    unseen = or_(client.c.last_used_on.is_(None), client.c.last_used_on < today)
    await connection.execute(update(client).where(and_(client.c.client_id == client_id, unseen)).values(last_used_on=today))


async def disable(connection: AsyncConnection, client_id: str) -> bool:
    """Disable a client for good. Returns False when there is none; disabling again changes nothing."""
    statement = update(client).where(client.c.client_id == client_id)
    statement = statement.values(disabled_at=func.coalesce(client.c.disabled_at, func.now()))
    return (await connection.execute(statement.returning(client.c.client_id))).first() is not None


async def renew(connection: AsyncConnection, client_id: str, secret_hash: str, key_hash: str) -> Client | None:
    """Put other credentials in place of a client's. Returns it, or None when there is none that is in use."""
    statement = update(client).where(and_(client.c.client_id == client_id, client.c.disabled_at.is_(None)))
    row = (await connection.execute(statement.values(secret_hash=secret_hash, key_hash=key_hash).returning(*_COLUMNS))).first()
    return None if row is None else _client(row)


async def page(
    connection: AsyncConnection, after: tuple[datetime, str] | None, limit: int
) -> list[tuple[Client, datetime, datetime | None, date | None]]:
    """Clients of the organisation from the oldest on, with when each was made, disabled and last used."""
    query = select(*_COLUMNS, client.c.created_at, client.c.last_used_on).order_by(client.c.created_at, client.c.client_id)
    if after is not None:
        moment, client_id = after
        query = query.where(
            or_(client.c.created_at > moment, and_(client.c.created_at == moment, client.c.client_id > client_id))
        )
    rows = await connection.execute(query.limit(limit))
    return [(_client(row), row.created_at, row.disabled_at, row.last_used_on) for row in rows]
