"""What the benchmarks of reporting share: a durable PostgreSQL, producers' event logs full of events, keys."""

import base64
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import httpx
from joserfc.jwk import OKPKey

from chassis.identity import TokenSigner, new_key
from chassis.ids import new_id
from chassis.testing.fixtures import Database, Databases, PostgresAddress, migrate
from contracts import SERVICES, audit, complaints, feedback
from contracts.base import Event
from loop_cli.servers import ChildProcess, NatsServer, PostgresServer, free_port
from loop_cli.servers.process import wait_for

ORG = "worcestershire"
FIRST_DAY = date(2022, 4, 1)
NOW = datetime(2022, 4, 1, 9, tzinfo=UTC)
EHCP = (
    "involved-in-assessment",
    "aspirations-in-plan",
    "child-shared-views",
    "needs-understood",
    "needs-met",
    "included-in-decisions",
    "easy-to-contact",
    "professionals-together",
)
PROCEDURES = (
    ("send", "send", "send-communication"),
    ("childrens-statutory", "safeguarding", "decision-making"),
    ("send", "send", "send-transport"),
    ("corporate", "through-care", "communication"),
)
SECTIONS = ("voice-of-the-child", "assessments", "plans", "management-oversight", "partnership-working")


def share(number: int) -> int:
    """So many rows, or the part of them that `LOOP_BENCH_SHARE` asks for (0.01: to see that a benchmark works at all)."""
    return max(1, int(number * float(os.environ.get("LOOP_BENCH_SHARE", "1"))))


