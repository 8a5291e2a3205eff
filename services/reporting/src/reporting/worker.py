"""The worker process: `python -m reporting.worker`. Consumes the events of the three producing services."""

import gc
from functools import partial

from pydantic import BaseModel

from chassis.consumer import BatchApplier
from chassis.consumer_loop import ConsumerLoop
from chassis.event_log import LogClient
from chassis.housekeeping import Housekeeping
from chassis.identity import TokenSigner
from chassis.inside import client_context
from chassis.mail_sender import MailSender
from chassis.rounds import Daily, each_organisation, in_transaction
from chassis.secrets import Secrets
from chassis.settings import SettingsError
from chassis.unit_of_work import UnitOfWork
from chassis.worker import Worker, run_worker
from contracts import SERVICES
from reporting.adapters import feed_horizon
from reporting.adapters.profiles import Profiles
from reporting.bootstrap import staff_directory
from reporting.events.projection import ReportingProjection
from reporting.settings import ReportingSettings, ReportingWorkerSettings
from reporting.use_cases.remind_of_plans import PlanReminders
from reporting.use_cases.retain import retention
from reporting.use_cases.turn_feed_days import FeedDays

CONSUMER = "reporting"
SOURCES = tuple(SERVICES)


def models_of(source: str) -> dict[str, type[BaseModel]]:
    """The contracts of a source, by subject."""
    return {event.subject: event for event in SERVICES[source]}


def log_client(settings: ReportingSettings) -> LogClient:
    """Reads the producers' logs as this service. Raises SettingsError where an address or the key is missing."""
    missing = [source for source in SOURCES if source not in settings.event_logs]
    if missing or settings.signing_key is None:
        what = f"LOOP_EVENT_LOGS has no address for {', '.join(missing)}" if missing else "LOOP_SIGNING_KEY is missing"
        raise SettingsError(f"ReportingSettings: the worker cannot read event logs: {what}.")
    signer, tls = TokenSigner.from_file(CONSUMER, settings.signing_key), client_context(settings.inside_ca)
    return LogClient(CONSUMER, settings.event_logs, signer, tls)


def spare_the_collector() -> None:
    """Take what was imported out of the garbage collector's sight.

    Batches make many objects, so full collections are frequent, and each walked every object of every library: a tenth of a
    second and a third of a replay's time.
    """
    gc.collect()
    gc.freeze()


async def build(worker: Worker) -> None:
    """What this worker does: a loop a source, one of which carries out commands for the read model; clearing away; mails."""
    settings = worker.settings
    if not isinstance(settings, ReportingWorkerSettings):  # pragma: no cover - main() hands over ours
        raise TypeError
    spare_the_collector()
    # With no events of its own it has no relay, which brings this along elsewhere.
    worker.with_trail()
    logs = log_client(settings)
    projection = ReportingProjection()
    appliers = [BatchApplier(CONSUMER, source, worker.engine, projection, models_of(source), logs) for source in SOURCES]
    worker.with_consumers(appliers, logs)
    first, *others = appliers
    kept = settings.stream_replicas
    commanded = ConsumerLoop(first, worker.engine, worker.client, commands=True, siblings=others, replicas=kept)
    loops = [commanded, *(ConsumerLoop(each, worker.engine, worker.client, replicas=kept) for each in others)]
    uow = UnitOfWork(worker.engine)
    left = partial(each_organisation, uow, in_transaction(uow, feed_horizon.clear), "housekeeping.organisation_put_off")
    housekeeping = Housekeeping(worker.engine, uploads=True, also=[left])
    worker.tasks += [*(loop.run for loop in loops), housekeeping.run, FeedDays(uow).run]
    secrets = Secrets.of(settings)
    profiles = Profiles()
    worker.tasks.append(retention(uow, profiles, secrets).run)
    reminders = PlanReminders(uow, profiles, secrets, staff_directory(settings), settings.public_url)
    worker.tasks += [Daily(uow, {"plans": reminders}).run, MailSender.of(CONSUMER, worker.engine, secrets, settings).run]


def main() -> None:
    """Run until SIGTERM."""
    run_worker(CONSUMER, ReportingWorkerSettings.load(), build)


if __name__ == "__main__":
    main()
