"""Subscriptions as their owner sees them: all, one with its story, its log, and one message with its attempts."""

from dataclasses import dataclass
from uuid import UUID

from chassis import keyset
from chassis.errors import not_found
from gateway.adapters import history, webhook_log, webhooks
from gateway.adapters.webhook_log import Attempt, Message
from gateway.domain.history import Done
from gateway.domain.webhooks import Subscription
from gateway.use_cases.webhook_setup import Asking, WebhookSetup, may_see

_HISTORY = 100


@dataclass(frozen=True)
class SeenWebhook:
    """A subscription with its address in clear, what waits and failed, and its story, the newest first."""

    subscription: Subscription
    waiting: int
    failed: int
    history: list[Done]


@dataclass(frozen=True)
class SeenMessage:
    """A message with exactly what is sent, and its attempts."""

    message: Message
    payload: str
    attempts: list[Attempt]


async def list_webhooks(setup: WebhookSetup, asking: Asking) -> list[SeenWebhook]:
    """The subscriptions of the organisation, or of the machine that asks, by name."""
    async with setup.uow.begin(asking.org) as transaction:
        found = await webhooks.listed(transaction.connection, asking.org, asking.client_id)
        counts = await webhook_log.counts(transaction.connection, [each.id for each, _ in found])
    return [
        SeenWebhook(
            setup.opened(each, sealed),
            counts[each.id].get("waiting", 0),
            counts[each.id].get("failed", 0),
            [],
        )
        for each, sealed in found
    ]


async def see_webhook(setup: WebhookSetup, asking: Asking, subscription_id: str) -> SeenWebhook:
    """One subscription. Raises DomainError where there is none of who asks."""
    async with setup.uow.begin(asking.org) as transaction:
        found = await webhooks.by_id(transaction.connection, asking.org, subscription_id)
        if found is None or not may_see(asking, found[0]):
            raise not_found("subscription")
        counts = (await webhook_log.counts(transaction.connection, [subscription_id]))[subscription_id]
        story = await history.done_with(transaction.connection, "subscription", asking.org, subscription_id, _HISTORY)
    return SeenWebhook(setup.opened(*found), counts.get("waiting", 0), counts.get("failed", 0), story)


async def see_log(
    setup: WebhookSetup, asking: Asking, subscription_id: str, state: str | None, after: str | None, limit: int
) -> tuple[list[Message], str | None]:
    """A page of messages, the newest first, and the cursor of the next page."""
    before = _position(after) if after else None
    async with setup.uow.begin(asking.org) as transaction:
        found = await webhooks.by_id(transaction.connection, asking.org, subscription_id)
        if found is None or not may_see(asking, found[0]):
            raise not_found("subscription")
        rows = await webhook_log.page(transaction.connection, subscription_id, state, before, limit + 1)
    return rows[:limit], keyset.encode(rows[limit - 1].id) if len(rows) > limit else None


async def see_message(setup: WebhookSetup, asking: Asking, subscription_id: str, event_id: str) -> SeenMessage:
    """One message. Raises DomainError where it is not kept, or not of who asks."""
    async with setup.uow.begin(asking.org) as transaction:
        found = await webhooks.by_id(transaction.connection, asking.org, subscription_id)
        if found is None or not may_see(asking, found[0]):
            raise not_found("subscription")
        seen = await webhook_log.one(transaction.connection, subscription_id, event_id)
    if seen is None:
        raise not_found("message")
    return SeenMessage(*seen)


def _position(cursor: str) -> UUID:
    (ident,) = keyset.decode(cursor, 1)
    try:
        return UUID(ident)
    except (AttributeError, TypeError, ValueError):
        raise keyset.malformed() from None
