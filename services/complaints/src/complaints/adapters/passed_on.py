"""To whom compliments and comments were passed on: one way to write it down and to read it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import text

from chassis.ids import new_id
from chassis.unit_of_work import Transaction

To = Literal["worker", "manager"]
Kind = Literal["comment", "compliment"]

_ONCE: dict[Kind, str] = {"comment": "comment_passed_on_once", "compliment": "passed_on_once"}
_LIST = """
    select p.role, p.recipient, p.by_subject, p.at, m.state as mail
      from {kind}_passed_on p left join mail m on m.org = p.org and m.key = p.mail_key
     where p.org = :org and p.{kind}_id = :id order by p.at, p.id
"""
_ADD = """
    insert into {kind}_passed_on (org, id, {kind}_id, role, recipient, mail_key, by_subject)
    values (:org, :ident, :id, :role, :recipient, :mail_key, :by)
    on conflict on constraint {once} do nothing returning id
"""


@dataclass(frozen=True, slots=True)
class PassedOn:
    """To whom it was passed on, when and by whom, and what became of the mail."""

    role: To
    recipient: bytes = field(repr=False)
    by_subject: str
    at: datetime
    mail: str | None


async def passed_on(transaction: Transaction, kind: Kind, ident: UUID) -> Sequence[PassedOn]:
    """To whom one was passed on, in order."""
    rows = await transaction.connection.execute(text(_LIST.format(kind=kind)), {"org": transaction.org, "id": ident})
    return [PassedOn(row.role, bytes(row.recipient), row.by_subject, row.at, row.mail) for row in rows]


async def note_passing(
    transaction: Transaction, kind: Kind, ident: UUID, role: To, recipient: bytes, mail_key: str, by: str
) -> bool:
    """Record that one was passed on; False where this person was told before."""
    values = {"org": transaction.org, "ident": new_id(), "id": ident, "role": role, "recipient": recipient}
    statement = text(_ADD.format(kind=kind, once=_ONCE[kind]))
    row = await transaction.connection.execute(statement, {**values, "mail_key": mail_key, "by": by})
    return row.one_or_none() is not None
