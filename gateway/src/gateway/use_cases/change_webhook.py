"""Change what a subscription is called, where it goes, and what it asks for."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.exc import IntegrityError

from gateway.adapters import webhooks
from gateway.domain.webhooks import Subscription
from gateway.use_cases.make_webhook import ask_for_answer, check_wanted, name_taken
from gateway.use_cases.webhook_setup import Asking, WebhookSetup, check_contact, hold_webhook, note


@dataclass(frozen=True)
class WebhookChange:
    """What is to be different; None stays."""

    name: str | None = None
    url: str | None = None
    types: frozenset[str] | None = None
    areas: frozenset[str] | None = None
    contact: str | None = None


async def change_webhook(
    setup: WebhookSetup, asking: Asking, subscription_id: str, wanted: WebhookChange, revision: int | None = None
) -> Subscription:
    """Store the change. Another address is live only when it has answered; what waits is sent to it then.

    Raises DomainError: as in making one, and where somebody changed it meanwhile.
    """
    keys, url = setup.keys, setup.address(wanted.url) if wanted.url is not None else None
    contact = None if wanted.contact is None else check_contact(wanted.contact)
    async with setup.recording.begin(asking.org) as transaction:
        before = setup.opened(*await hold_webhook(transaction, asking, subscription_id, revision))
        after = replace(
            before,
            name=wanted.name or before.name,
            types=before.types if wanted.types is None else wanted.types,
            areas=before.areas if wanted.areas is None else wanted.areas,
            address=before.address if url is None else url,
            contact=before.contact if contact is None else contact,
        )
        check_wanted(asking, after.types, after.areas)
        values = _values(before, after)
        moved, told = after.address != before.address, after.contact != before.contact
        if moved:
            values["address"] = keys.address(asking.org, subscription_id, after.address)
            values |= {"status": "unverified", "reason": None, "disabled_at": None, "failing_since": None}
        if told:
            values["contact"] = keys.contact(asking.org, subscription_id, after.contact)
        if not values:
            return before
        try:
            async with transaction.connection.begin_nested():
                changed = await webhooks.change(transaction.connection, subscription_id, **values)
        except IntegrityError as error:
            if "webhook_name_in_use" not in str(error.orig):
                raise
            raise name_taken() from None
        detail = {part: value for part, value in values.items() if part in {"name", "types", "areas"}}
        fresh = {part: "new" for part, is_new in (("address", moved), ("contact", told)) if is_new}
        note(transaction, subscription_id, "changed", **detail, **fresh)
        if moved:
            await ask_for_answer(setup, transaction, asking.org, subscription_id)
        return replace(changed, address=after.address, contact=after.contact)


def _values(before: Subscription, after: Subscription) -> dict[str, Any]:
    pairs = {
        "name": (before.name, after.name),
        "types": (sorted(before.types), sorted(after.types)),
        "areas": (sorted(before.areas), sorted(after.areas)),
    }
    return {name: new for name, (old, new) in pairs.items() if old != new}
