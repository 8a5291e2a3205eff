"""The five deployables and their ten processes: how each is started and with which environment."""

import importlib.util
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from loop_cli.servers import ServerError
from loop_cli.stack.layout import Layout

if TYPE_CHECKING:
    from loop_cli.stack.keys import Keys

SERVICES = ("audit", "feedback", "complaints", "reporting", "gateway")
WITH_WORKER = ("audit", "feedback", "complaints", "reporting")
"""The services; the gateway has a worker too, but no events, records or trail of its own."""

PRODUCERS = ("audit", "feedback", "complaints")
READERS = {"reporting": PRODUCERS, "gateway": PRODUCERS}
"""Who consumes whose events."""

CONNECTED = (*WITH_WORKER, "gateway")
"""Who has a user at NATS."""

RETAINING = ("audit", "complaints", "feedback", "reporting")
"""Services whose records are reduced when their time is over (`chassis.retention`)."""

READ_DIRECTLY = ("reporting",)
"""Services whose database BI tools may read directly (`chassis.direct`)."""

Part = Literal["web", "worker"]

_GROUPS = {"subjects": "People's rights", "trail": "Trails", "retention": "Retention"}
"""Names for what every service has a page of, by how its address ends."""

NAVIGATION = [
    {
        "text": text,
        "href": href,
        "grants": [f"role:{role}" for role in roles],
        "group": _GROUPS.get(href.rpartition("/")[2], ""),
    }
    for text, href, roles in (
        ("How we are doing", "/reporting/", ("senior-reader", "qa-officer", "complaints-officer")),
        ("Reports", "/reporting/reports", ("senior-reader", "qa-officer", "complaints-officer")),
        ("Audits", "/audit/", ("senior-reader", "qa-officer", "manager")),
        ("Feedback", "/feedback/", ("senior-reader", "qa-officer")),
        ("Worries", "/feedback/worries", ("safeguarding-duty",)),
        ("Families to call", "/feedback/contacts", ("family-contact",)),
        ("Stars", "/feedback/stars", ("manager",)),
        ("Calls", "/feedback/calls", ("caller", "qa-officer")),
        ("Complaints", "/complaints/", ("senior-reader", "complaints-officer")),
        ("Actions from complaints", "/complaints/learning/mine", ("manager",)),
        ("What the figures mean", "/reporting/measures", ("senior-reader", "qa-officer", "complaints-officer")),
        ("Requests of people", "/subjects", ("data-protection",)),
        ("Rights over audits", "/audit/subjects", ("data-protection",)),
        ("Rights over feedback", "/feedback/subjects", ("data-protection",)),
        ("Rights over complaints", "/complaints/subjects", ("data-protection",)),
        ("Rights over reports", "/reporting/subjects", ("data-protection",)),
        ("Trail of audits", "/audit/trail", ("data-protection",)),
        ("Trail of feedback", "/feedback/trail", ("data-protection",)),
        ("Trail of complaints", "/complaints/trail", ("data-protection",)),
        ("Trail of reports", "/reporting/trail", ("data-protection",)),
        ("Trail of access", "/gateway/trail", ("data-protection",)),
        ("Retention of audits", "/audit/retention", ("data-protection",)),
        ("Retention of complaints", "/complaints/retention", ("data-protection",)),
        ("Retention of feedback", "/feedback/retention", ("data-protection",)),
        ("Retention of reports", "/reporting/retention", ("data-protection",)),
        ("Other systems", "/clients", ("administrator",)),
        ("Who is signed in", "/organisation-sessions", ("administrator",)),
        ("Events sent out", "/webhooks", ("administrator",)),
    )
]
"""Ways between the staff pages of the services."""


def roles(service: str) -> tuple[str, ...]:
    """Database roles of a service: owner (migrates), app (serves), worker (relay and consumers)."""
    return tuple(f"{service}_{suffix}" for suffix in ("owner", "app", "worker"))


def folder_of(service: str) -> Path:
    """Folder of a deployable: pyproject.toml, alembic.ini, migrations/."""
    spec = importlib.util.find_spec(service)
    if spec is None or spec.origin is None:
        raise ServerError(f"The package of {service} is not installed here; `make setup` installs it.")
    return Path(spec.origin).parents[2]


@dataclass(frozen=True, slots=True)
class Program:
    """One of the processes: `audit` is the web process of audit, `audit-worker` its worker."""

    service: str
    part: Part

    @property
    def name(self) -> str:
        """Name in messages and of the log."""
        return self.service if self.part == "web" else f"{self.service}-worker"

    @property
    def module(self) -> str:
        """What `python -m` runs."""
        return f"{self.service}.main" if self.part == "web" else f"{self.service}.worker"

    @property
    def command(self) -> list[str]:
        """Command line."""
        return [sys.executable, "-m", self.module]

    @property
    def role(self) -> str:
        """Database role it connects as."""
        return f"{self.service}_app" if self.part == "web" else f"{self.service}_worker"


WORKERS = tuple(Program(service, "worker") for service in WITH_WORKER)
WEBS = tuple(Program(service, "web") for service in WITH_WORKER)
GATEWAY = Program("gateway", "web")
GATEWAY_WORKER = Program("gateway", "worker")
PROGRAMS = (*WORKERS, *WEBS, GATEWAY_WORKER, GATEWAY)

