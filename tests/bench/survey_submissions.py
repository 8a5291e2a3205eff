"""Surveys submitted a second, through the gateway and directly, over the rate at which pgbench commits the same rows alone.

A submission is what happens when a family presses "Send my answers": one request that burns the link, empties the draft, stores
the response and writes its event, committed with durable settings (fsync, synchronous commit). The eight answers were kept
before, page by page; here their drafts are laid out by SQL. The very same rows are then written by pgbench, in a transaction of
plain prepared statements, into a second database on the same server, with all indexes and constraints and without row security.
The three take turns, so that a busy machine slows all of them. Run it with `python -m tests.bench.survey_submissions`.
"""

import asyncio
import base64
import json
import os
import re
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import asyncpg
import httpx
from joserfc.jwk import OKPKey
from starlette.responses import Response

from chassis.identity import HEADER, Identity, TokenSigner, new_key
from chassis.pages import csrf_token
from chassis.profiles import load_folder
from chassis.secrets import Secrets
from chassis.testing.fixtures import Database, Databases, PostgresAddress, migrate
from feedback.adapters.sealing import form_key
from feedback.pages import visit as visits
from feedback.pages.visit import Visit
from loop_cli.profile_files import LAYOUT
from loop_cli.servers import ChildProcess, PostgresServer, free_port
from loop_cli.servers.postgres import installation as postgres_installation
from loop_cli.servers.process import wait_for

ROOT = Path(__file__).resolve().parents[2]
ORG = "worcestershire"
PHONES = 16
ROUNDS = 5
SIZE = 640  # submissions a round and way
BATCH = 1000

SECONDS_TAKEN = 120
AIMS = {"gateway over pgbench": "0.20 or more"}

_UPDATE_INVITATION = "update feedback.invitation set used_on = current_date where org = 'worcestershire' and id = {id};"
_UPDATE_DRAFT = (
    "update feedback.draft set submitted = true, answers = '{{}}', touched_on = current_date"
    " where org = 'worcestershire' and id = {id};"
)
_ID = "('00000000-0000-7000-8000-' || lpad(to_hex(:client_id * 100000 + :number), 12, '0'))::uuid"


def run() -> dict[str, float]:
    """Measure once: submissions a second each way, and the ratios."""
    with installation() as stack:
        return asyncio.run(_measure(stack))


@dataclass(frozen=True)
class Stack:
    """What is running."""

    server: PostgresServer
    feedback: str
    gateway: str
    signer: TokenSigner
    secrets: Secrets
    database: Database
    second: Database
    folder: Path


