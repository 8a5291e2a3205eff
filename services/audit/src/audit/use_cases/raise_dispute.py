"""An independent reviewing officer or a child protection chair raises a concern: the first stage begins at once."""

from dataclasses import asdict, dataclass, field, replace
from datetime import date

from audit.adapters.disputes import CASE, DisputeRepository, Record
from audit.domain import dispute_steps
from audit.domain.dispute import Dispute
from audit.domain.dispute_access import Viewer
from audit.domain.dispute_place import check_place, within_areas
from audit.domain.dispute_profile import Disputes, required_disputes
from audit.domain.dispute_steps import Addressee, one_of
from audit.events.disputes import events_of
from audit.use_cases.content_hash import content_hash, reference_taken
from audit.use_cases.dispute_setup import DisputeSetup, known_person
from audit.use_cases.take_dispute_step import Taken, assert_not_own, tell
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.retention import known
from chassis.unit_of_work import Transaction


@dataclass(frozen=True)
class RaiseDispute:
    """A concern as it is raised.

    `raised_by` is the role of who raises it, `raised_person` who that is where somebody else records it; `person` and `role`
    say who must answer, else the managers of the team. `reference` is the number that a sending system has for it.
    """

    raised_on: date
    raised_by: str
    category: str
    service_area: str
    team: str | None
    case_number: str = field(repr=False)
    concern: str = field(repr=False)
    informal_on: date | None = None
    informal: str = field(default="", repr=False)
    person: str | None = None
    role: str = field(default="", repr=False)
    raised_person: str | None = None
    reference: str | None = None


async def raise_dispute(transaction: Transaction, setup: DisputeSetup, identity: Identity, command: RaiseDispute) -> Taken:
    """Store a dispute, tell the world; the same one of a system again is not stored twice.

    Raises `service-area-not-allowed`, `no-dispute-process`, `unknown-codes`, `unknown-person`, `nobody-to-answer`,
    `answers-own-concern`, `reference-taken`, and on days that cannot be.
    """
    within_areas(identity.areas, command.service_area)
    viewer = await setup.viewer(transaction, identity)
    profile = await setup.profile(transaction)
    rules = required_disputes(profile.audit.disputes)
    repository = DisputeRepository(transaction, setup.secrets)
    hashed = content_hash(setup.content_key(transaction.org), asdict(command))
    if command.reference is not None:
        posted = known.posted_as("dispute", identity.subject, command.reference)
        await known.assert_not_reduced(transaction, setup.secrets, "dispute", posted)
        before = await repository.by_source(identity.subject, command.reference)
        if before is not None:
            if before.content_hash != hashed:
                raise reference_taken("dispute", before.reference)
            return Taken(before, changed=False)
    check_place(profile, command.service_area, command.team, command.raised_on)
    raiser = await _raiser(transaction, setup, viewer, command)
    dispute = dispute_steps.begin(
        _dispute(command, rules),
        rules,
        Addressee(command.person, command.role),
        calendar=setup.calendar(),
        today=setup.today(),
    )
    number = await repository.histories.next_number(rules.prefix, command.raised_on.year)
    record = Record(new_id(), number, identity.subject, command.reference, hashed, raiser, 1, None, dispute)
    await repository.create(record, identity.subject)
    key = setup.secrets.pseudonym(transaction.org, CASE, dispute.case_number)
    for event in events_of(record.id, None, dispute, key):
        transaction.record(event)
    await tell(transaction, setup, record)
    return Taken(record, changed=True)


async def _raiser(transaction: Transaction, setup: DisputeSetup, viewer: Viewer, command: RaiseDispute) -> str | None:
    """Code of who raises it: a manager always in their own name. Sees that nobody answers their own concern."""
    directory = setup.directory(transaction)
    named = command.raised_person if viewer.standing == "everything" else None
    raiser = await known_person(directory, named, "/raised_person") or viewer.person
    to = await known_person(directory, command.person, "/person")
    assert_not_own(raiser.code if raiser is not None else None, to.code if to is not None else None)
    return raiser.code if raiser is not None else None


def _dispute(command: RaiseDispute, rules: Disputes) -> Dispute:
    one_of("/raised_by", command.raised_by, [role.code for role in rules.raised_by])
    one_of("/category", command.category, [category.code for category in rules.categories])
    names = ("raised_on", "raised_by", "category", "service_area", "team", "case_number", "concern", "informal_on", "informal")
    return replace(Dispute(**{name: getattr(command, name) for name in names}, stages=()))
