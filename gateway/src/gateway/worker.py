"""The worker process: `python -m gateway.worker`. Sends the services' events to systems that asked."""

import asyncio
import gc
from collections.abc import Sequence
from functools import partial
from ipaddress import ip_network

import structlog
from pydantic import BaseModel

from chassis.consumer import BatchApplier
from chassis.consumer_loop import ConsumerLoop
from chassis.copies import Looking
from chassis.event_log import LogClient
from chassis.identity import TokenSigner
from chassis.inside import client_context
from chassis.mail_sender import MailSender
from chassis.worker import Worker, run_worker
from contracts import SERVICES
from gateway.access.leftovers import Leftovers
from gateway.access.names_over import NamesOver
from gateway.access.trail_over import TrailOver
from gateway.adapters.webhook_sealing import WebhookSealing
from gateway.delivery.clearing import Clearing
from gateway.delivery.deliverer import Deliverer, Pace
from gateway.delivery.keeping import Keeping
from gateway.delivery.outside import Outside
from gateway.delivery.telling import Telling
from gateway.worker_settings import GatewayWorkerSettings

log = structlog.get_logger(__name__)

CONSUMER = "gateway"
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))


def models_of(source: str) -> dict[str, type[BaseModel]]:
    """The contracts of a source, by subject."""
    return {event.subject: event for event in SERVICES[source]}


async def _redrive(appliers: Sequence[BatchApplier], stopping: asyncio.Event) -> None:
    """Try again, once after each start, what could not be applied: kinds of event that an older release did not know."""
    for each in appliers:
        try:
            applied, dead = await each.redrive()
        except Exception as error:  # noqa: BLE001 - it is tried again at the next start
            log.warning("webhook.redrive_put_off", source=each.source, reason=type(error).__name__)
        else:
            log.info("webhook.redriven", source=each.source, applied=applied, dead=dead)
    await stopping.wait()


async def build(worker: Worker) -> None:
    """A loop for each service, the deliverer, and clearing away; without a key for webhooks it only answers for its health."""
    settings = worker.settings
    if not isinstance(settings, GatewayWorkerSettings):  # pragma: no cover - main() hands over ours
        raise TypeError
    gc.collect()
    gc.freeze()
    # One worker tells of what is the database's as a whole.
    worker.figures.add("copies", Looking(worker.engine))
    worker.tasks.append(Leftovers(worker.engine).run)
    worker.tasks.append(TrailOver(worker.engine).run)
    if settings.access_keep_months is not None:
        worker.tasks.append(NamesOver(worker.engine, settings.access_keep_months).run)
    sealing = WebhookSealing.of(settings)
    if sealing is None:
        log.warning("webhook.off", reason="neither LOOP_KEY_RING_FILE nor LOOP_WEBHOOK_KEY_FILE is set")
        return
    signer, tls = TokenSigner.from_file(CONSUMER, settings.signing_key), client_context(settings.inside_ca)
    logs = LogClient(CONSUMER, settings.event_logs, signer, tls)
    keeping = Keeping()
    appliers = [BatchApplier(CONSUMER, source, worker.engine, keeping, models_of(source), logs) for source in SERVICES]
    worker.with_consumers(appliers, logs)
    first, *others = appliers
    loops = [
        ConsumerLoop(first, worker.engine, worker.client, commands=True, siblings=others, replicas=settings.stream_replicas),
        *(ConsumerLoop(each, worker.engine, worker.client, replicas=settings.stream_replicas) for each in others),
    ]
    allowed = (*(ip_network(str(each)) for each in settings.webhook_networks), *(LOOPBACK if settings.webhook_loopback else ()))
    outside = Outside(allowed, places=settings.webhook_places, seconds=settings.webhook_timeout, hosts=settings.webhook_hosts)
    pace = Pace(places=settings.webhook_places, each=settings.webhook_each)
    telling = Telling(sealing, settings.public_url, settings.webhook_contact)
    deliverer = Deliverer(worker.engine, sealing, outside, telling, pace)
    mails = MailSender.of(CONSUMER, worker.engine, sealing.secrets, settings)
    clearing = Clearing(worker.engine, CONSUMER)
    worker.tasks += [*(loop.run for loop in loops), deliverer.run, clearing.run, mails.run]
    worker.tasks.append(partial(_redrive, appliers))


def main() -> None:
    """Run until SIGTERM."""
    run_worker("gateway", GatewayWorkerSettings.load(), build)


if __name__ == "__main__":
    main()
