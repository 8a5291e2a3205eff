"""Forms by which staff take a step about a record that others may have changed meanwhile: worries, families to call."""

from fastapi import Request

from chassis.identity import Identity
from chassis.pages import Form, csrf_token, read_form
from chassis.pages.forms import require_token
from feedback.adapters import sealing
from feedback.context import context_of

MOST_DIGITS = 9  # of a revision


def revision_in(form: Form) -> int:
    """The revision that the page showed; -1, which none has, where the field does not hold one."""
    seen = form.text("revision")[:MOST_DIGITS]
    return int(seen) if seen.isascii() and seen.isdecimal() else -1


def token_for(request: Request, identity: Identity) -> str:
    """The token of somebody's forms."""
    return csrf_token(sealing.form_key(context_of(request).secrets), identity.subject)


async def posted(request: Request, identity: Identity) -> Form:
    """The form that was posted from a page of ours."""
    form = await read_form(request)
    require_token(form, sealing.form_key(context_of(request).secrets), identity.subject)
    return form
