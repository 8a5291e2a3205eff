"""Events that were put aside (`chassis.consumer`) and are about a record that was reduced: they would outlive it."""

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_FORGET = text(
    """
    delete from dead_letter d where d.org = :org and jsonb_typeof(d.envelope -> 'data') = 'object'
       and d.envelope ->> 'type' not like '%.record\\_reduced'
       and exists (select from jsonb_each_text(d.envelope -> 'data') m where m.value = any(cast(:records as text[])))
    """
)


async def forget_dead(connection: AsyncConnection, org: str, records: Collection[str]) -> int:
    """Delete what was put aside of these records, by their ids; answers how many. They are few: each was an alert."""
    return (await connection.execute(_FORGET, {"org": org, "records": list(records)})).rowcount
