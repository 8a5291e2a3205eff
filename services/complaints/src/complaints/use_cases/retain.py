"""How long this service keeps its records: the periods of the profile, and the worker that holds to them."""

from datetime import date
from uuid import UUID

from chassis.errors import FieldError
from chassis.retention.periods import Period, check_periods
from chassis.retention.proofs import Ground
from chassis.retention.running import Running
from chassis.unit_of_work import Transaction, UnitOfWork
from complaints.adapters.retained import DECLARED
from complaints.domain.profile import Profile, check
from complaints.use_cases.setup import Setup
from contracts.complaints import ComplaintRecordReduced


def check_all(profile: Profile) -> list[FieldError]:
    """What the models of the profile cannot see, periods too."""
    return [*check(profile), *check_periods(profile.retention, DECLARED.service, DECLARED.kinds)]


class Periods:
    """The periods of an organisation, by kind; what is not there is kept."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup

    async def __call__(self, transaction: Transaction) -> dict[str, Period]:
        """Those of the profile in force. Raises `no-profile`."""
        return (await self._setup.profiles.current(transaction)).profile.retention.get(DECLARED.service, {})


def told(kind: str, record_id: UUID, reduced_on: date, ground: Ground) -> ComplaintRecordReduced:
    """The event that a record was reduced."""
    return ComplaintRecordReduced(kind=kind, record_id=record_id, reduced_on=reduced_on, ground=ground)


def retention(uow: UnitOfWork, setup: Setup) -> Running:
    """The worker's task."""
    return Running(DECLARED, uow, setup.secrets, Periods(setup), told)
