"""Sealed files in PostgreSQL: in and out piece by piece, so that memory stays bounded whatever the file's size.

Each piece is sealed with the organisation's key, with the file, its number and the count of pieces bound in: swapped, left out,
put elsewhere or cut off, it does not open. The SHA-256 of the whole is checked once more before the last piece leaves.
A file is stored in the caller's transaction: broken off in the middle, nothing of it is there.
"""

import asyncio
import hashlib
import json
import os
from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO, Literal, cast
from uuid import UUID

from sqlalchemy import Row, text

from chassis.attachments.kinds import KINDS, FileKind
from chassis.attachments.limits import CHUNK_BYTES
from chassis.attachments.recognise import Recognised
from chassis.ids import new_id
from chassis.secrets import SealError, Secrets
from chassis.unit_of_work import Transaction, UnitOfWork

PURPOSE = "file"
_DETAILS = "file-details"
_CONTENT = "file-content"
NO_SCANNER = "no-scanner"
UNREADABLE = "(its name cannot be opened)"
_READ = """
    select id, details, content_key, kind, locked, size, pieces, scan, scan_reason, scanned_at, stored_at, destroyed_at
      from stored_file
"""
_SOME = text(f"{_READ} where org = :org and id = any(:ids)")
_CREATE = text(
    """
    insert into stored_file (org, id, details, content_key, kind, locked, size, pieces, scan, scan_reason)
    values (:org, :id, :details, :content_key, :kind, :locked, :size, :pieces, :scan, :scan_reason)
    """
)
_ADD = text("insert into stored_piece (org, file_id, number, content) values (:org, :id, :number, :content)")
_PIECE = text("select content from stored_piece where org = :org and file_id = :id and number = :number")
_DESTROY = text("update stored_file set destroyed_at = now() where org = :org and id = :id and destroyed_at is null")
_DROP = text("delete from stored_piece where org = :org and file_id = :id")
_DELETE = text("delete from stored_file where org = :org and id = :id")

Scan = Literal["waiting", "clean", "infected", "not-scanned"]


class FileDamagedError(Exception):
    """What is stored of a file is not what was put there, or was destroyed meanwhile."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file that was recognised and measured, to be stored."""

    file: BinaryIO = field(repr=False)
    name: str = field(repr=False)
    recognised: Recognised
    size: int
    sha256: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is known of a stored file. Its name is a person's words."""

    id: UUID
    name: str = field(repr=False)
    sha256: str = field(repr=False)
    content_key: str = field(repr=False)
    kind: FileKind
    locked: bool
    size: int
    pieces: int
    scan: Scan
    scan_reason: str | None
    scanned_at: datetime | None
    stored_at: datetime
    destroyed_at: datetime | None

    def may_be_opened(self, *, scanner: bool) -> bool:
        """Whether it may be handed out: where there is a scanner, only what it found clean."""
        return self.destroyed_at is None and self.scan != "infected" and (self.scan == "clean" or not scanner)


class FileStore:
    """The files of a service. `scanner`: there is one, so that what comes in waits for it."""

    def __init__(self, secrets: Secrets, *, scanner: bool) -> None:
        self._secrets = secrets
        self.scanner = scanner

    def content_key(self, org: str, sha256: str) -> str:
        """Under which the same content is known again in an organisation."""
        return self._secrets.pseudonym(org, _CONTENT, sha256)

    async def put(self, transaction: Transaction, incoming: Incoming) -> UUID:
        """Store a file; answers its id."""
        org, ident = transaction.org, new_id()
        pieces = -(-incoming.size // CHUNK_BYTES)
        details = json.dumps({"name": incoming.name, "sha256": incoming.sha256}).encode()
        values = {
            "org": org,
            "id": ident,
            "details": self._secrets.seal_bytes(org, _DETAILS, details, str(ident)),
            "content_key": self.content_key(org, incoming.sha256),
            "kind": incoming.recognised.kind.code,
            "locked": incoming.recognised.locked,
            "size": incoming.size,
            "pieces": pieces,
            "scan": "waiting" if self.scanner else "not-scanned",
            "scan_reason": None if self.scanner else NO_SCANNER,
        }
        await transaction.connection.execute(_CREATE, values)
        incoming.file.seek(0)
        for number in range(pieces):
            content = await asyncio.to_thread(self._seal_next, org, incoming.file, _place(ident, number, pieces))
            await transaction.connection.execute(_ADD, {"org": org, "id": ident, "number": number, "content": content})
        return ident

    async def find(self, transaction: Transaction, ids: Collection[UUID]) -> dict[UUID, StoredFile]:
        """What is known of some files, by their ids."""
        if not ids:
            return {}
        rows = await transaction.connection.execute(_SOME, {"org": transaction.org, "ids": list(ids)})
        return {row.id: self._stored(transaction.org, row) for row in rows}

    async def destroy(self, transaction: Transaction, ident: UUID) -> None:
        """Destroy the content of a file; that it was there stays known."""
        values = {"org": transaction.org, "id": ident}
        await transaction.connection.execute(_DESTROY, values)
        await transaction.connection.execute(_DROP, values)

    async def delete(self, transaction: Transaction, ident: UUID) -> None:
        """Delete a file as if it had never been there."""
        await transaction.connection.execute(_DELETE, {"org": transaction.org, "id": ident})

    async def content(self, uow: UnitOfWork, org: str, file: StoredFile) -> AsyncIterator[bytes]:
        """The content, piece by piece, each read in a transaction of its own: a slow phone holds no connection.

        Raises `FileDamagedError` before the last piece leaves, so that what is not whole never looks so.
        """
        whole = hashlib.sha256()
        for number in range(file.pieces):
            async with uow.begin(org) as transaction:
                values = {"org": org, "id": file.id, "number": number}
                sealed = (await transaction.connection.execute(_PIECE, values)).scalar_one_or_none()
            piece = await asyncio.to_thread(self._open_piece, org, file, number, sealed)
            whole.update(piece)
            if number == file.pieces - 1 and whole.hexdigest() != file.sha256:
                raise FileDamagedError
            yield piece

    def _seal_next(self, org: str, file: BinaryIO, place: str) -> bytes:
        return self._secrets.seal_bytes(org, PURPOSE, file.read(CHUNK_BYTES), place)

    def _open_piece(self, org: str, file: StoredFile, number: int, sealed: bytes | None) -> bytes:
        try:
            if sealed is None:
                raise FileDamagedError
            return self._secrets.open_bytes(org, PURPOSE, bytes(sealed), _place(file.id, number, file.pieces))
        except SealError:
            raise FileDamagedError from None

    def _stored(self, org: str, row: Row[Any]) -> StoredFile:
        try:
            details = json.loads(self._secrets.open_bytes(org, _DETAILS, bytes(row.details), str(row.id)))
        except SealError:
            # The key was lost. The list must still be seen; the content will not open either.
            details = {"name": UNREADABLE, "sha256": ""}
        own = {name: value for name, value in row._mapping.items() if name != "details"}  # noqa: SLF001 - SQLAlchemy's public name for it
        return StoredFile(**cast("Any", {**own, **details, "kind": KINDS[row.kind]}))


def measure(file: BinaryIO, name: str, recognised: Recognised) -> Incoming:
    """Count and hash a file. Reads the whole; call it in a thread."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    digest = hashlib.sha256()
    while piece := file.read(CHUNK_BYTES):
        digest.update(piece)
    return Incoming(file, name, recognised, size, digest.hexdigest())


def _place(ident: UUID, number: int, pieces: int) -> str:
    """What is bound into a piece: of which file, which one, and of how many."""
    return f"{ident}/{number}/{pieces}"
