"""Subscriptions in the database, and what was done with them."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.webhook_tables import subscription
from gateway.domain.webhooks import Subscription

_THERE = subscription.c.status != "deleted"


@dataclass(frozen=True)
class Sealed:
    """What is sealed of a subscription."""

    address: bytes | None
    secret: bytes | None
    previous: bytes | None
    contact: bytes | None = None


def _subscription(row: Any) -> Subscription:
    return Subscription(
        row.org,
        row.subscription_id,
        row.name,
        frozenset(row.types),
        frozenset(row.areas),
        row.status,
        row.reason,
        row.revision,
        row.created_at,
        row.created_by,
        row.client_id,
        row.live_from,
        row.failing_since,
        row.disabled_at,
        row.previous_until,
    )


def _sealed(row: Any) -> Sealed:
    return Sealed(row.address, row.secret, row.previous_secret, row.contact)


async def add(connection: AsyncConnection, new: Subscription, sealed: Sealed) -> bool:
    """Store a new subscription. Returns False when one of the organisation has its name."""
    values = {
        "subscription_id": new.id,
        "org": new.org,
        "client_id": new.client_id,
        "name": new.name,
        "address": sealed.address,
        "contact": sealed.contact,
        "types": sorted(new.types),
        "areas": sorted(new.areas),
        "secret": sealed.secret,
        "created_by": new.created_by,
    }
    statement = insert(subscription).values(**values)
    statement = statement.on_conflict_do_nothing(index_elements=[subscription.c.org, subscription.c.name], index_where=_THERE)
    return (await connection.execute(statement.returning(subscription.c.subscription_id))).first() is not None


async def by_id(
    connection: AsyncConnection, org: str, subscription_id: str, *, lock: bool = False
) -> tuple[Subscription, Sealed] | None:
    """A subscription of the organisation with what is sealed of it, held until the transaction ends with `lock`."""
    query: Select[Any] = select(subscription).where(
        subscription.c.org == org, subscription.c.subscription_id == subscription_id, _THERE
    )
    row = (await connection.execute(query.with_for_update() if lock else query)).first()
    return None if row is None else (_subscription(row), _sealed(row))


async def of_name(connection: AsyncConnection, org: str, name: str) -> Subscription | None:
    """The subscription of this name."""
    query = select(subscription).where(subscription.c.org == org, subscription.c.name == name, _THERE)
    row = (await connection.execute(query)).first()
    return None if row is None else _subscription(row)


async def listed(connection: AsyncConnection, org: str, client_id: str | None) -> list[tuple[Subscription, Sealed]]:
    """The subscriptions of the organisation, or of one machine of it, by name; each with what is sealed of it."""
    query = select(subscription).where(subscription.c.org == org, _THERE).order_by(subscription.c.name)
    if client_id is not None:
        query = query.where(subscription.c.client_id == client_id)
    return [(_subscription(row), _sealed(row)) for row in await connection.execute(query)]


async def change(connection: AsyncConnection, subscription_id: str, **values: Any) -> Subscription:
    """Store what is different, as the next revision."""
    statement = update(subscription).where(subscription.c.subscription_id == subscription_id)
    statement = statement.values(revision=subscription.c.revision + 1, **values).returning(subscription)
    return _subscription((await connection.execute(statement)).one())


async def disable_of_client(connection: AsyncConnection, client_id: str) -> list[str]:
    """Disable what a machine subscribed to that is shut out; gives which."""
    statement = update(subscription).where(
        subscription.c.client_id == client_id, subscription.c.status.in_(("unverified", "live", "paused"))
    )
    values = {"status": "disabled", "reason": "client", "disabled_at": func.now()}
    live_from = func.coalesce(subscription.c.live_from, func.now())
    statement = statement.values(revision=subscription.c.revision + 1, live_from=live_from, **values)
    return list((await connection.execute(statement.returning(subscription.c.subscription_id))).scalars())
