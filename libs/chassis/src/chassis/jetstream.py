"""NATS JetStream: the connection, and streams and consumers as declared here, asserted at every start."""

import asyncio
import ssl
from typing import Any
from urllib.parse import urlsplit

import nats
import structlog
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy, DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

log = structlog.get_logger(__name__)

DUPLICATE_WINDOW = 120.0  # seconds in which the broker itself drops a repeated event id
MAX_AGE = 7 * 24 * 3600.0  # the permanent log is the outbox; the stream is transport
MAX_ACK_PENDING = 5_000
ACK_WAIT = 30.0


def stream_name(service: str) -> str:
    """The stream of a producing service."""
    return f"loop-{service}"


def subjects(service: str) -> str:
    """The subjects of a producing service."""
    return f"loop.{service}.>"


BrokerError = nats.errors.Error

DECLARED = ("subjects", "duplicate_window", "max_age", "num_replicas")
"""What of a stream is looked at, at every start."""


def inbox_prefix(user: str | None) -> str:
    """Where a user's answers come; with rights of its own (`chassis.broker_rights`) nobody else may listen there."""
    return f"_INBOX_{user}" if user else "_INBOX"


def _as_whom(url: str) -> dict[str, str]:
    """User and password of an address, for every server of its cluster: those tell of one another, and not who we are."""
    parts = urlsplit(url)
    return {"user": parts.username, "password": parts.password} if parts.username and parts.password else {}


async def connect_once(url: str, name: str, tls: ssl.SSLContext | None = None) -> Client:
    """Connect, or raise OSError or BrokerError; for commands, which somebody waits for."""

    async def on_error(error: Exception) -> None:
        log.debug("nats.error", reason=repr(error))

    return await nats.connect(
        url,
        name=name,
        tls=tls if url.startswith("tls://") else None,
        inbox_prefix=inbox_prefix(urlsplit(url).username),
        allow_reconnect=False,
        max_reconnect_attempts=1,
        connect_timeout=5,
        error_cb=on_error,
        **_as_whom(url),
    )


def assert_connected(client: Client) -> None:
    """Raise ConnectionError while there is no connection.

    Of a client that has never had one nothing may be asked: it fails, or keeps what it was told for another connection.
    """
    if not client.is_connected:
        msg = "the broker is away"
        raise ConnectionError(msg)


async def connect(url: str, name: str, tls: ssl.SSLContext | None = None, client: Client | None = None) -> Client:
    """Connect, and reconnect for ever; the first connection is tried until it succeeds too.

    `client` is one that was never connected and was handed on already; none: a new one.
    """
    client = client or Client()

    async def on_error(error: Exception) -> None:
        log.warning("nats.error", reason=repr(error))

    async def on_disconnect() -> None:
        log.warning("nats.disconnected")

    async def on_reconnect() -> None:
        log.info("nats.reconnected")

    options: dict[str, Any] = {
        "name": name,
        "tls": tls if url.startswith("tls://") else None,
        "inbox_prefix": inbox_prefix(urlsplit(url).username),
        "max_reconnect_attempts": -1,
        "reconnect_time_wait": 0.5,
        "connect_timeout": 2,
        "ping_interval": 10,
        "max_outstanding_pings": 3,
        "pending_size": 16 * 1024 * 1024,
        "error_cb": on_error,
        "disconnected_cb": on_disconnect,
        "reconnected_cb": on_reconnect,
        **_as_whom(url),
    }
    while True:
        try:
            await client.connect(url, **options)
        except (OSError, nats.errors.Error, TimeoutError) as error:
            log.warning("nats.unreachable", reason=repr(error))
            await asyncio.sleep(0.5)
        else:
            return client


def stream_config(service: str, replicas: int = 1) -> StreamConfig:
    """How a service's stream is kept: on file, by `replicas` nodes, explicit duplicate window, oldest dropped by `MAX_AGE`."""
    return StreamConfig(
        name=stream_name(service),
        subjects=[subjects(service)],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        storage=StorageType.FILE,
        max_age=MAX_AGE,
        max_bytes=2 * 1024**3,
        num_replicas=replicas,
        duplicate_window=DUPLICATE_WINDOW,
        allow_direct=True,
    )


async def ensure_stream(js: JetStreamContext, service: str, *, change: bool = False, replicas: int = 1) -> None:
    """Make the stream of a service as declared; with `change`, bring one that differs in line, which takes an administrator."""
    config = stream_config(service, replicas)
    try:
        info = await js.stream_info(stream_name(service))
    except NotFoundError:
        await js.add_stream(config)
        log.info("stream.created", stream=config.name)
        return
    if differs := [name for name in DECLARED if getattr(info.config, name) != getattr(config, name)]:
        if change:
            await js.update_stream(config)
            log.info("stream.updated", stream=config.name)
        else:
            log.warning("stream.differs", stream=config.name, differs=differs, do="loop broker streams")


async def ensure_consumer(js: JetStreamContext, service: str, durable: str) -> None:
    """Make the durable pull consumer `durable` on a service's stream, or bring an existing one in line."""
    await js.add_consumer(
        stream_name(service),
        ConsumerConfig(
            durable_name=durable,
            ack_policy=AckPolicy.EXPLICIT,
            deliver_policy=DeliverPolicy.ALL,
            ack_wait=ACK_WAIT,
            max_ack_pending=MAX_ACK_PENDING,
        ),
    )
