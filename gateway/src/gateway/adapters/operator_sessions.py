"""Sessions of operators in the database: only hashes of their codes and cookies."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.operator_sessions import IDLE, OperatorSession

# With the key the session ends, at once; the first key counts until there is one with a name.
_GOOD = """
    (k.ended_at is null and k.expires_at > now() and s.key_id is not null
     or s.key_id is null and not exists (
         select from gateway.operator_key named where named.ended_at is null and named.expires_at > now()))
"""
_ADD = text(
    """
    insert into gateway.operator_session (code_hash, key_id, code_ends_at, ends_at)
    values (:code, :key_id, :code_ends_at, :ends_at)
    """
)
_OF_CODE = text(
    f"""
    select s.code_hash as session_hash, s.key_id, k.name, s.ends_at
      from gateway.operator_session s left join gateway.operator_key k on k.key_id = s.key_id
     where s.code_hash = :code and s.session_hash is null and s.code_ends_at > now() and {_GOOD}
    """  # noqa: S608 - a constant
)
# The same code at the same time in two browsers: the second finds it taken.
_BEGIN = text(
    """
    update gateway.operator_session set session_hash = :session, begun_at = now(), last_used_at = now()
     where code_hash = :code and session_hash is null and code_ends_at > now() returning code_hash
    """
)
_OPEN = text(
    f"""
    select s.session_hash, s.key_id, k.name, s.ends_at
      from gateway.operator_session s left join gateway.operator_key k on k.key_id = s.key_id
     where s.session_hash = :session and s.ended_at is null and s.ends_at > now()
       and s.last_used_at > now() - cast(:idle as interval) and {_GOOD}
    """  # noqa: S608 - a constant
)
_TOUCH = text("update gateway.operator_session set last_used_at = now() where session_hash = :session and ended_at is null")
_END = text("update gateway.operator_session set ended_at = now() where session_hash = :session and ended_at is null")


def _session(row: Any) -> OperatorSession:
    return OperatorSession(row.session_hash, row.key_id, row.name or "", row.ends_at)


async def add(connection: AsyncConnection, code: str, key_id: str | None, code_ends_at: datetime, ends_at: datetime) -> None:
    """Store a code by its hash."""
    names = {"code": code, "key_id": key_id, "code_ends_at": code_ends_at, "ends_at": ends_at}
    await connection.execute(_ADD, names)


async def of_code(connection: AsyncConnection, code: str) -> OperatorSession | None:
    """Whose a code is that counts and was not used."""
    row = (await connection.execute(_OF_CODE, {"code": code})).first()
    return None if row is None else _session(row)


async def begin(connection: AsyncConnection, code: str, session: str) -> bool:
    """Use a code up; False where that was done meanwhile."""
    return (await connection.execute(_BEGIN, {"code": code, "session": session})).first() is not None


async def open_one(connection: AsyncConnection, session: str) -> OperatorSession | None:
    """The session with this hash, where it and its key count."""
    row = (await connection.execute(_OPEN, {"session": session, "idle": IDLE})).first()
    return None if row is None else _session(row)


async def touch(connection: AsyncConnection, session: str) -> None:
    """Note that it is in use."""
    await connection.execute(_TOUCH, {"session": session})


async def end(connection: AsyncConnection, session: str) -> None:
    """End it; ending it again changes nothing."""
    await connection.execute(_END, {"session": session})
