"""Ask for the mails of a round, each once however often it is asked for."""

from collections.abc import Iterable

from chassis.mail.message import Message
from chassis.mail_queue import enqueue
from chassis.unit_of_work import Transaction
from complaints.domain.learning_reminders import Mail
from complaints.use_cases.setup import Setup


async def ask_for_mails(transaction: Transaction, setup: Setup, mails: Iterable[Mail]) -> int:
    """How many of them had not been asked for before."""
    return sum(
        [await enqueue(transaction, setup.secrets, each.key, Message(each.to, each.subject, each.body)) for each in mails]
    )
