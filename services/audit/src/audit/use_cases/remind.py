"""Remind people of what is due and of what is late: mails, each once, however often this runs."""

from collections.abc import Iterable

from audit.adapters.deadline_reader import DeadlineReader
from audit.adapters.directory import Directory
from audit.context import Context
from audit.domain.mail_words import Words, late_words, reminder_words
from audit.domain.reminders import Late, reminders_due
from chassis.calendar import WorkingDays
from chassis.mail.message import Message
from chassis.mail_queue import enqueue
from chassis.unit_of_work import Transaction

WORK = "/audit/"


async def remind(transaction: Transaction, context: Context) -> int:
    """Ask for every mail of an organisation that applies today and was not asked for before; answers how many there were."""
    reader, today, calendar = DeadlineReader(transaction.connection), context.today, WorkingDays.load()
    if not calendar.is_working_day(today):
        return 0
    base = context.public_url.rstrip("/")
    pages = dict(await reader.open(context.now()))
    mails = [
        (reminder.deadline.person, reminder.key, reminder_words(reminder, today, f"{base}{pages[reminder.deadline]}"))
        for reminder in reminders_due(pages, today, calendar)
    ]
    late = Late.of(pages, today)
    if late.is_news(today, calendar):
        words = late_words(late, today, f"{base}{WORK}")
        mails += [(officer, f"late:{today}:{officer}", words) for officer in await reader.officers()]
    return await _ask(transaction, context, mails)


async def _ask(transaction: Transaction, context: Context, mails: Iterable[tuple[str, str, Words]]) -> int:
    """Whoever has no address in the directory finds it in their work list."""
    mails = list(mails)
    contacts = await Directory(transaction, context.secrets).contacts({person for person, _, _ in mails})
    asked = 0
    for person, key, words in mails:
        contact = contacts.get(person)
        if contact is not None and contact.email is not None:
            asked += await enqueue(transaction, context.secrets, key, Message(contact.email, words.subject, words.body))
    return asked
