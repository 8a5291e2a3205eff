"""What is erased of outcome stars: everything that says whose it was, its readings, and who did what with it."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction

BATCH = 500

# In the order in which they stand on one another.
_ERASE = [
    text(f"delete from {table} where org = :org and {key} = any(cast(:ids as uuid[]))")  # noqa: S608 - constants
    for table, key in (("star_link", "star_id"), ("star_history", "star_id"), ("star_reading", "star_id"), ("star", "id"))
]
# Locked: one that is opened again at this moment goes on.
_OVER = text(
    """
    select id from star where org = :org and closed_on < :before
       and id <> all(cast(:held as uuid[])) and person_key <> all(cast(:people as text[]))
     order by id limit :limit for no key update skip locked
    """
)


async def erase(transaction: Transaction, ids: Sequence[UUID]) -> None:
    """Delete courses with all that belongs to them. Answers that came by a link stay as answers, tied to nobody."""
    for statement in _ERASE:
        await transaction.connection.execute(statement, {"org": transaction.org, "ids": list(ids)})


async def over(transaction: Transaction, before: date, held: Collection[UUID] = (), people: Collection[str] = ()) -> list[UUID]:
    """Courses that were closed before a day, some hundreds at most; not those that are held, or of people who are."""
    names = {"org": transaction.org, "before": before, "limit": BATCH, "held": list(held), "people": list(people)}
    return list((await transaction.connection.execute(_OVER, names)).scalars())
