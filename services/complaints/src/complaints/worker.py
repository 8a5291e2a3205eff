"""The worker process: `python -m complaints.worker`. Publishes events, sends mails, reminds, clears old drafts."""

import asyncio
from functools import partial

from chassis.days import british_today
from chassis.mail_sender import MailSender
from chassis.profile_store import ProfileStore
from chassis.repeating import repeat
from chassis.rounds import Daily, in_transaction
from chassis.secrets import Secrets
from chassis.unit_of_work import UnitOfWork
from chassis.worker import Worker, run_worker
from complaints.adapters.drafts import clear_drafts
from complaints.domain.profile import Profile, check
from complaints.settings import ComplaintsWorkerSettings
from complaints.use_cases.remind_of_clocks import remind_of_clocks
from complaints.use_cases.remind_of_learning import remind_of_learning
from complaints.use_cases.setup import Setup
from complaints.use_cases.tell_of_letters import tell_of_letters

DRAFTS_SECONDS = 3600.0


def main() -> None:
    """Run until SIGTERM."""
    settings = ComplaintsWorkerSettings.load()

    async def build(worker: Worker) -> None:
        worker.with_relay()
        secrets = Secrets.from_file(settings.secret_key_file)
        worker.tasks.append(MailSender.of(worker.service, worker.engine, secrets, settings).run)

        async def drafts(stopping: asyncio.Event) -> None:
            await repeat(partial(clear_drafts, worker.engine), DRAFTS_SECONDS, stopping, put_off="drafts.put_off")

        worker.tasks.append(drafts)
        setup = Setup(ProfileStore(Profile, check), secrets, british_today)
        uow = UnitOfWork(worker.engine)
        rounds = {
            "clocks": in_transaction(uow, remind_of_clocks(setup, settings.public_url)),
            "learning": in_transaction(uow, remind_of_learning(setup, settings.public_url)),
            "letters": in_transaction(uow, tell_of_letters(setup, settings.public_url)),
        }
        worker.tasks.append(Daily(uow, rounds).run)

    run_worker("complaints", settings, build)


if __name__ == "__main__":
    main()
