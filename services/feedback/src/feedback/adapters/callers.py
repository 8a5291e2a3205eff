"""Callers in the database: who has come to make calls, what each owes, and what each did in a month."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import text

from chassis.identity import Identity
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing
from feedback.domain.call_progress import Duty, Made, month_end

_SEEN = text(
    """
    insert into caller (org, subject, name, seen_on) values (:org, :subject, :name, :today)
        on conflict (org, subject) do update set name = excluded.name, seen_on = excluded.seen_on
     where caller.seen_on < excluded.seen_on
    """
)
_ALL = text("select subject, name, seen_on from caller where org = :org order by subject")
_DUTIES = text(
    """
    select subject, programme, from_on, until_on, minimum from caller_duty
     where org = :org and (cast(:subject as text) is null or subject = :subject) order by subject, programme, from_on
    """
)
_LOCK = text("select pg_advisory_xact_lock(hashtextextended('callers ' || :org, 0))")
_KEEP = text(
    """
    insert into caller_duty (org, subject, programme, from_on, until_on, minimum)
    values (:org, :subject, :programme, :from_on, :until_on, :minimum)
        on conflict (org, subject, programme, from_on)
        do update set until_on = excluded.until_on, minimum = excluded.minimum
    """
)
_MADE = text(
    """
    select by_subject, programme, count(*) as attempts, count(*) filter (where what = 'done') as done,
           count(*) filter (where what = 'declined') as declined
      from call_log
     where org = :org and attempt is not null and on_day between :first and :last
       and (cast(:subject as text) is null or by_subject = :subject)
     group by by_subject, programme order by by_subject, programme
    """
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who has opened the pages of calls, under the name that they had then."""

    subject: str
    name: str = field(repr=False)
    seen_on: date


async def seen(transaction: Transaction, secrets: Secrets, identity: Identity, today: date) -> None:
    """Note that somebody who makes calls is there, once a day."""
    org = transaction.org
    name = secrets.seal(org, sealing.STAFF, identity.label or identity.subject)
    names = {"org": org, "subject": identity.subject, "name": name, "today": today}
    await transaction.connection.execute(_SEEN, names)


async def everybody(transaction: Transaction, secrets: Secrets) -> list[Caller]:
    """All callers, by name."""
    org = transaction.org
    rows = await transaction.connection.execute(_ALL, {"org": org})
    found = [Caller(row.subject, secrets.open(org, sealing.STAFF, bytes(row.name)), row.seen_on) for row in rows]
    return sorted(found, key=lambda each: (each.name.casefold(), each.subject))


async def duties(transaction: Transaction, subject: str | None = None) -> list[Duty]:
    """What callers owe and owed; of one, or of all."""
    rows = await transaction.connection.execute(_DUTIES, {"org": transaction.org, "subject": subject})
    return [Duty(row.subject, row.programme, row.from_on, row.until_on, row.minimum) for row in rows]


async def lock(transaction: Transaction) -> None:
    """Wait until nobody else changes who makes calls, and keep the turn."""
    await transaction.connection.execute(_LOCK, {"org": transaction.org})


async def keep(transaction: Transaction, changed: Iterable[Duty]) -> None:
    """Store duties in their order: what ends before what begins in its place."""
    for duty in changed:
        values: dict[str, Any] = {name: getattr(duty, name) for name in Duty.__slots__}
        await transaction.connection.execute(_KEEP, {"org": transaction.org, **values})


async def made(transaction: Transaction, month: date, subject: str | None = None) -> Mapping[tuple[str, str], Made]:
    """What was done in the month that begins on `month`, by caller and programme."""
    names = {"org": transaction.org, "first": month, "last": month_end(month), "subject": subject}
    async with transaction.whole_organisation():  # what a caller owes is counted over all areas
        rows = await transaction.connection.execute(_MADE, names)
    return {(row.by_subject, row.programme): Made(row.attempts, row.done, row.declined) for row in rows}
