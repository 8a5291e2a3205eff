"""How long it is told what left a feed, and who asks too late.

`feed_left` would grow for ever, and a puller that has not come for a quarter of a year does not come again. What is cleared
away leaves the number of its transaction behind: whoever asks from before that is told to begin again.
"""

from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.unit_of_work import Transaction
from reporting.adapters.feed_marks import XID, Mark
from reporting.domain.odata.model import EntitySet

KEPT = timedelta(days=90)
"""Written in docs/guides/bi.md: a quarter, so that whoever pulls at its end only is still told of what left."""

# Numbers of another installation, out of a dump that was read back, may be ahead of ours. No mark that holds is before those.
_CLEAR = text(
    """
    with gone as (
        delete from feed_left where org = :org and left_at < now() - cast(:kept as interval) returning name, xid
    ), told as (
        insert into feed_horizon as held (org, name, xid)
        select :org, name, max(xid) from gone where xid < pg_current_xact_id() group by name
        on conflict (org, name) do update set xid = greatest(held.xid, excluded.xid)
    )
    select count(*) from gone
    """
)
_BEYOND = text(
    f"""
    select exists (select from feed_horizon where org = :org and name = :name
                      and xid >= {XID.format("since")} and xid < {XID.format("now")})
    """  # noqa: S608 - constants
)


async def clear(transaction: Transaction, kept: timedelta = KEPT) -> int:
    """Clear away what left the feeds of the organisation longer ago than `kept`; answers how many rows that were."""
    return int((await transaction.connection.execute(_CLEAR, {"org": transaction.org, "kept": kept})).scalar_one())


async def is_beyond(connection: AsyncConnection, org: str, entities: EntitySet, since: int, now: Mark) -> bool:
    """Whether something that left since a mark may have been cleared away. After it was read: clearing goes on meanwhile."""
    values = {"org": org, "name": entities.name, "since": since, "now": now.xid}
    return bool((await connection.execute(_BEYOND, values)).scalar_one())
