"""Compliments: listed, read (which is logged), recorded with their words, and passed on to those whom they are about."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.mail.message import Message, MessageError
from chassis.mail_queue import enqueue
from chassis.unit_of_work import Transaction
from complaints.adapters.compliments import Compliment, Compliments, PassedOn, To
from complaints.adapters.intake_sealing import DETAILS, open_details, open_text
from complaints.adapters.opened import Opening, log_opening, openings
from complaints.adapters.representations import Representations
from complaints.domain.heard import Heard
from complaints.domain.profile import Profile
from complaints.domain.representation import MOST_WORDS
from complaints.use_cases.receive_compliment import ReceiveCompliment, receive_compliment
from complaints.use_cases.setup import Setup

PAGE = 50
SUBJECT = "Practice recognised: somebody said thank you"
PASSED_ON = "complaints/passed-on"


@dataclass(frozen=True)
class Listed:
    """A page of compliments, with all counts: those from outside are the formal figure, those from inside are kept."""

    profile: Profile
    items: Sequence[Compliment]
    external: int
    internal: int
    told: int
    more: tuple[date, UUID] | None


@dataclass(frozen=True)
class Read:
    """A compliment with what it says."""

    profile: Profile
    compliment: Compliment
    words: str = field(repr=False)
    representation: UUID | None
    passed_on: Sequence[tuple[PassedOn, str]]
    openings: Sequence[Opening]


async def list_compliments(transaction: Transaction, setup: Setup, heard: Heard, before: tuple[date, UUID] | None) -> Listed:
    """Compliments, newest first, and how many the filters let through."""
    repository = Compliments(transaction)
    items = await repository.page(heard, PAGE + 1, before)
    external, internal, told = await repository.counts(heard)
    more = (items[PAGE - 1].received_on, items[PAGE - 1].id) if len(items) > PAGE else None
    return Listed((await setup.profiles.current(transaction)).profile, items[:PAGE], external, internal, told, more)


async def record_compliment(
    transaction: Transaction, setup: Setup, identity: Identity, command: ReceiveCompliment, words: str
) -> UUID:
    """Record a compliment with its words; without a reference it is given the next one of the year.

    Raises what `receive_compliment` raises, and `incomplete` where the words do not fit.
    """
    if len(words) > MOST_WORDS:
        raise _wrong("words", f"Make it shorter: {MOST_WORDS} characters fit in here")
    repository = Compliments(transaction)
    if not command.reference:
        reference = await Representations(transaction).next_reference("compliment", "T", command.received_on.year)
        while await repository.is_taken(reference):
            reference = await Representations(transaction).next_reference("compliment", "T", command.received_on.year)
        command = replace(command, reference=reference)
    ident, created = await receive_compliment(transaction, setup, identity, command)
    if created and words:
        await repository.add_words(ident, setup.secrets.seal(transaction.org, DETAILS, words))
    return ident


async def read_compliment(transaction: Transaction, setup: Setup, identity: Identity, ident: UUID) -> Read:
    """A compliment with its words. That it was opened is logged. Raises `not-found`."""
    compliment = await _one(transaction, identity, ident)
    repository, org, secrets = Compliments(transaction), transaction.org, setup.secrets
    await log_opening(transaction, secrets, identity, "compliment", ident)
    said = await repository.words(ident)
    words = open_text(secrets, org, DETAILS, said.own)
    if said.came is not None:
        words = open_details(secrets, org, said.came).narrative
    passed = [(each, open_text(secrets, org, PASSED_ON, each.recipient)) for each in await repository.passed_on(ident)]
    return Read(
        profile=(await setup.profiles.current(transaction)).profile,
        compliment=compliment,
        words=words,
        representation=said.representation_id,
        passed_on=passed,
        openings=await openings(transaction, secrets, "compliment", ident),
    )


@dataclass(frozen=True)
class PassOn:
    """To whom a compliment is passed on, and in what words: those of the officer, who decides what leaves the record."""

    role: To
    name: str = field(repr=False)
    address: str = field(repr=False)
    words: str = field(repr=False)


async def pass_on(transaction: Transaction, setup: Setup, identity: Identity, ident: UUID, to: PassOn) -> None:
    """Send it to the worker or the manager by mail, once each, and record that.

    Raises `not-found`, `passed-on-already`, and `incomplete` where it can be no mail.
    """
    await _one(transaction, identity, ident)
    mail = mail_to(setup, transaction.org, identity, f"compliment:{ident}", SUBJECT, to)
    if not await Compliments(transaction).pass_on(ident, to.role, mail.recipient, mail.key, identity.subject):
        raise told_already()
    await enqueue(transaction, setup.secrets, mail.key, mail.message)


@dataclass(frozen=True)
class Ready:
    """A mail that passes something on: the key under which it goes out once, and to whom, sealed."""

    key: str
    recipient: bytes = field(repr=False)
    message: Message = field(repr=False)


def mail_to(setup: Setup, org: str, identity: Identity, about: str, subject: str, to: PassOn) -> Ready:
    """The mail that passes something on. Raises `incomplete` where it can be none."""
    if not to.name or not to.words:
        raise _wrong("name" if not to.name else "words", "Fill this in")
    try:
        message = Message(to.address, subject, f"Dear {to.name},\n\n{to.words}\n\n{identity.label or ''}".rstrip())
    except MessageError:
        raise _wrong("address", "Enter one mail address, and words without control characters") from None
    who = setup.secrets.pseudonym(org, PASSED_ON, to.address.casefold())
    recipient = setup.secrets.seal(org, PASSED_ON, f"{to.name} <{to.address}>")
    return Ready(f"{about}:{to.role}:{who}", recipient, message)


def told_already() -> DomainError:
    """Refuses to send the same thing to the same person twice."""
    detail = "It was passed on to this address already. Nothing was sent again."
    return DomainError("passed-on-already", detail, Kind.CONFLICT, (FieldError("/address", detail),))


async def _one(transaction: Transaction, identity: Identity, ident: UUID) -> Compliment:
    found = await Compliments(transaction).one(ident, identity.areas)
    if found is None:
        raise not_found("compliment")
    return found


def _wrong(field_name: str, words: str) -> DomainError:
    errors = (FieldError(f"/{field_name}", words),)
    return DomainError("incomplete", "Something is missing, or cannot be. Nothing was stored.", Kind.MALFORMED, errors)