STOP_ORDER = ((GATEWAY,), WEBS, (GATEWAY_WORKER, *WORKERS))
"""Nobody is let in any more, then what was begun is finished, then the relays send what is left."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything listens on 127.0.0.1; `ports` by name of the program."""

    public_url: str
    nats_port: int
    postgres_port: int
    ports: Mapping[str, int]

    def base(self, name: str) -> str:
        """Base address of a program's port."""
        return f"http://127.0.0.1:{self.ports[name]}"


_OF_FILES = ("LOOP_FILE_", "LOOP_RECORD_", "LOOP_UPLOAD_", "LOOP_UNSENT_", "LOOP_SCAN_")
"""Settings of files that belong to records: the gateway's body limit, and the service's own."""


def environment(program: Program, addresses: Addresses, keys: "Keys", *, demo_sign_in: bool) -> dict[str, str]:
    """Environment of one process: ours without LOOP_ and PG variables, its own settings, for some those of mail or files."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LOOP_", "PG", "PYTEST_"))}
    password = keys.passwords[program.role]
    database = f"postgresql://{program.role}:{password}@127.0.0.1:{addresses.postgres_port}/loop"
    settings = {
        "LOOP_HOST": "127.0.0.1",
        "LOOP_PORT" if program.part == "web" else "LOOP_WORKER_PORT": str(addresses.ports[program.name]),
        "LOOP_PUBLIC_URL": addresses.public_url,
        "LOOP_NAVIGATION": json.dumps(NAVIGATION),
        "LOOP_DATABASE_URL": database,
        "LOOP_IDENTITY_KEYS": str(keys.identity_keys),
        **keys.environment_of(program.service),
        "LOOP_LOG_FORMAT": os.environ.get("LOOP_LOG_FORMAT", "json"),
        "LOOP_LOG_LEVEL": os.environ.get("LOOP_LOG_LEVEL", "info"),
        # A line in the log is there when it is written, also when the process is killed.
        "PYTHONUNBUFFERED": "1",
    }
    elsewhere = ("LOOP_LOG_TO", "LOOP_LOG_CA", "LOOP_TRACES_")
    settings |= {name: value for name, value in os.environ.items() if name.startswith(elsewhere)}
    if program.part == "worker":
        # Each as a user of its own, which may publish its own events alone (`chassis.broker_rights`).
        password = keys.passwords[f"nats-{program.service}"]
        settings["LOOP_NATS_URL"] = f"nats://{program.service}:{password}@127.0.0.1:{addresses.nats_port}"
        settings["LOOP_DATABASE_FOLDER"] = str(Layout.at(keys.folder.parent).postgres)
    if program in {*WORKERS, GATEWAY_WORKER} and not demo_sign_in:
        # Where anybody may sign in as anyone, everything is made up, the addresses too: nothing is sent from there.
        settings |= {name: value for name, value in os.environ.items() if name.startswith("LOOP_MAIL_")}
    if program.service == "complaints":
        # On one machine nothing else scans files unless somebody says so.
        settings["LOOP_SCAN_URL"] = "none"
    if program.service in {"gateway", "complaints"}:
        settings |= {name: value for name, value in os.environ.items() if name.startswith(_OF_FILES)}
    if program.service == "gateway":
        settings |= {name: value for name, value in os.environ.items() if name.startswith("LOOP_WEBHOOK_")}
        settings["LOOP_SIGNING_KEY"] = str(keys.signing_key("gateway"))
        settings |= {"LOOP_WEBHOOK_KEY_FILE": str(keys.webhook_key)} if keys.webhook_key.exists() else {}
        # Where everything is made up, a receiver on this machine may be told of it.
        settings |= {"LOOP_WEBHOOK_LOOPBACK": "true"} if demo_sign_in else {}
    logs = {service: addresses.base(f"{service}-worker") for service in PRODUCERS}
    if program == GATEWAY_WORKER:
        settings["LOOP_EVENT_LOGS"] = json.dumps(logs)
    if not demo_sign_in:
        # Where people reach it through a proxy of this machine; the gateway refuses an address of others without https.
        settings["LOOP_PUBLIC_URL"] = os.environ.get("LOOP_PUBLIC_URL", addresses.public_url)
    if program == GATEWAY:
        named = (
            "LOOP_SIGN_IN_",
            "LOOP_SESSION_",
            "LOOP_OPERATOR_SECOND_",
            "LOOP_TRUSTED_PROXIES",
            "LOOP_HSTS_",
            "LOOP_RUNBOOKS_",
        )
        settings |= {name: value for name, value in os.environ.items() if name.startswith(named) and not demo_sign_in}
        upstreams = {service: addresses.base(service) for service in WITH_WORKER}
        workers = {service: addresses.base(f"{service}-worker") for service in CONNECTED}
        settings |= {
            "LOOP_UPSTREAMS": json.dumps(upstreams),
            "LOOP_WORKERS": json.dumps(workers),
            "LOOP_DEMO_SIGN_IN": "true" if demo_sign_in else "false",
            "LOOP_TRAIL_KEY_FILE": str(keys.trail_key),
            "LOOP_OPERATOR_KEY_FILE": str(keys.operator_key),
        }
    if program.service == "reporting":
        settings |= {"LOOP_SIGNING_KEY": str(keys.signing_key("reporting")), "LOOP_EVENT_LOGS": json.dumps(logs)}
        settings["LOOP_FEEDBACK_URL"] = addresses.base("feedback")
        settings["LOOP_AUDIT_URL"] = addresses.base("audit")
    return kept | settings
