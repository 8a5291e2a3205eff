"""The number that goes up whenever gateways must believe nothing that they remember."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_RAISE = text(
    "insert into gateway.recall (number) values (1) on conflict (org) do update set number = recall.number + 1 returning number"
)
_NUMBER = text("select coalesce(max(number), 0) from gateway.recall")


async def raise_number(connection: AsyncConnection) -> int:
    """Raise it, in a transaction of the installation; gives the new one."""
    return int((await connection.execute(_RAISE)).scalar_one())


async def number(connection: AsyncConnection) -> int:
    """The number as it stands."""
    return int((await connection.execute(_NUMBER)).scalar_one())
