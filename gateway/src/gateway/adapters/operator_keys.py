"""Keys of operators in the database: only hashes of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from gateway.domain.operator_keys import OperatorKey

_COLUMNS = "key_id, name, created_at, created_by, expires_at, last_used_at, ended_at, totp_since is not null as second"
# One at a time: two keys of one name come from a rotation only.
_HOLD = text("select pg_advisory_xact_lock(hashtext('gateway operator keys'))")
_ADD = text(
    """
    insert into gateway.operator_key (key_id, name, hash, created_by, expires_at)
    values (:key_id, :name, :hash, :created_by, :expires_at)
    """
)
_BY_HASH = text(f"select {_COLUMNS} from gateway.operator_key where hash = :hash")  # noqa: S608 - constants
_BY_ID = text(f"select {_COLUMNS} from gateway.operator_key where key_id = :key_id")  # noqa: S608 - constants
_LISTED = text(f"select {_COLUMNS} from gateway.operator_key order by created_at desc, key_id limit 500")  # noqa: S608 - constants
_ANY = text("select exists (select from gateway.operator_key where ended_at is null and expires_at > now())")
_USED = text(
    """
    update gateway.operator_key set last_used_at = now()
     where key_id = :key_id and (last_used_at is null or last_used_at < now() - interval '1 minute')
    """
)
_END = text("update gateway.operator_key set ended_at = now(), ended_by = :by where key_id = :key_id and ended_at is null")
_END_AT = text("update gateway.operator_key set expires_at = :at where key_id = :key_id and expires_at > :at")


def _key(row: Any) -> OperatorKey:
    return OperatorKey(
        row.key_id, row.name, row.created_at, row.created_by, row.expires_at, row.last_used_at, row.ended_at, row.second
    )  # fmt: skip


async def hold(connection: AsyncConnection) -> None:
    """Let nobody else make or end a key until the transaction is over."""
    await connection.execute(_HOLD)


async def add(connection: AsyncConnection, key_id: str, name: str, digest: str, by: str, expires_at: datetime) -> None:
    """Store a key by the hash of what proves it."""
    names = {"key_id": key_id, "name": name, "hash": digest, "created_by": by, "expires_at": expires_at}
    await connection.execute(_ADD, names)


async def by_hash(connection: AsyncConnection, digest: str) -> OperatorKey | None:
    """The key with this hash, ended or not."""
    row = (await connection.execute(_BY_HASH, {"hash": digest})).first()
    return None if row is None else _key(row)


async def by_id(connection: AsyncConnection, key_id: str) -> OperatorKey | None:
    """The key with this identifier."""
    row = (await connection.execute(_BY_ID, {"key_id": key_id})).first()
    return None if row is None else _key(row)


async def listed(connection: AsyncConnection) -> list[OperatorKey]:
    """Every key, the newest first, ended ones too."""
    return [_key(row) for row in await connection.execute(_LISTED)]


async def any_good(connection: AsyncConnection) -> bool:
    """Whether there is a key with a name that counts."""
    return bool((await connection.execute(_ANY)).scalar_one())


async def mark_used(connection: AsyncConnection, key_id: str) -> None:
    """Note when a key was last used, to the minute."""
    await connection.execute(_USED, {"key_id": key_id})


async def end(connection: AsyncConnection, key_id: str, by: str) -> None:
    """End a key at once; ending it again changes nothing."""
    await connection.execute(_END, {"key_id": key_id, "by": by})


async def end_at(connection: AsyncConnection, key_id: str, moment: datetime) -> None:
    """Let a key end by itself at a moment, or when it would have ended anyhow."""
    await connection.execute(_END_AT, {"key_id": key_id, "at": moment})
