"""Tell people at once: mails asked for in the transaction of what they tell of, each once."""

from collections.abc import Sequence
from typing import Protocol

from audit.adapters.directory import Directory
from audit.domain.notices import Notice, notice_words
from chassis.mail.message import Message
from chassis.mail_queue import enqueue
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction


class Mailing(Protocol):
    """What of a use case's surroundings a mail needs."""

    @property
    def secrets(self) -> Secrets:
        """The installation's keys."""

    @property
    def public_url(self) -> str:
        """Where people reach the installation."""


async def notify(transaction: Transaction, context: Mailing, notices: Sequence[Notice]) -> None:
    """Ask for the mails. Whoever has no address in the directory finds it in their work list."""
    contacts = await Directory(transaction, context.secrets).contacts([notice.to for notice in notices])
    for notice in notices:
        contact = contacts.get(notice.to)
        if contact is not None and contact.email is not None:
            words = notice_words(notice, context.public_url)
            await enqueue(transaction, context.secrets, notice.key, Message(contact.email, words.subject, words.body))
