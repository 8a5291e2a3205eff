"""Invitations whose link is issued again: found and locked together, withdrawn together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import text

from chassis.unit_of_work import Transaction
from feedback.domain.invitation import Invitation

_COLUMNS = (
    "i.id, i.reference, i.questionnaire, i.version, i.profile_number, i.channel, i.reusable, i.service_area, i.team, "
    "i.about_on, i.issued_on, i.expires_on, i.withdrawn_on, i.used_on, i.language"
)
# First, in the order in which a family that submits takes them: drafts, then their invitation.
_LOCK_DRAFTS = text(
    "select from draft where org = :org and invitation_id = any(cast(:ids as uuid[])) order by id for no key update"
)
_LOCK = text(
    f"""
    select {_COLUMNS}, i.client, i.fingerprint, i.issue from invitation i
     where i.org = :org and i.id = any(cast(:ids as uuid[])) order by i.id for no key update
    """  # noqa: S608 - a constant
)
# A statement of its own, after the lock: it sees what whoever held the rows before has committed.
_REPLACED = text("select replaces from invitation where org = :org and replaces = any(cast(:ids as uuid[]))")
_NEXT = text("select id from invitation where org = :org and replaces = :id")
_WITHDRAW = text(
    "update invitation set withdrawn_on = :today where org = :org and id = any(cast(:ids as uuid[])) and withdrawn_on is null"
)
_DROP_LINKS = text("delete from link where org = :org and invitation_id = any(cast(:ids as uuid[]))")
_DROP_DRAFTS = text("delete from draft where org = :org and invitation_id = any(cast(:ids as uuid[]))")


@dataclass(frozen=True, slots=True)
class Before:
    """An invitation as it stands before its link is issued again."""

    invitation: Invitation
    client: str
    fingerprint: bytes
    issue: int
    replaced: bool


async def lock(transaction: Transaction, ids: Sequence[UUID]) -> dict[UUID, Before]:
    """Those of the invitations that are there, locked until the end of the transaction."""
    names = {"org": transaction.org, "ids": list(ids)}
    await transaction.connection.execute(_LOCK_DRAFTS, names)
    rows = (await transaction.connection.execute(_LOCK, names)).all()
    replaced = set((await transaction.connection.execute(_REPLACED, names)).scalars())
    found = {}
    for *invitation, client, fingerprint, issue in rows:
        found[invitation[0]] = Before(Invitation(*invitation), client, bytes(fingerprint), issue, invitation[0] in replaced)
    return found


async def withdraw(transaction: Transaction, ids: Sequence[UUID], today: date) -> None:
    """Withdraw invitations: their links and what was begun by them go for good."""
    names = {"org": transaction.org, "ids": list(ids)}
    await transaction.connection.execute(_WITHDRAW, {**names, "today": today})
    await transaction.connection.execute(_DROP_LINKS, names)
    await transaction.connection.execute(_DROP_DRAFTS, names)


async def replaced_by(transaction: Transaction, ident: UUID) -> UUID | None:
    """The invitation that took the place of one."""
    found: UUID | None = (
        await transaction.connection.execute(_NEXT, {"org": transaction.org, "id": ident})
    ).scalar_one_or_none()
    return found
