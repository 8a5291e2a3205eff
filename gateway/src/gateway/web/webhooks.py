"""Webhooks for machines and the operator: subscriptions to events, and what is done with one."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field, StringConstraints

from chassis.access import OPERATOR, asks
from chassis.errors import DomainError, Kind
from gateway.access.trail import note
from gateway.domain.webhook_events import EVERYTHING_OF, NEEDS, SENT
from gateway.domain.webhooks import MOST_AREAS, MOST_OVERLAP_DAYS, MOST_TYPES, OVERLAP_DAYS, Status, Subscription
from gateway.proxy.incoming import Incoming
from gateway.use_cases.change_webhook import WebhookChange, change_webhook
from gateway.use_cases.hold_client import Actor
from gateway.use_cases.make_webhook import MadeWebhook, NewWebhook, make_webhook
from gateway.use_cases.see_webhook import SeenWebhook, list_webhooks, see_webhook
from gateway.use_cases.switch_webhook import (
    Overlap,
    delete_webhook,
    pause_webhook,
    resume_webhook,
    rotate_webhook,
    try_webhook,
)
from gateway.use_cases.webhook_setup import Asking
from gateway.web.admin import Code, Strict, org_asked
from gateway.web.parts import PartsDep, address_of

router = APIRouter(prefix="/gateway/v1/webhooks", tags=["gateway"])

SCOPE = "webhooks:manage"

_Org = Annotated[str | None, Query(max_length=63, description="The operator says for which organisation; or Loop-Org does.")]


async def asking(request: Request, parts: PartsDep, org: _Org = None) -> Asking:
    """A dependency that lets the operator in, and machines that hold `webhooks:manage`."""
    incoming = Incoming(request.scope["headers"])
    # A session is not asked for: no page can ride on a sign-in here. People have pages of their own.
    incoming.cookie = b""
    incoming.exact, incoming.certificate = request.state.exact, request.state.certificate
    principal = await parts.admission.admit(request.scope, incoming, address_of(request))
    request.scope["state"]["principal"] = principal
    note(request, principal)
    actor = Actor(principal.subject)
    if principal.kind == "operator":
        return Asking(org_asked(org, principal.org), actor)
    if principal.kind != "client" or principal.org is None or SCOPE not in principal.grants:
        detail = f"This needs the scope {SCOPE}. Ask your organisation's administrator for it."
        raise DomainError("forbidden", detail, Kind.FORBIDDEN)
    if org is not None and org != principal.org:
        raise DomainError("wrong-organisation", "These credentials act for another organisation.", Kind.FORBIDDEN)
    return Asking(principal.org, actor, principal.subject, principal.grants, principal.areas)


asks(asking, OPERATOR, SCOPE)
Caller = Annotated[Asking, Depends(asking)]
_READ = "The revision that was read; refused (412) when there is a newer one."
AskedRevision = Annotated[int | None, Query(ge=1, description=_READ)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Url = Annotated[str, StringConstraints(max_length=2_000)]
Types = Annotated[list[Annotated[str, StringConstraints(max_length=100)]], Field(min_length=1, max_length=MOST_TYPES)]
Contact = Annotated[str, StringConstraints(max_length=254)]
Areas = Annotated[list[Code], Field(max_length=MOST_AREAS)]


class WebhookBody(Strict):
    """A system that is to be told of events."""

    name: Name
    url: Url = Field(description="https, at a name; it is asked for an answer before anything else is sent.")
    types: Types = Field(
        description="Kinds of event (`complaints.v1.complaint_received`), or all of a service: `complaints.*`."
    )
    areas: Areas = Field(default=[], description="Only events that name one of these service areas; empty: all events.")
    contact: Contact = Field(default="", description="Mail address that is told when the subscription is disabled by itself.")


class ChangeWebhookBody(Strict):
    """What is to be different; what is left out stays."""

    name: Name | None = None
    url: Url | None = None
    types: Types | None = None
    areas: Areas | None = None
    contact: Contact | None = Field(default=None, description="Empty: nobody any more.")
    revision: int | None = Field(default=None, ge=1, description=_READ)


class WebhookRotationBody(Strict):
    """A secret that follows another."""

    overlap_days: int = Field(
        default=OVERLAP_DAYS,
        ge=0,
        le=MOST_OVERLAP_DAYS,
        description="How long messages carry a signature of each; 0: none.",
    )
    revision: int | None = Field(default=None, ge=1, description=_READ)


class WebhookAnswer(BaseModel):
    """A subscription, without its secret."""

    subscription_id: str
    org: str
    name: str
    url: str
    types: list[str]
    areas: list[str]
    contact: str = Field(description="Mail address that is told when it is disabled by itself; empty: the operator's.")
    status: Status = Field(description="`unverified` until its receiver has answered a test message with 2xx.")
    reason: str | None = Field(description="Why it was disabled: gone (410), failing (for three days), client (shut out).")
    revision: int
    created_at: datetime
    live_from: datetime | None
    failing_since: datetime | None = Field(description="Since when nothing got through.")
    disabled_at: datetime | None
    previous_secret_until: datetime | None
    client_id: str | None = Field(description="The machine that made it.")


class SeenWebhookAnswer(WebhookAnswer):
    """A subscription, and how many messages wait for it or were given up."""

    waiting: int
    failed: int


class MadeWebhookAnswer(WebhookAnswer):
    """A subscription with its signing secret, which is shown this once."""

    secret: str


class WebhookList(BaseModel):
    """All of the organisation, or of the machine that asks."""

    items: list[SeenWebhookAnswer]


class EventType(BaseModel):
    """A kind of event, and the scope that a machine needs to be sent it."""

    type: str
    description: str
    scope: str | None


class EventTypes(BaseModel):
    """All that can be subscribed to."""

    items: list[EventType]
    all_of_a_service: list[str]


class TestAnswer(BaseModel):
    """The test message that will be sent."""

    message_id: str


def _answer(each: Subscription) -> dict[str, Any]:
    return {
        "subscription_id": each.id, "org": each.org, "name": each.name, "url": each.address, "types": sorted(each.types),
        "areas": sorted(each.areas), "contact": each.contact, "status": each.status, "reason": each.reason,
        "revision": each.revision, "created_at": each.created_at, "live_from": each.live_from,
        "failing_since": each.failing_since, "disabled_at": each.disabled_at,
        "previous_secret_until": each.previous_until, "client_id": each.client_id,
    }  # fmt: skip


def _seen(each: SeenWebhook) -> SeenWebhookAnswer:
    return SeenWebhookAnswer(**_answer(each.subscription), waiting=each.waiting, failed=each.failed)


def _made(made: MadeWebhook, response: Response) -> MadeWebhookAnswer:
    response.headers["Cache-Control"] = "no-store"
    return MadeWebhookAnswer(**_answer(made.subscription), secret=made.secret)


@router.get("/event-types", summary="Kinds of event that can be subscribed to")
async def event_types(_: Caller) -> EventTypes:
    """What each says stands in the AsyncAPI; some events are sent to nobody, with reasons in docs/guides/webhooks.md."""
    items = [EventType(type=name, description=words, scope=NEEDS[name] or None) for name, words in SENT.items()]
    return EventTypes(items=items, all_of_a_service=list(EVERYTHING_OF))


@router.get("", summary="List subscriptions")
async def listed(parts: PartsDep, caller: Caller) -> WebhookList:
    """By name, without the deleted ones."""
    return WebhookList(items=[_seen(each) for each in await list_webhooks(parts.webhooks, caller)])


@router.post("", status_code=201, summary="Subscribe to events")
async def make(body: WebhookBody, response: Response, parts: PartsDep, caller: Caller) -> MadeWebhookAnswer:
    """The signing secret is in this answer and nowhere else. A name is used once, so a repeated request is refused with 409.

    A test message goes to the address at once. When it is answered with 2xx, the subscription is live, and what happens from
    then on is sent.
    """
    new = NewWebhook(body.name, body.url, frozenset(body.types), frozenset(body.areas), body.contact)
    return _made(await make_webhook(parts.webhooks, caller, new), response)


@router.get("/{subscription_id}", summary="Read a subscription")
async def one(subscription_id: str, parts: PartsDep, caller: Caller) -> SeenWebhookAnswer:
    """How it stands, and how much waits or failed."""
    return _seen(await see_webhook(parts.webhooks, caller, subscription_id))


async def _again(parts: PartsDep, caller: Asking, subscription_id: str) -> SeenWebhookAnswer:
    return _seen(await see_webhook(parts.webhooks, caller, subscription_id))


@router.patch("/{subscription_id}", summary="Change a subscription")
async def change(subscription_id: str, body: ChangeWebhookBody, parts: PartsDep, caller: Caller) -> SeenWebhookAnswer:
    """Another address is asked for an answer first; meanwhile everything is kept for it."""
    types = None if body.types is None else frozenset(body.types)
    areas = None if body.areas is None else frozenset(body.areas)
    wanted = WebhookChange(body.name, body.url, types, areas, body.contact)
    await change_webhook(parts.webhooks, caller, subscription_id, wanted, body.revision)
    return await _again(parts, caller, subscription_id)


@router.delete("/{subscription_id}", status_code=204, summary="Delete a subscription")
async def delete(subscription_id: str, parts: PartsDep, caller: Caller, revision: AskedRevision = None) -> None:
    """For good, with its messages. To stop for a while, pause it."""
    await delete_webhook(parts.webhooks, caller, subscription_id, revision)


@router.post("/{subscription_id}/pause", summary="Send nothing for a while")
async def pause(subscription_id: str, parts: PartsDep, caller: Caller) -> SeenWebhookAnswer:
    """What happens meanwhile is kept for thirty days. Pausing again changes nothing."""
    await pause_webhook(parts.webhooks, caller, subscription_id)
    return await _again(parts, caller, subscription_id)


@router.post("/{subscription_id}/resume", summary="Go on")
async def resume(subscription_id: str, parts: PartsDep, caller: Caller) -> SeenWebhookAnswer:
    """Also after it was disabled. What waits is sent."""
    await resume_webhook(parts.webhooks, caller, subscription_id)
    return await _again(parts, caller, subscription_id)


@router.post("/{subscription_id}/test", status_code=202, summary="Send a test message")
async def test(subscription_id: str, parts: PartsDep, caller: Caller) -> TestAnswer:
    """`webhook.test`, signed as all are. What came of it stands in the log."""
    return TestAnswer(message_id=await try_webhook(parts.webhooks, caller, subscription_id))


@router.post("/{subscription_id}/rotation", status_code=201, summary="Give it a new signing secret")
async def rotate(
    subscription_id: str, body: WebhookRotationBody, response: Response, parts: PartsDep, caller: Caller
) -> MadeWebhookAnswer:
    """Shown this once. Meanwhile messages carry two signatures, the new one first; one that fits is enough."""
    overlap = Overlap(body.overlap_days)
    made = await rotate_webhook(parts.webhooks, caller, subscription_id, overlap, body.revision)
    made = MadeWebhook((await see_webhook(parts.webhooks, caller, subscription_id)).subscription, made.secret)
    return _made(made, response)
