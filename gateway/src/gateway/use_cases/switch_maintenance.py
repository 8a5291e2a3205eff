"""Close a service for planned work, or everything, and open it again."""

from datetime import datetime

from chassis.errors import DomainError, FieldError, Kind
from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import UnitOfWork
from gateway.access.maintenance import ALL
from gateway.adapters import maintenance


def _known(service: str, services: frozenset[str]) -> None:
    if service != ALL and service not in services:
        detail = f"There is no service '{service}'. Say one of {', '.join(sorted(services))}, or {ALL}."
        raise DomainError("unknown-service", detail, Kind.NOT_FOUND)


async def close(
    uow: UnitOfWork, service: str, services: frozenset[str], until: datetime | None, by: str, now: datetime
) -> None:
    """Close until a moment (with its zone), or until it is opened. Raises `DomainError`: no such service, time is over."""
    _known(service, services)
    if until is not None and until <= now:
        detail = "That moment is over already. Say a later one, or none to keep it closed until you open it."
        raise DomainError("maintenance-over", detail, Kind.MALFORMED, (FieldError("/until", detail),))
    async with uow.begin(INSTALLATION) as transaction:
        await maintenance.close(transaction.connection, service, until, by)


async def reopen(uow: UnitOfWork, service: str, services: frozenset[str]) -> None:
    """Open a service. Raises `DomainError` for one that there is not."""
    _known(service, services)
    async with uow.begin(INSTALLATION) as transaction:
        await maintenance.reopen(transaction.connection, service)
