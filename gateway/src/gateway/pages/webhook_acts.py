"""Pages of an administrator: what can be done with a subscription. Each is asked first, and done once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from fastapi import APIRouter
from starlette.responses import Response

from chassis.errors import DomainError, not_found
from chassis.pages import redirect
from chassis.pages.fields import Filled, at_first, filled
from gateway.domain.webhooks import OVERLAP_DAYS
from gateway.pages.client_form import Spec, whole
from gateway.pages.desk import Administrator, Desk
from gateway.pages.webhook_desk import asking, show_again, show_form
from gateway.pages.webhook_words import REPLAY_FIELDS, ROTATION_FIELDS
from gateway.pages.webhooks import WRONG, show_secret
from gateway.use_cases.replay_webhook import Again, replay_webhook
from gateway.use_cases.see_webhook import see_webhook
from gateway.use_cases.switch_webhook import (
    Overlap,
    delete_webhook,
    pause_webhook,
    resume_webhook,
    rotate_webhook,
    try_webhook,
)

log = structlog.get_logger(__name__)
router = APIRouter(prefix="/webhooks/{subscription_id}", include_in_schema=False)

Do = Callable[[Desk, str, int, Mapping[str, Any]], Awaitable[Response | None]]


async def _pause(desk: Desk, ident: str, revision: int, _: Mapping[str, Any]) -> None:
    await pause_webhook(desk.parts.webhooks, asking(desk), ident, revision)


async def _resume(desk: Desk, ident: str, revision: int, _: Mapping[str, Any]) -> None:
    await resume_webhook(desk.parts.webhooks, asking(desk), ident, revision)


async def _test(desk: Desk, ident: str, _: int, __: Mapping[str, Any]) -> Response:
    event_id = await try_webhook(desk.parts.webhooks, asking(desk), ident)
    return redirect(f"/webhooks/{ident}/messages/{event_id}")


async def _delete(desk: Desk, ident: str, revision: int, _: Mapping[str, Any]) -> Response:
    await delete_webhook(desk.parts.webhooks, asking(desk), ident, revision)
    return redirect("/webhooks")


async def _rotate(desk: Desk, ident: str, revision: int, values: Mapping[str, Any]) -> Response:
    days = str(values["overlap_days"])
    overlap = Overlap(whole(days) if days.isascii() and days.isdecimal() else -1)
    made = await rotate_webhook(desk.parts.webhooks, asking(desk), ident, overlap, revision)
    return show_secret(desk, ident, made.subscription.name, made.secret)


async def _replay(desk: Desk, ident: str, _: int, values: Mapping[str, Any]) -> None:
    again = Again(first=values["first"], last=values["last"], unsent=values["which"] == "unsent")
    await replay_webhook(desk.parts.webhooks, asking(desk), ident, again)


@dataclass(frozen=True)
class Act:
    """What is asked, and what is done."""

    spec: Spec
    do: Do
    defaults: Mapping[str, Any]


_ACTS = {
    "pause": Act(Spec("Pause it", "Pause it", (), "Nothing is sent until you let it go on. What happens is kept."), _pause, {}),
    "resume": Act(Spec("Let it go on", "Let it go on", intro="What waits is sent to it at once."), _resume, {}),
    "test": Act(
        Spec(
            "Send a test message",
            "Send it",
            intro="A signed message of type webhook.test. A receiver that answers is live. The next page shows how it went.",
        ),
        _test,
        {},
    ),
    "rotation": Act(
        Spec(
            "Give it a new secret",
            "Give it a new one",
            ROTATION_FIELDS,
            "Messages carry a signature of each for a while, so that there is time to give the system the new one.",
        ),
        _rotate,
        {"overlap_days": OVERLAP_DAYS},
    ),
    "replay": Act(
        Spec(
            "Send messages again",
            "Send them again",
            REPLAY_FIELDS,
            "Each keeps its ID, so that a system that has it already can tell.",
        ),
        _replay,
        {"which": "unsent"},
    ),
    "delete": Act(
        Spec(
            "Delete it",
            "Delete it",
            warning="It ends for good, with its secret, its log and all that waits. To stop for a while, pause it instead.",
        ),
        _delete,
        {},
    ),
}


def _act(name: str) -> Act:
    if name not in _ACTS:
        raise not_found("page")
    return _ACTS[name]


@router.get("/{act}")
async def ask(desk: Administrator, subscription_id: str, act: str) -> Response:
    """Ask whether it is to be done, and how."""
    found = _act(act)
    seen = await see_webhook(desk.parts.webhooks, asking(desk), subscription_id)
    return show_form(desk, found.spec, at_first(found.spec.fields, found.defaults), seen)


@router.post("/{act}")
async def do(desk: Administrator, subscription_id: str, act: str) -> Response:
    """Do it. A second click is told of the first."""
    found = _act(act)
    form = await desk.posted()
    seen = await see_webhook(desk.parts.webhooks, asking(desk), subscription_id)
    filled_in = filled(found.spec.fields, form) if found.spec.fields else Filled()
    if filled_in.errors:
        return show_form(desk, found.spec, filled_in, seen, status=WRONG)
    try:
        answer = await found.do(desk, subscription_id, whole(form.text("revision")), filled_in.values)
    except DomainError as error:
        return await show_again(desk, found.spec, filled_in, subscription_id, error)
    log.info("webhook.done", org=desk.org, subscription=subscription_id, act=act)
    return answer or redirect(f"/webhooks/{subscription_id}")


@router.post("/messages/{event_id}/again")
async def again(desk: Administrator, subscription_id: str, event_id: str) -> Response:
    """Send one message again."""
    await desk.posted()
    await replay_webhook(desk.parts.webhooks, asking(desk), subscription_id, Again(event_id))
    log.info("webhook.done", org=desk.org, subscription=subscription_id, act="again")
    return redirect(f"/webhooks/{subscription_id}/messages/{event_id}")
