"""Change what an API client is called, what it may do, in which service areas, and from where."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import IntegrityError

from chassis.unit_of_work import UnitOfWork
from gateway.adapters import clients
from gateway.domain.networks import check_networks
from gateway.domain.principals import Client
from gateway.use_cases.hold_client import hold_client, note
from gateway.use_cases.issue_client import check_scopes, name_taken


@dataclass(frozen=True)
class Change:
    """What is to be different; None leaves it."""

    name: str | None = None
    scopes: frozenset[str] | None = None
    areas: frozenset[str] | None = None
    networks: tuple[str, ...] | None = None


async def change_client(uow: UnitOfWork, org: str, client_id: str, wanted: Change, revision: int | None = None) -> Client:
    """Put a new name, scopes, areas or networks in place of the old. What does not change is not noted.

    Raises DomainError: no such client, changed meanwhile, unknown scopes, networks that are none, a name that is taken.
    """
    async with uow.begin(org) as transaction:
        client = await hold_client(transaction, client_id, revision)
        changed = replace(
            client,
            name=client.name if wanted.name is None else wanted.name,
            scopes=client.scopes if wanted.scopes is None else wanted.scopes,
            areas=client.areas if wanted.areas is None else wanted.areas,
            networks=client.networks if wanted.networks is None else check_networks(wanted.networks),
        )
        check_scopes(changed.scopes)
        if changed == client:
            return client
        before_and_after: dict[str, Any] = {
            name: [sorted(old), sorted(new)]
            for name, old, new in (
                ("scopes", client.scopes, changed.scopes),
                ("areas", client.areas, changed.areas),
                ("networks", client.networks, changed.networks),
            )
            if old != new
        }
        if changed.name != client.name:
            before_and_after["name"] = [client.name, changed.name]
        note(transaction, client, "changed", **before_and_after)
        try:
            return await clients.change(transaction.connection, changed)
        except IntegrityError:
            # The index decides, so that two who take one name at once do not both get it.
            raise name_taken() from None
