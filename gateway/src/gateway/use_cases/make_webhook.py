"""Subscribe a system to events. Its signing secret is shown once, and it is live when it has answered a message."""

import secrets
from dataclasses import dataclass

from chassis.errors import DomainError, FieldError, Kind
from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from gateway.adapters import webhook_log, webhooks
from gateway.adapters.webhooks import Sealed
from gateway.domain.webhook_events import EVERYTHING_OF, NEEDS, SENT, TEST, WITHHELD, out_of_reach
from gateway.domain.webhook_messages import message
from gateway.domain.webhook_signatures import new_signing_secret
from gateway.domain.webhooks import MOST, Subscription
from gateway.use_cases.webhook_setup import Asking, WebhookSetup, check_contact, note


@dataclass(frozen=True)
class NewWebhook:
    """What a subscription is to be. No areas: events of all of them, also of none."""

    name: str
    url: str
    types: frozenset[str]
    areas: frozenset[str] = frozenset()
    contact: str = ""
    """Mail address of who is told when it is disabled; empty: who runs the installation."""


@dataclass(frozen=True)
class MadeWebhook:
    """A subscription with its signing secret, in clear for the only time."""

    subscription: Subscription
    secret: str


async def make_webhook(setup: WebhookSetup, asking: Asking, new: NewWebhook) -> MadeWebhook:
    """Make a subscription, and let the test message be sent.

    Raises DomainError: an address that may not be, types that do not exist or are out of reach, a name that is taken, too many.
    """
    keys = setup.keys
    url, contact = setup.address(new.url), check_contact(new.contact)
    check_wanted(asking, new.types, new.areas)
    ident, secret = f"wh-{secrets.token_hex(8)}", new_signing_secret()
    made = Subscription(
        asking.org, ident, new.name, new.types, new.areas, "unverified", None, 1, setup.clock(), asking.actor.subject,
        asking.client_id, address=url, contact=contact,
    )  # fmt: skip
    async with setup.recording.begin(asking.org) as transaction:
        connection = transaction.connection
        if len(await webhooks.listed(connection, asking.org, None)) >= MOST:
            raise DomainError("too-many-webhooks", f"There are {MOST} subscriptions already. Delete one that is not used.")
        address, told = keys.address(asking.org, ident, url), keys.contact(asking.org, ident, contact)
        sealed = Sealed(address, keys.secret(asking.org, ident, secret), None, told)
        if not await webhooks.add(connection, made, sealed):
            raise name_taken()
        note(transaction, ident, "made", types=sorted(new.types), areas=sorted(new.areas))
        await ask_for_answer(setup, transaction, asking.org, ident)
    return MadeWebhook(made, secret)


async def ask_for_answer(setup: WebhookSetup, transaction: Transaction, org: str, subscription_id: str) -> str:
    """Let a test message be sent, and give its id; the worker makes the subscription live when it is answered."""
    message_id = new_id()
    body = message(TEST, setup.clock().isoformat(), {"subscription": subscription_id})
    await webhook_log.add(transaction.connection, org, subscription_id, message_id, (str(message_id), TEST, body))
    return str(message_id)


def check_wanted(asking: Asking, types: frozenset[str], areas: frozenset[str]) -> None:
    """Raise DomainError for what cannot be subscribed to, each with the reason, and for nothing at all."""
    if not types:
        raise _wrong((FieldError("/types", "choose at least one kind of event"),))
    errors = [FieldError("/types", why_not(each, asking.scopes)) for each in out_of_reach(types, asking.scopes)[:20]]
    if asking.areas and not (areas and areas <= asking.areas):
        allowed = ", ".join(sorted(asking.areas))
        errors.append(FieldError("/areas", f"name at least one, and only service areas that you are limited to: {allowed}"))
    if errors:
        raise _wrong(tuple(errors))


def why_not(wanted: str, scopes: frozenset[str] | None) -> str:
    """Why a kind of event cannot be asked for."""
    if wanted in WITHHELD:
        return f"'{wanted}' is sent to nobody: {WITHHELD[wanted]}"
    if scopes is not None and wanted in SENT:
        return f"'{wanted}' needs the scope {NEEDS[wanted]}"
    if wanted in EVERYTHING_OF:
        return f"'{wanted}' needs a scope to read what that service tells"
    return f"'{wanted[:80]}' is no kind of event. GET /gateway/v1/webhooks/event-types lists them"


def name_taken() -> DomainError:
    """The error for the name of another subscription of the organisation."""
    detail = "another subscription has this name. Take another, so that nobody deletes the wrong one"
    return DomainError("webhook-name-taken", f"Nothing was made: {detail}.", Kind.CONFLICT, (FieldError("/name", detail),))


def _wrong(errors: tuple[FieldError, ...]) -> DomainError:
    return DomainError("malformed-webhook", "The subscription cannot be kept as it is.", Kind.MALFORMED, errors)
