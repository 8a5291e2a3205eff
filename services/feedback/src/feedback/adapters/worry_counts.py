"""Counts of worries: how many, how late. No word, no letter, nobody."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction

_IN = "(cardinality(cast(:areas as text[])) = 0 or coalesce(r.service_area, c.service_area) = any(cast(:areas as text[])))"
_MONTHS = text(
    f"""
    select to_char(timezone('Europe/London', c.opened_at), 'YYYY-MM') as month, count(*) as came_in,
           count(*) filter (where c.triaged_at < c.due_at) as in_time,
           count(*) filter (where coalesce(c.triaged_at, :now) >= c.due_at) as late,
           count(*) filter (where c.state <> 'closed') as not_closed,
           count(*) filter (where c.finding = 'immediate-danger') as danger,
           count(*) filter (where c.finding = 'follow-up-today') as follow_up,
           count(*) filter (where c.finding = 'no-concern') as no_concern,
           count(*) filter (where c.finding = 'no-concern' and c.in_words = c.questions) as false_alarms
      from concern c left join response r on r.org = c.org and r.id = c.response_id
     where c.org = :org and {_IN} group by 1 order by 1 desc limit 13
    """  # noqa: S608 - a constant
)
_NOW = text(
    f"""
    select count(*) as not_closed, count(*) filter (where c.state = 'open') as unacknowledged,
           count(*) filter (where c.triaged_at is null) as untriaged,
           count(*) filter (where c.triaged_at is null and c.due_at <= :now) as late
      from concern c left join response r on r.org = c.org and r.id = c.response_id
     where c.org = :org and c.state <> 'closed' and {_IN}
    """  # noqa: S608 - a constant
)
_MAILS = text(
    "select key, state, last_error, sent_at from mail where org = :org and key like :prefix || '%' order by created_at, key"
)


@dataclass(frozen=True, slots=True)
class Month:
    """The worries that came in in a month (`2026-11`). `false_alarms`: words alone opened it, and a person found nothing."""

    month: str
    came_in: int
    in_time: int
    late: int
    not_closed: int
    danger: int
    follow_up: int
    no_concern: int
    false_alarms: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How many worries are not closed now, and of these how many nobody has acknowledged, nobody has triaged, and are late."""

    not_closed: int
    unacknowledged: int
    untriaged: int
    late: int


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a mail about a worry. `call` is `opened`, `reminder`, `escalation` or `late`, `whom` `duty` or above."""

    call: str
    whom: str
    state: str
    error: str | None
    sent_at: datetime | None


async def by_month(transaction: Transaction, areas: Collection[str], now: datetime) -> list[Month]:
    """The newest 13 months in which something came in, newest first, of those service areas (all where empty)."""
    values = {"org": transaction.org, "areas": sorted(areas), "now": now}
    return [Month(*row) for row in await transaction.connection.execute(_MONTHS, values)]


async def standing(transaction: Transaction, areas: Collection[str], now: datetime) -> Standing:
    """What is to be done now."""
    values = {"org": transaction.org, "areas": sorted(areas), "now": now}
    return Standing(*(await transaction.connection.execute(_NOW, values)).one())


async def told(transaction: Transaction, concern: UUID) -> list[Told]:
    """The mails about a worry, oldest first, without address and content."""
    prefix = f"worry:{concern}:"
    rows = await transaction.connection.execute(_MAILS, {"org": transaction.org, "prefix": prefix})
    found = []
    for row in rows:
        call, _, whom = row.key.removeprefix(prefix).partition(":")
        found.append(Told(call, whom or "duty", row.state, row.last_error, row.sent_at))
    return found
