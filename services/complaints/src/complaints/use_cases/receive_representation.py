"""Something comes in: on a form, by post, phone or mail, or from another system. It waits for a person to decide what it is."""

import hmac
import json
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from uuid import UUID

from chassis.days import british_time
from chassis.errors import DomainError, FieldError, Kind
from chassis.ids import new_id
from chassis.mail.message import Message, is_address
from chassis.mail_queue import enqueue
from chassis.outbox import now
from chassis.retention import known
from chassis.unit_of_work import Transaction
from complaints.adapters.found_by import FoundBy
from complaints.adapters.intake_sealing import STAFF, Contact, Details, seal_contact, seal_details
from complaints.adapters.representations import Entry, Representations
from complaints.domain.codes import CodeCheck
from complaints.domain.learning_reminders import FOOTER
from complaints.domain.profile import Profile
from complaints.domain.representation import (
    MOST_SHORT,
    MOST_WORDS,
    Advocate,
    AnswerBy,
    CameBy,
    PersonRole,
    Said,
    Standing,
)
from complaints.use_cases.setup import Setup
from contracts.complaints import RepresentationReceived

MOST_PEOPLE = 20
_CONTENT = "complaints/content"


@dataclass(frozen=True)
class Sender:
    """Who types it in: a member of staff, a system, or the sender on the public form."""

    subject: str
    name: str = field(default="", repr=False)


@dataclass(frozen=True)
class Person:
    """Somebody from outside whom it concerns."""

    role: PersonRole
    contact: Contact


@dataclass(frozen=True)
class ReceiveRepresentation:
    """What came in. `own_reference` is that of the system or form that sends it: the same again is stored once."""

    came_by: CameBy
    received_on: date
    said: Said
    details: Details
    people: tuple[Person, ...] = ()
    language: str = "en"
    answer_by: AnswerBy = "none"
    standing: Standing = "not-said"
    raised_by: str | None = None
    from_child: bool = False
    service_area: str | None = None
    happened_on: date | None = None
    advocate: Advocate | None = None
    own_reference: str | None = None


@dataclass(frozen=True)
class Received:
    """A representation with the reference that its sender is told; `created` is False where it was there."""

    id: UUID
    reference: str
    created: bool


async def receive_representation(
    transaction: Transaction, setup: Setup, sender: Sender, command: ReceiveRepresentation
) -> Received:
    """Store what came in.

    Raises `unknown-codes`, `incomplete` with the fields, and `reference-taken` where the system's reference is that of another.
    """
    # It is stored whatever it concerns, and its sender is told its reference and no more.
    async with transaction.whole_organisation():
        return await _store(transaction, setup, sender, command)


async def _store(transaction: Transaction, setup: Setup, sender: Sender, command: ReceiveRepresentation) -> Received:
    applied = await setup.profiles.current(transaction)
    _check(command, applied.profile, setup.today())
    repository = Representations(transaction)
    content = _content_hash(setup, transaction.org, command)
    if command.own_reference is not None:
        posted = known.posted_as("representation", command.own_reference)
        await known.assert_not_reduced(transaction, setup.secrets, "representation", posted)
        there = await repository.by_own_reference(command.own_reference)
        if there is not None:
            return _again(there.id, there.reference, same=hmac.compare_digest(there.content_hash, content))
    ident = new_id()
    reference = await repository.next_reference("representation", "R", command.received_on.year)
    urgent = applied.profile.worries.stand_in(command.details.words)
    people = [(each.role, seal_contact(setup.secrets, transaction.org, each.contact)) for each in command.people]
    plain = asdict(command)
    values = {name: plain[name] for name in _PLAIN} | {"id": ident, "reference": reference, "content_hash": content}
    values["details"] = seal_details(setup.secrets, transaction.org, command.details)
    values["urgent"] = urgent
    offered = command.advocate is not None
    values |= {"profile": applied.number, "by": sender.subject, "advocate": command.advocate}
    values |= {
        "advocate_offered_on": command.received_on if offered else None,
        "advocate_offered_by": sender.subject if offered else None,
    }
    await repository.create(values, people)
    found_by = FoundBy(transaction, setup.secrets)
    for position, each in enumerate(command.people, 1):
        await found_by.key_sender(ident, position, each.contact)
    name = setup.secrets.seal(transaction.org, STAFF, sender.name) if sender.name else None
    await repository.add_change(ident, Entry(0, "receive", by_subject=sender.subject, by_name=name))
    transaction.record(
        RepresentationReceived(
            representation_id=ident,
            received_on=command.received_on,
            recorded_on=setup.today(),
            came_by=command.came_by,
            said=command.said,
            from_child=command.from_child,
            language=command.language,
            raised_by=command.raised_by,
            service_area=command.service_area,
        )
    )
    if urgent:
        await _alert(transaction, setup, applied.profile, ident, reference)
    return Received(ident, reference, created=True)


