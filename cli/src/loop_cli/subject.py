"""`loop subject`: all that an installation holds of a person, over all services, through their interfaces.

What is known of the person is read from a file, so that no history of a shell and no list of processes holds a name. What is
found is a proposal; a data protection officer ticks and reviews on the pages of each service, and `export` joins what was
reviewed into one encrypted package.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from typing import IO, Annotated, Any

import httpx
import pyrage
import typer
from rich.console import Console

from chassis.subject.joining import Joined, join
from chassis.subject.package import new_passphrase
from chassis.subject.tables import RIGHTS
from loop_cli.operator import Operator, words_of
from loop_cli.options import DEFAULT_DATA, Data, Org
from loop_cli.servers import ServerError
from loop_cli.stack.archive.sealing import recipients_of

app = typer.Typer(no_args_is_help=True)
console = Console(highlight=False, soft_wrap=True)

Known = Annotated[Path, typer.Option("--known", help="JSON file with names, contacts, references, staff.", exists=True)]
Reference = Annotated[str, typer.Option("--request", help="Reference of the request, as the council numbers it.")]
SERVICES = ("audit", "feedback", "complaints", "reporting")
PARTS = ("names", "contacts", "references", "staff")
GATEWAY = "gateway"
NAMES = {
    "audit": "Audits, disputes and good practice",
    "feedback": "Surveys, worries, contact requests, calls and outcome stars",
    "complaints": "Complaints, compliments and what came in",
    "reporting": "Reports, figures and improvement plans",
    GATEWAY: "Sign-ins, and what administrators did with access",
}
NOT_SEARCHED = ("backups", "logs of the operator", "files that somebody saved", "mails of the last days")


@app.callback()
def _about() -> None:
    """Who asks what is held of them: find it, and fetch the package."""


@app.command()
def find(org: Org, known: Known, data: Data = DEFAULT_DATA) -> None:
    """Look for records in every service. What is found are proposals; nothing is handed out."""
    asked, ids = _known(known), dict[str, None]()
    with Operator.of(data) as operator:
        for service in SERVICES:
            found = {}
            for each in _steps(operator, service, org, {**asked, "ids": list(ids)[:2_000]}):
                found[each["kind"], each["id"]] = each
            ids |= dict.fromkeys(each["id"] for each in found.values())
            _show(service, list(found.values()))
        step = operator.call("POST", f"/{GATEWAY}/v1/subject/searches", org=org, json=asked)
        _show(GATEWAY, step["items"])
    console.print(f"Not searched: {', '.join(NOT_SEARCHED)}.")


def _show(service: str, found: list[dict[str, Any]]) -> None:
    console.print(f"[bold]{service}[/bold]: {len(found)} found")
    for each in found:
        where = ", ".join(str(each[name]) for name in ("reference", "service_area", "dated") if each[name])
        console.print(f"  {each['name']} {where}: {each['role']}; {'; '.join(each['why'])}\n    {each['id']}")


def _steps(operator: Operator, service: str, org: str, asked: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a search, to its end."""
    place = None
    while True:
        body = {**asked, "place": place}
        step = operator.call("POST", f"/{service}/v1/subject/searches", org=org, json=body)
        yield from step["items"]
        place = step["place"]
        if place is None:
            console.print(f"{service}: {step['opened']} encrypted values were opened")
            return
        console.print(f"{service}: {step['opened']} encrypted values opened so far")


