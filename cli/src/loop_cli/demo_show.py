"""Where to look once the demonstration stands: pages, one survey link with its QR code, API, BI feed, credentials."""

import io
import uuid

import httpx
import segno
from rich.console import Console
from rich.text import Text

from loop_cli.demo_api import DemoError
from loop_cli.demo_credentials import FILE, Credentials
from loop_cli.profile_files import SHIPPED
from loop_cli.stack import EmbeddedStack

# The quarter that most of the printed figures are of; what came in later would show a newer one, nearly empty.
QUARTER = "2022-23-q1"
LINK = {
    "questionnaire": "new-ehcp",
    "service_area": "send",
    "team": None,
    "channel": "handed-over",
    "reusable": False,
    "about_on": None,
    "expires_on": None,
    "reference": None,
}


def survey_link(url: str, credentials: Credentials) -> tuple[str, str]:
    """A fresh link for whoever sits in front of the terminal, and the short code for those who cannot scan."""
    answer = httpx.post(
        f"{url}/feedback/v1/invitations",
        json=LINK,
        headers={"X-API-Key": credentials[SHIPPED[0]]["surveys"]["api_key"], "Idempotency-Key": str(uuid.uuid4())},
        timeout=30,
    )
    if answer.is_error:
        raise DemoError(f"No survey link was issued: {answer.status_code} {answer.text[:300]}")
    body = answer.json()
    return body["url"], body["short_code"]


def qr_lines(url: str) -> str:
    """A QR code in half blocks, which any terminal with Unicode can show."""
    out = io.StringIO()
    segno.make(url, error="m").terminal(out=out, compact=True, border=2)
    return out.getvalue()


def where_to_look(stack: EmbeddedStack, credentials: Credentials, console: Console) -> None:
    """Prints the addresses, and stays silent about nothing that a newcomer needs to go on."""
    link, short_code = survey_link(stack.url, credentials)
    bi = credentials[SHIPPED[0]]["bi"]
    lines = (
        ("Dashboard", f"{stack.url}/reporting/?period={QUARTER}"),
        ("", f"sign in as anybody: {stack.url}/sign-in"),
        ("SEND report", f"{stack.url}/reporting/reports/send-complaints?period={QUARTER}"),
        ("API", f"{stack.url}/docs"),
        ("BI feed", f"{stack.url}/reporting/odata/v4"),
        ("", f"user {bi['client_id']}"),
        ("", f"password {bi['client_secret']}"),
        ("Credentials", f"{stack.layout.root / FILE}, of all systems that the demonstration plays"),
        ("A survey", link),
        ("", f"or {stack.url}/s/code with the code {short_code}"),
    )
    console.print()
    for label, value in lines:
        # Not wrapped: an address in two lines cannot be clicked.
        console.print(f"[bold]{label:<12}[/] {value}", soft_wrap=True)
    if console.is_terminal:
        console.print(Text.from_ansi(qr_lines(link)))
    console.print("It stays up. Ctrl-C stops everything and keeps the data; `make reset` deletes them.")
