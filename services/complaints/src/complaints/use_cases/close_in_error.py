"""The complaint that was made of what came in is closed as made in error, because that decision is taken back."""

from uuid import UUID

from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from complaints.adapters import point_links
from complaints.adapters.complaint_repository import NewChange
from complaints.domain import made_in_error
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Target, take_step
from contracts.complaints import ComplaintVoided


async def close_in_error(
    transaction: Transaction, setup: Setup, identity: Identity, complaint_id: UUID, came: str, reason: str
) -> None:
    """Close a complaint that was made of `came`. Raises what `take_step` and `made_in_error.close` raise."""
    today = setup.today()
    change = NewChange("in-error", 1, today, identity.subject, setup.seal_reason(transaction.org, reason), came)
    taken = await take_step(
        transaction,
        setup,
        identity,
        Target(complaint_id, 1),
        change,
        lambda case, _, today: made_in_error.close(case, today, today=today),
    )
    named = [link for link in await point_links.duplicates_of(transaction, complaint_id) if link.complaint_id != complaint_id]
    if taken.record.ombudsman or named:
        what = f"complaint {named[0].complaint} is recorded as the same" if named else "the Ombudsman has a case of it"
        raise DomainError("record-went-on", f"The complaint went on: {what}. Take that back first. Nothing was changed.")
    transaction.record(ComplaintVoided(complaint_id=complaint_id, decided_on=today))
