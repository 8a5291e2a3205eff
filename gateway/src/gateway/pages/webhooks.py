"""Pages of an organisation's administrator: which other systems are told of events, and what became of each message."""

from typing import Any

import structlog
from fastapi import APIRouter
from starlette.responses import Response

from chassis.errors import DomainError, FieldError, Kind
from chassis.pages import redirect
from chassis.pages.fields import Filled, at_first, filled
from gateway.pages.client_form import Spec, whole
from gateway.pages.desk import Administrator, Desk
from gateway.pages.webhook_desk import asking, show_again, show_form
from gateway.pages.webhook_words import (
    WEBHOOK_FIELDS,
    attempt_fact,
    done_with_row,
    facts_of_webhook,
    given_of,
    is_asked_for,
    message_row,
    state_of,
    to_the_second,
    type_in_words,
    wanted_of,
    why,
)
from gateway.use_cases.change_webhook import WebhookChange, change_webhook
from gateway.use_cases.make_webhook import make_webhook
from gateway.use_cases.see_webhook import SeenWebhook, list_webhooks, see_log, see_message, see_webhook

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/webhooks", include_in_schema=False)

_PAGE = 50
WRONG = 422

_NEW = Spec(
    "Tell another system of events",
    "Make it",
    WEBHOOK_FIELDS,
    "What happens is sent to the system as it happens: codes, dates and pseudonyms, no names and no words. It is asked for an "
    "answer first, and told of nothing before it gives one.",
)
_CHANGE = Spec("Change what a system is told", "Save", WEBHOOK_FIELDS, "A new address is asked for an answer first.")


@router.get("")
async def listed(desk: Administrator) -> Response:
    """Every subscription of the organisation."""
    found = await list_webhooks(desk.parts.webhooks, asking(desk))
    return desk.show(
        "webhooks.html",
        title="Events sent to other systems",
        cards=[_card(each) for each in found],
        ended=[_card(each) for each in found if each.subscription.status == "disabled"],
    )


def _card(seen: SeenWebhook) -> dict[str, Any]:
    state, colour = state_of(seen.subscription)
    known = [each for each in facts_of_webhook(seen) if each[0] in {"Sent to", "Told of", "Waiting", "Given up"}]
    return {
        "id": seen.subscription.id,
        "name": seen.subscription.name,
        "state": state,
        "colour": colour,
        "why": why(seen.subscription),
        "facts": known,
    }


@router.get("/new")
async def new(desk: Administrator) -> Response:
    """The form of a subscription."""
    _ = desk.parts.webhooks.keys
    return show_form(desk, _NEW, at_first(WEBHOOK_FIELDS, {}), None)


@router.post("/new")
async def make(desk: Administrator) -> Response:
    """Make it; its secret stands in this answer and nowhere else. A second click finds what the first made."""
    form = await desk.posted()
    filled_in = filled(WEBHOOK_FIELDS, form)
    if filled_in.errors:
        return show_form(desk, _NEW, filled_in, None, status=WRONG)
    try:
        made = await make_webhook(desk.parts.webhooks, asking(desk), wanted_of(filled_in.values))
    except DomainError as error:
        if error.slug == "webhook-name-taken" and (own := await _made_already(desk, filled_in)):
            return redirect(f"/webhooks/{own}")
        return await show_again(desk, _NEW, filled_in, "", _beside_its_field(error))
    log.info("webhook.made", org=desk.org, subscription=made.subscription.id)
    return show_secret(desk, made.subscription.id, made.subscription.name, made.secret)


def show_secret(desk: Desk, subscription_id: str, name: str, secret: str) -> Response:
    """The one answer with a secret."""
    return desk.show(
        "webhook-secret.html",
        201,
        title="Keep this now: it is shown once",
        caption=name,
        secret=secret,
        on=f"/webhooks/{subscription_id}",
    )