async def _alert(transaction: Transaction, setup: Setup, profile: Profile, ident: UUID, reference: str) -> None:
    """Tell the duty team at once, in the transaction that stores it; where there is none, the complaints unit."""
    known = (profile.organisation.contacts.duty_email, profile.complaints.intake.email)
    to = next((each for each in known if each is not None and is_address(each)), None)
    if to is None:
        return
    link = f"{setup.public_url.rstrip('/')}/complaints/intake/{ident}"
    body = (
        f"{reference} came in on {british_time(now()):%A, %H:%M}. It holds words by which a child may not be safe. "
        f"Nobody has read it yet: please see that it is read now, by somebody who may open it.\n\n{link}\n\n{FOOTER}\n"
    )
    mail = Message(to, f"Read now: {reference}, a child may not be safe", body)
    await enqueue(transaction, setup.secrets, f"urgent:{ident}", mail)


_PLAIN = (
    "came_by", "received_on", "said", "language", "answer_by", "standing", "raised_by", "from_child", "service_area",
    "happened_on", "own_reference",
)  # fmt: skip


def _check(command: ReceiveRepresentation, profile: Profile, today: date) -> None:
    check = CodeCheck(profile, command.received_on)
    check.one_of("/raised_by", command.raised_by, profile.complaints.raised_by)
    check.area("/service_area", command.service_area, "complaints")
    check.done()
    errors = tuple(FieldError(f"/{name}", words) for name, words in wrong_fields(command, today))
    if errors:
        raise DomainError(
            "incomplete", "Something is missing or too long. Nothing was stored. See the fields.", Kind.MALFORMED, errors
        )


def wrong_fields(command: ReceiveRepresentation, today: date) -> list[tuple[str, str]]:
    """The fields that cannot be stored as they are, with what to do."""
    wrong = []
    if command.received_on > today:
        wrong.append(("received", "Enter a day up to today: day 0 is the day of receipt"))
    if command.happened_on is not None and command.happened_on > command.received_on:
        wrong.append(("happened", "Enter a day up to the day of receipt"))
    details = command.details
    if not details.narrative:
        wrong.append(("narrative", "Write down what was said"))
    for name, words in (("narrative", details.narrative), ("desired", details.desired), ("about", details.about)):
        if len(words) > MOST_WORDS:
            wrong.append((name, f"Make it shorter by {len(words) - MOST_WORDS} characters: {MOST_WORDS} fit in here"))
    if len(command.people) > MOST_PEOPLE:
        wrong.append(("children", f"Name at most {MOST_PEOPLE} people; put the others into what was said"))
    if any(len(part) > MOST_SHORT for each in command.people for part in vars(each.contact).values()):
        wrong.append(("name", f"Names and ways to reach somebody have at most {MOST_SHORT} characters each"))
    return wrong


def _content_hash(setup: Setup, org: str, command: ReceiveRepresentation) -> bytes:
    # Keyed: a plain hash of a short text could be guessed.
    canonical = json.dumps(asdict(command), sort_keys=True, ensure_ascii=False, default=str)
    return hmac.new(setup.secrets.key(org, _CONTENT), canonical.encode(), sha256).digest()


def _again(ident: UUID, reference: str, *, same: bool) -> Received:
    if not same:
        detail = "There is one with this reference and other content. Nothing was stored. A reference is used once."
        raise DomainError("reference-taken", detail)
    return Received(ident, reference, created=False)
