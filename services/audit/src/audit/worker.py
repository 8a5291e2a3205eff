"""The worker process: `python -m audit.worker`. Publishes events, serves the event log, sends mails, circulates, reminds."""

from audit.adapters.profiles import Profiles
from audit.adapters.tools import Tools
from audit.context import Context
from audit.settings import AuditWorkerSettings
from audit.use_cases.retain import retention
from audit.use_cases.run_daily import daily
from chassis.mail_sender import MailSender
from chassis.secrets import Secrets
from chassis.unit_of_work import UnitOfWork
from chassis.worker import Worker, run_worker


def main() -> None:
    """Run until SIGTERM."""
    settings = AuditWorkerSettings.load()

    async def build(worker: Worker) -> None:
        worker.with_relay(uploads=True)
        secrets = Secrets.of(settings)
        worker.tasks.append(MailSender.of(worker.service, worker.engine, secrets, settings).run)
        profiles = Profiles()
        context = Context(profiles, Tools(profiles), secrets, settings.public_url)
        uow = UnitOfWork(worker.engine)
        worker.tasks.append(daily(uow, context).run)
        worker.tasks.append(retention(uow, profiles, secrets).run)

    run_worker("audit", settings, build)


if __name__ == "__main__":
    main()
