"""The worker process: `python -m feedback.worker`. Publishes events, serves the event log, sends mails, watches worries."""

from chassis.mail_sender import MailSender
from chassis.secrets import Secrets
from chassis.unit_of_work import UnitOfWork
from chassis.worker import Worker, run_worker
from feedback.adapters.profiles import Profiles
from feedback.context import Context
from feedback.settings import FeedbackWorkerSettings
from feedback.use_cases.watch_worries import Watch


def main() -> None:
    """Run until SIGTERM."""
    settings = FeedbackWorkerSettings.load()

    async def build(worker: Worker) -> None:
        worker.with_relay(uploads=True)
        secrets = Secrets.from_file(settings.secret_key_file)
        worker.tasks.append(MailSender.of(worker.service, worker.engine, secrets, settings).run)
        context = Context(secrets, Profiles(), settings.public_url.rstrip("/"))
        worker.tasks.append(Watch(UnitOfWork(worker.engine), context).run)

    run_worker("feedback", settings, build)


if __name__ == "__main__":
    main()
