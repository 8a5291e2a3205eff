"""Mails through GOV.UK Notify (`chassis.notify`).

One of the service's templates has the subject `((subject))` and the message `((body))`, and each mail fills the two. Replies go
where the Notify service says (`email_reply_to_id`); a message's own `reply_to` has no place there.
"""

from typing import Any
from uuid import UUID

from chassis.mail.message import Message
from chassis.notify import ADDRESS, ApiKey, NotifyService

__all__ = ["ADDRESS", "ApiKey", "NotifyMailer"]


class NotifyMailer:
    """Sends by one template of one Notify service."""

    def __init__(
        self, key: ApiKey, template: UUID, *, reply_to: UUID | None = None, address: str = ADDRESS, seconds: float = 20.0
    ) -> None:
        self._service = NotifyService(key, address=address, seconds=seconds)
        self._template = template
        self._reply_to = reply_to

    @property
    def closed_because(self) -> str | None:
        """None: it carries."""
        return None

    async def send(self, message: Message, reference: str, *, doubtful: bool = False) -> None:
        """Hand one mail over; see `Mailer.send`. Where an earlier attempt is in doubt, Notify is asked first."""
        await self.hand_over(message, reference, doubtful=doubtful)

    async def hand_over(self, message: Message, reference: str, *, doubtful: bool = False) -> str | None:
        """As `send`; answers Notify's id of the mail, by which `service` tells what became of it."""
        payload: dict[str, Any] = {
            "email_address": message.to,
            "template_id": str(self._template),
            "personalisation": {"subject": message.subject, "body": message.body},
            "reference": reference,
        }
        if self._reply_to is not None:
            payload["email_reply_to_id"] = str(self._reply_to)
        if message.unsubscribe is not None:
            payload["one_click_unsubscribe_url"] = message.unsubscribe
        return await self._service.send("email", payload, (message.subject, message.body), doubtful=doubtful)

    @property
    def service(self) -> NotifyService:
        """The Notify service that it sends by."""
        return self._service

    async def close(self) -> None:
        """Close the connections."""
        await self._service.close()
