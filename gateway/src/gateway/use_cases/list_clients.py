"""The API clients of an organisation, without their secrets, which nobody has."""

from dataclasses import dataclass
from datetime import date, datetime

from chassis import keyset
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import clients
from gateway.domain.principals import Client


@dataclass(frozen=True)
class Listed:
    """A client and its story."""

    client: Client
    created_at: datetime
    disabled_at: datetime | None
    last_used_on: date | None
    next_end: datetime | None
    """When the first of its credentials ends that are in use."""


async def list_clients(uow: UnitOfWork, org: str, after: str | None, limit: int) -> tuple[list[Listed], str | None]:
    """A page of clients from the oldest on, and the cursor of the next page if there is one."""
    async with uow.begin(org) as transaction:
        rows = await clients.page(transaction.connection, _position(after) if after else None, limit + 1)
    listed = [Listed(*row) for row in rows[:limit]]
    more = len(rows) > limit
    return listed, keyset.encode(listed[-1].created_at, listed[-1].client.client_id) if more else None


def _position(cursor: str) -> tuple[datetime, str]:
    moment, client_id = keyset.decode(cursor, 2)
    try:
        return datetime.fromisoformat(moment), str(client_id)
    except (TypeError, ValueError):
        raise keyset.malformed() from None
