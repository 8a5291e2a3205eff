"""Who is who in a complaint: looked at (which is logged), added within the rules of conflict, ended."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from chassis.errors import not_found
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_record import Record
from complaints.adapters.complaint_repository import ComplaintRepository
from complaints.adapters.found_by import FoundBy
from complaints.adapters.intake_sealing import PERSON, Contact, Details, open_contact, open_details, seal_contact
from complaints.adapters.opened import Opening, log_opening, openings
from complaints.adapters.people import People, StoredPerson
from complaints.adapters.representations import Representations
from complaints.domain import people as rules
from complaints.domain.people import Assigned, Role
from complaints.domain.profile import Profile
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import may_see


@dataclass(frozen=True)
class NewPerson:
    """Somebody to be given a role. `subject` is the sign-in of a member of staff."""

    role: Role
    contact: Contact
    from_on: date
    subject: str | None = None
    independent: bool = False


@dataclass(frozen=True)
class PersonView:
    """Somebody in a role, opened."""

    stored: StoredPerson
    contact: Contact = field(repr=False)


@dataclass(frozen=True)
class WhoIsWho:
    """The people of a complaint, what was said, and who opened it."""

    profile: Profile
    record: Record
    people: Sequence[PersonView]
    panel: str
    said: Details | None
    representation: UUID | None
    openings: Sequence[Opening]


async def see_people(transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID) -> WhoIsWho:
    """Everybody with contact details, and what was said. That it was opened is logged. Raises `not-found`."""
    record = await _record(transaction, identity, complaint_id)
    await log_opening(transaction, setup.secrets, identity, "complaint", complaint_id)
    stored = await People(transaction).of(complaint_id)
    came = await Representations(transaction).of_complaint(complaint_id)
    org = transaction.org
    return WhoIsWho(
        profile=(await setup.profiles.current(transaction)).profile,
        record=record,
        people=[PersonView(each, open_contact(setup.secrets, org, each.details)) for each in stored],
        panel=rules.panel_words([each.assigned for each in stored], setup.today()),
        said=open_details(setup.secrets, org, came.details) if came else None,
        representation=came.id if came else None,
        openings=await openings(transaction, setup.secrets, "complaint", complaint_id),
    )


async def add_person(transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID, new: NewPerson) -> None:
    """Give somebody a role. Raises `not-found`, and what `people.check_addition` raises."""
    # Held, so that of two who fill one seat at once the second sees the first.
    await ComplaintRepository(transaction).lock(complaint_id)
    record = await _record(transaction, identity, complaint_id)
    known = [each.assigned for each in await People(transaction).of(complaint_id)]
    name_key = _name_key(setup, transaction.org, new.contact)
    keys = frozenset(key for key in (new.subject, name_key) if key)
    rules.check_addition(
        known,
        Assigned(new.role, keys, new.from_on),
        independent=new.independent,
        signs_in=new.subject is not None,
        received_on=record.received_on,
        today=setup.today(),
    )
    await _store(transaction, setup, identity.subject, complaint_id, new)


async def end_person(
    transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID, ident: UUID, until: date
) -> None:
    """End somebody's part; it stays in the record. Raises `not-found`, and what `people.check_ending` raises."""
    await ComplaintRepository(transaction).lock(complaint_id)
    await _record(transaction, identity, complaint_id)
    found = next((each for each in await People(transaction).of(complaint_id) if each.id == ident), None)
    if found is None:
        raise not_found("person")
    rules.check_ending(found.assigned, until, setup.today())
    await People(transaction).end(ident, until, identity.subject)


async def carry_people_over(
    transaction: Transaction, setup: Setup, by: str, representation: UUID, complaint_id: UUID, on: date
) -> None:
    """The people of a representation become those of the complaint that was made of it."""
    for role, sealed in await Representations(transaction).people(representation):
        contact = open_contact(setup.secrets, transaction.org, sealed)
        new = NewPerson(next(each for each in rules.ROLES if each == role), contact, on)
        await _store(transaction, setup, by, complaint_id, new)


async def _store(transaction: Transaction, setup: Setup, by: str, complaint_id: UUID, new: NewPerson) -> None:
    ident = new_id()
    await People(transaction).add(
        {
            "id": ident,
            "complaint_id": complaint_id,
            "role": new.role,
            "subject": new.subject,
            "name_key": _name_key(setup, transaction.org, new.contact),
            "details": seal_contact(setup.secrets, transaction.org, new.contact),
            "independent": new.independent,
            "from_on": new.from_on,
            "by": by,
        }
    )
    await FoundBy(transaction, setup.secrets).key_person(ident, new.contact)


def _name_key(setup: Setup, org: str, contact: Contact) -> str:
    """The hash under which a person is found again; of somebody who gave no name, of how to reach them."""
    name = contact.name or contact.email or contact.phone or contact.address
    return setup.secrets.pseudonym(org, PERSON, " ".join(name.split()).casefold())


async def _record(transaction: Transaction, identity: Identity, complaint_id: UUID) -> Record:
    record = await ComplaintRepository(transaction).by_id(complaint_id)
    if record is None or not may_see(identity, record.service_area):
        raise not_found("complaint")
    return record
