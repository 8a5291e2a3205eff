"""Look at what came in: the queue without a word of it, and one with its words, which is logged."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from chassis.calendar import OutsideCalendarError
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.attachments import count_files
from complaints.adapters.intake_sealing import REASON, STAFF, Contact, Details, open_contact, open_details, open_text
from complaints.adapters.opened import Opening, log_opening, openings
from complaints.adapters.representations import Entry, Representations, Stored
from complaints.domain.form_rush import in_a_rush
from complaints.domain.profile import Profile
from complaints.domain.representation import Outcome
from complaints.use_cases.setup import Setup

DECIDED_SHOWN = 50


@dataclass(frozen=True)
class Line:
    """One in the queue, with its age in working days (None outside the calendar). `rush`: very many came at that time."""

    stored: Stored
    age: int | None
    rush: bool = False


@dataclass(frozen=True)
class Queue:
    """What waits, the oldest first, and what was decided, the last received first."""

    profile: Profile
    waiting: Sequence[Line]
    decided: Sequence[Stored]
    more: tuple[date, UUID] | None


@dataclass(frozen=True)
class HistoryLine:
    """A step with the words and the name opened."""

    entry: Entry
    words: str = field(repr=False)
    by: str = field(repr=False)
    at: datetime | None = None


@dataclass(frozen=True)
class Seen:
    """A representation with all that an officer may see."""

    profile: Profile
    stored: Stored
    age: int | None
    details: Details
    people: Sequence[tuple[str, Contact]]
    history: Sequence[HistoryLine]
    openings: Sequence[Opening]
    other: str | None
    files: int


async def queue_of(
    transaction: Transaction,
    setup: Setup,
    identity: Identity,
    outcome: Outcome | None = None,
    before: tuple[date, UUID] | None = None,
) -> Queue:
    """The queue of the caller's service areas, what names no area being everybody's, and a page of what was decided."""
    repository = Representations(transaction)
    profile = (await setup.profiles.current(transaction)).profile
    stored = await repository.waiting(identity.areas)
    rush = in_a_rush([each.recorded_at for each in stored if each.came_by == "public-form"])
    waiting = [
        Line(each, _age(setup, each.now.received_on), each.came_by == "public-form" and each.recorded_at in rush)
        for each in stored
    ]
    decided = await repository.decided(identity.areas, DECIDED_SHOWN + 1, outcome, before)
    last = decided[DECIDED_SHOWN - 1] if len(decided) > DECIDED_SHOWN else None
    return Queue(profile, waiting, decided[:DECIDED_SHOWN], (last.now.received_on, last.id) if last else None)


async def find_representation(transaction: Transaction, identity: Identity, reference: str) -> UUID | None:
    """The one with this reference, as somebody says it: capitals and spaces make no difference."""
    plain = "".join(reference.split()).upper()
    found = await Representations(transaction).by_reference(plain, identity.areas)
    return None if found is None else found.id


async def see_representation(transaction: Transaction, setup: Setup, identity: Identity, ident: UUID) -> Seen:
    """One with its words and people. That it was opened is logged. Raises `not-found`."""
    repository = Representations(transaction)
    stored = await repository.one(ident, identity.areas)
    if stored is None:
        raise not_found("representation")
    await log_opening(transaction, setup.secrets, identity, "representation", ident)
    org, secrets = transaction.org, setup.secrets
    history = [_line(setup, org, each) for each in await repository.changes(ident)]
    other = stored.became.duplicate_of and await repository.one(stored.became.duplicate_of, identity.areas)
    return Seen(
        profile=(await setup.profiles.current(transaction)).profile,
        stored=stored,
        age=_age(setup, stored.now.received_on),
        details=open_details(secrets, org, stored.details),
        people=[(role, open_contact(secrets, org, sealed)) for role, sealed in await repository.people(ident)],
        history=history,
        openings=await openings(transaction, secrets, "representation", ident),
        other=other.reference if other else None,
        files=await count_files(transaction, ident),
    )


def _line(setup: Setup, org: str, entry: Entry) -> HistoryLine:
    by = open_text(setup.secrets, org, STAFF, entry.by_name) or entry.by_subject
    return HistoryLine(entry, open_text(setup.secrets, org, REASON, entry.words), by, entry.at)


def _age(setup: Setup, received_on: date) -> int | None:
    try:
        return setup.calendar().count(received_on, setup.today())
    except OutsideCalendarError:
        return None
