"""Give an API client other credentials: it stays the same system, so that what it posted before can still be corrected."""

from chassis.unit_of_work import UnitOfWork
from gateway.adapters import credentials
from gateway.use_cases.add_credential import Wanted, make, touch
from gateway.use_cases.hold_client import Actor, hold_client, note
from gateway.use_cases.issue_client import Issued


async def renew_client(uow: UnitOfWork, org: str, client_id: str, actor: Actor) -> Issued:
    """Replace every API key and client secret at once by one of each; for what was lost or leaked.

    Public keys and certificates stay. Raises DomainError when no client in use has this identifier.
    """
    async with uow.begin(org) as transaction:
        client = await hold_client(transaction, client_id, None)
        await credentials.revoke(transaction.connection, credentials.is_secret_of(client_id), actor.subject)
        note(transaction, client, "credential-revoked", kind="api-key, client-secret", name="all")
        key = await make(transaction, client, actor, Wanted("api-key", "API key"))
        secret = await make(transaction, client, actor, Wanted("client-secret", "Client secret"))
        return Issued(await touch(transaction, client), secret.secret, key.secret)
