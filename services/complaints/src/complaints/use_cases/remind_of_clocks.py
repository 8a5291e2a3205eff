"""Ask for the mails about limits that are due today, each once however often this runs."""

from collections.abc import Awaitable, Callable

from chassis.unit_of_work import Transaction
from complaints.adapters.ombudsman_cases import open_deadlines
from complaints.adapters.running_stages import running_stages
from complaints.domain.clock_reminders import clock_mails, deadline_mails
from complaints.use_cases.ask_for_mails import ask_for_mails
from complaints.use_cases.setup import Setup


def remind_of_clocks(setup: Setup, public_url: str) -> Callable[[Transaction], Awaitable[int]]:
    """The round of clocks for the daily task; `public_url` is where people reach the installation."""
    base = public_url.rstrip("/")

    async def remind(transaction: Transaction) -> int:
        running, wanted = await running_stages(transaction), await open_deadlines(transaction)
        if not running and not wanted:
            return 0
        own = (await setup.profiles.current(transaction)).profile.complaints
        known = (own.clock_reminders, own.learning, setup.today(), setup.calendar(), base)
        mails = [*clock_mails(running, *known), *deadline_mails(wanted, *known)]
        return await ask_for_mails(transaction, setup, mails)

    return remind
