"""Take an API client's credentials back, for good."""

from chassis.unit_of_work import UnitOfWork
from gateway.adapters import clients, history, webhooks
from gateway.use_cases.hold_client import Actor, hold_client, note


async def disable_client(uow: UnitOfWork, org: str, client_id: str, actor: Actor, revision: int | None = None) -> None:
    """Disable a client; doing it again changes nothing. Raises DomainError when the organisation has none of this name."""
    async with uow.begin(org) as transaction:
        client = await hold_client(transaction, client_id, None, disabled=True)
        if client.disabled:
            return
        await hold_client(transaction, client_id, revision)
        await clients.disable(transaction.connection, client_id, actor.subject)
        for each in await webhooks.disable_of_client(transaction.connection, client_id):
            history.note(transaction, "subscription", each, "disabled", {"reason": "client"})
        note(transaction, client, "disabled")
