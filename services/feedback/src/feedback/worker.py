"""The worker process: `python -m feedback.worker`. Publishes events, sends mails and messages, watches worries."""

from pathlib import Path

from chassis.figures import by_organisation
from chassis.mail_sender import MailSender
from chassis.pages.strings import Strings
from chassis.secrets import Secrets
from chassis.unit_of_work import UnitOfWork
from chassis.worker import Worker, run_worker
from feedback.adapters import worry_figures
from feedback.adapters.carriers import carriers_of
from feedback.adapters.profiles import Profiles
from feedback.context import Context
from feedback.settings import FeedbackWorkerSettings
from feedback.use_cases.clear_left import clearing
from feedback.use_cases.erase_stars import Expiry
from feedback.use_cases.retain import retention
from feedback.use_cases.send_messages import Sending
from feedback.use_cases.watch_contacts import Contacts
from feedback.use_cases.watch_worries import Watch


def main() -> None:
    """Run until SIGTERM."""
    settings = FeedbackWorkerSettings.load()

    async def build(worker: Worker) -> None:
        uow = UnitOfWork(worker.engine)
        worker.with_relay(uploads=True, also=clearing(uow))
        worker.figures.add("worries", by_organisation(uow, worry_figures.waiting, worry_figures.GAUGES))
        secrets = Secrets.of(settings)
        worker.tasks.append(MailSender.of(worker.service, worker.engine, secrets, settings).run)
        context = Context(secrets, Profiles(), settings.public_url.rstrip("/"))
        worker.tasks.append(Watch(uow, context).run)
        worker.tasks.append(Contacts(uow, context).run)
        worker.tasks.append(Expiry(uow, context).run)
        worker.tasks.append(retention(uow, context).run)
        strings = Strings(Path(__file__).parent / "pages" / "words")
        worker.tasks.append(Sending(uow, context, carriers_of(settings), strings).run)

    run_worker("feedback", settings, build)


if __name__ == "__main__":
    main()
