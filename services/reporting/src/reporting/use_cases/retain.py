"""How long this service keeps what staff write in it: the periods of the profile, and the worker that holds to them."""

from chassis.profile_store import ProfileStore
from chassis.retention.periods import Period
from chassis.retention.running import Running
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction, UnitOfWork
from reporting.adapters.retained import DECLARED
from reporting.domain.profile import Profile


class Periods:
    """The periods of an organisation, by kind; what is not there is kept."""

    def __init__(self, profiles: ProfileStore[Profile]) -> None:
        self._profiles = profiles

    async def __call__(self, transaction: Transaction) -> dict[str, Period]:
        """Those of the profile in force. Raises `no-profile`."""
        return (await self._profiles.current(transaction)).profile.retention.get(DECLARED.service, {})


def retention(uow: UnitOfWork, profiles: ProfileStore[Profile], secrets: Secrets) -> Running:
    """The worker's task. Nobody is told by an event: what is reduced here is no other service's."""
    return Running(DECLARED, uow, secrets, Periods(profiles), None)
