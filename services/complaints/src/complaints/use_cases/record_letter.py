"""A letter that was made and sent elsewhere is recorded: kind, way and day, its step where that was not taken, and its file."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.letters import About, Content, Letters
from complaints.domain import letters
from complaints.domain.intake_profile import ENGLISH
from complaints.domain.letter_profile import Kind as LetterKind
from complaints.domain.letters import Way
from complaints.use_cases.letters import Words, record_for, sent_letter
from complaints.use_cases.read_complaints import read_complaint
from complaints.use_cases.send_letter import Sending, take_letter_step
from complaints.use_cases.setup import Setup

MOST_FILE = 4 * 1024 * 1024


@dataclass(frozen=True)
class ElsewhereLetter:
    """A letter as it is recorded, under an id that the page chose. `again_of` is one of ours that it repeats."""

    id: UUID
    complaint_id: UUID
    stage: int
    kind: LetterKind
    way: Way
    sent_on: date
    to_name: str = field(repr=False)
    note: str = field(repr=False)
    words: Words
    version: int
    again_of: UUID | None = None
    file: bytes | None = field(default=None, repr=False)


async def record_letter(transaction: Transaction, setup: Setup, identity: Identity, command: ElsewhereLetter) -> None:
    """Record it, once for its id. Raises `not-found`, `letter-day`, `letter-file`, `stale`, and what its step raises."""
    record = await record_for(transaction, identity, command.complaint_id)
    repository = Letters(transaction, setup.secrets)
    if (known := await repository.one(command.id)) is not None and known.about.complaint_id == command.complaint_id:
        return
    letters.check_day(command.way, command.sent_on, record.received_on, setup.today(), elsewhere=True)
    if command.file is not None and (not command.file.startswith(b"%PDF-") or len(command.file) > MOST_FILE):
        words = f"Choose a PDF of at most {MOST_FILE // 1024 // 1024} MB"
        raise DomainError("letter-file", f"{words}. Nothing was stored.", Kind.MALFORMED, (FieldError("/file", words),))
    if command.again_of is not None:
        first = await sent_letter(transaction, setup, identity, command.complaint_id, command.again_of)
        if first.sent_again is not None:
            raise DomainError("sent-again-already", "That letter was sent again already. Nothing was stored.")
    view = await read_complaint(transaction, setup, identity, command.complaint_id, None, reasons=False)
    does = letters.effect(view.case, command.stage, command.kind, again=command.again_of is not None)
    about = About(command.id, command.complaint_id, command.stage, command.kind, None, ENGLISH, command.way, command.again_of)
    sending = Sending(0, command.version, command.sent_on, command.words)
    version = await take_letter_step(transaction, setup, identity, about, does, sending)
    content = Content(to_name=command.to_name, note=command.note) if command.to_name or command.note else None
    values = {
        "sent_on": command.sent_on,
        "recorded_by": identity.subject,
        "elsewhere": True,
        "how": does.how,
        "version": version,
        "mail_key": None,
    }
    await repository.add(about, content, command.file, values)