@dataclass(frozen=True)
class Installation:
    """Databases by service, the broker, keys, and the environment that a process of each service starts with."""

    folder: Path
    databases: dict[str, Database]
    nats: NatsServer
    stack: ExitStack

    def signer(self, issuer: str) -> TokenSigner:
        """Signs as gateway or reporting."""
        return TokenSigner(issuer, OKPKey.import_key(json.loads((self.folder / f"{issuer}.jwk").read_text())))

    def environment(self, service: str, role: str, **more: str) -> dict[str, str]:
        """What a process of the service reads."""
        return os.environ | {
            "LOOP_DATABASE_URL": self.databases[service].url(role),
            "LOOP_NATS_URL": self.nats.url,
            "LOOP_IDENTITY_KEYS": str(self.folder / "keys.json"),
            "LOOP_SIGNING_KEY": str(self.folder / "reporting.jwk"),
            "LOOP_SECRET_KEY_FILE": str(self.folder / "master.key"),
            "LOOP_LOG_LEVEL": "warning",
            "LOOP_SCAN_URL": "none",
            **more,
        }

    def start(self, service: str, part: str, **more: str) -> str:
        """Start a real process (`main` or `worker`), wait until it is ready; gives its address."""
        port = free_port()
        role = "app" if part == "main" else "worker"
        name = "LOOP_PORT" if part == "main" else "LOOP_WORKER_PORT"
        environment = self.environment(service, role, **{name: str(port)}, **more)
        child = ChildProcess(
            f"{service}-{part}",
            [sys.executable, "-m", f"{service}.{part}"],
            self.folder / f"{service}-{part}.log",
            env=environment,
        )
        child.start()
        self.stack.callback(child.stop)
        url = f"http://127.0.0.1:{port}"
        wait_for(lambda: _answers(f"{url}/readyz"), child, 30, 0.2)
        return url


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@contextmanager
def installation(services: tuple[str, ...] = (*SERVICES, "reporting")) -> Iterator[Installation]:
    """A durable PostgreSQL with a database for each of these services, a NATS, and keys; all is gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loop-bench-")))
        server = PostgresServer(folder / "postgres")
        server.start()
        stack.callback(server.kill)
        nats = NatsServer(folder / "nats")
        nats.start()
        stack.callback(nats.kill)
        databases = Databases(PostgresAddress.parse(server.url()))
        clones = {name: stack.enter_context(databases.clone(name, migrate(name))) for name in services}
        issuers: dict[str, Any] = {}
        for issuer in ("gateway", "reporting"):
            private, issuers[issuer] = new_key()
            (folder / f"{issuer}.jwk").write_text(json.dumps(private))
        (folder / "keys.json").write_text(json.dumps({"issuers": issuers}))
        (folder / "master.key").write_text(base64.b64encode(secrets.token_bytes(32)).decode())
        yield Installation(folder, clones, nats, stack)


async def fill(database: Database, events: Iterable[Event], after: int = 0) -> int:
    """Write events into an outbox as if the relay had numbered (after `after`) and published them; gives how many."""
    rows = [
        (new_id(), ORG, number, event.subject, event.model_dump_json(), NOW + timedelta(seconds=number), NOW)
        for number, event in enumerate(events, after + 1)
    ]
    connection = await asyncpg.connect(database.url("admin"))
    try:
        await connection.copy_records_to_table(
            "outbox",
            schema_name=database.schema,
            records=rows,
            columns=["id", "org", "sequence", "subject", "data", "occurred_at", "published_at"],
        )
        await connection.execute(f"analyze {database.schema}.outbox")
    finally:
        await connection.close()
    return len(rows)


def day(number: int) -> date:
    """Days of two years, in turn."""
    return FIRST_DAY + timedelta(days=number % 730)


def response(number: int, on: date | None = None) -> feedback.ResponseSubmitted:
    """A survey with eight answers, about a day."""
    on = on or day(number)
    return feedback.ResponseSubmitted(
        response_id=new_id(),
        questionnaire="new-ehcp",
        questionnaire_version=1,
        language="en",
        channel="link",
        service_area="send",
        about_on=on,
        answered_on=on,
        submitted_at=NOW,
        answers=tuple(
            feedback.Answer(question=question, state="answered", choices=(("yes", "partly", "no")[(number + n) % 3],))
            for n, question in enumerate(EHCP)
        ),
    )


def outcome(number: int, on: date | None = None) -> audit.OutcomeRecorded:
    """A looped audit with five sections, completed on a day."""
    grade = ("good", "requires-improvement", "outstanding")[number % 3]
    return audit.OutcomeRecorded(
        outcome_id=new_id(),
        version=1,
        kind="looped",
        tool="social-care-case-file",
        tool_version=1,
        service_area="safeguarding",
        completed_on=on or day(number),
        scale="ofsted",
        overall=grade,
        sections=tuple(
            audit.SectionGrade(section=section, state="graded", grade=grade, lead=grade, peer=grade) for section in SECTIONS
        ),
        activity=audit.Activity(lead=1, peer=1, moderation=1),
    )


def complaint(number: int, on: date | None = None) -> tuple[Event, ...]:
    """A complaint with three points, received on a day, its clock and its response: three events."""
    complaint_id, received = new_id(), on or day(number)
    procedure, area, category = PROCEDURES[number % len(PROCEDURES)]
    points: list[UUID] = [new_id() for _ in range(3)]
    due = received + timedelta(days=14)
    calendar = "2026-11-23-fa8aa550"
    return (
        complaints.ComplaintReceived(
            complaint_id=complaint_id,
            procedure=procedure,
            formality="formal",
            received_on=received,
            service_area=area,
            team="send-north" if area == "send" else None,
            need="autism" if area == "send" else None,
            points=tuple(complaints.Point(point_id=point, category=category, service_area=area) for point in points),
        ),
        complaints.StageStarted(
            complaint_id=complaint_id, stage=1, started_on=received, due_on=due, limit=10, calendar=calendar
        ),
        complaints.StageResponded(
            complaint_id=complaint_id,
            stage=1,
            started_on=received,
            due_on=due,
            responded_on=due,
            working_days=10,
            calendar=calendar,
            findings=tuple(complaints.PointFinding(point_id=point, finding="upheld") for point in points),
        ),
    )


def took(began: float) -> float:
    """Seconds since."""
    return time.perf_counter() - began
