"""Demo sign-in: anybody becomes a made-up person. Only where it is switched on, and only on a loopback address."""

from datetime import UTC, datetime, timedelta

from chassis.errors import DomainError, FieldError, Kind
from chassis.tenancy import is_organisation
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import organisations, sessions
from gateway.adapters.sessions import Session
from gateway.domain.people import PEOPLE
from gateway.domain.secrets import hash_of, new_secret


async def sign_in(uow: UnitOfWork, org: str, person: str, lifetime: int) -> tuple[str, Session]:
    """Open a session of `lifetime` seconds; gives its cookie's value and the session.

    Raises DomainError for an organisation or a person that cannot be chosen.
    """
    somebody = PEOPLE.get(person)
    if somebody is None:
        raise _choose("person", "Choose a person from the list.")
    if not is_organisation(org):
        raise _choose("organisation", "Choose an organisation from the list.")
    cookie = new_secret()
    session = Session(
        session_hash=hash_of(cookie),
        org=org,
        subject=somebody.subject,
        label=somebody.label,
        roles=frozenset(somebody.roles),
        expires_at=datetime.now(UTC) + timedelta(seconds=lifetime),
    )
    async with uow.begin(org) as transaction:
        if not await organisations.is_known(transaction.connection, org):
            raise _choose("organisation", "Choose an organisation from the list.")
        await sessions.add(transaction.connection, session)
    return cookie, session


def _choose(field: str, detail: str) -> DomainError:
    return DomainError("not-in-the-list", detail, Kind.MALFORMED, (FieldError(f"/{field}", detail),))
