"""Files of a complaint and of what came in: added, listed, opened, removed. Opening them is logged as for people's details."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Literal
from uuid import UUID

from chassis.attachments.limits import FileLimits
from chassis.attachments.recognise import recognise
from chassis.attachments.store import FileStore, Incoming, StoredFile, measure
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.attachments import Attachment, Attachments
from complaints.adapters.complaint_repository import ComplaintRepository
from complaints.adapters.opened import Opening, log_opening, openings
from complaints.adapters.representations import Representations
from complaints.domain.representation import MOST_WORDS
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import may_see

NO_NAME = "File without a name"


@dataclass(frozen=True, slots=True)
class FileDesk:
    """Where files are kept, and how many and how large they may be."""

    store: FileStore
    limits: FileLimits
    unsent: int  # bytes on drafts of an organisation, at most


@dataclass(frozen=True, slots=True)
class Record:
    """A complaint, or something that came in, of which somebody sees the files."""

    kind: Literal["complaint", "representation"]
    id: UUID
    reference: str
    whole: UUID  # the complaint that it became: its files count together


@dataclass(frozen=True, slots=True)
class Added:
    """A file that was added, or (`again`) that the record had already."""

    file: StoredFile
    again: bool


@dataclass(frozen=True)
class FilesOf:
    """The files of a record, and who opened them."""

    record: Record
    files: Sequence[Attachment]
    openings: Sequence[Opening]
    organisation: str = field(default="")


async def prepare(file: BinaryIO, name: str, limits: FileLimits) -> Incoming:
    """Look at a file before a transaction is opened. Raises what `recognise` raises, and `file-too-large`."""

    def look() -> Incoming:
        found = measure(file, name or NO_NAME, recognise(file))
        limits.check_file(found.size)
        return found

    return await asyncio.to_thread(look)


async def find_record(transaction: Transaction, identity: Identity, kind: str, ident: UUID) -> Record:
    """A record of the caller's service areas. Raises `not-found`."""
    if kind == "complaint":
        complaint = await ComplaintRepository(transaction).by_id(ident)
        if complaint is None or not may_see(identity, complaint.service_area):
            raise not_found("complaint")
        return Record("complaint", ident, complaint.reference, ident)
    stored = await Representations(transaction).one(ident, identity.areas)
    if stored is None:
        raise not_found("representation")
    return Record("representation", ident, stored.reference, stored.became.complaint_id or ident)


async def add_file(
    transaction: Transaction, setup: Setup, desk: FileDesk, identity: Identity, record: Record, incoming: Incoming
) -> Added:
    """Add a file to a record; one that it has is not stored twice. Raises `record-full`."""
    attachments = Attachments(transaction, setup.secrets, desk.store)
    await attachments.hold(record.whole)
    together = await attachments.of("complaint" if record.whole != record.id else record.kind, record.whole)
    kept = [each.file for each in together if each.kept]
    key = desk.store.content_key(transaction.org, incoming.sha256)
    for file in kept:
        if file.content_key == key:
            return Added(file, again=True)
    desk.limits.check_record(len(kept), sum(each.size for each in kept), incoming.size)
    file_id = await desk.store.put(transaction, incoming)
    await attachments.add(record.kind, record.id, file_id, identity.subject, identity.label)
    return Added((await desk.store.find(transaction, [file_id]))[file_id], again=False)


async def see_files(transaction: Transaction, setup: Setup, desk: FileDesk, identity: Identity, record: Record) -> FilesOf:
    """The files of a record with their names. That they were looked at is logged."""
    await log_opening(transaction, setup.secrets, identity, record.kind, record.id)
    return FilesOf(
        record,
        await Attachments(transaction, setup.secrets, desk.store).of(record.kind, record.id),
        await openings(transaction, setup.secrets, record.kind, record.id),
        (await setup.profiles.current(transaction)).profile.organisation.name,
    )


async def open_file(
    transaction: Transaction, setup: Setup, desk: FileDesk, identity: Identity, record: Record, file_id: UUID
) -> StoredFile:
    """A file that is about to be handed out, which is logged with the record. Raises `not-found`."""
    attachment = await _one(transaction, setup, desk, record, file_id)
    if attachment.file.may_be_opened(scanner=desk.store.scanner):
        await log_opening(transaction, setup.secrets, identity, record.kind, record.id, file_id)
    return attachment.file


async def remove_file(
    transaction: Transaction, setup: Setup, desk: FileDesk, identity: Identity, record: Record, file_id: UUID, reason: str
) -> None:
    """Destroy a file's content, with a reason; its row stays. Done twice it changes nothing. Raises `not-found`."""
    if not 0 < len(reason) <= MOST_WORDS:
        words = "Say why, for example that it is about another child" if not reason else "Make it shorter"
        errors = (FieldError("/reason", words),)
        raise DomainError("incomplete", "A reason is missing. The file is still there.", Kind.MALFORMED, errors)
    await Attachments(transaction, setup.secrets, desk.store).hold(record.whole)
    attachment = await _one(transaction, setup, desk, record, file_id)
    if attachment.kept:
        await Attachments(transaction, setup.secrets, desk.store).remove(file_id, identity, reason)


async def _one(transaction: Transaction, setup: Setup, desk: FileDesk, record: Record, file_id: UUID) -> Attachment:
    known = await Attachments(transaction, setup.secrets, desk.store).of(record.kind, record.id)
    found = next((each for each in known if each.file.id == file_id), None)
    if found is None:
        raise not_found("file")
    return found
