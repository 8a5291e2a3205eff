"""What runs a worker process: engine, broker, background tasks, a small HTTP port, and a clean end on SIGTERM."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from functools import partial
from typing import Any

import structlog
import uvicorn
import uvloop
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from chassis import database, health, jetstream, logs, tracing
from chassis.consumer import BatchApplier
from chassis.event_log import EventLog, LogClient
from chassis.figures import Figures
from chassis.housekeeping import Housekeeping
from chassis.identity import TokenVerifier
from chassis.inside import client_context, listening
from chassis.log_shipping import ship
from chassis.operating import Operating, looking
from chassis.operating.letters import Letters
from chassis.operating.told import Stream
from chassis.process_figures import watch_database_disk, watch_process
from chassis.relay import Relay
from chassis.secrets import Secrets
from chassis.settings import ServiceSettings, WorkerSettings
from chassis.trail.chaining import Chainer
from chassis.trail.checking import Checker

log = structlog.get_logger(__name__)

LOOK_SECONDS = 1.0
"""How often it is looked whether the broker has closed the connection."""

Task = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Runs until the event is set."""
Connect = Callable[[], Coroutine[Any, Any, object]]


class Worker:
    """A service's worker: its relay and event log, and whatever tasks the service adds."""

    def __init__(
        self, service: str, settings: WorkerSettings, engine: AsyncEngine, client: Client, connect: Connect | None = None
    ) -> None:
        """`connect` connects `client` for the first time, however long it takes; the work does not wait for it."""
        self._connect = connect
        self.service = service
        self.settings = settings
        self.engine = engine
        self.client = client
        self.figures = Figures(service, engine)
        self.tasks: list[Task] = []
        self.routes: list[BaseRoute] = []
        self.checks: dict[str, health.Check] = {"database": health.database_check(engine), "broker": self._broker}
        verifier = TokenVerifier.from_file(service, settings.identity_keys)
        self.operating = Operating(service, "worker", verifier, self.checks)
        self.operating.add("mails", partial(looking.mails, engine))

    async def _broker(self) -> None:
        jetstream.assert_connected(self.client)

    async def _stay_connected(self, stopping: asyncio.Event) -> None:
        """Connect, and raise when the broker has closed the connection for good: a new process opens its own, and this none.

        It does so where it refuses who we are, or that there are so many of us; an end of the network is none.
        """
        if self._connect is not None:
            await _first(self._connect(), stopping)
        while not stopping.is_set():
            if self.client.is_closed and (error := self.client.last_error) is not None:
                msg = f"the broker closed the connection for good: {error!r}"
                raise ConnectionError(msg)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), LOOK_SECONDS)

    def with_relay(self, *, uploads: bool = False, also: Sequence[Callable[[], Awaitable[int]]] = ()) -> "Worker":
        """Publish the service's outbox, serve its event log, join its trail, clear away old answers (`uploads`, and `also`)."""
        if not isinstance(self.settings, ServiceSettings):
            msg = "a service with events has keys"
            raise TypeError(msg)
        relay = Relay(self.service, self.engine, self.client, replicas=self.settings.stream_replicas)
        verifier = TokenVerifier.from_file(self.service, self.settings.identity_keys)
        self.figures.add_events()
        self.operating.add("outbox", partial(looking.outbox, self.engine))
        self.operating.add("streams", self._own_stream)
        self.tasks += [relay.run, Housekeeping(self.engine, uploads=uploads, also=also).run]
        self.routes.append(Route("/events", EventLog(self.service, self.engine, verifier).answer))
        return self.with_trail()

    def with_trail(self) -> "Worker":
        """Join the entries of the service's trail to their chains, and walk along them once a day."""
        if not isinstance(self.settings, ServiceSettings):
            msg = "a service with a trail has keys"
            raise TypeError(msg)
        secrets = Secrets.of(self.settings)
        self.figures.add_trail()
        self.operating.add("trail", partial(looking.trail, self.engine))
        self.operating.add("retention", partial(looking.retention, self.service))
        self.tasks += [Chainer(self.service, self.engine, secrets).run, Checker(self.service, self.engine, secrets).run]
        return self

    def with_consumers(self, appliers: Sequence[BatchApplier], logs: LogClient) -> "Worker":
        """Show how far the consumer is, and what it put aside; the service brings the loops along."""
        self.figures.add_consumer()
        self.operating.add("consumers", looking.Consumers(self.engine, self.client, appliers, logs).tell)
        self.operating.add("dead", partial(looking.dead, self.engine))
        Letters(self.operating, self.engine)
        return self

    async def _own_stream(self) -> list[Stream]:
        return [await looking.stream(self.client, self.service)]

    async def run(self, stopping: asyncio.Event) -> None:
        """Run tasks and HTTP until `stopping`, then end within the grace period."""
        watch_process(self.service, self.settings)
        watch_database_disk(self.service, self.settings.database_folder)
        app = Starlette(routes=[*health.routes(self.checks), *self.operating.routes, *self.routes])
        tasks = [*self.tasks, self.figures.run, self._stay_connected]
        running = [asyncio.create_task(task(stopping), name=getattr(task, "__qualname__", "task")) for task in tasks]
        server = uvicorn.Server(server_config(app, self.settings))
        serving = asyncio.create_task(_serve(server))
        log.info("worker.started", port=self.settings.worker_port)
        await asyncio.wait([asyncio.create_task(stopping.wait()), serving, *running], return_when=asyncio.FIRST_COMPLETED)
        failed = not stopping.is_set()
        stopping.set()
        server.should_exit = True
        _, late = await asyncio.wait([*running, serving], timeout=self.settings.grace_seconds)
        for task in late:
            log.warning("worker.task_cut_off", task=task.get_name())
            task.cancel()
        log.info("worker.stopped")
        if failed:
            for task in [serving, *running]:
                if task.done() and not task.cancelled() and task.exception() is not None:
                    raise task.exception() or RuntimeError
            msg = "a task of the worker ended by itself"
            raise RuntimeError(msg)


