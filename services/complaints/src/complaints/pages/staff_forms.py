"""What the forms of staff have in common: tokens, days in three fields, and the errors of a refusal beside their fields."""

import re
from collections.abc import Mapping
from datetime import date, datetime

from fastapi import Request

from chassis.access import org_of
from chassis.days import british_time
from chassis.errors import DomainError
from chassis.identity import Identity
from chassis.pages import Form, csrf_token, read_form
from chassis.pages.forms import require_token
from complaints.use_cases.setup import Setup

MOST_DIGITS = 9
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*", re.ASCII)
BIG_FORM = 256 * 1024
"""Bytes of a form with a whole letter in it: 20,000 characters of Urdu are 120 kB as they are sent."""


def setup_of(request: Request) -> Setup:
    """The set-up of the application."""
    found: Setup = request.app.state.setup
    return found


def token_for(request: Request, identity: Identity) -> str:
    """The token of somebody's forms."""
    return csrf_token(setup_of(request).form_key(org_of(identity)), identity.subject)


async def posted(request: Request, identity: Identity) -> Form:
    """The form that was posted from a page of ours. Read before a transaction is opened: a slow phone holds no connection."""
    form = await read_form(request, BIG_FORM)
    require_token(form, setup_of(request).form_key(org_of(identity)), identity.subject)
    return form


def number_in(form: Form, name: str = "revision") -> int:
    """A number that the page put into the form; -1, which nothing has, where the field does not hold one."""
    seen = form.text(name)[:MOST_DIGITS]
    return int(seen) if seen.isascii() and seen.isdecimal() else -1


def typed(form: Mapping[str, str], name: str) -> bool:
    """Whether anything was typed for a day."""
    return any(form.get(f"{name}-{part}", "").strip() for part in ("day", "month", "year"))


def day_in(form: Form, name: str) -> date | None:
    """A day typed as day, month and year (`<name>-day`, `-month`, `-year`); None where it is none."""
    parts = [form.text(f"{name}-{part}") for part in ("year", "month", "day")]
    if not all(part.isascii() and part.isdecimal() and len(part) <= 4 for part in parts):  # noqa: PLR2004 - digits of a year
        return None
    try:
        return date(*(int(part) for part in parts))
    except ValueError:
        return None


def day_parts(on: date | None) -> dict[str, str]:
    """A day as it stands in the three fields."""
    return {"day": str(on.day), "month": str(on.month), "year": str(on.year)} if on else {}


def moment_words(at: datetime) -> str:
    """A moment by British clocks: 28 April 2022, 14:05."""
    local = british_time(at)
    return f"{local.day} {local:%B %Y, %H:%M}"


def wrong_reference(form: Form) -> list[tuple[str, str]]:
    """The error of a reference that is none: it stands in logs and addresses, so it is no place for words."""
    given = form.text("reference")
    if not given or (len(given) <= 80 and _REFERENCE.fullmatch(given)):  # noqa: PLR2004 - as in the JSON interface
        return []
    return [("reference", "Use letters, digits and . _ / - only, 80 at most, or leave it empty")]


def errors_of(error: DomainError) -> list[tuple[str, str]]:
    """The violations of a refused form beside its fields; the refusal itself where it names none."""
    found = [(each.pointer.removeprefix("/").replace("/", "-"), each.detail) for each in error.errors]
    return found or [("main-content", error.detail)]
