"""The worker process: `python -m complaints.worker`. Publishes events, serves the event log, sends mails, clears old drafts."""

import asyncio
from functools import partial

from chassis.mail_sender import MailSender
from chassis.repeating import repeat
from chassis.secrets import Secrets
from chassis.worker import Worker, run_worker
from complaints.adapters.drafts import clear_drafts
from complaints.settings import ComplaintsWorkerSettings

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

    run_worker("complaints", settings, build)


if __name__ == "__main__":
    main()
