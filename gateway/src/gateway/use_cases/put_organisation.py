"""Make an organisation known, or rename it."""

from chassis.errors import DomainError, Kind
from chassis.tenancy import is_organisation
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import organisations


async def put_organisation(uow: UnitOfWork, org: str, name: str) -> bool:
    """Store code and name. Returns whether the organisation is new; doing it again changes nothing."""
    if not is_organisation(org):
        detail = (
            "The code of an organisation is lower case, digits and hyphens, begins with a letter, and has 2 to 63 characters."
        )
        raise DomainError("malformed-organisation", detail, Kind.MALFORMED)
    async with uow.begin(org) as transaction:
        return await organisations.put(transaction.connection, org, name)
