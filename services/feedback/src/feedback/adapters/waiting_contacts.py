"""Requests to be contacted as the worker sees them: references and days, and nothing of what was written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from feedback.adapters.held import Held

_NOT_TOLD = text(
    """
    select id, reference, service_area, team from contact_request
     where org = :org and not told and state = 'waiting' order by due_on, reference for update skip locked
    """
)
_TELL = text("update contact_request set told = true where org = :org and id = any(cast(:ids as uuid[]))")
_LATE = text(
    """
    select id, reference, service_area, team from contact_request
     where org = :org and state in ('waiting', 'taken') and due_on < :today order by due_on, reference
    """
)
# Its history goes with it.
_DELETE = text(
    """
    delete from contact_request where org = :org and (closed_on <= :closed_before or asked_on <= :asked_before)
       and id <> all(cast(:held as uuid[])) and lower(reference) <> all(cast(:references as text[]))
    """
)
_FORGET_VISITS = text("delete from contact_once where org = :org and day < :before")


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that somebody is to be told of."""

    id: UUID
    reference: str
    service_area: str
    team: str | None


async def not_told(transaction: Transaction) -> list[Waiting]:
    """Requests that nobody was told of, locked."""
    return [Waiting(*row) for row in await transaction.connection.execute(_NOT_TOLD, {"org": transaction.org})]


async def mark_told(transaction: Transaction, waiting: Sequence[Waiting]) -> None:
    """Note that somebody was told."""
    names = {"org": transaction.org, "ids": [each.id for each in waiting]}
    await transaction.connection.execute(_TELL, names)


async def late(transaction: Transaction, today: date) -> list[Waiting]:
    """Requests whose day is over and whose family nobody has reached."""
    names = {"org": transaction.org, "today": today}
    return [Waiting(*row) for row in await transaction.connection.execute(_LATE, names)]


async def delete_old(transaction: Transaction, today: date, *, keep_days: int, most_days: int, held: Held) -> int:
    """Delete what was closed `keep_days` ago or came in `most_days` ago and is not held; answers how many there were."""
    if held.everything:
        return 0
    names = {
        "org": transaction.org,
        "closed_before": today - timedelta(days=keep_days),
        "asked_before": today - timedelta(days=most_days),
        "held": list(held.ids),
        "references": [each.lower() for each in held.references],
    }
    return (await transaction.connection.execute(_DELETE, names)).rowcount


async def forget_visits(transaction: Transaction, before: date) -> None:
    """Delete that visits have asked, once their cookies are gone."""
    await transaction.connection.execute(_FORGET_VISITS, {"org": transaction.org, "before": before})
