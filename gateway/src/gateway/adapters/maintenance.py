"""Which services are closed for planned work, in the database."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_LISTED = text(
    "select service, begun_at, ends_at from gateway.maintenance where ends_at is null or ends_at > now() order by service"
)
# Said again it is the same work, with another end; said of what has ended it is new work.
_CLOSE = text(
    """
    insert into gateway.maintenance (service, ends_at, begun_by) values (:service, :ends_at, :by)
    on conflict (service) do update
      set ends_at = excluded.ends_at, begun_by = excluded.begun_by,
          begun_at = case when maintenance.ends_at <= now() then now() else maintenance.begun_at end
    """
)
_OPEN = text("delete from gateway.maintenance where service = :service")


async def listed(connection: AsyncConnection) -> list[tuple[str, datetime, datetime | None]]:
    """What is closed now: service, since when, and until when."""
    return [(row.service, row.begun_at, row.ends_at) for row in await connection.execute(_LISTED)]


async def close(connection: AsyncConnection, service: str, ends_at: datetime | None, by: str) -> None:
    """Close a service, or change until when it is closed."""
    await connection.execute(_CLOSE, {"service": service, "ends_at": ends_at, "by": by})


async def reopen(connection: AsyncConnection, service: str) -> None:
    """Open a service; opening it again changes nothing."""
    await connection.execute(_OPEN, {"service": service})
