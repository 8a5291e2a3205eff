"""An operator comes in by browser with a code that their command line got for key and second factor, and leaves again."""

from dataclasses import dataclass, field
from datetime import datetime

from chassis.errors import DomainError, Kind
from chassis.outbox import now
from chassis.tenancy import INSTALLATION
from chassis.unit_of_work import UnitOfWork
from gateway.access.trail import say
from gateway.adapters import operator_sessions
from gateway.domain.operator_keys import OperatorKey
from gateway.domain.operator_sessions import CODE_GOOD_FOR, OperatorSession, end_of_session, new_code, tidied
from gateway.domain.secrets import hash_of, new_secret


@dataclass(frozen=True)
class MadeCode:
    """A code, in clear for the only time."""

    code: str = field(repr=False)
    expires_at: datetime


async def make_code(uow: UnitOfWork, key: OperatorKey | None, credential_ends: datetime | None) -> MadeCode:
    """A code for the holder of a key, None: of the installation's first. The session that it begins ends before they do."""
    moment = now()
    made = MadeCode(new_code(), moment + CODE_GOOD_FOR)
    async with uow.begin(INSTALLATION) as transaction:
        if key is not None:
            say(transaction, key=key.id)
        ends_at = end_of_session(moment, credential_ends)
        key_id = key.id if key else None
        await operator_sessions.add(transaction.connection, hash_of(made.code), key_id, made.expires_at, ends_at)
    return made


async def whose_code(uow: UnitOfWork, typed: str) -> OperatorSession:
    """Who comes with a code. Raises DomainError `wrong-code`, the same for every one that does not count."""
    async with uow.begin(INSTALLATION) as transaction:
        found = await operator_sessions.of_code(transaction.connection, hash_of(tidied(typed)))
    if found is None:
        raise _wrong()
    return found


async def begin_session(uow: UnitOfWork, typed: str) -> str:
    """Use a code up; gives the cookie of the session. Raises DomainError where that was done meanwhile."""
    cookie = new_secret()
    async with uow.begin(INSTALLATION) as transaction:
        if not await operator_sessions.begin(transaction.connection, hash_of(tidied(typed)), hash_of(cookie)):
            raise _wrong()
    return cookie


async def open_session(uow: UnitOfWork, cookie: bytes) -> OperatorSession | None:
    """The session of a cookie, where it counts."""
    async with uow.begin(INSTALLATION) as transaction:
        return await operator_sessions.open_one(transaction.connection, hash_of(cookie))


async def touch_session(uow: UnitOfWork, session: OperatorSession) -> None:
    """Note that it is in use; with a recording unit of work that leaves an entry of what the request looks at."""
    async with uow.begin(INSTALLATION) as transaction:
        await operator_sessions.touch(transaction.connection, session.session_hash)


async def end_session(uow: UnitOfWork, session: OperatorSession) -> None:
    """End it, for good."""
    async with uow.begin(INSTALLATION) as transaction:
        await operator_sessions.end(transaction.connection, session.session_hash)


def _wrong() -> DomainError:
    return DomainError("wrong-code", "The code is wrong, was used already, or is older than two minutes.", Kind.FORBIDDEN)
