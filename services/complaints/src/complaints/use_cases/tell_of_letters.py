"""Ask for the mails about letters that did not arrive, each once however often this runs."""

from collections.abc import Awaitable, Callable

from chassis.mail.message import is_address
from chassis.unit_of_work import Transaction
from complaints.adapters.intake_sealing import open_contact
from complaints.adapters.letters import Lost, lost_letters
from complaints.domain.letter_reminders import lost_mail
from complaints.use_cases.ask_for_mails import ask_for_mails
from complaints.use_cases.setup import Setup


def tell_of_letters(setup: Setup, public_url: str) -> Callable[[Transaction], Awaitable[int]]:
    """The round of letters for the daily task; `public_url` is where people reach the installation."""
    base = public_url.rstrip("/")

    async def tell(transaction: Transaction) -> int:
        lost = await lost_letters(transaction, setup.today())
        if not lost:
            return 0
        unit = (await setup.profiles.current(transaction)).profile.complaints.learning.complaints_unit_email
        mails = [
            lost_mail(to, each.reference, each.stage, each.kind, each.sent_on, (each.complaint_id, each.id), base)
            for each in lost
            if (to := _runs(setup, transaction.org, each) or unit)
        ]
        return await ask_for_mails(transaction, setup, mails)

    return tell


def _runs(setup: Setup, org: str, lost: Lost) -> str | None:
    """The address of whoever runs the case, where it is known."""
    found = open_contact(setup.secrets, org, lost.runs).email if lost.runs else ""
    return found if is_address(found) else None
