"""Who carries messages to families: a mail server, or GOV.UK Notify. One carrier for each channel, by the worker's settings."""

from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from chassis.mail import Mailer, MailPutOff, Message, mailer_of
from chassis.mail.message import NOT_CONFIGURED
from chassis.mail.notify import NotifyMailer
from chassis.notify import ApiKey, Fate, NotifyService
from contracts.feedback import MessageChannel
from feedback.domain.message_words import Words
from feedback.settings import FeedbackWorkerSettings


class Carrier(Protocol):
    """Carries the messages of a channel; each method raises `MailPutOff` or `MailRefused` and nothing else."""

    @property
    def closed_because(self) -> str | None:
        """Why it carries nothing at all; None where it carries."""

    @property
    def tells(self) -> bool:
        """Whether it tells what became of a message."""

    async def send(self, to: str, words: Words, reference: str, no: str, *, doubtful: bool) -> str | None:
        """Hand one message over, `no` being the address that ends reminders; answers the carrier's id of it, if it has one."""

    async def find(self, reference: str) -> str | None:
        """The carrier's id of a message by our reference."""

    async def fate(self, ident: str) -> Fate | None:
        """What became of a message; None where the carrier does not know."""

    async def close(self) -> None:
        """Let go of what was kept open."""


class MailCarrier:
    """E-mails through the carrier of all mails: a mail server, GOV.UK Notify, or none."""

    def __init__(self, mailer: Mailer) -> None:
        self._mailer = mailer
        self._notify = mailer if isinstance(mailer, NotifyMailer) else None

    @property
    def closed_because(self) -> str | None:
        """Why it carries nothing at all."""
        return self._mailer.closed_because

    @property
    def tells(self) -> bool:
        """A mail server takes a mail and says no more."""
        return self._notify is not None

    async def send(self, to: str, words: Words, reference: str, no: str, *, doubtful: bool) -> str | None:
        """Hand over one mail, which a mail program can end with one click."""
        message = Message(to, words.subject, words.body, unsubscribe=no)
        if self._notify is not None:
            return await self._notify.hand_over(message, reference, doubtful=doubtful)
        await self._mailer.send(message, reference, doubtful=doubtful)
        return None

    async def find(self, reference: str) -> str | None:
        """Notify's id by our reference."""
        return await self._notify.service.find(reference) if self._notify else None

    async def fate(self, ident: str) -> Fate | None:
        """What Notify says."""
        return await self._notify.service.fate(ident) if self._notify else None

    async def close(self) -> None:
        """Close the connections."""
        await self._mailer.close()


class NotifyTexts:
    """Text messages by one template of GOV.UK Notify, which holds `((body))` and nothing else."""

    tells = True
    closed_because = None

    def __init__(self, service: NotifyService, template: UUID, sender: UUID | None = None) -> None:
        self._service = service
        self._template = template
        self._sender = sender

    async def send(self, to: str, words: Words, reference: str, no: str, *, doubtful: bool) -> str | None:  # noqa: ARG002 - a Carrier
        """Hand over one text message; the way to say no stands in its words."""
        payload: dict[str, Any] = {
            "phone_number": to,
            "template_id": str(self._template),
            "personalisation": {"body": words.body},
            "reference": reference,
        }
        if self._sender is not None:
            payload["sms_sender_id"] = str(self._sender)
        return await self._service.send("sms", payload, (words.body,), doubtful=doubtful)

    async def find(self, reference: str) -> str | None:
        """Notify's id by our reference."""
        return await self._service.find(reference)

    async def fate(self, ident: str) -> Fate | None:
        """What Notify says."""
        return await self._service.fate(ident)

    async def close(self) -> None:
        """Close the connections."""
        await self._service.close()


class NoTexts:
    """Stands where no text messages are configured."""

    tells = False
    closed_because = NOT_CONFIGURED.replace("mail", "text message", 1)

    async def send(self, to: str, words: Words, reference: str, no: str, *, doubtful: bool) -> str | None:  # noqa: ARG002 - a Carrier
        """Raises `MailPutOff`, always."""
        raise MailPutOff(self.closed_because, for_all=True)

    async def find(self, reference: str) -> str | None:  # noqa: ARG002 - a Carrier
        """None."""
        return None

    async def fate(self, ident: str) -> Fate | None:  # noqa: ARG002 - a Carrier
        """None."""
        return None

    async def close(self) -> None:
        """Nothing is open."""


def carriers_of(settings: FeedbackWorkerSettings) -> Mapping[MessageChannel, Carrier]:
    """The carriers that the settings name."""
    texts: Carrier = NoTexts()
    key = settings.text_notify_api_key or settings.mail_notify_api_key
    if settings.text_transport == "notify" and key is not None and settings.text_notify_template is not None:
        service = NotifyService(ApiKey.parse(key.get_secret_value()), address=settings.mail_notify_url)
        texts = NotifyTexts(service, settings.text_notify_template, settings.text_notify_sender)
    return {"email": MailCarrier(mailer_of(settings)), "text": texts}
