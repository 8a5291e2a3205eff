"""Drafts of families that lead to nothing any more."""

from datetime import date

from sqlalchemy import text

from chassis.unit_of_work import Transaction

_CLEAR = text(
    """
    delete from draft where org = :org and touched_on < :emptied and (
        submitted or touched_on < :unreachable or exists (
            -- of a letter that somebody else answered: what was begun beside it can be sent no more
            select from invitation i where i.org = draft.org and i.id = draft.invitation_id and i.used_on is not null
        )
    )
    """
)


async def clear(transaction: Transaction, emptied: date, unreachable: date) -> int:
    """Delete those last touched before `emptied` that were sent or can be sent no more, and all before `unreachable`.

    The second is when no link can lead to one any more. Answers how many.
    """
    values = {"org": transaction.org, "emptied": emptied, "unreachable": unreachable}
    return (await transaction.connection.execute(_CLEAR, values)).rowcount
