"""Photos and files that somebody adds on the public form: kept with the draft, sent with it, gone with it."""

from collections.abc import Sequence
from uuid import UUID

from chassis.attachments.store import Incoming
from chassis.errors import DomainError, not_found
from chassis.unit_of_work import Transaction
from complaints.adapters.attachments import Attachment, Attachments
from complaints.use_cases.files import FileDesk
from complaints.use_cases.say_something import SENDER, draft_of
from complaints.use_cases.setup import Setup


async def files_of_draft(transaction: Transaction, setup: Setup, desk: FileDesk, code: str) -> Sequence[Attachment]:
    """What was added so far; with what was destroyed because of a virus, so that it can be said."""
    return await Attachments(transaction, setup.secrets, desk.store).of("draft", draft_of(setup, code))


async def add_to_draft(
    transaction: Transaction, setup: Setup, desk: FileDesk, code: str, most: int, incoming: Incoming
) -> None:
    """Add a file to a draft that is held. Raises `file-again`, `too-many-files`, and `no-room-for-files`.

    What lies unsent is limited in all of an organisation: a form that everybody may use must not fill its disk.
    """
    attachments, ident = Attachments(transaction, setup.secrets, desk.store), draft_of(setup, code)
    # One after the other in the whole organisation, since it is counted together.
    await attachments.hold(b"drafts")
    kept = [each.file for each in await attachments.of("draft", ident) if each.kept]
    key = desk.store.content_key(transaction.org, incoming.sha256)
    if any(file.content_key == key for file in kept):
        raise DomainError("file-again", "It was added already.")
    if len(kept) >= most:
        raise DomainError("too-many-files", f"{most} can be added in all.")
    if await attachments.unsent() + incoming.size > desk.unsent:
        raise DomainError("no-room-for-files", "Nothing can be taken just now.")
    file_id = await desk.store.put(transaction, incoming)
    await attachments.add("draft", ident, file_id, SENDER, "")


async def take_away(transaction: Transaction, setup: Setup, desk: FileDesk, code: str, file_id: UUID) -> None:
    """Delete a file of a draft that is held, as if it had never been there. Raises `not-found`."""
    if all(each.file.id != file_id for each in await files_of_draft(transaction, setup, desk, code)):
        raise not_found("file")
    await desk.store.delete(transaction, file_id)