@contextmanager
def installation() -> Iterator[Stack]:
    """Gateway and feedback service as processes, on a durable PostgreSQL of their own; all is gone afterwards."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loop-bench-")))
        server = PostgresServer(folder / "postgres")
        server.start()
        stack.callback(server.kill)
        databases = Databases(PostgresAddress.parse(server.url()))
        database, second = (stack.enter_context(databases.clone("feedback", migrate("feedback"))) for _ in range(2))
        entrance = stack.enter_context(databases.clone("gateway", migrate("gateway")))
        private, public = new_key()
        (folder / "gateway.jwk").write_text(json.dumps(private))
        (folder / "keys.json").write_text(json.dumps({"issuers": {"gateway": public}}))
        (folder / "master.key").write_text(base64.b64encode(secrets.token_bytes(32)).decode())
        ports = {"feedback": free_port(), "gateway": free_port()}
        address = {name: f"http://127.0.0.1:{port}" for name, port in ports.items()}
        common = os.environ | {
            "LOOP_IDENTITY_KEYS": str(folder / "keys.json"),
            "LOOP_SECRET_KEY_FILE": str(folder / "master.key"),
            "LOOP_PUBLIC_URL": address["gateway"],
        }
        own = {
            "feedback": {"LOOP_DATABASE_URL": database.url()},
            "gateway": {
                "LOOP_DATABASE_URL": entrance.url(),
                "LOOP_SIGNING_KEY": str(folder / "gateway.jwk"),
                "LOOP_UPSTREAMS": json.dumps(
                    dict.fromkeys(("audit", "feedback", "complaints", "reporting"), address["feedback"])
                ),
            },
        }
        for name, port in ports.items():
            environment = common | own[name] | {"LOOP_PORT": str(port)}
            child = ChildProcess(name, [sys.executable, "-m", f"{name}.main"], folder / f"{name}.log", env=environment)
            child.start()
            stack.callback(child.stop)
            wait_for(lambda url=f"{address[name]}/readyz": _answers(url), child, 30, 0.2)  # type: ignore[misc]
        signer = TokenSigner("gateway", OKPKey.import_key(private))
        keys = Secrets.from_file(folder / "master.key")
        yield Stack(server, address["feedback"], address["gateway"], signer, keys, database, second, folder)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


async def _measure(stack: Stack) -> dict[str, float]:
    await prepare_service(stack)
    ways = {"direct": stack.feedback, "gateway": stack.gateway}
    await _submit(stack.feedback, await _visits(stack, SIZE))
    row = await _prepare_pgbench(stack)
    _pgbench(stack, row, 0)
    rates: dict[str, list[float]] = {"direct": [], "gateway": [], "pgbench": []}
    for turn in range(ROUNDS):
        for way, url in ways.items():
            rates[way].append(await _submit(url, await _visits(stack, SIZE)))
        rates["pgbench"].append(_pgbench(stack, row, turn + 1))
    ratios = {
        f"{way} over pgbench": statistics.median(
            mine / theirs for mine, theirs in zip(rates[way], rates["pgbench"], strict=True)
        )
        for way in ways
    }
    return {f"{way}, submissions a second": statistics.median(found) for way, found in rates.items()} | ratios


async def prepare_service(stack: Stack) -> None:
    folder = load_folder(ROOT / "profiles" / ORG, LAYOUT)
    document = folder.document(("organisation", "questionnaires", "worries", "families", "stars", "calls"))
    operator = Identity(ORG, "operator", "operator", frozenset({"operator"}))
    async with httpx.AsyncClient(base_url=stack.feedback) as client:
        headers = {HEADER: stack.signer.sign(operator, "feedback")}
        (await client.put("/feedback/v1/profile", json=document, headers=headers)).raise_for_status()


async def _visits(stack: Stack, number: int) -> list[bytes]:
    """Requests of so many families who have answered everything and press the button."""
    machine = Identity(ORG, "client:bench", "client", frozenset({"feedback:invitations:write"}))
    wanted = {"questionnaire": "new-ehcp", "service_area": "send", "channel": "letter"}
    ids: list[UUID] = []
    async with httpx.AsyncClient(base_url=stack.feedback, timeout=60) as client:
        while len(ids) < number:
            headers = {HEADER: stack.signer.sign(machine, "feedback"), "Idempotency-Key": secrets.token_hex(8)}
            body = {"invitations": [wanted] * min(BATCH, number - len(ids))}
            answer = await client.post("/feedback/v1/invitations/batch", json=body, headers=headers)
            answer.raise_for_status()
            ids += [UUID(item["invitation_id"]) for item in answer.json()["results"]]
    connection = await asyncpg.connect(stack.database.url("admin"))
    try:
        await connection.execute(_DRAFTS, ORG, ids, _answers_json())
    finally:
        await connection.close()
    return [_request(stack, ident) for ident in ids]


_DRAFTS = (
    "insert into feedback.draft (org, id, invitation_id, answers, touched_on) "
    "select $1, id, id, $3::jsonb, current_date from unnest($2::uuid[]) as id"
)


def _answers_json() -> str:
    folder = load_folder(ROOT / "profiles" / ORG, LAYOUT)
    documents: Any = folder.document(("questionnaires",))["questionnaires"]
    questions = next(each for each in documents if each["code"] == "new-ehcp")["versions"][-1]["questions"]
    return json.dumps({question["code"]: {"state": "answered", "choices": ["yes"]} for question in questions})


def _request(stack: Stack, invitation: UUID) -> bytes:
    visit = Visit.begin(ORG, invitation, invitation, "en")
    response = Response()
    visits.keep(response, visit, stack.secrets, secure=False)
    cookie = response.headers["set-cookie"].partition(";")[0]
    body = f"csrf={csrf_token(form_key(stack.secrets), visit.forms)}"
    return (
        "POST /s/check HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n"
        f"Cookie: {cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


async def _submit(url: str, requests: Sequence[bytes]) -> float:
    """Submissions a second, by so many phones at once, each on a connection that it keeps."""
    address = urlsplit(url)
    waiting = list(requests)
    host, port = address.hostname or "", address.port or 80
    ready = [await asyncio.open_connection(host, port) for _ in range(PHONES)]

    async def phone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while waiting:
            writer.write(waiting.pop())
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 303") or b"/s/done" not in head:
                raise RuntimeError(f"a survey was not submitted: {head[:300]!r}")

    began = time.perf_counter()
    try:
        await asyncio.gather(*(phone(*each) for each in ready))
        return len(requests) / (time.perf_counter() - began)
    finally:
        for _, writer in ready:
            writer.close()


async def _prepare_pgbench(stack: Stack) -> dict[str, str]:
    """Lay out links and drafts in the second database for pgbench to use up; answers one response and event to write."""
    source, target = [await asyncpg.connect(each.url("admin")) for each in (stack.database, stack.second)]
    try:
        response = await source.fetchrow("select * from feedback.response limit 1")
        event = await source.fetchrow("select * from feedback.outbox where subject like '%response_submitted' limit 1")
        profile = await source.fetchrow("select * from feedback.profile")
        await target.execute("insert into feedback.profile values ($1, $2, $3, $4, $5, $6)", *profile.values())
        ids = [
            UUID(f"00000000-0000-7000-8000-{client * 100_000 + number:012x}")
            for client in range(PHONES)
            for number in range((ROUNDS + 1) * SIZE // PHONES)
        ]
        await target.execute(
            "insert into feedback.invitation (org, id, client, fingerprint, questionnaire, version, profile_number, channel, "
            "reusable, service_area, issued_on, expires_on) select $1, id, 'client:bench', sha256(id::text::bytea), "
            "'new-ehcp', 1, 1, 'letter', false, 'send', current_date, current_date + 90 from unnest($2::uuid[]) as id",
            ORG,
            ids,
        )
        await target.execute(_DRAFTS, ORG, ids, _answers_json())
        return {"answers": response["answers"], "data": event["data"], "subject": event["subject"]}
    finally:
        await source.close()
        await target.close()


def _pgbench(stack: Stack, row: dict[str, str], turn: int) -> float:
    """Transactions a second of pgbench, with as many connections as there were phones."""
    each = SIZE // PHONES
    response = (
        "insert into feedback.response (org, id, invitation_id, questionnaire, version, language, channel, service_area,"
        " about_on, answered_on, submitted_at, answers, worry)"
        f" values ('{ORG}', gen_random_uuid(), {_ID}, 'new-ehcp', 1, 'en', 'link', 'send', current_date, current_date, now(),"
        f" '{row['answers']}', false);"
    )
    event = (
        "insert into feedback.outbox (id, org, subject, data, occurred_at)"
        f" values (gen_random_uuid(), '{ORG}', '{row['subject']}', '{row['data']}', now());"
    )
    place = [f"\\set number {turn * each} + :i", "\\set i :i + 1"]
    burn = [_UPDATE_INVITATION.format(id=_ID), _UPDATE_DRAFT.format(id=_ID)]
    statements = [*place, "begin;", *burn, response, event, "end;"]
    script = stack.folder / f"pgbench-{turn}.sql"
    script.write_text("\n".join(statements) + "\n")
    command = [
        str(postgres_installation() / "bin" / "pgbench"), "--no-vacuum", "--protocol=prepared", f"--client={PHONES}",
        "--jobs=2", f"--transactions={each}", "--define=i=0", f"--file={script}", stack.second.url("admin"),
    ]  # fmt: skip
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    found = re.search(r"tps = ([0-9.]+) \(without initial connection time\)", done.stdout)
    failed = re.search(r"number of failed transactions: 0 ", done.stdout)
    if done.returncode or not found or not failed:
        raise RuntimeError(f"pgbench did not run: {done.stdout}{done.stderr}")
    return float(found[1])


def main() -> None:
    """Print what was measured."""
    for label, value in run().items():
        print(f"{label:<34}{value:>10,.2f}")  # noqa: T201


if __name__ == "__main__":
    main()
