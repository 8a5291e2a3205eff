"""What the form pages of disputes and acknowledgements have in common: who may, reading what was sent, and showing it again."""

from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.responses import Response

from audit.pages.dispute_forms import FormSpec
from audit.pages.dispute_words import Entry, Labels
from audit.pages.disputes import around, setup_of
from audit.use_cases.dispute_setup import MANAGER, OFFICER
from chassis.access import org_of, requires
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import Form, csrf_token, page, read_form
from chassis.pages.fields import Filled, refused
from chassis.pages.forms import require_token

Raiser = Annotated[Identity, Depends(requires(OFFICER, MANAGER))]

_DIGITS = 9


async def posted(request: Request, identity: Identity) -> Form:
    """The form that was sent, seen to be ours."""
    form = await read_form(request)
    require_token(form, setup_of(request).form_key(org_of(identity)), identity.subject)
    return form


def number_of(text: str) -> int:
    """A revision in a form; what is none fits no record, and is told so."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _DIGITS else 0


def said(error: DomainError, spec: FormSpec, given: Filled) -> Filled:
    """What a rule said, beside the fields. Anything that no field can put right is a page of its own."""
    if error.kind is not Kind.MALFORMED:
        raise error
    return refused(spec.fields, given, error.errors, error.detail)


def form_page(
    request: Request,
    identity: Identity,
    spec: FormSpec,
    given: Filled,
    labels: Labels,
    status: int = 200,
    *,
    changed: list[Entry] | None = None,
    **more: Any,
) -> Response:
    """The page of a form.

    `changed` is what somebody else changed since the form was opened. `more`: `back` (an address), `reference` of the record,
    `possible` (whether it can still be sent), `revision` or `once` for its hidden fields.
    """
    key = setup_of(request).form_key(org_of(identity))
    around_it = {"possible": True, "reference": None, **more, **around(labels)}
    return page(
        request,
        "dispute_form.html",
        status,
        title=spec.title,
        spec=spec,
        filled=given,
        errors=list(given.errors),
        token=csrf_token(key, identity.subject),
        changed=changed or [],
        **around_it,
    )
