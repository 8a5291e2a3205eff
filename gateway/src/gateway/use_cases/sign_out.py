"""End a session."""

from chassis.unit_of_work import UnitOfWork, switch_tenant
from gateway.adapters import sessions
from gateway.domain.secrets import hash_of


async def sign_out(uow: UnitOfWork, cookie: bytes) -> None:
    """End the session that a cookie belongs to, if there is one."""
    digest = hash_of(cookie)
    async with uow.begin("", capability=digest) as transaction:
        session = await sessions.open_one(transaction.connection, digest)
        if session is not None:
            await switch_tenant(transaction.connection, session.org)
            await sessions.end(transaction.connection, digest)
