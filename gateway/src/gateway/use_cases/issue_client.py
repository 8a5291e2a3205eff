"""Give an organisation's system its credentials. They are shown once; only their hashes are kept."""

from dataclasses import dataclass

from chassis.errors import DomainError, FieldError, Kind
from chassis.tenancy import is_organisation
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import clients, organisations
from gateway.domain.principals import Client
from gateway.domain.scopes import SCOPES
from gateway.domain.secrets import API_KEY_PREFIX, CLIENT_SECRET_PREFIX, hash_of, new_client_id, new_secret


@dataclass(frozen=True)
class Issued:
    """A new client with its two credentials, in clear for the only time."""

    client: Client
    secret: str
    api_key: str


async def issue_client(
    uow: UnitOfWork, org: str, name: str, scopes: frozenset[str], areas: frozenset[str], issued_by: str
) -> Issued:
    """Issue a client. Raises DomainError: unknown scopes, an unknown organisation, a name that is taken."""
    unknown = sorted(scopes - SCOPES.keys())
    if unknown:
        known = ", ".join(SCOPES)
        errors = tuple(FieldError("/scopes", f"'{each[:80]}' is not a scope. Scopes: {known}.") for each in unknown[:20])
        raise DomainError(
            "unknown-scope", "The client was not issued: it asks for a scope that does not exist.", Kind.MALFORMED, errors
        )
    if not is_organisation(org):
        raise _no_such_organisation()
    issued = Issued(
        Client(org, new_client_id(org), name, scopes, areas, disabled=False),
        new_secret(CLIENT_SECRET_PREFIX),
        new_secret(API_KEY_PREFIX),
    )
    async with uow.begin(org) as transaction:
        if not await organisations.is_known(transaction.connection, org):
            raise _no_such_organisation()
        added = await clients.add(
            transaction.connection, issued.client, hash_of(issued.secret), hash_of(issued.api_key), issued_by
        )
    if not added:
        detail = (
            "A client of this name is in use, and its credentials cannot be shown again. If they are lost, give it new ones "
            "(`loop client renew`). For another system take another name."
        )
        raise DomainError("client-name-taken", detail)
    return issued


def _no_such_organisation() -> DomainError:
    detail = "There is no such organisation. Make it first: PUT /gateway/v1/organisations/{org}."
    return DomainError("unknown-organisation", detail, Kind.MALFORMED, (FieldError("/org", detail),))