async def _first(connecting: Coroutine[Any, Any, object], stopping: asyncio.Event) -> None:
    """Wait until it is done, or until `stopping`; raises what it does."""
    task, end = asyncio.create_task(connecting), asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait([task, end], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
    finally:
        task.cancel()
        end.cancel()


async def _serve(server: uvicorn.Server) -> None:
    # uvicorn would take the signals for itself; this process has one place that handles them.
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
    await server.serve()


def server_config(app: Starlette, settings: WorkerSettings) -> uvicorn.Config:
    """Uvicorn as every process here uses it: uvloop, httptools, our logs, no server header."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.worker_port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
        **listening(settings.inside_certificate, settings.inside_key),
    )


def stop_on_signals(stopping: asyncio.Event) -> None:
    """Set `stopping` on SIGTERM and SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)


def run_worker(service: str, settings: WorkerSettings, build: Callable[[Worker], Awaitable[None]]) -> None:
    """The whole life of a worker process; `build` adds what the service needs besides."""

    async def main() -> None:
        ship(settings, f"{service}-worker")
        logs.configure(f"{service}-worker", settings.log_level, settings.log_format)
        stopping = asyncio.Event()
        stop_on_signals(stopping)
        tracing.start(f"{service}-worker", settings)
        engine = database.create_engine(settings, f"{service}-worker", statement_seconds=60)
        await database.assert_safe_role(engine, service)
        url, tls, client = settings.nats_url.get_secret_value(), client_context(settings.inside_ca), Client()
        connect = partial(jetstream.connect, url, f"{service}-worker", tls, client)
        try:
            # The log is numbered, served and read from the start, and mails go out, whether the broker is there or not.
            worker = Worker(service, settings, engine, client, connect)
            await build(worker)
            await worker.run(stopping)
        finally:
            with contextlib.suppress(Exception):
                await client.close()
            await engine.dispose()

    uvloop.run(main())
