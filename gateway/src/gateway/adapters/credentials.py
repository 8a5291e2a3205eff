"""Credentials of API clients in the database: hashes, public keys, and what became of each."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.adapters.tables import assertion, client_refusal, credential
from gateway.domain.credentials import Credential

_COLUMNS = [column for column in credential.c if column.name not in {"hash", "public_key", "revoked_by"}]


def _credential(row: Any) -> Credential:
    return Credential(
        row.credential_id, row.org, row.client_id, row.kind, row.name, row.mark, row.created_at, row.created_by,
        row.expires_at, row.last_used_on, row.revoked_at,
    )  # fmt: skip


async def add(
    connection: AsyncConnection, new: Credential, *, proof: str | None = None, key: dict[str, Any] | None = None
) -> bool:
    """Store a credential by the hash of what proves it, or by its public key. False when another one has that hash."""
    statement = upsert(credential).values(
        credential_id=new.id,
        org=new.org,
        client_id=new.client_id,
        kind=new.kind,
        name=new.name,
        hash=proof,
        public_key=key,
        mark=new.mark,
        created_at=new.created_at,
        created_by=new.created_by,
        expires_at=new.expires_at,
    )
    statement = statement.on_conflict_do_nothing(constraint="credential_once")
    return (await connection.execute(statement.returning(credential.c.credential_id))).first() is not None


async def by_hash(connection: AsyncConnection, kind: str, digest: str) -> Credential | None:
    """The credential of this kind with this hash, in a transaction that holds the hash as its capability."""
    query = select(*_COLUMNS).where(credential.c.hash == digest, credential.c.kind == kind)
    row = (await connection.execute(query)).first()
    return None if row is None else _credential(row)


async def by_id(connection: AsyncConnection, credential_id: str) -> Credential | None:
    """The credential of this transaction's organisation with this identifier."""
    row = (await connection.execute(select(*_COLUMNS).where(credential.c.credential_id == credential_id))).first()
    return None if row is None else _credential(row)


async def keys_of(connection: AsyncConnection, client_id: str) -> list[tuple[Credential, dict[str, Any]]]:
    """The public keys of a client, in a transaction that names it as its capability."""
    query = select(*_COLUMNS, credential.c.public_key).where(
        credential.c.client_id == client_id, credential.c.kind == "public-key"
    )
    rows = await connection.execute(query.order_by(credential.c.created_at.desc()).limit(50))
    return [(_credential(row), row.public_key) for row in rows]


async def of_client(connection: AsyncConnection, client_id: str) -> list[Credential]:
    """All credentials of a client of this transaction's organisation, the newest first."""
    query = select(*_COLUMNS).where(credential.c.client_id == client_id)
    rows = await connection.execute(query.order_by(credential.c.created_at.desc(), credential.c.credential_id))
    return [_credential(row) for row in rows]


async def mark_used(connection: AsyncConnection, credential_id: str) -> None:
    """Note the day on which a credential was last used; writes at most once a day."""
    today = func.current_date()
    unseen = or_(credential.c.last_used_on.is_(None), credential.c.last_used_on < today)
    await connection.execute(
        update(credential).where(and_(credential.c.credential_id == credential_id, unseen)).values(last_used_on=today)
    )


async def revoke(connection: AsyncConnection, which: ColumnElement[bool], by: str) -> None:
    """End credentials at once; what has been revoked stays as it was."""
    statement = update(credential).where(which, credential.c.revoked_at.is_(None))
    await connection.execute(statement.values(revoked_at=func.now(), revoked_by=by))


def is_one(credential_id: str) -> ColumnElement[bool]:
    """One credential."""
    return credential.c.credential_id == credential_id


def is_secret_of(client_id: str) -> ColumnElement[bool]:
    """The API keys and client secrets of a client."""
    return and_(credential.c.client_id == client_id, credential.c.kind.in_(("api-key", "client-secret")))


async def end_at(connection: AsyncConnection, credential_id: str, moment: datetime) -> None:
    """Let a credential end by itself at a moment."""
    await connection.execute(update(credential).where(is_one(credential_id)).values(expires_at=moment))


async def note_refusal(connection: AsyncConnection, org: str, client_id: str, credential_id: str, reason: str) -> None:
    """Keep why and when a client was last refused."""
    statement = upsert(client_refusal).values(org=org, client_id=client_id, credential_id=credential_id, reason=reason)
    await connection.execute(statement.on_conflict_do_update(constraint="refusal_once", set_={"last_at": func.now()}))


async def refusals(connection: AsyncConnection, client_id: str) -> list[Any]:
    """Why a client was refused, the last reason first."""
    query = select(client_refusal).where(client_refusal.c.client_id == client_id)
    return list(await connection.execute(query.order_by(client_refusal.c.last_at.desc()).limit(20)))


async def use_assertion(connection: AsyncConnection, org: str, client_id: str, jti_hash: str, expires_at: datetime) -> bool:
    """Take an assertion's identifier. False when it was taken before."""
    statement = upsert(assertion).values(org=org, client_id=client_id, jti_hash=jti_hash, expires_at=expires_at)
    statement = statement.on_conflict_do_nothing(constraint="assertion_once")
    return (await connection.execute(statement.returning(assertion.c.client_id))).first() is not None
