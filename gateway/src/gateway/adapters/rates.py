"""The table in which gateways add up what they let pass (`gateway.access.settling`)."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# In the order of keys, so that two gateways cannot wait for one another. By the database's clock: those of machines differ.
_ADD = text(
    """
    insert into gateway.rate (key, full_at)
    select key, extract(epoch from statement_timestamp())::float8 + seconds
      from unnest(cast(:keys as bytea[]), cast(:seconds as float8[])) as counted (key, seconds)
     order by key
    on conflict (key) do update
      set full_at = greatest(rate.full_at, extract(epoch from statement_timestamp())::float8)
                  + (excluded.full_at - extract(epoch from statement_timestamp())::float8)
    returning key, full_at - extract(epoch from statement_timestamp())::float8 as ahead
    """
)
_SET_RIGHT = text(
    """
    update gateway.rate r set full_at = extract(epoch from statement_timestamp())::float8 + seconds
      from unnest(cast(:keys as bytea[]), cast(:seconds as float8[])) as counted (key, seconds) where r.key = counted.key
    """
)
_CLEAR = text("delete from gateway.rate where full_at < extract(epoch from statement_timestamp()) - 60")


async def add(connection: AsyncConnection, counted: dict[bytes, float], most: dict[bytes, float]) -> dict[bytes, float]:
    """Add what passed, in seconds of each key's rate. Gives in how many seconds each key's allowance is whole again.

    `most`: more seconds than that nobody can have used up before. What stands further ahead was written before the database's
    clock was set back; it counts as whole again, since else its key were shut out until that later day.
    """
    rows = await connection.execute(_ADD, {"keys": list(counted), "seconds": list(counted.values())})
    ahead = {row.key: row.ahead for row in rows}
    if beyond := {key: counted[key] for key, seconds in ahead.items() if seconds > most[key] + counted[key]}:
        await connection.execute(_SET_RIGHT, {"keys": list(beyond), "seconds": list(beyond.values())})
    return ahead | beyond


async def clear(connection: AsyncConnection) -> None:
    """Forget keys whose allowance has been whole for a minute."""
    await connection.execute(_CLEAR)
