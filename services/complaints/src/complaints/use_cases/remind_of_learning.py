"""Ask for the mails about actions that are due today, each once however often this runs."""

from collections.abc import Awaitable, Callable

from chassis.unit_of_work import Transaction
from complaints.adapters.waiting_learning import waiting
from complaints.domain.learning_reminders import mails_due
from complaints.use_cases.ask_for_mails import ask_for_mails
from complaints.use_cases.setup import Setup


def remind_of_learning(setup: Setup, public_url: str) -> Callable[[Transaction], Awaitable[int]]:
    """The round of learning for the daily task; `public_url` is where people reach the installation."""
    base = public_url.rstrip("/")

    async def remind(transaction: Transaction) -> int:
        open_ = await waiting(transaction, setup.secrets)
        if not open_:
            return 0
        learning = (await setup.profiles.current(transaction)).profile.complaints.learning
        mails = mails_due(open_, learning, setup.today(), setup.calendar(), base)
        return await ask_for_mails(transaction, setup, mails)

    return remind
