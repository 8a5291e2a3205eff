"""The users of NATS, one for each service, and the streams that only an administrator changes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chassis import jetstream
from chassis.broker_rights import ADMIN, rights_of, rights_of_admin
from chassis.inside import client_context
from loop_cli.stack.services import CONNECTED, PRODUCERS, READERS

PATIENCE = 30.0


def password_name(service: str) -> str:
    """The name under which a service's password for NATS is kept."""
    return f"nats-{service}"


def users(passwords: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every user with its rights; passwords by `password_name`, that of the administrator is `nats`."""
    found = [{"user": ADMIN, "password": passwords.get("nats", ""), "permissions": rights_of_admin()}]
    for service in CONNECTED:
        rights = rights_of(service, produces=service in PRODUCERS, reads=READERS.get(service, ()))
        found.append({"user": service, "password": passwords.get(password_name(service), ""), "permissions": rights})
    return found


async def set_up_streams(url: str, ca: Path | None = None, replicas: int = 1) -> list[str]:
    """Make or change the streams of all producers, as the administrator. Gives their names; raises OSError, BrokerError."""
    client = await jetstream.connect_once(url, "loop-broker", client_context(ca))
    try:
        js = client.jetstream(timeout=PATIENCE)
        for service in PRODUCERS:
            await jetstream.ensure_stream(js, service, change=True, replicas=replicas)
    finally:
        await client.close()
    return [jetstream.stream_name(service) for service in PRODUCERS]
