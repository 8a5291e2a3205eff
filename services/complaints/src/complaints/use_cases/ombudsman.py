"""The Ombudsman accepts a case, and later sends the outcome with the number of actions it asks for."""

from dataclasses import asdict, dataclass
from datetime import date
from uuid import UUID

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.retention import known
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_repository import ComplaintRepository
from complaints.adapters.other_records import OtherRecords
from complaints.domain.codes import CodeCheck, within_areas
from complaints.use_cases.content import content_hash
from complaints.use_cases.ombudsman_recount import recount
from complaints.use_cases.receive_compliment import not_in_future, same_or_taken
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import may_see
from contracts.complaints import OmbudsmanCaseAccepted, OmbudsmanOutcomeReceived


@dataclass(frozen=True)
class AcceptOmbudsmanCase:
    """A case as the Ombudsman announced it; `complaint_reference` where the complaint is recorded here."""

    reference: str
    complaint_reference: str | None
    service_area: str
    accepted_on: date


@dataclass(frozen=True)
class ReceiveOmbudsmanOutcome:
    """The Ombudsman's outcome; `remedies` are the codes of what it asks for."""

    case_id: UUID
    outcome_on: date
    outcome: str
    actions: int
    remedies: tuple[str, ...] = ()


async def accept_ombudsman_case(
    transaction: Transaction, setup: Setup, identity: Identity, command: AcceptOmbudsmanCase
) -> tuple[UUID, bool]:
    """Store a case; gives its id, and False when the same one was there.

    Raises `service-area-not-allowed`, `unknown-codes` (also for a complaint that is not recorded), `date-in-the-future`,
    `reference-taken`.
    """
    within_areas(identity.areas, [command.service_area])
    check = CodeCheck((await setup.profiles.current(transaction)).profile, command.accepted_on)
    check.area("/service_area", command.service_area, "complaints")
    complaint_id = None
    if command.complaint_reference is not None:
        complaint = await ComplaintRepository(transaction).by_reference(command.complaint_reference)
        if complaint is None or not may_see(identity, complaint.service_area):
            check.errors.append(FieldError("/complaint_reference", "There is no complaint with this reference."))
        else:
            complaint_id = complaint.id
    check.done()
    not_in_future("/accepted_on", command.accepted_on, setup.today())
    posted = known.posted_as("ombudsman-case", command.reference)
    await known.assert_not_reduced(transaction, setup.secrets, "case", posted)
    case_id = new_id()
    content = content_hash(setup.secrets, transaction.org, asdict(command))
    values = {
        "id": case_id,
        "reference": command.reference,
        "complaint_id": complaint_id,
        "service_area": command.service_area,
        "accepted_on": command.accepted_on,
        "content_hash": content,
        "by": identity.subject,
    }
    other = await OtherRecords(transaction).create_case(values)
    if other is not None:
        return same_or_taken(setup, transaction.org, other, content, "case"), False
    transaction.record(
        OmbudsmanCaseAccepted(
            case_id=case_id, complaint_id=complaint_id, service_area=command.service_area, accepted_on=command.accepted_on
        )
    )
    return case_id, True


async def receive_ombudsman_outcome(
    transaction: Transaction, setup: Setup, identity: Identity, command: ReceiveOmbudsmanOutcome
) -> bool:
    """Store the outcome of a case; gives False when the same one was there.

    Raises `not-found`, `unknown-codes`, `date-in-the-future`, `dates-out-of-order`, `outcome-already-received`.
    """
    records = OtherRecords(transaction)
    case = await records.lock_case(command.case_id)
    if case is None or not may_see(identity, case.service_area):
        raise not_found("Ombudsman case")
    remedies = tuple(sorted(set(command.remedies)))
    told = (command.outcome_on, command.outcome, command.actions)
    if case.outcome_on is not None:
        if (*told, remedies) == (case.outcome_on, case.outcome, case.actions, tuple(case.remedies)):
            return False
        detail = f"The outcome of this case arrived on {case.outcome_on}. Nothing was changed."
        raise DomainError("outcome-already-received", detail)
    profile = (await setup.profiles.current(transaction)).profile
    check = CodeCheck(profile, command.outcome_on)
    check.one_of("/outcome", command.outcome, profile.complaints.ombudsman_outcomes)
    for code in remedies:
        check.one_of("/remedies", code, profile.complaints.ombudsman_remedies)
    check.done()
    not_in_future("/outcome_on", command.outcome_on, setup.today())
    if command.outcome_on < case.accepted_on:
        errors = (FieldError("/outcome_on", f"expected {case.accepted_on} or later, the day the case was accepted"),)
        raise DomainError("dates-out-of-order", "The dates contradict one another.", Kind.MALFORMED, errors)
    await records.save_outcome(command.case_id, *told, remedies)
    transaction.record(
        OmbudsmanOutcomeReceived(
            case_id=command.case_id, outcome_on=command.outcome_on, outcome=command.outcome, actions=command.actions
        )
    )
    await recount(transaction, command.case_id)
    return True
