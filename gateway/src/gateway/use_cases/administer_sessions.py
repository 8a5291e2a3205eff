"""Sessions of an organisation, for those who must end them when somebody leaves."""

from datetime import datetime, timedelta

from chassis.errors import DomainError, Kind
from chassis.unit_of_work import UnitOfWork
from gateway.access.trail import say
from gateway.adapters import accounts, sessions
from gateway.adapters.sessions import SHORT, Session

MOST = 200


async def sessions_of_organisation(
    uow: UnitOfWork, org: str, idle: int, *, subject: str = "", limit: int = MOST
) -> list[Session]:
    """Open sessions of an organisation, of one person or of all, those last used first. `idle` in seconds."""
    async with uow.begin(org) as transaction:
        if subject:
            say(transaction, subject=subject)
        connection = transaction.connection
        return await sessions.of_organisation(connection, timedelta(seconds=idle), subject=subject, limit=limit)


async def end_sessions_of(uow: UnitOfWork, org: str, *, subject: str = "", one: str = "") -> list[str]:
    """End every session of somebody, or one by the digits that lists show. Gives the hashes of those that ended.

    Nothing is ended where neither is said, or both: DomainError.
    """
    if bool(subject) == bool(one) or (one and len(one) != SHORT):
        detail = "Say whose sessions, or which one. Nothing was ended."
        raise DomainError("no-session-named", detail, Kind.MALFORMED)
    async with uow.begin(org) as transaction:
        say(transaction, **({"session": one} if one else {"subject": subject}))
        if one:
            return await sessions.end_named(transaction.connection, one)
        return await sessions.end_of_subject(transaction.connection, subject)


async def number_kept_since(uow: UnitOfWork, org: str, subject: str) -> datetime | None:
    """Since when a number in the directory of staff belongs to one account; None: the next that comes has it."""
    async with uow.begin(org) as transaction:
        say(transaction, subject=subject)
        return await accounts.since(transaction.connection, subject)


async def let_number_go(uow: UnitOfWork, org: str, subject: str) -> tuple[int, list[str]]:
    """Let a number go from the account that has it, and end its sessions: the next account that comes with it has it.

    Gives from how many accounts it went, and the hashes of the sessions that ended.
    """
    async with uow.begin(org) as transaction:
        say(transaction, subject=subject)
        gone = await accounts.let_go(transaction.connection, subject)
        return gone, await sessions.end_of_subject(transaction.connection, subject)
