"""What the forms of staff have in common: tokens, days in three fields, and the errors of a refusal beside their fields."""

import re
from collections.abc import Mapping

from fastapi import Request

from chassis.access import org_of
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
