"""Uploads that wait for a yes: what was read of a file is kept, sealed, until the person who sent it says "record these".

So what is recorded is what was checked, whichever process answers, also after a restart, and the file need not be sent again.
Nobody else in the organisation can open it. After a day it is gone (`chassis.housekeeping`).
"""

import asyncio
import base64
import zlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.errors import DomainError, Kind
from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction

PURPOSE = "upload"
KEPT = timedelta(hours=24)
"""Long enough to ask a colleague about a row; short, since it holds what a person may never confirm."""

_INSERT = text(
    """
    insert into upload (org, id, kind, made_by, content, expires_at)
    values (:org, :id, :kind, :made_by, :content, now() + cast(:kept as interval))
    """
)
_FIND = """
    select id, content, expires_at, done_at, result::text as result from upload
     where org = :org and id = :id and kind = :kind and made_by = :made_by and expires_at > now()
"""
_CHANGE = text("update upload set content = :content where org = :org and id = :id")
_FINISH = text("update upload set done_at = now(), result = cast(:result as jsonb) where org = :org and id = :id")
_DISCARD = text("delete from upload where org = :org and id = :id and kind = :kind and made_by = :made_by and done_at is null")


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload as it is kept: `content` is what was read, `result` what became of it once it was `done_at`."""

    id: UUID
    content: Any
    expires_at: datetime
    done_at: datetime | None
    result: Any


class UploadStore:
    """Keeps uploads of one kind. Their contents and results are JSON values; of a result only figures and codes."""

    def __init__(self, secrets: Secrets, kind: str, kept: timedelta = KEPT) -> None:
        self._secrets = secrets
        self._kind = kind
        self._kept = kept

    async def keep(self, transaction: Transaction, made_by: str, content: Any) -> UUID:
        """Keep what was read of a file; answers the id under which its sender finds it."""
        upload_id = new_id()
        sealed = await asyncio.to_thread(self._seal, transaction.org, content)
        names = {**self._names(transaction, upload_id, made_by), "content": sealed, "kept": self._kept}
        await transaction.connection.execute(_INSERT, names)
        return upload_id

    async def find(self, transaction: Transaction, upload_id: UUID, made_by: str, *, claim: bool = False) -> Upload:
        """An upload of this person. With `claim` nobody else gets it until the transaction ends: a second click waits.

        Raises `DomainError` upload-gone (not found) for one that is too old, another's, or was never there.
        """
        statement = text(_FIND + (" for update" if claim else ""))
        row = (await transaction.connection.execute(statement, self._names(transaction, upload_id, made_by))).one_or_none()
        if row is None:
            detail = (
                f"This upload is not kept any more: after {self._kept} it is deleted. Nothing is lost: send the file again."
            )
            raise DomainError("upload-gone", detail.replace("1 day, 0:00:00", "24 hours"), Kind.NOT_FOUND)
        content = await asyncio.to_thread(self._open, transaction.org, bytes(row.content))
        return Upload(row.id, content, row.expires_at, row.done_at, orjson.loads(row.result) if row.result else None)

    async def change(self, transaction: Transaction, upload_id: UUID, content: Any) -> None:
        """Keep something else of an upload that was claimed."""
        sealed = await asyncio.to_thread(self._seal, transaction.org, content)
        await transaction.connection.execute(_CHANGE, {"org": transaction.org, "id": upload_id, "content": sealed})

    async def finish(self, transaction: Transaction, upload_id: UUID, result: Any) -> None:
        """Note what became of an upload that was claimed; it is done once."""
        names = {"org": transaction.org, "id": upload_id, "result": orjson.dumps(result).decode()}
        await transaction.connection.execute(_FINISH, names)

    async def discard(self, transaction: Transaction, upload_id: UUID, made_by: str) -> None:
        """Delete an upload of this person that is not done."""
        await transaction.connection.execute(_DISCARD, self._names(transaction, upload_id, made_by))

    def _names(self, transaction: Transaction, upload_id: UUID, made_by: str) -> dict[str, Any]:
        return {"org": transaction.org, "id": upload_id, "kind": self._kind, "made_by": made_by}

    def _seal(self, org: str, content: Any) -> bytes:
        # Sheets repeat themselves: a tenth is left of a thousand rows.
        packed = base64.b64encode(zlib.compress(orjson.dumps(content), 1)).decode()
        return self._secrets.seal(org, PURPOSE, packed)

    def _open(self, org: str, sealed: bytes) -> Any:
        return orjson.loads(zlib.decompress(base64.b64decode(self._secrets.open(org, PURPOSE, sealed))))
