"""Signed-in sessions in the database: only hashes of their cookies."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.tables import session
from gateway.domain.principals import Principal


@dataclass(frozen=True)
class Session:
    """A session and what it stands for."""

    session_hash: str
    org: str
    subject: str
    label: str
    roles: frozenset[str]
    expires_at: datetime

    def principal(self) -> Principal:
        """Who is signed in. Staff hold no scopes: what a role may do, each service says."""
        return Principal(
            "staff",
            self.subject,
            self.org,
            frozenset(f"role:{role}" for role in self.roles),
            label=self.label,
            rate_key=f"session {self.session_hash}",
        )


async def add(connection: AsyncConnection, new: Session) -> None:
    """Store a session, and clear away those of its organisation that ended more than a week ago."""
    await connection.execute(delete(session).where(session.c.expires_at < func.now() - text("interval '7 days'")))
    await connection.execute(
        insert(session).values(
            session_hash=new.session_hash,
            org=new.org,
            subject=new.subject,
            label=new.label,
            roles=sorted(new.roles),
            expires_at=new.expires_at,
        )
    )


async def open_one(connection: AsyncConnection, session_hash: str) -> Session | None:
    """The session with this hash, if it has neither ended nor expired."""
    query = select(session).where(
        session.c.session_hash == session_hash, session.c.ended_at.is_(None), session.c.expires_at > func.now()
    )
    row = (await connection.execute(query)).first()
    if row is None:
        return None
    return Session(row.session_hash, row.org, row.subject, row.label, frozenset(row.roles), row.expires_at)


async def end(connection: AsyncConnection, session_hash: str) -> None:
    """End a session; ending it again changes nothing."""
    statement = update(session).where(session.c.session_hash == session_hash, session.c.ended_at.is_(None))
    await connection.execute(statement.values(ended_at=func.now()))
