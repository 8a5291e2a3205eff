"""Names of who kept other systems' access, and of systems that have none any more, go after the installation's period.

What was done, to which client and when stays: it is what an incident is looked into with. Without a period
(`LOOP_ACCESS_KEEP_MONTHS`) everything is kept.
"""

# ruff: noqa: S608 - SQL of constants of this module: nothing of a request is in it

import asyncio

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.repeating import repeat

log = structlog.get_logger(__name__)

EVERY_SECONDS = 3600.0
_BEFORE = "now() - make_interval(months => :months)"
_NOBODY = "set by = 'deleted', by_label = 'deleted'"
_LONG_ENDED = f"(c.disabled_at < {_BEFORE})"
_OVER = {
    "client_history": f"update client_history {_NOBODY} where at < {_BEFORE} and by <> 'deleted'",
    "webhook_history": f"update webhook_history {_NOBODY} where at < {_BEFORE} and by <> 'deleted'",
    "client_refusal": f"delete from client_refusal where last_at < {_BEFORE}",
    "credential": (
        "update credential t set name = 'deleted', mark = '', created_by = 'deleted', "
        "revoked_by = case when t.revoked_by is not null then 'deleted' end where t.created_by <> 'deleted' and "
        f"(t.revoked_at < {_BEFORE} or t.expires_at < {_BEFORE} or exists (select from client c where c.org = t.org "
        f"and c.client_id = t.client_id and {_LONG_ENDED}))"
    ),
    "client": (
        "update client c set name = 'deleted-' || client_id, created_by = 'deleted', networks = '{}', "
        f"disabled_by = case when disabled_by is not null then 'deleted' end where {_LONG_ENDED} and created_by <> 'deleted'"
    ),
    "webhook_subscription": (
        "update webhook_subscription set name = 'deleted-' || subscription_id, created_by = 'deleted' "
        f"where deleted_at < {_BEFORE} and created_by <> 'deleted'"
    ),
    "operator_key": (
        # What its codes are made of is sealed for its name, and opens nothing any more.
        "update operator_key set name = 'deleted', created_by = 'deleted', totp_sealed = null, totp_since = null, "
        "totp_step = null, "
        "ended_by = case when ended_by is not null then 'deleted' end "
        f"where (ended_at < {_BEFORE} or expires_at < {_BEFORE}) and created_by <> 'deleted'"
    ),
}


class NamesOver:
    """A worker's task: hourly, of all organisations. `months` is the installation's period."""

    def __init__(self, engine: AsyncEngine, months: int) -> None:
        self._engine = engine
        self._months = months

    async def run(self, stopping: asyncio.Event) -> None:
        """Run until `stopping`."""
        await repeat(self.once, EVERY_SECONDS, stopping, put_off="names_over.put_off")

    async def once(self) -> dict[str, int]:
        """Let go what is over; answers how much of which table."""
        gone = {}
        for table, statement in _OVER.items():
            async with self._engine.begin() as connection:
                gone[table] = (await connection.execute(text(statement), {"months": self._months})).rowcount
        if any(gone.values()):
            log.info("names_over.cleared", **gone)
        return gone
