"""Give an API client other credentials: it stays the same system, so that what it posted before can still be corrected."""

from chassis.errors import not_found
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import clients
from gateway.domain.secrets import API_KEY_PREFIX, CLIENT_SECRET_PREFIX, hash_of, new_secret
from gateway.use_cases.issue_client import Issued


async def renew_client(uow: UnitOfWork, org: str, client_id: str) -> Issued:
    """Replace both credentials; the old ones no longer count. Raises DomainError when no client in use has this identifier."""
    secret, api_key = new_secret(CLIENT_SECRET_PREFIX), new_secret(API_KEY_PREFIX)
    async with uow.begin(org) as transaction:
        client = await clients.renew(transaction.connection, client_id, hash_of(secret), hash_of(api_key))
    if client is None:
        raise not_found("client")
    return Issued(client, secret, api_key)
