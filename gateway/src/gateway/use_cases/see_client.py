"""One API client with all that its owner may know: credentials, why it was refused, and what was done with it."""

from dataclasses import dataclass
from datetime import datetime

from chassis.errors import not_found
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import clients, credentials, history
from gateway.domain.credentials import Credential
from gateway.domain.history import Done
from gateway.domain.principals import Client

_HISTORY = 200


@dataclass(frozen=True)
class Refused:
    """When a client was last refused for a reason; `credential_id` is empty where it proved nothing."""

    credential_id: str
    reason: str
    last_at: datetime


@dataclass(frozen=True)
class Seen:
    """A client and its story, the newest first."""

    client: Client
    credentials: list[Credential]
    refusals: list[Refused]
    history: list[Done]


async def see_client(uow: UnitOfWork, org: str, client_id: str) -> Seen:
    """The client, disabled or not. Raises DomainError when the organisation has none of this name."""
    async with uow.begin(org) as transaction:
        connection = transaction.connection
        client = await clients.by_id(connection, client_id)
        if client is None:
            raise not_found("client")
        return Seen(
            client,
            await credentials.of_client(connection, client_id),
            [Refused(row.credential_id, row.reason, row.last_at) for row in await credentials.refusals(connection, client_id)],
            await history.done_with(connection, "client", org, client_id, _HISTORY),
        )
