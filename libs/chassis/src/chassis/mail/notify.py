"""Mails through GOV.UK Notify (`chassis.notify`).

One of the service's templates has the subject `((subject))` and the message `((body))`, and each mail fills the two. Replies go
where the Notify service says (`email_reply_to_id`); a message's own `reply_to` has no place there.

Notify attaches nothing: a file is sent as a link, in a second template that has `((link_to_file))` besides. Whoever opens it
confirms the mail address first, and Notify keeps the file for some weeks.
"""

import base64
from typing import Any
from uuid import UUID

from chassis.mail.message import Attachment, MailRefused, Message
from chassis.notify import ADDRESS, ApiKey, NotifyService

__all__ = ["ADDRESS", "ApiKey", "NotifyMailer"]

KEPT = "26 weeks"
"""How long Notify keeps a file that was sent: what a complaint's stages may take, and Notify's own default."""


class NotifyMailer:
    """Sends by one template of one Notify service."""

    def __init__(
        self,
        key: ApiKey,
        template: UUID,
        *,
        file_template: UUID | None = None,
        reply_to: UUID | None = None,
        address: str = ADDRESS,
        seconds: float = 20.0,
    ) -> None:
        self._service = NotifyService(key, address=address, seconds=seconds)
        self._template = template
        self._file_template = file_template
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
        template = self._template
        personalisation: dict[str, Any] = {"subject": message.subject, "body": message.body}
        if message.attachment is not None:
            if self._file_template is None:
                raise MailRefused("GOV.UK Notify sends a file only by the template of LOOP_MAIL_NOTIFY_FILE_TEMPLATE")
            template, personalisation = self._file_template, {**personalisation, "link_to_file": _link(message.attachment)}
        payload: dict[str, Any] = {
            "email_address": message.to,
            "template_id": str(template),
            "personalisation": personalisation,
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


def _link(attachment: Attachment) -> dict[str, Any]:
    return {
        "file": base64.b64encode(attachment.content).decode(),
        "filename": attachment.name,
        "confirm_email_before_download": True,
        "retention_period": KEPT,
    }
