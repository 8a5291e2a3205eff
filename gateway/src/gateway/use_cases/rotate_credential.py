"""Let a new credential follow an old one: both work for a while, then the old one ends by itself."""

from dataclasses import dataclass
from datetime import datetime

from chassis.errors import DomainError, not_found
from chassis.outbox import now
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import credentials
from gateway.domain.credentials import overlap_end
from gateway.use_cases.add_credential import Made, Wanted, make, touch
from gateway.use_cases.hold_client import Actor, hold_client


@dataclass(frozen=True)
class Rotation:
    """How one follows the other: how long the old one goes on, when the new one ends, and what the client brings for it."""

    overlap_days: int
    expires_at: datetime | None = None
    material: str = ""


async def rotate_credential(
    uow: UnitOfWork, org: str, client_id: str, credential_id: str, actor: Actor,
    rotation: Rotation, revision: int | None = None,
) -> Made:  # fmt: skip
    """Add a credential of the same kind and name, and end the old one after a while.

    Raises DomainError: no such client or credential, one that has ended already, changed meanwhile, material that is none.
    """
    async with uow.begin(org) as transaction:
        client = await hold_client(transaction, client_id, revision)
        old = await credentials.by_id(transaction.connection, credential_id)
        if old is None or old.client_id != client_id:
            raise not_found("credential")
        moment = now()
        if not old.is_good(moment):
            raise DomainError("credential-ended", "This credential has ended already. Make a new one instead.")
        end = overlap_end(old, rotation.overlap_days, moment)
        wanted = Wanted(old.kind, old.name, rotation.expires_at, rotation.material)
        until = end.isoformat() if end else None
        made = await make(transaction, client, actor, wanted, "credential-rotated", replaces=old.id, old_until=until)
        if end is None:
            await credentials.revoke(transaction.connection, credentials.is_one(old.id), actor.subject)
        else:
            await credentials.end_at(transaction.connection, old.id, end)
        return Made(await touch(transaction, client), made.credential, made.secret)
