"""What everything about webhooks begins with: that they are on, who asks, and the subscription, held as the person saw it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.mail import is_address
from chassis.outbox import now
from chassis.unit_of_work import Transaction, UnitOfWork
from gateway.adapters import history, webhooks
from gateway.adapters.webhook_sealing import WebhookSealing
from gateway.adapters.webhooks import Sealed
from gateway.domain.webhook_addresses import PORTS, Hosts, check_url
from gateway.domain.webhooks import Subscription
from gateway.use_cases.hold_client import Actor


@dataclass(frozen=True)
class Asking:
    """Who asks, for which organisation. A machine reaches its own subscriptions, its own scopes and service areas."""

    org: str
    actor: Actor
    client_id: str | None = None
    scopes: frozenset[str] | None = None
    areas: frozenset[str] = frozenset()


@dataclass(frozen=True)
class WebhookSetup:
    """The parts that use cases of webhooks share. Without keys (`LOOP_KEY_RING_FILE`) they are off.

    `recording` is as `uow`, and leaves what is done in the trail.
    """

    uow: UnitOfWork
    recording: UnitOfWork
    sealing: WebhookSealing | None
    ports: frozenset[int] = PORTS
    loopback: bool = False
    hosts: Hosts = None
    clock: Callable[[], datetime] = now

    @property
    def keys(self) -> WebhookSealing:
        """What seals. Raises DomainError where webhooks are off."""
        if self.sealing is None:
            detail = (
                "This installation sends no events to other systems. Whoever runs it can turn that on with "
                "LOOP_KEY_RING_FILE (docs/guides/webhooks.md)."
            )
            raise DomainError("webhooks-off", detail, Kind.UNAVAILABLE, retry_after=3600)
        return self.sealing

    def address(self, url: str) -> str:
        """An address that may be subscribed with. Raises DomainError with what is wrong with it."""
        try:
            return check_url(url, self.ports, loopback=self.loopback, hosts=self.hosts)
        except ValueError as error:
            raise malformed("/url", str(error)) from None

    def opened(self, found: Subscription, sealed: Sealed) -> Subscription:
        """The subscription with its addresses in clear; empty where the key was changed since."""
        return replace(
            found,
            address=self.keys.open_address(found.org, found.id, sealed.address) or "",
            contact=self.keys.open_contact(found.org, found.id, sealed.contact) or "",
        )


def check_contact(contact: str) -> str:
    """The address of who is told, empty for nobody. Raises DomainError for what is no mail address."""
    given = contact.strip()
    if given and not is_address(given):
        raise malformed("/contact", "must be one mail address, such as systems@council.example")
    return given


async def hold_webhook(
    transaction: Transaction, asking: Asking, subscription_id: str, revision: int | None = None
) -> tuple[Subscription, Sealed]:
    """A subscription with what is sealed of it, locked until the transaction ends.

    `revision` is the one that a person saw: this raises DomainError `changed-meanwhile` when there is a newer one.
    """
    found = await webhooks.by_id(transaction.connection, asking.org, subscription_id, lock=True)
    if found is None or not may_see(asking, found[0]):
        raise not_found("subscription")
    if revision is not None and revision != found[0].revision:
        raise DomainError(
            "changed-meanwhile",
            "This subscription has changed since you opened the page. Nothing was changed. Look at it again first.",
            Kind.STALE,
        )
    return found


def may_see(asking: Asking, found: Subscription) -> bool:
    """Whether a subscription is of who asks: of the organisation, and a machine's own."""
    return asking.client_id is None or asking.client_id == found.client_id


def note(transaction: Transaction, subscription_id: str, act: str, **detail: Any) -> None:
    """Write into the subscription's history."""
    history.note(transaction, "subscription", subscription_id, act, detail)


def malformed(pointer: str, detail: str, slug: str = "malformed-webhook") -> DomainError:
    """The error for something wrong at one place."""
    return DomainError(slug, f"The subscription cannot be kept: {detail}.", Kind.MALFORMED, (FieldError(pointer, detail),))
