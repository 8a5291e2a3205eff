"""Tell of an Ombudsman case as it stands as a whole: its deadlines, what was done when, and its outcome with its remedies."""

from uuid import UUID

from chassis.unit_of_work import Transaction
from complaints.adapters.other_records import OtherRecords
from contracts.complaints import OmbudsmanCaseRecounted


async def recount(transaction: Transaction, case_id: UUID) -> None:
    """Raise the version of a case that changed and tell it; two changes at once follow one another."""
    case, deadlines = await OtherRecords(transaction).recounted(case_id)
    transaction.record(OmbudsmanCaseRecounted.model_validate({**case, "deadlines": deadlines}))
