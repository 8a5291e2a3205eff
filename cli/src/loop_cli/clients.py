"""`loop client`: the systems of an organisation that may come in, and their credentials."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from loop_cli.operator import Operator
from loop_cli.options import DEFAULT_DATA, Data, Org

client = typer.Typer(no_args_is_help=True, help="Credentials of other systems.")
console = Console(highlight=False, width=None if sys.stdout.isatty() else 250)

Area = Annotated[list[str] | None, typer.Option("--area", help="Service area to which it is limited; repeat it.")]
Network = Annotated[
    list[str] | None, typer.Option("--network", help="Network from which it may come, such as 192.0.2.0/24; repeat it.")
]
Expires = Annotated[str | None, typer.Option("--expires", help="Last day, such as 2027-11-30; without it there is no end.")]
Key = Annotated[
    Path | None,
    typer.Option("--key", help="File with a public key (JWK, PEM) or a certificate (PEM).", exists=True, dir_okay=False),
]
Subject = Annotated[str, typer.Option("--subject", help="Subject of its certificates, such as CN=cms.example,O=Council.")]


@client.command()
def create(
    org: Org,
    name: Annotated[str, typer.Option("--name", help="What the system is called.")],
    scope: Annotated[list[str], typer.Option("--scope", help="What it may do, such as audit:outcomes:write; repeat it.")],
    area: Area = None,
    network: Network = None,
    expires: Expires = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Issue credentials for another system. They are shown this once."""
    body = {"name": name, "scopes": scope, "areas": area or [], "networks": network or [], "expires_on": expires}
    with Operator.of(data) as operator:
        issued = operator.call("POST", "/gateway/v1/clients", org=org, json=body)
    _show(issued, "client_id", "client_secret", "api_key")


@client.command()
def renew(client_id: str, org: Org, data: Data = DEFAULT_DATA) -> None:
    """Replace every key and secret of a system that lost them; the old ones end. It stays the same client."""
    with Operator.of(data) as operator:
        issued = operator.call("POST", f"/gateway/v1/clients/{client_id}/credentials", org=org)
    _show(issued, "client_id", "client_secret", "api_key")


def _show(issued: dict[str, Any], *names: str) -> None:
    for name in names:
        if issued.get(name):
            console.print(f"{name:<14} {issued[name]}", soft_wrap=True)
    if any(issued.get(name) for name in ("client_secret", "api_key", "secret")):
        console.print("Keep them now: only their hashes are stored.")


@client.command("list")
def list_clients(org: Org, data: Data = DEFAULT_DATA) -> None:
    """Show the systems of an organisation that may come in, and when the first of their credentials ends."""
    table = Table(box=None, pad_edge=False)
    for column in ("client_id", "name", "scopes", "state", "last used", "next end"):
        table.add_column(column)
    with Operator.of(data) as operator:
        for each in operator.pages("/gateway/v1/clients", org):
            state = "disabled" if each["disabled_at"] else "ends soon" if each["ends_soon"] else "active"
            used, end = each["last_used_on"] or "never", (each["next_end"] or "")[:10]
            table.add_row(each["client_id"], each["name"], " ".join(each["scopes"]), state, used, end)
    console.print(table)


@client.command()
def show(client_id: str, org: Org, data: Data = DEFAULT_DATA) -> None:
    """Show one system: its credentials, why it was last refused, and what was done with it."""
    with Operator.of(data) as operator:
        found = operator.call("GET", f"/gateway/v1/clients/{client_id}", org=org)
    console.print(f"{found['name']}: {'disabled' if found['disabled'] else 'active'}")
    for name in ("scopes", "areas", "networks"):
        console.print(f"{name:<9} {' '.join(found[name]) or 'all'}", soft_wrap=True)
    table = Table(box=None, pad_edge=False)
    for column in ("credential", "kind", "name", "state", "ends", "last used", "known by"):
        table.add_column(column)
    for each in found["credentials"]:
        end, used = (each["expires_at"] or "")[:16], each["last_used_on"] or "never"
        table.add_row(each["credential_id"], each["kind"], each["name"], each["state"], end, used, each["mark"])
    console.print(table)
    for each in found["refusals"]:
        console.print(f"Refused {each['last_at'][:16]}: {each['reason']} {each['credential_id'] or ''}")
    for each in found["history"]:
        console.print(f"{each['at'][:16]} {each['act']} by {each['by']} {each['detail'].get('name', '')}")


@client.command()
def add(
    client_id: str,
    org: Org,
    kind: Annotated[str, typer.Option("--kind", help="api-key, client-secret, public-key or certificate.")],
    name: Annotated[str, typer.Option("--name", help="What the credential is called.")],
    key: Key = None,
    subject: Subject = "",
    expires: Expires = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Give a system one more credential; the others go on."""
    body = {"kind": kind, "name": name, "expires_on": expires, "material": key.read_text() if key else subject}
    with Operator.of(data) as operator:
        made = operator.call("POST", f"/gateway/v1/clients/{client_id}/credentials/new", org=org, json=body)
    _show(made, "credential_id", "mark", "secret")


@client.command()
def rotate(
    client_id: str,
    credential_id: str,
    org: Org,
    overlap: Annotated[int, typer.Option("--overlap", help="Days that the old one still works; 0: it ends at once.")] = 7,
    key: Key = None,
    subject: Subject = "",
    expires: Expires = None,
    data: Data = DEFAULT_DATA,
) -> None:
    """Let a new credential follow an old one, which ends by itself after the overlap."""
    body = {"overlap_days": overlap, "expires_on": expires, "material": key.read_text() if key else subject}
    path = f"/gateway/v1/clients/{client_id}/credentials/{credential_id}/rotation"
    with Operator.of(data) as operator:
        made = operator.call("POST", path, org=org, json=body)
    _show(made, "credential_id", "mark", "secret")


@client.command()
def revoke(client_id: str, credential_id: str, org: Org, data: Data = DEFAULT_DATA) -> None:
    """End one credential of a system; it takes a few seconds to be felt everywhere."""
    with Operator.of(data) as operator:
        operator.call("DELETE", f"/gateway/v1/clients/{client_id}/credentials/{credential_id}", org=org)
    console.print(f"{credential_id} is revoked.")


@client.command()
def change(
    client_id: str,
    org: Org,
    scope: Annotated[list[str] | None, typer.Option("--scope", help="All that it may do from now on; repeat it.")] = None,
    area: Area = None,
    network: Network = None,
    *,
    everywhere: Annotated[bool, typer.Option("--any-area", help="No longer limited to service areas.")] = False,
    anywhere: Annotated[bool, typer.Option("--any-network", help="No longer limited to networks.")] = False,
    data: Data = DEFAULT_DATA,
) -> None:
    """Change what a system may do, in which service areas, and from where. What is not named stays."""
    given = {"scopes": scope, "areas": [] if everywhere else area, "networks": [] if anywhere else network}
    body = {name: value for name, value in given.items() if value is not None}
    with Operator.of(data) as operator:
        operator.call("PATCH", f"/gateway/v1/clients/{client_id}", org=org, json=body)
    console.print(f"{client_id} is changed.")


@client.command()
def disable(client_id: str, org: Org, data: Data = DEFAULT_DATA) -> None:
    """Shut a system out for good; it takes a few seconds to be felt everywhere."""
    with Operator.of(data) as operator:
        operator.call("DELETE", f"/gateway/v1/clients/{client_id}", org=org)
    console.print(f"{client_id} is disabled.")
