"""Find what somebody asks about: "where is my complaint?", answered while they are on the telephone."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_list import ComplaintList
from complaints.adapters.found_by import Came, FoundBy
from complaints.domain.finding import Asked, asked_in
from complaints.domain.profile import Profile
from complaints.use_cases.read_complaints import ItemView, item_views
from complaints.use_cases.setup import Setup


@dataclass(frozen=True)
class Found:
    """Complaints with their clocks, and what came in and is none (yet). `exact` has the reference that was asked for."""

    profile: Profile
    asked: Asked
    complaints: Sequence[ItemView]
    came: Sequence[Came]
    exact: UUID | None

    def __len__(self) -> int:
        return len(self.complaints) + len(self.came)


async def find_complaints(transaction: Transaction, setup: Setup, identity: Identity, typed: str, *, officer: bool) -> Found:
    """What can be meant, of the caller's service areas, newest first.

    Names, and what came in, only for an officer: a senior reader sees neither.
    """
    asked = asked_in(typed)
    found_by = FoundBy(transaction, setup.secrets)
    complaints: set[UUID] = set()
    came: set[UUID] = set()
    if asked.reference is not None:
        complaints |= await found_by.ending_in("complaint", asked.reference)
        complaints |= await found_by.ending_in("ombudsman_case", asked.reference)
        came |= await found_by.ending_in("representation", asked.reference)
    if asked.day is not None:
        complaints |= await found_by.received_on("complaint", asked.day)
        came |= await found_by.received_on("representation", asked.day)
    if asked.person and officer:
        complaints |= await found_by.complaints_of(asked.person)
        came |= await found_by.representations_of(asked.person)
    senders = await found_by.came(came, identity.areas)
    complaints |= {each.complaint_id for each in senders if each.complaint_id is not None and each.outcome != "duplicate"}
    items = await ComplaintList(transaction).of_ids(complaints, setup.today(), identity.areas)
    # Whoever complained knows the reference of the receipt, not that of the complaint which was made of it.
    receipts = {each.complaint_id: each.reference.upper() for each in senders if each.outcome != "duplicate"}
    shown = [each for each in senders if officer and (each.complaint_id is None or each.outcome == "duplicate")]
    wanted = asked.reference or "-"  # which no reference is
    exact = [each.id for each in items if wanted in {each.reference.upper(), receipts.get(each.id)}]
    profile = (await setup.profiles.current(transaction)).profile
    return Found(profile, asked, item_views(items, setup.today()), shown, exact[0] if len(exact) == 1 else None)


async def key_earlier_people(transaction: Transaction, setup: Setup) -> int:
    """Let be found who was stored before there were keys; the worker's, until nobody is left. Answers how many."""
    return await FoundBy(transaction, setup.secrets).key_earlier()
