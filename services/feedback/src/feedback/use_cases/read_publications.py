"""Who published what of a questionnaire, and when."""

from collections.abc import Sequence

from chassis.unit_of_work import Transaction
from feedback.adapters import copies
from feedback.adapters.copies import Publication
from feedback.context import Context


async def read_publications(transaction: Transaction, context: Context, code: str) -> Sequence[Publication]:
    """What was published of a questionnaire, newest first."""
    return await copies.publications(transaction, context.secrets, code)
