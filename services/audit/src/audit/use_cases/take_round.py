"""What everything that is done to a round has in common: find it for somebody who may see it, and hold it."""

from dataclasses import dataclass
from uuid import UUID

from audit.adapters.rounds import RoundRepository
from audit.domain.round import Round
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction


@dataclass(frozen=True, slots=True)
class Target:
    """The round that something is done to; `revision` is the one that was read, None where nobody says."""

    round_id: UUID
    revision: int | None = None


def may_see(identity: Identity, areas: tuple[str, ...]) -> bool:
    """Whether somebody's limits let a round of these service areas through: all of them, since it is drawn as one."""
    return not identity.areas or identity.areas.issuperset(areas)


async def see_round(transaction: Transaction, identity: Identity, round_id: UUID) -> Round:
    """A round as it stands. Raises `not-found`."""
    return _visible(await RoundRepository(transaction).read(round_id), identity)


async def hold_round(transaction: Transaction, identity: Identity, round_id: UUID) -> Round:
    """A round that nobody else changes until the transaction ends. Raises `not-found`."""
    return _visible(await RoundRepository(transaction).hold(round_id), identity)


def _visible(found: Round | None, identity: Identity) -> Round:
    if found is None or not may_see(identity, found.rules.service_areas):
        raise not_found("round")
    return found
