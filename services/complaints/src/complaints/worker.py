"""The worker process: `python -m complaints.worker`. Publishes events, sends mails, reminds, clears old drafts."""

import asyncio
from functools import partial

from chassis.attachments.scanning import FileScanning
from chassis.attachments.store import FileStore
from chassis.days import british_today
from chassis.figures import by_organisation
from chassis.mail_sender import MailSender
from chassis.profile_store import ProfileStore
from chassis.repeating import repeat
from chassis.rounds import Daily, in_transaction
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction, UnitOfWork
from chassis.worker import Worker, run_worker
from complaints.adapters.clock_figures import OVERDUE, overdue
from complaints.adapters.drafts import clear_drafts
from complaints.domain.profile import Profile
from complaints.settings import ComplaintsWorkerSettings
from complaints.use_cases.find_complaints import key_earlier_people
from complaints.use_cases.remind_of_clocks import remind_of_clocks
from complaints.use_cases.remind_of_learning import remind_of_learning
from complaints.use_cases.retain import check_all, retention
from complaints.use_cases.say_what_is_due import mail_what_is_due
from complaints.use_cases.setup import Setup
from complaints.use_cases.tell_of_letters import tell_of_letters

DRAFTS_SECONDS = 3600.0


def main() -> None:
    """Run until SIGTERM."""
    settings = ComplaintsWorkerSettings.load()

    async def build(worker: Worker) -> None:
        worker.with_relay(uploads=True)
        secrets = Secrets.of(settings)
        worker.tasks.append(MailSender.of(worker.service, worker.engine, secrets, settings).run)

        scanner = settings.scanner
        store = FileStore(secrets, scanner=scanner is not None)
        worker.tasks.append(FileScanning(worker.service, worker.engine, store, scanner).run)

        async def drafts(stopping: asyncio.Event) -> None:
            await repeat(partial(clear_drafts, worker.engine), DRAFTS_SECONDS, stopping, put_off="drafts.put_off")

        worker.tasks.append(drafts)
        setup = Setup(ProfileStore(Profile, check_all), secrets, british_today)
        uow = UnitOfWork(worker.engine)
        worker.figures.add("clocks", by_organisation(uow, overdue(setup.today), [OVERDUE]))
        rounds = {
            "due": in_transaction(uow, mail_what_is_due(setup, settings.public_url)),
            "clocks": in_transaction(uow, remind_of_clocks(setup, settings.public_url)),
            "found-by": in_transaction(uow, partial(_key_earlier, setup)),
            "learning": in_transaction(uow, remind_of_learning(setup, settings.public_url)),
            "letters": in_transaction(uow, tell_of_letters(setup, settings.public_url)),
        }
        worker.tasks.append(Daily(uow, rounds).run)
        worker.tasks.append(retention(uow, setup).run)

    run_worker("complaints", settings, build)


async def _key_earlier(setup: Setup, transaction: Transaction) -> int:
    """Let be found who was stored before there were keys. No mail comes of it."""
    await key_earlier_people(transaction, setup)
    return 0


if __name__ == "__main__":
    main()
