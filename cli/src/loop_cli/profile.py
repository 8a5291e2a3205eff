"""`loop profile check` and `loop profile apply`: the folders of what differs between organisations."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NoReturn

import httpx
import typer
from rich.console import Console

from chassis.profiles import Fault, Profile, ProfileFaults
from loop_cli.keys import ensure
from loop_cli.operator import Operator
from loop_cli.profile_check import check
from loop_cli.profile_files import PARTS, read_profile
from loop_cli.servers import ServerError

app = typer.Typer(no_args_is_help=True, help="Check and apply the profiles of organisations.")
console = Console(highlight=False, soft_wrap=True)
errors = Console(stderr=True, highlight=False, soft_wrap=True)

Folder = Annotated[Path, typer.Argument(help="Folder of the profile, such as profiles/worcestershire.", file_okay=False)]


class Refused(Exception):
    """A service did not take its part of the profile; nothing of it is in force there."""


class NewOrganisation(Exception):
    """The installation does not know the organisation yet, so its services cannot be asked without making it known."""


@dataclass(frozen=True, slots=True)
class Applied:
    """What a service did with its part."""

    service: str
    changed: bool
    notes: tuple[str, ...] = ()


def organisation_of(profile: Profile) -> tuple[str, str]:
    """Code and name of the organisation."""
    organisation = profile.document(["organisation"])["organisation"]
    if not isinstance(organisation, dict):  # pragma: no cover - checked before
        raise TypeError("organisation.yaml holds no mapping")
    return str(organisation["code"]), str(organisation["name"])


def send(profile: Profile, client: httpx.Client, *, dry_run: bool) -> list[Applied]:
    """Sends each service the parts it owns: first to all for checking, then, unless it is a dry run, for good.

    `client` has the gateway's address and the operator's key. The organisation is made known to the gateway first. Gives what
    each service did. Raises ProfileFaults with file and line of whatever a service found wrong, before any has been told;
    NewOrganisation for a dry run of one that is not known yet; Refused when a service answers anything else.
    """
    code, name = organisation_of(profile)
    if not dry_run:
        answer = client.put(f"/gateway/v1/organisations/{code}", json={"name": name})
        if answer.is_error:
            raise Refused(f"gateway: {_words(answer)}")
    checked = _put_all(profile, client, code, dry_run=True)
    if dry_run:
        return checked
    try:
        return _put_all(profile, client, code, dry_run=False)
    except ProfileFaults as error:
        raise Refused(f"Changed by somebody else meanwhile; apply it again.\n{error}") from error


def _put_all(profile: Profile, client: httpx.Client, code: str, *, dry_run: bool) -> list[Applied]:
    faults: list[Fault] = []
    applied: list[Applied] = []
    for service in PARTS:
        done, found = _put(service, profile, client, code, dry_run=dry_run)
        faults += found
        applied.append(done)
    if faults:
        raise ProfileFaults(faults)
    return applied


def _put(service: str, profile: Profile, client: httpx.Client, code: str, *, dry_run: bool) -> tuple[Applied, list[Fault]]:
    """What the service did, and what it found wrong."""
    answer = client.put(
        f"/{service}/v1/profile",
        params={"dry_run": "true"} if dry_run else {},
        json=profile.document(PARTS[service]),
        headers={"Loop-Org": code},
    )
    if answer.is_success:
        done = answer.json()
        return Applied(service, bool(done["changed"]), tuple(map(str, done.get("notes", ())))), []
    found = _problem(answer).get("errors")
    if answer.status_code == httpx.codes.FORBIDDEN and str(_problem(answer).get("type")).endswith(":unknown-organisation"):
        raise NewOrganisation(code)
    if answer.status_code != httpx.codes.UNPROCESSABLE_ENTITY or not found:
        raise Refused(f"{service}: {_words(answer)}")
    return Applied(service, changed=False), [
        Fault(profile.place(each["pointer"]), f"{service}: {each['detail']}") for each in found
    ]


def _problem(answer: httpx.Response) -> dict[str, Any]:
    """The problem document of a refusal; empty where it has none."""
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _words(answer: httpx.Response) -> str:
    return f"{answer.status_code} {_problem(answer).get('detail', answer.reason_phrase)}"


@app.command("check")
def check_command(folder: Folder) -> None:
    """Read the files and check them against one another; nothing is sent anywhere."""
    profile = _read(folder)
    code, name = organisation_of(profile)
    console.print(f"[green]✓[/] {folder}: {name} ({code}), version {profile.version[:12]}")
    _warn(profile)


@app.command("apply")
def apply_command(
    folder: Folder,
    data: Annotated[Path, typer.Option("--data", envvar="LOOP_DATA", help="Data folder of an embedded stack.")] = Path(".loop"),
    url: Annotated[str | None, typer.Option(envvar="LOOP_URL", help="Address of another installation's gateway.")] = None,
    key_file: Annotated[Path | None, typer.Option(envvar="LOOP_OPERATOR_KEY_FILE", help="Its operator's key.")] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Ask every service, and change nothing.")] = False,
) -> None:
    """Check a profile with every service, then bring it into force. Applying the same files again changes nothing."""
    profile = _read(folder)
    code, name = organisation_of(profile)
    with _operator(data, url, key_file) as operator:
        if url is None and not dry_run:
            ensure(data, code)
        try:
            applied = send(profile, operator.http, dry_run=dry_run)
        except ProfileFaults as error:
            _fail(error)
        except NewOrganisation:
            console.print(
                f"[green]✓[/] {name} ({code}) is new to {operator.url}: its services are asked when it is applied (dry run)"
            )
            return
        except Refused as error:
            errors.print(f"[red]✗[/] {error}")
            raise typer.Exit(1) from error
        except httpx.HTTPError as error:
            errors.print(f"[red]✗[/] {operator.url} does not answer ({error}). Is it running? `loop status` says.")
            raise typer.Exit(1) from error
    _warn(profile)
    for each in applied:
        for note in each.notes:
            errors.print(f"[yellow]![/] {each.service}: ", end="")
            errors.print(note, markup=False)
    if dry_run:
        console.print(f"[green]✓[/] {name}: every service would take it; nothing was changed (dry run)")
        return
    changed = ", ".join(each.service for each in applied if each.changed)
    console.print(
        f"[green]✓[/] {name}: " + (f"applied to {changed}" if changed else "nothing to change, it is in force already")
    )


def _operator(data: Path, url: str | None, key_file: Path | None) -> Operator:
    """The way into the installation that was named, else into the one that runs from the data folder; else exit status 2."""
    try:
        return Operator.of(data, url=url, key_file=key_file)
    except ServerError as error:
        errors.print(str(error), markup=False)
        raise typer.Exit(2) from error


def _read(folder: Path) -> Profile:
    """The profile of a folder, or the list of what is wrong in it and exit status 1."""
    try:
        profile = read_profile(folder)
        if faults := check(profile):
            raise ProfileFaults(faults)
    except ProfileFaults as error:
        _fail(error)
    return profile


def _fail(error: ProfileFaults) -> NoReturn:
    for fault in error.faults:
        errors.print(str(fault), markup=False)
    number = len(error.faults)
    errors.print(f"[red]✗[/] {number} {'place is' if number == 1 else 'places are'} wrong; nothing was changed")
    raise typer.Exit(1) from error


def _warn(profile: Profile) -> None:
    """Says which translations nobody has read yet: families would be the first."""
    part = profile.parts["questionnaires"]
    for file in part if isinstance(part, tuple) else ():
        waiting = file.data["needs_review"] if isinstance(file.data, dict) else None
        if isinstance(waiting, list) and waiting:
            languages = ", ".join(map(str, waiting))
            errors.print(f"[yellow]![/] {file.place('/needs_review')}: still to be read by a fluent speaker: {languages}")
