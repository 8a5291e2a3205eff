"""How long this service keeps its records: the periods of the profile, and the worker that holds to them."""

from datetime import date
from uuid import UUID

from audit.adapters.retained import DECLARED
from audit.domain.profile import AuditProfile
from chassis.profile_store import ProfileStore
from chassis.retention.periods import Period
from chassis.retention.proofs import Ground
from chassis.retention.running import Running
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction, UnitOfWork
from contracts.audit import AuditRecordReduced


class Periods:
    """The periods of an organisation, by kind; what is not there is kept."""

    def __init__(self, profiles: ProfileStore[AuditProfile]) -> None:
        self._profiles = profiles

    async def __call__(self, transaction: Transaction) -> dict[str, Period]:
        """Those of the profile in force. Raises `no-profile`."""
        return (await self._profiles.current(transaction)).profile.retention.get(DECLARED.service, {})


def told(kind: str, record_id: UUID, reduced_on: date, ground: Ground) -> AuditRecordReduced:
    """The event that a record was reduced."""
    return AuditRecordReduced(kind=kind, record_id=record_id, reduced_on=reduced_on, ground=ground)


def retention(uow: UnitOfWork, profiles: ProfileStore[AuditProfile], secrets: Secrets) -> Running:
    """The worker's task."""
    return Running(DECLARED, uow, secrets, Periods(profiles), told)
