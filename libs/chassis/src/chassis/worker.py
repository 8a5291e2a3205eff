"""What runs a worker process: engine, broker, background tasks, a small HTTP port, and a clean end on SIGTERM."""

import asyncio
import contextlib
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog
import uvicorn
import uvloop
from nats.aio.client import Client
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from chassis import database, health, jetstream, logs
from chassis.event_log import EventLog
from chassis.housekeeping import Housekeeping
from chassis.identity import TokenVerifier
from chassis.relay import Relay
from chassis.settings import ServiceSettings

log = structlog.get_logger(__name__)

Task = Callable[[asyncio.Event], Coroutine[Any, Any, None]]
"""Runs until the event is set."""


class Worker:
    """A service's worker: its relay and event log, and whatever tasks the service adds."""

    def __init__(self, service: str, settings: ServiceSettings, engine: AsyncEngine, client: Client) -> None:
        self.service = service
        self.settings = settings
        self.engine = engine
        self.client = client
        self.tasks: list[Task] = []
        self.routes: list[BaseRoute] = []
        self.checks: dict[str, health.Check] = {"database": health.database_check(engine), "broker": self._broker}

    async def _broker(self) -> None:
        if not self.client.is_connected:
            msg = "not connected"
            raise ConnectionError(msg)

    def with_relay(self, *, uploads: bool = False) -> "Worker":
        """Publish the service's outbox, serve its event log, and clear away old answers to machines (and old `uploads`)."""
        relay = Relay(self.service, self.engine, self.client)
        verifier = TokenVerifier.from_file(self.service, self.settings.identity_keys)
        self.tasks += [relay.run, Housekeeping(self.engine, uploads=uploads).run]
        self.routes.append(Route("/events", EventLog(self.service, self.engine, verifier).answer))
        return self

    async def run(self, stopping: asyncio.Event) -> None:
        """Run tasks and HTTP until `stopping`, then end within the grace period."""
        app = Starlette(routes=[*health.routes(self.checks), *self.routes])
        running = [asyncio.create_task(task(stopping), name=getattr(task, "__qualname__", "task")) for task in self.tasks]
        server = uvicorn.Server(server_config(app, self.settings.host, self.settings.worker_port))
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


async def _serve(server: uvicorn.Server) -> None:
    # uvicorn would take the signals for itself; this process has one place that handles them.
    server.capture_signals = contextlib.nullcontext  # type: ignore[assignment,method-assign]
    await server.serve()


def server_config(app: Starlette, host: str, port: int) -> uvicorn.Config:
    """Uvicorn as every process here uses it: uvloop, httptools, our logs, no server header."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )


def stop_on_signals(stopping: asyncio.Event) -> None:
    """Set `stopping` on SIGTERM and SIGINT."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)


def run_worker(service: str, settings: ServiceSettings, build: Callable[[Worker], Awaitable[None]]) -> None:
    """The whole life of a worker process; `build` adds what the service needs besides."""

    async def main() -> None:
        logs.configure(f"{service}-worker", settings.log_level, settings.log_format)
        stopping = asyncio.Event()
        stop_on_signals(stopping)
        engine = database.create_engine(settings, f"{service}-worker", statement_seconds=60)
        await database.assert_safe_role(engine, service)
        connecting = asyncio.create_task(jetstream.connect(settings.nats_url.get_secret_value(), f"{service}-worker"))
        await asyncio.wait([connecting, asyncio.create_task(stopping.wait())], return_when=asyncio.FIRST_COMPLETED)
        if stopping.is_set():
            connecting.cancel()
            return
        client = connecting.result()
        try:
            worker = Worker(service, settings, engine, client)
            await build(worker)
            await worker.run(stopping)
        finally:
            with contextlib.suppress(Exception):
                await client.close()
            await engine.dispose()

    uvloop.run(main())
