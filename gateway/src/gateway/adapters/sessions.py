"""Signed-in sessions in the database: only hashes of their cookies, and real names sealed."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.tables import session
from gateway.domain.browsers import OTHER
from gateway.domain.principals import Principal

_TOUCHED_AT_MOST = timedelta(minutes=1)
SHORT = 16
"""Digits of a session's hash by which sessions are told apart on pages and in logs."""


@dataclass(frozen=True)
class AtProvider:
    """How the provider knows the person and the session: keyed pseudonyms, the sealed name.

    `proven_at` is when the person last showed there who they are, None where the provider does not say.
    """

    provider: str
    subject: str
    session: str | None
    label_sealed: bytes = field(repr=False)
    proven_at: datetime | None = None


@dataclass(frozen=True)
class Session:
    """A session and what it stands for. `label` is empty until somebody with the key has opened a sealed one."""

    session_hash: str
    org: str
    subject: str
    label: str = field(repr=False)
    roles: frozenset[str]
    expires_at: datetime
    areas: frozenset[str] = frozenset()
    browser: str = OTHER
    at_provider: AtProvider | None = None
    created_at: datetime | None = None
    last_used_at: datetime | None = None

    def principal(self) -> Principal:
        """Who is signed in. Staff hold no scopes: what a role may do, each service says."""
        return Principal(
            "staff",
            self.subject,
            self.org,
            frozenset(f"role:{role}" for role in self.roles),
            self.areas,
            label=self.label,
            rate_key=f"session {self.session_hash}",
        )


async def add(connection: AsyncConnection, new: Session) -> None:
    """Store a session."""
    there = new.at_provider
    await connection.execute(
        insert(session).values(
            session_hash=new.session_hash,
            org=new.org,
            subject=new.subject,
            label=None if there else new.label,
            label_sealed=there.label_sealed if there else None,
            roles=sorted(new.roles),
            areas=sorted(new.areas),
            browser=new.browser,
            provider=there.provider if there else None,
            provider_subject=there.subject if there else None,
            provider_session=there.session if there else None,
            proven_at=there.proven_at if there else None,
            expires_at=new.expires_at,
        )
    )


def _is_open(idle: timedelta) -> ColumnElement[bool]:
    return (
        session.c.ended_at.is_(None)
        & (session.c.expires_at > func.now())
        & (session.c.last_used_at > func.now() - literal(idle))
    )


async def open_one(connection: AsyncConnection, session_hash: str, idle: timedelta) -> Session | None:
    """The session with this hash, if it has neither ended nor expired nor lain unused for too long."""
    query = select(session).where(session.c.session_hash == session_hash, _is_open(idle))
    row = (await connection.execute(query)).first()
    return None if row is None else _session(row)


async def touch(connection: AsyncConnection, found: Session, idle: timedelta) -> None:
    """Note that a session is in use, to the minute: enough to end it when it is not, and no trail of every click."""
    stale = min(_TOUCHED_AT_MOST, idle / 10)
    statement = update(session).where(
        session.c.session_hash == found.session_hash, session.c.last_used_at < func.now() - literal(stale)
    )
    await connection.execute(statement.values(last_used_at=func.now()))


async def of_subject(connection: AsyncConnection, subject: str, idle: timedelta) -> list[Session]:
    """Every open session of somebody of this transaction's organisation, the newest first."""
    query = select(session).where(session.c.subject == subject, _is_open(idle)).order_by(session.c.created_at.desc())
    return [_session(row) for row in await connection.execute(query)]


async def of_organisation(
    connection: AsyncConnection, idle: timedelta, *, subject: str = "", limit: int = 200
) -> list[Session]:  # fmt: skip
    """Open sessions of this transaction's organisation, of one person or of all, those last used first."""
    query = select(session).where(_is_open(idle))
    if subject:
        query = query.where(session.c.subject == subject)
    query = query.order_by(session.c.last_used_at.desc(), session.c.session_hash).limit(limit)
    return [_session(row) for row in await connection.execute(query)]


async def end_beyond(connection: AsyncConnection, subject: str, most: int, idle: timedelta) -> list[str]:
    """End the oldest sessions of somebody who has more than `most` open ones. Gives the hashes of those that ended."""
    kept = select(session.c.session_hash).where(session.c.subject == subject, _is_open(idle))
    kept = kept.order_by(session.c.created_at.desc(), session.c.session_hash).limit(most)
    return await _end(connection, (session.c.subject == subject) & session.c.session_hash.not_in(kept) & _is_open(idle))


async def end_named(connection: AsyncConnection, short: str) -> list[str]:
    """End the session whose hash begins so (`SHORT` digits), of whomever of this transaction's organisation."""
    return await _end(connection, func.left(session.c.session_hash, SHORT) == short)


async def end(connection: AsyncConnection, session_hash: str) -> None:
    """End a session; ending it again changes nothing."""
    await _end(connection, session.c.session_hash == session_hash)


async def end_of_subject(
    connection: AsyncConnection, subject: str, *, only: str | None = None, but: str | None = None
) -> list[str]:
    """End sessions of somebody: all, one by its hash, or all but one. Gives the hashes of those that ended."""
    where = session.c.subject == subject
    if only is not None:
        where &= session.c.session_hash == only
    if but is not None:
        where &= session.c.session_hash != but
    return await _end(connection, where)


async def end_at_provider(
    connection: AsyncConnection, provider: str, subject: str | None, provider_session: str | None
) -> list[str]:
    """End what a provider says has ended: its session where it names one, else every session of the person."""
    where = session.c.provider == provider
    if provider_session is not None:
        where &= session.c.provider_session == provider_session
    if subject is not None:
        where &= session.c.provider_subject == subject
    return await _end(connection, where)


async def end_of_other_providers(connection: AsyncConnection, kept: Collection[str]) -> list[str]:
    """End the sessions of providers that the organisation no longer has."""
    return await _end(connection, session.c.provider.is_not(None) & session.c.provider.not_in(sorted(kept)))


async def _end(connection: AsyncConnection, where: ColumnElement[bool]) -> list[str]:
    statement = update(session).where(where, session.c.ended_at.is_(None)).values(ended_at=func.now())
    return list((await connection.execute(statement.returning(session.c.session_hash))).scalars())


def _session(row: Any) -> Session:
    there = None
    if row.provider is not None:
        there = AtProvider(row.provider, row.provider_subject, row.provider_session, row.label_sealed, row.proven_at)
    return Session(
        row.session_hash,
        row.org,
        row.subject,
        row.label or "",
        frozenset(row.roles),
        row.expires_at,
        frozenset(row.areas),
        row.browser,
        there,
        row.created_at,
        row.last_used_at,
    )
