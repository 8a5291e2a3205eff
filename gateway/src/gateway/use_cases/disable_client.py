"""Take an API client's credentials back, for good."""

from chassis.errors import not_found
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import clients


async def disable_client(uow: UnitOfWork, org: str, client_id: str) -> None:
    """Disable a client; doing it again changes nothing. Raises DomainError when the organisation has none of this name."""
    async with uow.begin(org) as transaction:
        found = await clients.disable(transaction.connection, client_id)
    if not found:
        raise not_found("client")
