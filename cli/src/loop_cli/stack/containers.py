"""The processes in containers: with which environment each starts, and which files with secrets it finds in `/run/loop`.

docker-compose.yml and deploy/kubernetes say the same in their own words; tests/architecture holds them against this.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from loop_cli.stack.broker import password_name
from loop_cli.stack.database import DATABASE
from loop_cli.stack.keys import Keys
from loop_cli.stack.services import PRODUCERS, SERVICES, WITH_WORKER, Program

MOUNT = "/run/loop"
"""Where a container finds the files that it is given."""

WEB_PORT, WORKER_PORT, METRICS_PORT = 8000, 8001, 9090
"""As in the images."""

IN_IMAGE = {"LOOP_HOST": "0.0.0.0", "LOOP_PORT": str(WEB_PORT)}  # noqa: S104 - inside a container of its own
"""What every image sets."""

REPLICAS = 3
"""Copies of each stream where NATS is three nodes: one may be away, and nothing waits."""


@dataclass(frozen=True)
class Target:
    """What containers run on: names of the servers, and whether certificates of ours encrypt what passes between them."""

    name: str
    postgres: str
    nats: str
    certificates: bool
    replicas: int = 1

    def base(self, program: str) -> str:
        """Address of a process for the others."""
        port = WORKER_PORT if program.endswith("-worker") else WEB_PORT
        return f"{'https' if self.certificates else 'http'}://{program}:{port}"

    def database_url(self, role: str, password: str) -> str:
        """Address of the database for a role."""
        return f"postgresql://{role}:{password}@{self.postgres}:5432/{DATABASE}"

    def nats_url(self, user: str, password: str) -> str:
        """Address of NATS for a user."""
        return f"{'tls' if self.certificates else 'nats'}://{user}:{password}@{self.nats}:4222"


COMPOSE = Target("compose", "postgres", "nats", certificates=False)
"""All on one machine, in networks that do not leave it."""

KUBERNETES = Target("kubernetes", "postgres-rw", "nats", certificates=True, replicas=REPLICAS)
"""CloudNativePG's name of the instance that writes; what passes between nodes is encrypted."""

TARGETS = {target.name: target for target in (COMPOSE, KUBERNETES)}


def environment(program: Program, target: Target) -> dict[str, str]:
    """Variables of one process besides those of its image (`IN_IMAGE`) and what differs between installations (`shared`)."""
    service, is_worker = program.service, program.part == "worker"
    found = {
        "LOOP_DATABASE_URL_FILE": f"{MOUNT}/database_url",
        "LOOP_IDENTITY_KEYS": f"{MOUNT}/identity_keys",
        "LOOP_KEY_RING_FILE": f"{MOUNT}/key_ring",
        "LOOP_KEY_ENCRYPTION": json.dumps([f"file:{MOUNT}/kek"]),
    }
    if target.certificates:
        found |= {f"LOOP_INSIDE_{name.upper()}": f"{MOUNT}/{name}" for name in ("ca", "certificate", "key")}
    else:
        found["LOOP_PLAIN_INSIDE"] = "yes"
    if is_worker:
        found["LOOP_NATS_URL_FILE"] = f"{MOUNT}/nats_url"
        found["LOOP_STREAM_REPLICAS"] = str(target.replicas)
    logs = json.dumps({source: target.base(f"{source}-worker") for source in PRODUCERS})
    if service == "gateway":
        found["LOOP_SIGNING_KEY"] = f"{MOUNT}/signing_key"
        found |= {"LOOP_EVENT_LOGS": logs} if is_worker else _of_the_gateway(target)
    if service == "reporting":
        found |= {"LOOP_SIGNING_KEY": f"{MOUNT}/signing_key", "LOOP_EVENT_LOGS": logs}
        found |= {f"LOOP_{source.upper()}_URL": target.base(source) for source in ("feedback", "audit")}
    return found


def _of_the_gateway(target: Target) -> dict[str, str]:
    return {
        "LOOP_UPSTREAMS": json.dumps({service: target.base(service) for service in WITH_WORKER}),
        "LOOP_TRAIL_KEY_FILE": f"{MOUNT}/trail_key",
        "LOOP_OPERATOR_KEY_FILE": f"{MOUNT}/operator_key",
        "LOOP_SESSION_KEY_FILE": f"{MOUNT}/session_key",
    }


def files(program: Program, target: Target, keys: Keys) -> dict[str, str]:
    """Content of the files that one process finds in `MOUNT`, by name; each gets its own and no other's."""
    service = program.service
    found = {
        "database_url": target.database_url(program.role, keys.passwords[program.role]),
        "identity_keys": keys.identity_keys.read_text(),
        "key_ring": keys.ring_of(service).read_text(),
    }
    if (kek := keys.kek_of(service)) is not None:
        found["kek"] = kek.read_text()
    if program.part == "worker":
        found["nats_url"] = target.nats_url(service, keys.passwords[password_name(service)])
    if service in {"gateway", "reporting"}:
        found["signing_key"] = keys.signing_key(service).read_text()
    if service == "gateway" and program.part == "web":
        found["trail_key"] = keys.trail_key.read_text()
        found["operator_key"] = keys.operator_key.read_text()
    return found


def owner_files(target: Target, passwords: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Files of the one-shot migration of each schema, by the name of the job."""
    return {
        f"{service}-migrations": {"database_url": target.database_url(f"{service}_owner", passwords[f"{service}_owner"])}
        for service in SERVICES
    }
