"""A form about a subscription: shown, and shown again with what is wrong or how it is now."""

from starlette.responses import Response

from chassis.errors import DomainError, Kind
from chassis.pages.fields import Filled, refused
from gateway.pages.client_form import STALE, Spec
from gateway.pages.desk import Desk
from gateway.pages.webhook_words import done_with_row, facts_of_webhook
from gateway.use_cases.see_webhook import SeenWebhook, see_webhook
from gateway.use_cases.webhook_setup import Asking

_STATUS = {Kind.MALFORMED: 422, Kind.CONFLICT: 409, Kind.STALE: STALE}


def asking(desk: Desk) -> Asking:
    """Who asks: an administrator, for the whole organisation."""
    return Asking(desk.org, desk.actor)


def show_form(
    desk: Desk, spec: Spec, filled_in: Filled, seen: SeenWebhook | None, *, status: int = 200, stale: bool = False
) -> Response:
    """The page of a form, with the revision that is seen on it."""
    each = seen.subscription if seen else None
    return desk.show(
        "webhook-form.html",
        status,
        title=spec.title,
        list_title="Events sent to other systems",
        changed_title="What was done last",
        caption=each.name if each else "",
        spec=spec,
        filled=filled_in,
        errors=filled_in.errors,
        back=f"/webhooks/{each.id}" if each else "/webhooks",
        revision=each.revision if each else None,
        now_is=facts_of_webhook(seen) if seen and stale else [],
        changed=[done_with_row(row, desk.person.subject) for row in seen.history[:3]] if seen and stale else [],
    )


async def show_again(desk: Desk, spec: Spec, filled_in: Filled, subscription_id: str, error: DomainError) -> Response:
    """The form with what was typed and why it was refused. Raises the error where no form can put it right."""
    if error.kind not in _STATUS:
        raise error
    seen = await see_webhook(desk.parts.webhooks, asking(desk), subscription_id) if subscription_id else None
    if error.kind is Kind.STALE:
        return show_form(desk, spec, filled_in, seen, status=STALE, stale=True)
    again = (
        refused(spec.fields, filled_in, error.errors, error.detail)
        if spec.fields
        else Filled(errors=(("main-content", error.detail),))
    )
    return show_form(desk, spec, again, seen, status=_STATUS[error.kind])
