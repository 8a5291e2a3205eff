"""Give an organisation's system its credentials. They are shown once; only their hashes are kept."""

from dataclasses import dataclass
from datetime import date

from chassis.errors import DomainError, FieldError, Kind
from chassis.outbox import now
from chassis.tenancy import is_organisation
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import clients, organisations
from gateway.domain.credentials import check_expiry
from gateway.domain.networks import check_networks
from gateway.domain.principals import Client
from gateway.domain.scopes import SCOPES
from gateway.domain.secrets import new_client_id
from gateway.use_cases.add_credential import Wanted, make
from gateway.use_cases.hold_client import Actor, note


@dataclass(frozen=True)
class Issued:
    """A client with two credentials, in clear for the only time."""

    client: Client
    secret: str
    api_key: str


@dataclass(frozen=True)
class NewClient:
    """What a client is to be. No areas or networks: all of them; `expires_on` is the last day of its credentials."""

    name: str
    scopes: frozenset[str]
    areas: frozenset[str] = frozenset()
    networks: tuple[str, ...] = ()
    expires_on: date | None = None


async def issue_client(uow: UnitOfWork, org: str, new: NewClient, actor: Actor, *, secrets: bool = True) -> Issued:
    """Issue a client, with an API key and a client secret unless it is to have other credentials (`secrets`).

    Raises DomainError: unknown scopes, networks or days that are wrong, an unknown organisation, a name that is taken.
    """
    check_scopes(new.scopes)
    networks, expires_at = check_networks(new.networks), check_expiry(new.expires_on, now())
    if not is_organisation(org):
        raise _no_such_organisation()
    client = Client(org, new_client_id(org), new.name, new.scopes, new.areas, disabled=False, networks=networks)
    async with uow.begin(org) as transaction:
        if not await organisations.is_known(transaction.connection, org):
            raise _no_such_organisation()
        if not await clients.add(transaction.connection, client, actor.subject):
            raise name_taken()
        note(transaction, client, "made", scopes=sorted(new.scopes), areas=sorted(new.areas), networks=networks)
        if not secrets:
            return Issued(client, "", "")
        key = await make(transaction, client, actor, Wanted("api-key", "API key", expires_at))
        secret = await make(transaction, client, actor, Wanted("client-secret", "Client secret", expires_at))
    return Issued(client, secret.secret, key.secret)


def check_scopes(scopes: frozenset[str]) -> None:
    """Raise DomainError for scopes that do not exist, each named with those that do, and for none at all."""
    unknown = sorted(scopes - SCOPES.keys())
    if unknown:
        known = ", ".join(SCOPES)
        errors = tuple(FieldError("/scopes", f"'{each[:80]}' is not a scope. Scopes: {known}.") for each in unknown[:20])
        raise DomainError(
            "unknown-scope", "The client was not issued: it asks for a scope that does not exist.", Kind.MALFORMED, errors
        )
    if not scopes:
        detail = "Choose at least one thing that the system may do."
        raise DomainError("no-scope", detail, Kind.MALFORMED, (FieldError("/scopes", detail),))


def name_taken() -> DomainError:
    """The error for the name of another client of the organisation that is in use."""
    return DomainError(
        "client-name-taken",
        "A client of this name is in use, and its credentials cannot be shown again. If they are lost, give it new ones "
        "(`loop client renew`). For another system take another name.",
    )


def _no_such_organisation() -> DomainError:
    detail = "There is no such organisation. Make it first: PUT /gateway/v1/organisations/{org}."
    return DomainError("unknown-organisation", detail, Kind.MALFORMED, (FieldError("/org", detail),))
