"""Attempts to sign in that are under way, and logout tokens that were seen: each counts once, in whichever process."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_once
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.unit_of_work import switch_tenant
from gateway.adapters.tables import logout_token, sign_in_attempt


@dataclass(frozen=True)
class Attempt:
    """Somebody has gone to a provider and is not back yet."""

    state_hash: str
    org: str
    provider: str
    browser_hash: str
    sealed: bytes
    expires_at: datetime


async def add(connection: AsyncConnection, new: Attempt) -> None:
    """Store an attempt."""
    await connection.execute(
        insert(sign_in_attempt).values(
            state_hash=new.state_hash,
            org=new.org,
            provider=new.provider,
            browser_hash=new.browser_hash,
            sealed=new.sealed,
            expires_at=new.expires_at,
        )
    )


async def take(connection: AsyncConnection, state_hash: str) -> Attempt | None:
    """The attempt of a state, in a transaction with that capability; it is gone then, so that a second answer finds nothing."""
    query = select(sign_in_attempt).where(sign_in_attempt.c.state_hash == state_hash)
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    await switch_tenant(connection, row.org)
    gone = delete(sign_in_attempt).where(sign_in_attempt.c.state_hash == state_hash, sign_in_attempt.c.expires_at > func.now())
    if (await connection.execute(gone.returning(sign_in_attempt.c.state_hash))).first() is None:
        return None
    return Attempt(row.state_hash, row.org, row.provider, row.browser_hash, row.sealed, row.expires_at)


async def is_first(connection: AsyncConnection, org: str, provider: str, jti_hash: str, expires_at: datetime) -> bool:
    """Whether a logout token was not seen before; from now on it was."""
    statement = insert_once(logout_token).values(org=org, provider=provider, jti_hash=jti_hash, expires_at=expires_at)
    once = statement.on_conflict_do_nothing().returning(logout_token.c.jti_hash)
    return (await connection.execute(once)).first() is not None
