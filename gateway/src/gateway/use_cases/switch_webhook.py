"""Pause a subscription, let it go on, ask its receiver for an answer, give it a new secret, or delete it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chassis.errors import DomainError
from gateway.adapters import webhooks
from gateway.adapters.webhook_sealing import OldSecret
from gateway.adapters.webhooks import Sealed
from gateway.domain.webhook_signatures import new_signing_secret
from gateway.domain.webhooks import MOST_OVERLAP_DAYS, Subscription
from gateway.use_cases.make_webhook import MadeWebhook, ask_for_answer
from gateway.use_cases.webhook_setup import Asking, WebhookSetup, hold_webhook, malformed, note

_MOST_OLD = 3
"""Secrets that sign beside the newest at once."""


async def pause_webhook(setup: WebhookSetup, asking: Asking, subscription_id: str, revision: int | None = None) -> Subscription:
    """Send nothing until it goes on; what happens meanwhile is kept for it. Pausing again changes nothing."""
    async with setup.recording.begin(asking.org) as transaction:
        found, *_ = await hold_webhook(transaction, asking, subscription_id)
        if found.status == "paused":
            return found
        await hold_webhook(transaction, asking, subscription_id, revision)
        if found.status != "live":
            raise DomainError("not-live", "Only a subscription that is live can be paused.")
        changed = await webhooks.change(transaction.connection, subscription_id, status="paused")
        note(transaction, subscription_id, "paused")
        return changed


async def resume_webhook(
    setup: WebhookSetup, asking: Asking, subscription_id: str, revision: int | None = None
) -> Subscription:
    """Let one that was paused or disabled go on: what waits is sent. One that is live stays so."""
    async with setup.recording.begin(asking.org) as transaction:
        found, *_ = await hold_webhook(transaction, asking, subscription_id)
        if found.status == "live":
            return found
        await hold_webhook(transaction, asking, subscription_id, revision)
        if found.status == "unverified":
            raise DomainError("not-answered", "Its receiver has not answered yet. Send it a test message.")
        if found.reason == "client":
            raise DomainError("client-shut-out", "The system that made it was shut out. Make a subscription of your own.")
        on = {"status": "live", "reason": None, "disabled_at": None, "failing_since": None}
        changed = await webhooks.change(transaction.connection, subscription_id, **on)
        note(transaction, subscription_id, "resumed")
        return changed


async def try_webhook(setup: WebhookSetup, asking: Asking, subscription_id: str) -> str:
    """Send a test message, and give its id. One that is not live yet becomes so when it is answered."""
    async with setup.recording.begin(asking.org) as transaction:
        found, *_ = await hold_webhook(transaction, asking, subscription_id)
        if found.status not in {"live", "unverified"}:
            raise DomainError("not-live", "It is paused or disabled, and sends nothing. Let it go on first.")
        event_id = await ask_for_answer(setup, transaction, asking.org, subscription_id)
        note(transaction, subscription_id, "tested")
        return event_id


@dataclass(frozen=True)
class Overlap:
    """For how many days the old secret signs beside the new one; 0: not at all."""

    days: int

    def end(self, moment: datetime) -> datetime | None:
        """Until when. Raises DomainError for days that cannot be."""
        if not 0 <= self.days <= MOST_OVERLAP_DAYS:
            raise malformed("/overlap_days", f"must be from 0 to {MOST_OVERLAP_DAYS}")
        return moment + timedelta(days=self.days) if self.days else None


async def rotate_webhook(
    setup: WebhookSetup, asking: Asking, subscription_id: str, overlap: Overlap, revision: int | None = None
) -> MadeWebhook:
    """Give it a new signing secret. The old one signs beside it for a while, so that its receiver can change over in peace."""
    keys, end = setup.keys, overlap.end(setup.clock())
    secret = new_signing_secret()
    async with setup.recording.begin(asking.org) as transaction:
        _, sealed = await hold_webhook(transaction, asking, subscription_id, revision)
        old = _still_signing(setup, asking.org, subscription_id, sealed, end)
        values = {
            "secret": keys.secret(asking.org, subscription_id, secret),
            "previous_secret": keys.previous(asking.org, subscription_id, old) if old else None,
            "previous_until": max(each.until for each in old) if old else None,
        }
        changed = await webhooks.change(transaction.connection, subscription_id, **values)
        note(transaction, subscription_id, "rotated", overlap_days=overlap.days)
    return MadeWebhook(changed, secret)


def _still_signing(
    setup: WebhookSetup, org: str, subscription_id: str, sealed: Sealed, end: datetime | None
) -> list[OldSecret]:
    """The secrets that sign beside a new one, none for longer than `end`.

    Also those before the last: where the answer with a new secret was lost and another is made, the receiver still has them.
    """
    if end is None:
        return []
    older = setup.keys.open_previous(org, subscription_id, sealed.previous)
    current = setup.keys.open_secret(org, subscription_id, sealed.secret)
    kept = [OldSecret(each.secret, min(each.until, end)) for each in older if each.until > setup.clock()]
    return ([OldSecret(current, end)] if current else []) + kept[: _MOST_OLD - 1]


async def delete_webhook(setup: WebhookSetup, asking: Asking, subscription_id: str, revision: int | None = None) -> None:
    """End it for good: address and secrets go at once, its messages within minutes. What was done with it stays."""
    async with setup.recording.begin(asking.org) as transaction:
        await hold_webhook(transaction, asking, subscription_id, revision)
        empty = dict.fromkeys(("address", "contact", "secret", "previous_secret", "previous_until", "reason", "disabled_at"))
        await webhooks.change(transaction.connection, subscription_id, status="deleted", deleted_at=setup.clock(), **empty)
        note(transaction, subscription_id, "deleted")
