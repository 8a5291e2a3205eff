"""Wrong short codes, counted by visit and for the installation. No address is kept: a whole council may share one."""

from datetime import datetime, timedelta

from sqlalchemy import text

from chassis.unit_of_work import Transaction

EVERYBODY = "*"
WINDOW = timedelta(minutes=15)

_COUNT = text(
    """
    select coalesce(sum(failures) filter (where visitor = :visitor), 0) as own,
           coalesce(sum(failures) filter (where visitor = :everybody and minute > :minute_ago), 0) as everybodys
      from code_failure where visitor in (:visitor, :everybody) and minute > :since
    """
)
_ADD = text(
    """
    insert into code_failure (visitor, minute, failures)
    select each, date_trunc('minute', cast(:now as timestamptz)), 1
      from unnest(array[cast(:everybody as text), cast(:visitor as text)]) as each order by each
        on conflict (org, visitor, minute) do update set failures = code_failure.failures + 1
    """
)
_FORGET = text("delete from code_failure where minute < :since")


async def counts(transaction: Transaction, visitor: str, now: datetime) -> tuple[int, int]:
    """Wrong codes of a visit in the last quarter of an hour, and of everybody in the last minute."""
    values = {
        "visitor": visitor,
        "everybody": EVERYBODY,
        "since": now - WINDOW,
        "minute_ago": now - timedelta(minutes=1),
    }
    row = (await transaction.connection.execute(_COUNT, values)).one()
    return row.own, row.everybodys


async def add(transaction: Transaction, visitor: str, now: datetime) -> None:
    """Count a wrong code."""
    await transaction.connection.execute(_ADD, {"visitor": visitor, "everybody": EVERYBODY, "now": now})


async def forget(transaction: Transaction, now: datetime) -> int:
    """Delete what no limit looks at any more; the transaction is the installation's. Answers how much it was."""
    return (await transaction.connection.execute(_FORGET, {"since": now - WINDOW - timedelta(minutes=1)})).rowcount
