"""What is to be done by which day: for a page, and for the mail of every morning."""

from collections.abc import Awaitable, Callable

from chassis.unit_of_work import Transaction
from complaints.adapters.agenda import asked_for, waiting_intake
from complaints.adapters.ombudsman_cases import open_deadlines
from complaints.adapters.running_stages import running_stages
from complaints.domain.agenda import Agenda, agenda, morning_mail
from complaints.use_cases.ask_for_mails import ask_for_mails
from complaints.use_cases.setup import Setup, within_calendar


async def what_is_due(transaction: Transaction, setup: Setup, areas: frozenset[str] = frozenset()) -> Agenda:
    """Everything that is due by the end of next week, of some service areas (none: of all)."""
    running = [each for each in await running_stages(transaction) if not areas or each.service_area in areas]
    wanted = [each for each in await open_deadlines(transaction) if not areas or each.service_area in areas]
    asked, waiting = await asked_for(transaction, areas), await waiting_intake(transaction, areas)
    with within_calendar():
        return agenda(running, wanted, asked, waiting, setup.today(), setup.calendar())


def mail_what_is_due(setup: Setup, public_url: str) -> Callable[[Transaction], Awaitable[int]]:
    """The round of mornings for the daily task; `public_url` is where people reach the installation."""
    base = public_url.rstrip("/")

    async def mail(transaction: Transaction) -> int:
        found = await what_is_due(transaction, setup)
        own = (await setup.profiles.current(transaction)).profile.complaints
        if not found or not own.clock_reminders.morning:
            return 0
        mails = morning_mail(found, own.learning.complaints_unit_email, setup.calendar(), base)
        return await ask_for_mails(transaction, setup, mails)

    return mail
