"""Tells somebody by mail that a subscription was disabled: whom it names, or who runs the installation."""

from typing import Any

import structlog
from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from chassis.mail import Message
from chassis.mail_queue import enqueue
from chassis.unit_of_work import Transaction
from gateway.adapters.webhook_sealing import WebhookSealing
from gateway.domain.webhook_notices import disabled_notice

log = structlog.get_logger(__name__)


class Telling:
    """Asks for mails in the transaction of what they tell of; `chassis.mail_sender` sends them."""

    def __init__(self, sealing: WebhookSealing, public_url: str, operator: str | None) -> None:
        """`operator` is told where a subscription names nobody."""
        self._sealing = sealing
        self._public_url = public_url.rstrip("/")
        self._operator = operator

    async def disabled(self, connection: AsyncConnection, row: Row[Any]) -> bool:
        """Ask for the mail; answers whether there is anybody to send it to. Each disabling is told once."""
        to = self._sealing.open_contact(row.org, row.subscription_id, row.contact) or self._operator
        if not to:
            log.warning("webhook.nobody_told", org=row.org, subscription=row.subscription_id)
            return False
        notice = disabled_notice(row.name, row.reason, f"{self._public_url}/webhooks/{row.subscription_id}")
        key = f"webhook-disabled:{row.subscription_id}:{row.revision}"
        message = Message(to, notice.subject, notice.body)
        return await enqueue(Transaction(connection, row.org), self._sealing.secrets, key, message)
