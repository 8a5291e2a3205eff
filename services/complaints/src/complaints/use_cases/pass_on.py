"""Pass a compliment or a comment on by mail, to whom it is about or who can make something of it; once each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind
from chassis.identity import Identity
from chassis.mail.message import Message, MessageError
from chassis.mail_queue import enqueue
from chassis.unit_of_work import Transaction
from complaints.adapters import passed_on
from complaints.adapters.intake_sealing import open_text
from complaints.adapters.passed_on import PassedOn, To
from complaints.use_cases.setup import Setup

PASSED_ON = "complaints/passed-on"
SUBJECTS: dict[passed_on.Kind, str] = {
    "compliment": "Practice recognised: somebody said thank you",
    "comment": "A comment about your service",
}


@dataclass(frozen=True)
class PassOn:
    """To whom it is passed on, and in what words: those of the officer, who decides what leaves the record."""

    role: To
    name: str = field(repr=False)
    address: str = field(repr=False)
    words: str = field(repr=False)


async def passings(transaction: Transaction, setup: Setup, kind: passed_on.Kind, ident: UUID) -> Sequence[tuple[PassedOn, str]]:
    """To whom one was passed on, with name and address."""
    listed = await passed_on.passed_on(transaction, kind, ident)
    return [(each, open_text(setup.secrets, transaction.org, PASSED_ON, each.recipient)) for each in listed]


async def send_on(
    transaction: Transaction, setup: Setup, identity: Identity, kind: passed_on.Kind, ident: UUID, to: PassOn
) -> None:
    """Send it, and record that. Raises `passed-on-already`, and `incomplete` where it can be no mail."""
    if not to.name or not to.words:
        raise wrong("name" if not to.name else "words", "Fill this in")
    try:
        message = Message(to.address, SUBJECTS[kind], f"Dear {to.name},\n\n{to.words}\n\n{identity.label or ''}".rstrip())
    except MessageError:
        raise wrong("address", "Enter one mail address, and words without control characters") from None
    org, secrets = transaction.org, setup.secrets
    key = f"{kind}:{ident}:{to.role}:{secrets.pseudonym(org, PASSED_ON, to.address.casefold())}"
    recipient = secrets.seal(org, PASSED_ON, f"{to.name} <{to.address}>")
    if not await passed_on.note_passing(transaction, kind, ident, to.role, recipient, key, identity.subject):
        detail = "It was passed on to this address already. Nothing was sent again."
        raise DomainError("passed-on-already", detail, Kind.CONFLICT, (FieldError("/address", detail),))
    await enqueue(transaction, secrets, key, message)


def wrong(field_name: str, words: str) -> DomainError:
    """Refuses what is missing in one field, or cannot be."""
    errors = (FieldError(f"/{field_name}", words),)
    return DomainError("incomplete", "Something is missing, or cannot be. Nothing was stored.", Kind.MALFORMED, errors)
