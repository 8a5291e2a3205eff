"""Who edits which questionnaire, and who published what of it, and when."""

from collections.abc import Sequence

from chassis.unit_of_work import Transaction
from feedback.adapters import copies
from feedback.adapters.copies import Copy, Publication
from feedback.context import Context


async def being_edited(transaction: Transaction, context: Context) -> Sequence[Copy]:
    """Every working copy, by code."""
    return await copies.every(transaction, context.secrets)


async def read_publications(transaction: Transaction, context: Context, code: str) -> Sequence[Publication]:
    """What was published of a questionnaire, newest first."""
    return await copies.publications(transaction, context.secrets, code)