@app.command("open")
def open_request(
    org: Org,
    request: Reference,
    received: Annotated[str, typer.Option("--received", help="Day on which it came, year-month-day.")],
    known: Known,
    right: Annotated[str, typer.Option("--right", help="One of: " + ", ".join(RIGHTS))] = "access",
    starts: Annotated[str, typer.Option("--starts", help="Day on which it was clear who asks, if later.")] = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Open a request in every service, under one reference; once more is the same request."""
    body: dict[str, Any] = {"entitlement": right, "received_on": _day(received), "starts_on": _day(starts) if starts else None}
    body["known"] = {name: each for name, each in _known(known).items() if name in PARTS}
    with Operator.of(data) as operator:
        for service in SERVICES:
            found = operator.call("PUT", f"/{service}/v1/subject/requests/{request}", org=org, json=body)
            console.print(f"{service:<12} answer by {found['due_on']}: {operator.url}/{service}/subjects/{found['id']}")


@app.command("list")
def list_requests(org: Org, data: Data = DEFAULT_DATA) -> None:
    """Requests with the day by which they are to be answered, in every service."""
    with Operator.of(data) as operator:
        for service in SERVICES:
            for each in operator.call("GET", f"/{service}/v1/subject/requests", org=org)["items"]:
                state = each["outcome"] or f"answer by {each['due_on']}"
                console.print(f"{service:<12} {each['reference']}: {each['entitlement']}, {each['received_on']}, {state}")


@app.command()
def export(
    org: Org,
    request: Reference,
    to: Annotated[Path, typer.Option("--to", help="Folder for the package.", exists=True, file_okay=False)],
    known: Annotated[
        Path | None, typer.Option("--known", help="As for `find`: by it the gateway is searched.", exists=True)
    ] = None,
    recipient: Annotated[str, typer.Option("--recipient", help="Public key (age1…) for the passphrase.")] = "",
    data: Data = DEFAULT_DATA,
) -> None:
    """Fetch what was ticked and reviewed, as one encrypted ZIP with a folder a service; its passphrase is shown once."""
    keys = recipients_of([recipient]) if recipient else None
    asked = _known(known) if known else None
    path, passphrase = to / f"{request}.zip", new_passphrase()
    if path.exists():
        raise ServerError(f"{path} is there already. Nothing was fetched; move it away first.")
    with Operator.of(data) as operator, ExitStack() as files:
        packages = _packages(operator, org, request, passphrase, asked, files)
        front = Joined(request, org, datetime.now(UTC), _parts(packages), NOT_SEARCHED)
        _write(path, join(front, passphrase, {name: file for name, file in packages.items() if file is not None}))
    for service, (_, missing) in front.parts.items():
        console.print(f"{service:<12} {f'[yellow]{missing}[/yellow]' if missing else 'in the package'}")
    console.print(f"{path}: {path.stat().st_size / 2**20:.1f} MB. Not searched: {', '.join(NOT_SEARCHED)}.")
    if keys is None:
        console.print(f"The passphrase, shown once: {passphrase}")
        return
    sealed = to / f"passphrase-{request}.age"
    _write(sealed, [pyrage.encrypt(passphrase.encode(), keys)])
    console.print(f"The passphrase is in {sealed}, for whoever has the private key.")


def _parts(packages: Mapping[str, IO[bytes] | None]) -> dict[str, tuple[str, str]]:
    """Each part with its name, and why nothing of it is there."""
    missing = dict.fromkeys(SERVICES, "the request was not opened there, so nothing of it is here")
    missing[GATEWAY] = "not searched: nobody said who it is (--known)"
    return {part: (name, "" if packages.get(part) is not None else missing[part]) for part, name in NAMES.items()}


def _packages(
    operator: Operator, org: str, request: str, passphrase: str, asked: Mapping[str, Any] | None, files: ExitStack
) -> dict[str, IO[bytes] | None]:
    """The package of each part, in a file that is gone afterwards; None where the request was not opened there."""
    own = {"passphrase": passphrase}
    packages = {service: _fetch(operator, service, f"requests/{request}/package", org, own, files) for service in SERVICES}
    first = next((service for service, file in packages.items() if file is not None), None)
    if first is None:
        raise ServerError(f"There is no request {request} in any service. Open it: `loop subject open`.")
    if asked is not None:
        received = operator.call("GET", f"/{first}/v1/subject/requests/{request}", org=org)["received_on"]
        body = {"reference": request, "received_on": received, **own, **asked}
        packages[GATEWAY] = _fetch(operator, GATEWAY, "package", org, body, files)
    return packages


def _fetch(
    operator: Operator, service: str, path: str, org: str, body: Mapping[str, Any], files: ExitStack
) -> IO[bytes] | None:
    try:
        with operator.http.stream(
            "POST", f"/{service}/v1/subject/{path}", json=body, headers={"Loop-Org": org}, timeout=300.0
        ) as answer:
            if answer.status_code == httpx.codes.NOT_FOUND:
                return None
            if not answer.is_success:
                answer.read()
                raise ServerError(words_of(answer))
            file = files.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 - its stack closes it
            for chunk in answer.iter_bytes():
                file.write(chunk)
            return file
    except httpx.HTTPError as error:
        raise ServerError(f"{service} broke off ({type(error).__name__}). Nothing was kept; fetch it again.") from error


def _write(path: Path, content: Iterable[bytes]) -> None:
    """Write a file that nobody else can read: whole, or not at all."""
    aside = path.with_name(path.name + ".part")
    try:
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.writelines(content)
        aside.rename(path)
    finally:
        aside.unlink(missing_ok=True)


def _day(given: str) -> str:
    try:
        return date.fromisoformat(given).isoformat()
    except ValueError:
        raise ServerError(f"{given} is no day: year-month-day, for example 2026-11-30.") from None


def _known(path: Path) -> dict[str, Any]:
    """What is known of the person. Raises `ServerError` with what is expected."""
    expected = f"{path} has to be an object with lists of texts: {', '.join(PARTS)}. At least one of them."
    try:
        document: Any = json.loads(path.read_text())
    except ValueError:
        raise ServerError(expected) from None
    right = isinstance(document, dict) and document and set(document) <= set(PARTS)
    if not right or not all(isinstance(each, list) and all(isinstance(one, str) for one in each) for each in document.values()):
        raise ServerError(expected)
    known: dict[str, Any] = document
    return known
