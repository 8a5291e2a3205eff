"""End one credential of a client at once; the others go on."""

from chassis.errors import not_found
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import credentials
from gateway.use_cases.add_credential import touch
from gateway.use_cases.hold_client import Actor, hold_client, note


async def revoke_credential(
    uow: UnitOfWork, org: str, client_id: str, credential_id: str, actor: Actor, revision: int | None = None
) -> None:
    """Revoke it; doing it again changes nothing. Raises DomainError when there is none such, or somebody changed the client."""
    async with uow.begin(org) as transaction:
        found = await credentials.by_id(transaction.connection, credential_id)
        if found is None or found.client_id != client_id:
            raise not_found("credential")
        # A second click finds it done, whatever page it came from.
        client = await hold_client(transaction, client_id, None if found.revoked_at else revision, disabled=True)
        if found.revoked_at:
            return
        await credentials.revoke(transaction.connection, credentials.is_one(credential_id), actor.subject)
        note(transaction, client, "credential-revoked", credential=found.id, kind=found.kind, name=found.name)
        await touch(transaction, client)
