"""How far the consumers are, what they put aside, and what they are told to do."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.errors import DomainError, Kind
from chassis.ids import new_id
from chassis.keyset import decode, encode
from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import Transaction, switch_tenant

CONSUMER = "reporting"

_POSITIONS = text("select source, sequence from consumer_position where consumer = :consumer order by source")
# The first table that a rebuild empties: who holds this lock is not emptied under its hands (TRUNCATE heeds no snapshot).
_HOLD = text("lock table fact_audit in access share mode")
_INCOMPLETE = text(
    """
    select exists (
        select from rebuild_target t left join consumer_position p on p.consumer = :consumer and p.source = t.source
         where coalesce(p.sequence, 0) < t.sequence
    )
    """
)
_DEAD = text(
    "select source, count(*) as dead from dead_letter where consumer = :consumer and redriven_at is null group by source"
)
_DEAD_LETTERS = text(
    """
    select id, source, sequence, event_id, envelope ->> 'type' as type, reason, failed_at, redriven_at
      from dead_letter
     where consumer = :consumer and (cast(:after as uuid) is null or id < cast(:after as uuid))
     order by id desc limit :limit
    """
)
_AIM = text(
    """
    insert into rebuild_target (source, sequence)
    select source, sequence from consumer_position where consumer = :consumer
    on conflict (source) do update set sequence = greatest(rebuild_target.sequence, excluded.sequence)
    """
)
_COMMAND = text("insert into consumer_command (id, consumer, command, requested_by) values (:id, :consumer, :command, :by)")
_WAITING = text(
    """
    select id from consumer_command
     where consumer = :consumer and command = :command and done_at is null order by requested_at limit 1
    """
)
_COMMANDS = text(
    """
    select id, command, requested_by, requested_at, done_at, result from consumer_command
     where consumer = :consumer order by requested_at desc, id desc limit 20
    """
)


@dataclass(frozen=True)
class SourceProgress:
    """The number up to which a source's events are in the reports, and how many were put aside."""

    source: str
    applied: int
    dead_letters: int


async def hold(connection: AsyncConnection) -> None:
    """Keep rebuilds from emptying the facts until the transaction ends; takes no snapshot, so it can come before one."""
    await connection.execute(_HOLD)


async def assert_complete(transaction: Transaction) -> None:
    """Raise DomainError `being-rebuilt` (503) while a rebuild has not read as far as reports had been.

    Half a read model gives wrong figures, and nobody could tell by looking. A rebuild that is asked for from here on waits
    until the transaction ends.
    """
    await hold(transaction.connection)
    await switch_tenant(transaction.connection, INSTALLATION)
    incomplete = (await transaction.connection.execute(_INCOMPLETE, {"consumer": CONSUMER})).scalar_one()
    await switch_tenant(transaction.connection, transaction.org)
    if incomplete:
        detail = "The reports are being rebuilt from the services' event logs. Nothing is lost; try again in a minute."
        raise DomainError("being-rebuilt", detail, Kind.UNAVAILABLE)


async def progress(transaction: Transaction) -> tuple[list[SourceProgress], bool]:
    """Every source's position, with the dead letters of the caller's organisation and those of none; and if complete."""
    names = {"consumer": CONSUMER}
    dead: dict[str, int] = {}
    for tenant in (transaction.org, INSTALLATION):
        await switch_tenant(transaction.connection, tenant)
        for row in await transaction.connection.execute(_DEAD, names):
            dead[row.source] = dead.get(row.source, 0) + row.dead
    rows = (await transaction.connection.execute(_POSITIONS, names)).all()
    incomplete = (await transaction.connection.execute(_INCOMPLETE, names)).scalar_one()
    await switch_tenant(transaction.connection, transaction.org)
    return [SourceProgress(row.source, row.sequence, dead.get(row.source, 0)) for row in rows], not incomplete


async def dead_letters(transaction: Transaction, after: str | None, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """The organisation's dead letters, newest first, without their data; and the cursor of the next page."""
    last = _uuid(decode(after, 1)[0]) if after else None
    names = {"consumer": CONSUMER, "after": last, "limit": limit + 1}
    rows = (await transaction.connection.execute(_DEAD_LETTERS, names)).mappings().all()
    page = [dict(row) for row in rows[:limit]]
    return page, encode(page[-1]["id"]) if len(rows) > limit else None


def _uuid(value: Any) -> str:
    try:
        return str(UUID(value))
    except (ValueError, TypeError, AttributeError):
        raise DomainError("malformed-cursor", "Start again without `after`.", Kind.MALFORMED) from None


async def waiting(transaction: Transaction, what: str) -> dict[str, Any] | None:
    """A command of that kind that is not done yet. The transaction is the installation's (`*`)."""
    row = (await transaction.connection.execute(_WAITING, {"consumer": CONSUMER, "command": what})).one_or_none()
    return {"command_id": str(row.id), "command": what} if row else None


async def aim(transaction: Transaction) -> None:
    """Note how far every source had been applied. The transaction is the installation's (`*`)."""
    await transaction.connection.execute(_AIM, {"consumer": CONSUMER})


async def command(transaction: Transaction, what: str, by: str) -> dict[str, Any]:
    """Write a command down for the consumers. The transaction is the installation's (`*`)."""
    ident = new_id()
    await transaction.connection.execute(_COMMAND, {"id": ident, "consumer": CONSUMER, "command": what, "by": by})
    return {"command_id": str(ident), "command": what}


async def commands(transaction: Transaction) -> list[dict[str, Any]]:
    """The last commands and what became of them. The transaction is the installation's (`*`)."""
    return [dict(row) for row in (await transaction.connection.execute(_COMMANDS, {"consumer": CONSUMER})).mappings()]
