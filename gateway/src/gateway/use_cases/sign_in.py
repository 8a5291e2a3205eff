"""Demo sign-in: anybody becomes a made-up person. Only where it is switched on, and only on a loopback address."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.errors import DomainError, FieldError, Kind
from chassis.tenancy import is_organisation
from chassis.unit_of_work import UnitOfWork
from gateway.adapters import organisations, sessions
from gateway.adapters.sessions import Session
from gateway.domain.browsers import OTHER
from gateway.domain.people import PEOPLE
from gateway.domain.secrets import hash_of, new_secret


@dataclass(frozen=True)
class Limits:
    """How long a session lasts and may lie unused (seconds), and how many somebody may have at once."""

    lifetime: int
    idle: int
    at_once: int


async def sign_in(uow: UnitOfWork, org: str, person: str, limits: Limits, browser: str = OTHER) -> tuple[str, Session]:
    """Open a session; the oldest ones of the person end where there are too many. Gives its cookie's value and the session.

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
        expires_at=datetime.now(UTC) + timedelta(seconds=limits.lifetime),
        browser=browser,
    )
    async with uow.begin(org) as transaction:
        if not await organisations.is_known(transaction.connection, org):
            raise _choose("organisation", "Choose an organisation from the list.")
        await sessions.add(transaction.connection, session)
        await sessions.end_beyond(
            transaction.connection, session.subject, limits.at_once, timedelta(seconds=limits.idle)
        )  # fmt: skip
    return cookie, session


def _choose(field: str, detail: str) -> DomainError:
    return DomainError("not-in-the-list", detail, Kind.MALFORMED, (FieldError(f"/{field}", detail),))
