"""Compliments: listed, read (which is logged), recorded with their words, and passed on to those whom they are about."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.compliments import Compliment, Compliments
from complaints.adapters.intake_sealing import DETAILS, open_details, open_text
from complaints.adapters.opened import Opening, log_opening, openings
from complaints.adapters.passed_on import PassedOn
from complaints.adapters.representations import Representations
from complaints.domain.heard import Heard
from complaints.domain.profile import Profile
from complaints.domain.representation import MOST_WORDS
from complaints.use_cases.pass_on import PassOn, passings, send_on, wrong
from complaints.use_cases.receive_compliment import ReceiveCompliment, receive_compliment
from complaints.use_cases.setup import Setup

PAGE = 50


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
        raise wrong("words", f"Make it shorter: {MOST_WORDS} characters fit in here")
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
    return Read(
        profile=(await setup.profiles.current(transaction)).profile,
        compliment=compliment,
        words=words,
        representation=said.representation_id,
        passed_on=await passings(transaction, setup, "compliment", ident),
        openings=await openings(transaction, secrets, "compliment", ident),
    )


async def pass_on(transaction: Transaction, setup: Setup, identity: Identity, ident: UUID, to: PassOn) -> None:
    """Send it to the worker or the manager by mail, once each, and record that.

    Raises `not-found`, `passed-on-already`, and `incomplete` where it can be no mail.
    """
    await _one(transaction, identity, ident)
    await send_on(transaction, setup, identity, "compliment", ident, to)


async def _one(transaction: Transaction, identity: Identity, ident: UUID) -> Compliment:
    found = await Compliments(transaction).one(ident, identity.areas)
    if found is None:
        raise not_found("compliment")
    return found
