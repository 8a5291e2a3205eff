"""The package: one ZIP, encrypted (AES-256, WinZip's AE-2) to a passphrase that is shown once; made when it is fetched.

It is kept nowhere.
It is one moment of the service: everything is read in one snapshot, while records go on changing. It is written to a temporary
file, encrypted already, so that a slow connection holds no transaction; memory is that of one table of one record, or one piece
of a file. AE-2 derives its key with few rounds (PBKDF2, 1,000): it holds because the passphrase is made here, of 120 bits.
"""

import asyncio
import json
import re
import secrets as random
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any
from uuid import UUID

from sqlalchemy import text
from stream_zip import ZIP_64, async_stream_zip

from chassis.attachments.store import FileDamagedError
from chassis.secrets import Secrets
from chassis.subject import document
from chassis.subject.declaring import Match, Subject
from chassis.subject.document import About, Opened
from chassis.subject.reading import Line, Opener, Piece, Ticked, sections
from chassis.subject.searching import described
from chassis.subject.searching import joined as joined_matches
from chassis.subject.store import Requests, SubjectRequest
from chassis.trail.writing import write_record
from chassis.unit_of_work import Transaction, UnitOfWork

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letters that are mistaken for others when somebody reads them out."""
GROUPS, GROUP = 5, 5
PASSPHRASE = re.compile(rf"[{ALPHABET}]{{{GROUP}}}(?:-[{ALPHABET}]{{{GROUP}}}){{{GROUPS - 1}}}")
_MODE = 0o600
_ORGANISATION = text("select document -> 'organisation' ->> 'name' from profile where org = :org order by number desc limit 1")
_PIECE_PDF = 'select t."{column}" from {table} t where t.org = :org and t.id = :id'


def new_passphrase() -> str:
    """A passphrase of 123 bits that can be read out."""
    return "-".join("".join(random.choice(ALPHABET) for _ in range(GROUP)) for _ in range(GROUPS))


@dataclass
class _Within:
    """A unit of work that goes on in a transaction that is open: what reads by units of work reads the snapshot."""

    transaction: Transaction

    @asynccontextmanager
    async def begin(self, _org: str, **_: Any) -> AsyncIterator[Transaction]:
        """The open transaction."""
        yield self.transaction


@dataclass(frozen=True, slots=True)
class Package:
    """A package that was made: a file that nobody else can open, gone when it is closed."""

    file: IO[bytes]
    size: int
    name: str
    records: int


async def make(uow: UnitOfWork, org: str, subject: Subject, secrets: Secrets, request: UUID, passphrase: str) -> Package:
    """Make the package of a request's ticked records. Its reader closes the file."""
    async with uow.begin(org, snapshot=True) as transaction:
        if subject.before is not None:
            await subject.before(transaction)
        requests = Requests(transaction, secrets)
        wanted = await requests.one(request)
        records = await _records(transaction, subject, secrets, requests, wanted)
        about = About(subject, wanted, await _organisation(transaction), datetime.now(UTC), Counter())
        package = await written(transaction, secrets, about, records, passphrase)
        try:
            await _tell(transaction, records)
        except BaseException:
            package.file.close()
            raise
    return package


async def written(transaction: Transaction, secrets: Secrets, about: About, records: list[Opened], passphrase: str) -> Package:
    """Write records into a package. Its reader closes the file."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever sends it closes it
    try:
        members = _members(transaction, about.subject, secrets, about, records)
        async for chunk in async_stream_zip(members, password=passphrase):
            await asyncio.to_thread(file.write, chunk)
        size = await asyncio.to_thread(file.tell)
        await asyncio.to_thread(file.seek, 0)
    except BaseException:
        file.close()
        raise
    return Package(file, size, f"{about.subject.service}-{about.request.reference}.zip", len(records))


async def _records(
    transaction: Transaction, subject: Subject, secrets: Secrets, requests: Requests, wanted: SubjectRequest
) -> list[Opened]:
    ticked = [each for each in await requests.ticked(wanted.id) if subject.kind(each.kind) is not None]
    within: Any = _Within(transaction)
    matches = joined_matches([Match(each.kind, each.id, "") for each in ticked])
    references = {(each.kind, each.id): each.reference for each in await described(within, transaction.org, subject, matches)}
    found = []
    for each in ticked:
        kind = subject.kind(each.kind)
        if kind is None or (each.kind, each.id) not in references:
            continue  # erased meanwhile
        decisions = await requests.decisions(wanted.id, each.kind, each.id)
        found.append(
            Opened(
                kind,
                each,
                references[each.kind, each.id],
                # Bound now: the loop goes on.
                lambda kind=kind, each=each, decisions=decisions: sections(
                    transaction, secrets, kind, each, decisions, subject.wording
                ),  # type: ignore[misc]
                await requests.notes(each.kind, each.id),
            )
        )
    return found


async def _organisation(transaction: Transaction) -> str:
    found: str | None = (await transaction.connection.execute(_ORGANISATION, {"org": transaction.org})).scalar_one_or_none()
    return found or transaction.org


async def _tell(transaction: Transaction, records: Iterable[Opened]) -> None:
    """Each record that was handed out was read, and stands in the trail by itself."""
    if transaction.acting is None:
        return
    for each in records:
        named = {"kind": each.ticked.kind, "record_id": str(each.ticked.id)}
        await write_record(transaction.connection, transaction.org, transaction.acting, named)


async def _members(
    transaction: Transaction, subject: Subject, secrets: Secrets, about: About, records: list[Opened]
) -> AsyncIterator[tuple[Any, ...]]:
    at = about.made_at
    yield "read-me-first.html", at, _MODE, ZIP_64, document.page(about, records)
    yield "data.json", at, _MODE, ZIP_64, document.data(about, records)
    yield "data.schema.json", at, _MODE, ZIP_64, _once(json.dumps(document.SCHEMA, indent=2).encode())
    for record in records:
        async for section in record.sections():
            for line in section.lines:
                for piece in line.pieces:
                    if piece.field.is_file and piece.treatment.given and piece.treatment.words is None:
                        content = _content(transaction, subject, secrets, section.part.table, line, piece)
                        yield document.file_name(line, piece), at, _MODE, ZIP_64, content


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


async def _content(
    transaction: Transaction, subject: Subject, secrets: Secrets, table: str, line: Line, piece: Piece
) -> AsyncIterator[bytes]:
    ident = UUID(line.id.rpartition("/")[2])
    if piece.field.form == "pdf":
        query = text(_PIECE_PDF.format(column=piece.field.column, table=table))
        raw = (await transaction.connection.execute(query, {"org": transaction.org, "id": ident})).scalar_one()
        yield await asyncio.to_thread(Opener(secrets, transaction.org).opened, bytes(raw), piece.field)
        return
    if subject.files is None:
        return
    store = subject.files(secrets)
    stored = (await store.find(transaction, [ident])).get(ident)
    if stored is None or stored.destroyed_at is not None or stored.scan == "infected":
        return
    within: Any = _Within(transaction)
    try:
        async for chunk in store.content(within, transaction.org, stored):
            yield chunk
    except FileDamagedError:
        yield b"\nThe rest of this file cannot be opened: the key is not here, or it was changed.\n"


async def chunks(package: Package, size: int = 256 * 1024) -> AsyncIterator[bytes]:
    """The package, piece by piece; its file is gone afterwards, also when the reader went away."""
    try:
        while chunk := await asyncio.to_thread(package.file.read, size):
            yield chunk
    finally:
        package.file.close()


__all__ = ["PASSPHRASE", "Package", "Ticked", "chunks", "make", "new_passphrase"]
