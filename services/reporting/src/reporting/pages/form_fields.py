"""What the forms of reporting's own records have in common: who may send them, their token, the version that a page showed."""

from typing import Annotated

from fastapi import Depends, Request

from chassis.access import org_of, requires
from chassis.identity import Identity
from chassis.pages import Form, csrf_token, read_form
from chassis.pages.forms import require_token
from chassis.secrets import Secrets
from reporting.pages.ways import COMPLAINTS_OFFICER, OFFICER

Writer = Annotated[Identity, Depends(requires(OFFICER, COMPLAINTS_OFFICER))]
_MOST_DIGITS = 9


def number_in(form: Form, name: str = "revision") -> int:
    """A number that the page put into the form; -1, which nothing has, where the field does not hold one."""
    seen = form.text(name)[:_MOST_DIGITS]
    return int(seen) if seen.isascii() and seen.isdecimal() else -1


def session(secrets: Secrets, identity: Identity) -> tuple[bytes, str]:
    """The key by which somebody's forms are known to be ours, and whose they are."""
    return secrets.key(org_of(identity), "reporting/forms"), identity.subject


def token(secrets: Secrets, identity: Identity) -> str:
    """The token of somebody's forms."""
    return csrf_token(*session(secrets, identity))


async def posted(request: Request, secrets: Secrets, identity: Identity, most: int) -> Form:
    """The form that was posted from a page of ours. Read before a transaction is opened: a slow phone holds no connection."""
    form = await read_form(request, most)
    require_token(form, *session(secrets, identity))
    return form
