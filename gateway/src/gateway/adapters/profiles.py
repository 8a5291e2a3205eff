"""Which organisations have said how their people sign in. The profiles themselves: `chassis.profile_store`."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_WITH_PROVIDERS = text(
    """
    select o.org, o.name
      from organisation o
      join lateral (select document from profile p where p.org = o.org order by number desc limit 1) newest on true
     where jsonb_array_length(newest.document #> '{sign_in,providers}') > 0
     order by o.name, o.org
    """
)


async def with_providers(connection: AsyncConnection) -> list[tuple[str, str]]:
    """Code and name of every organisation with a provider, by name; in a transaction of the installation."""
    return [(row.org, row.name) for row in await connection.execute(_WITH_PROVIDERS)]
