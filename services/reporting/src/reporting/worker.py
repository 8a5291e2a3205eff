"""The worker process: `python -m reporting.worker`. Consumes the events of the three producing services."""

import gc

from pydantic import BaseModel

from chassis.consumer import BatchApplier
from chassis.consumer_loop import ConsumerLoop
from chassis.event_log import LogClient
from chassis.housekeeping import Housekeeping
from chassis.identity import TokenSigner
from chassis.settings import SettingsError
from chassis.worker import Worker, run_worker
from contracts import SERVICES
from reporting.events.projection import ReportingProjection
from reporting.settings import ReportingSettings

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
    return LogClient(CONSUMER, settings.event_logs, TokenSigner.from_file(CONSUMER, settings.signing_key))


def spare_the_collector() -> None:
    """Take what was imported out of the garbage collector's sight.

    Batches make many objects, so full collections are frequent, and each walked every object of every library: a tenth of a
    second and a third of a replay's time.
    """
    gc.collect()
    gc.freeze()


async def build(worker: Worker) -> None:
    """What this worker does: a loop a source, one of which carries out commands for the whole read model; and clearing away."""
    if not isinstance(worker.settings, ReportingSettings):  # pragma: no cover - main() hands over ours
        raise TypeError
    spare_the_collector()
    logs = log_client(worker.settings)
    projection = ReportingProjection()
    first, *others = (BatchApplier(CONSUMER, source, worker.engine, projection, models_of(source), logs) for source in SOURCES)
    commanded = ConsumerLoop(first, worker.engine, worker.client, commands=True, siblings=others)
    loops = [commanded, *(ConsumerLoop(each, worker.engine, worker.client) for each in others)]
    worker.tasks += [*(loop.run for loop in loops), Housekeeping(worker.engine, uploads=True).run]


def main() -> None:
    """Run until SIGTERM."""
    run_worker(CONSUMER, ReportingSettings.load(), build)


if __name__ == "__main__":
    main()
