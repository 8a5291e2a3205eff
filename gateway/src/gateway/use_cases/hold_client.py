"""What every change of an API client begins with: the client held, in use, and as the person saw it."""

from dataclasses import dataclass
from typing import Any

from chassis.errors import DomainError, Kind, not_found
from chassis.unit_of_work import Transaction
from gateway.adapters import clients, history
from gateway.domain.principals import Client


@dataclass(frozen=True)
class Actor:
    """Who changes something."""

    subject: str


async def hold_client(transaction: Transaction, client_id: str, revision: int | None, *, disabled: bool = False) -> Client:
    """The client, locked until the transaction ends.

    `revision` is the one that a person saw: this raises DomainError `changed-meanwhile` when there is a newer one.
    A client that is disabled is found with `disabled` only; else it is not there.
    """
    client = await clients.by_id(transaction.connection, client_id, lock=True)
    if client is None or (client.disabled and not disabled):
        raise not_found("client in use")
    if revision is not None and revision != client.revision:
        raise DomainError(
            "changed-meanwhile",
            "Somebody else has changed this client since you opened the page. Nothing was changed. Look at it again first.",
            Kind.STALE,
        )
    return client


def note(transaction: Transaction, client: Client, act: str, **detail: Any) -> None:
    """Write into the client's history."""
    history.note(transaction, "client", client.client_id, act, detail)
