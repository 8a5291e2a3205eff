"""A form about one API client: shown, shown again with what is wrong, and with what somebody else changed meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from chassis.errors import DomainError, Kind
from chassis.pages import Form, redirect
from chassis.pages.fields import Field, Filled, refused
from gateway.domain.history import Done
from gateway.pages.client_words import CLIENT_FIELDS, as_base, done_row, facts_of, is_as_now, merged
from gateway.pages.desk import Desk
from gateway.use_cases.see_client import Seen, see_client

_STATUS = {Kind.MALFORMED: 422, Kind.CONFLICT: 409}
STALE = 412
WRONG = 422


@dataclass(frozen=True)
class Spec:
    """What a form is called, what it says, and what its button does."""

    title: str
    button: str
    fields: tuple[Field, ...] = ()
    intro: str = ""
    warning: str = ""


def whole(text: str) -> int:
    """A number of a hidden field; 0, which is no revision, for what is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0  # noqa: PLR2004 - fits an integer


def show_form(
    desk: Desk, spec: Spec, filled_in: Filled, seen: Seen | None, status: int = 200, changed: Sequence[Done] = ()
) -> Response:
    """The page of a form; of one about a client with the revision that is seen on it."""
    back = f"/clients/{seen.client.client_id}" if seen else "/clients"
    return desk.show(
        "client-form.html",
        status,
        title=spec.title,
        list_title="Other systems",
        changed_title="What was changed since",
        caption=seen.client.name if seen else "",
        spec=spec,
        filled=filled_in,
        errors=filled_in.errors,
        back=back,
        revision=seen.client.revision if seen else None,
        known=len(seen.history) if seen else None,
        changed=[done_row(each, desk.person.subject) for each in changed],
        base=as_base(seen.client) if seen and spec.fields == CLIENT_FIELDS else "",
        now_is=facts_of(seen.client) if changed and seen else [],
    )


def since(seen: Seen, form: Form) -> list[Done]:
    """What was done since the page was made that the form came from, the newest first."""
    more = len(seen.history) - whole(form.text("known"))
    # The history is cut off where it is very long; then the newest says that something was done.
    return seen.history[: min(max(more, 1), 10)]


async def show_again(desk: Desk, spec: Spec, filled_in: Filled, form: Form, client_id: str, error: DomainError) -> Response:
    """The form with what was typed and why it was refused. Raises the error where no form can put it right."""
    if error.kind not in {*_STATUS, Kind.STALE}:
        raise error
    seen = await see_client(desk.parts.uow, desk.org, client_id) if client_id else None
    if error.kind is Kind.STALE and seen is not None:
        if spec.fields == CLIENT_FIELDS:
            filled_in = merged(filled_in, form.get("base", ""), seen.client)
            if is_as_now(filled_in, seen.client):
                return redirect(f"/clients/{client_id}")
        return show_form(desk, spec, filled_in, seen, STALE, since(seen, form))
    again = (
        refused(spec.fields, filled_in, error.errors, error.detail)
        if spec.fields
        else Filled(errors=(("main-content", error.detail),))
    )
    return show_form(desk, spec, again, seen, _STATUS[error.kind])
