"""What a hold keeps of records that have a deletion of their own: outcome stars, and requests to be contacted."""

from dataclasses import dataclass
from uuid import UUID

from chassis.retention import holding
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from feedback.adapters import sealing

STAR, CONTACT = "star", "contact"


@dataclass(frozen=True, slots=True)
class Held:
    """The holds that stand, as these records are known: all of the kind, some ids, some references."""

    everything: bool
    ids: frozenset[UUID]
    references: tuple[str, ...]

    def people(self, secrets: Secrets, org: str) -> frozenset[str]:
        """The keyed pseudonyms of people with a star whose reference is held."""
        return frozenset(sealing.person_key(secrets, org, each) for each in self.references)


async def held(transaction: Transaction, secrets: Secrets, kind: str) -> Held:
    """The holds against deleting records of a kind; until the transaction ends none is placed besides."""
    await holding.lock(transaction)
    found = await holding.in_force(transaction)
    return Held(
        any(each.scope == "kind" and each.kind == kind for each in found),
        frozenset(each.record_id for each in found if each.record_id is not None),
        tuple(await holding.references(transaction, secrets)),
    )