async def _made_already(desk: Desk, filled_in: Filled) -> str | None:
    for each in await list_webhooks(desk.parts.webhooks, asking(desk)):
        if each.subscription.created_by == desk.person.subject and is_asked_for(filled_in.values, each.subscription):
            return each.subscription.id
    return None


def _beside_its_field(error: DomainError) -> DomainError:
    """The kinds of events have fields of their own on the page."""
    errors = tuple(FieldError("/audit" if each.pointer == "/types" else each.pointer, each.detail) for each in error.errors)
    return DomainError(error.slug, error.detail, error.kind, errors, error.extra, error.retry_after)


@router.get("/{subscription_id}")
async def one(desk: Administrator, subscription_id: str, state: str = "", after: str = "") -> Response:
    """A subscription with its log and its story."""
    seen = await see_webhook(desk.parts.webhooks, asking(desk), subscription_id)
    wanted = state if state in {"waiting", "failed", "sent"} else None
    rows, cursor = await see_log(desk.parts.webhooks, asking(desk), subscription_id, wanted, after[:500] or None, _PAGE)
    words, colour = state_of(seen.subscription)
    return desk.show(
        "webhook.html",
        title=seen.subscription.name,
        each=seen.subscription,
        state=words,
        colour=colour,
        why=why(seen.subscription),
        facts_known=facts_of_webhook(seen),
        messages=[message_row(row, seen.subscription) for row in rows],
        next=cursor,
        chosen=wanted or "",
        history=[done_with_row(row, desk.person.subject) for row in seen.history],
    )


@router.get("/{subscription_id}/messages/{event_id}")
async def message(desk: Administrator, subscription_id: str, event_id: str) -> Response:
    """One message: what is sent, and each attempt."""
    seen = await see_webhook(desk.parts.webhooks, asking(desk), subscription_id)
    found = await see_message(desk.parts.webhooks, asking(desk), subscription_id, event_id)
    return desk.show(
        "webhook-message.html",
        title=type_in_words(found.message.type),
        caption=seen.subscription.name,
        each=seen.subscription,
        message=message_row(found.message, seen.subscription),
        facts_known=[
            ("Message ID", found.message.event_id),
            ("Kind of event", found.message.type),
            ("Came in", to_the_second(found.message.kept_at)),
        ],
        payload=found.payload,
        attempts=[attempt_fact(row) for row in found.attempts],
    )


@router.get("/{subscription_id}/change")
async def change_form(desk: Administrator, subscription_id: str) -> Response:
    """The form of what it is called, where it goes, and what it is told."""
    seen = await see_webhook(desk.parts.webhooks, asking(desk), subscription_id)
    return show_form(desk, _CHANGE, at_first(WEBHOOK_FIELDS, given_of(seen.subscription)), seen)


@router.post("/{subscription_id}/change")
async def change(desk: Administrator, subscription_id: str) -> Response:
    """Save it, unless somebody else was faster; then it is shown again beside how it is now."""
    form = await desk.posted()
    seen = await see_webhook(desk.parts.webhooks, asking(desk), subscription_id)
    filled_in = filled(WEBHOOK_FIELDS, form)
    if filled_in.errors:
        return show_form(desk, _CHANGE, filled_in, seen, status=WRONG)
    try:
        if is_asked_for(filled_in.values, seen.subscription):
            return redirect(f"/webhooks/{subscription_id}")
        wanted = wanted_of(filled_in.values)
        changed = WebhookChange(wanted.name, wanted.url, wanted.types, wanted.areas, wanted.contact)
        await change_webhook(desk.parts.webhooks, asking(desk), subscription_id, changed, whole(form.text("revision")))
    except DomainError as error:
        if error.kind is Kind.NOT_FOUND:
            raise
        return await show_again(desk, _CHANGE, filled_in, subscription_id, _beside_its_field(error))
    log.info("webhook.changed", org=desk.org, subscription=subscription_id)
    return redirect(f"/webhooks/{subscription_id}")
