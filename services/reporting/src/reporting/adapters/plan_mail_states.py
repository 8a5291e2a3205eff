"""What became of the mails about a plan, by the codes in their keys; addresses and content are out of reach."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction

_OF = text(
    """
    select key, state, last_error, created_at, sent_at from mail
     where org = :org and starts_with(key, :about) order by created_at desc, id desc limit 500
    """
)


@dataclass(frozen=True, slots=True)
class MailState:
    """A mail: what it told of (`of` an action, a milestone, a workstream or the plan), whom by code, and what became of it."""

    kind: str
    of: UUID
    code: str
    state: str
    error: str | None
    at: datetime


async def mails_about(transaction: Transaction, plan: UUID) -> Sequence[MailState]:
    """The mails of a plan, the last first."""
    rows = await transaction.connection.execute(_OF, {"org": transaction.org, "about": f"plan:{plan}:"})
    found = []
    for row in rows:
        _, _, kind, of, _, code = row.key.split(":", 5)
        found.append(MailState(kind, UUID(of), code, row.state, row.last_error, row.sent_at or row.created_at))
    return found
