"""Settings of mail, and the carrier that they name. docs/guides/mail.md explains them to the operator."""

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from pydantic import Field, SecretStr, field_validator, model_validator

from chassis.mail.message import NOT_CONFIGURED, Mailer, NoMailer, is_address, is_line
from chassis.mail.notify import ADDRESS, ApiKey, NotifyMailer
from chassis.mail.smtp import PORTS, Security, Sender, SmtpMailer, SmtpServer
from chassis.settings import Days, Seconds, Settings

log = structlog.get_logger(__name__)

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class MailSettings(Settings):
    """What a process that sends mail reads from the environment."""

    mail_transport: Literal["none", "smtp", "notify"] = Field(default="none", description="Who carries mails.")
    mail_give_up_days: Days = Field(default=3, ge=1, le=30, description="Days after which an unsent mail is given up.")
    mail_keep_days: Days = Field(
        default=14, ge=1, le=365, description="Days after which a mail's address and content are deleted."
    )

    mail_from: str | None = Field(default=None, description="Address that mails come from (smtp).")
    mail_from_name: str = Field(default="Learning Loop", description="Name beside that address (smtp).")
    mail_reply_to: str | None = Field(default=None, description="Address that answers go to (smtp).")
    mail_smtp_host: str | None = Field(default=None, description="The mail server's name; needed with smtp.")
    mail_smtp_port: int | None = Field(
        default=None, ge=1, le=65535, description="Its port; unset: 587 with starttls, 465 with tls, 25 with none."
    )
    mail_smtp_security: Security = Field(
        default="starttls", description="How the connection to it is encrypted; none: only for a relay in the same building."
    )
    mail_smtp_user: str | None = Field(default=None, description="Who signs in at the mail server, where somebody must.")
    mail_smtp_password: SecretStr | None = Field(default=None, description="The password of that user.")
    mail_smtp_ca_file: Path | None = Field(default=None, description="Certificates to trust instead of the system's (PEM).")
    mail_smtp_seconds: Seconds = Field(default=20.0, gt=0, le=60, description="How long an answer of the server may take.")

    mail_notify_api_key: SecretStr | None = Field(
        default=None, description="API key of GOV.UK Notify, whole; needed with notify."
    )
    mail_notify_template: UUID | None = Field(
        default=None, description="Id of the template with ((subject)) and ((body)); needed with notify."
    )
    mail_notify_file_template: UUID | None = Field(
        default=None, description="Template with ((subject)), ((body)) and ((link_to_file)), for mails with a file."
    )
    mail_notify_reply_to: UUID | None = Field(default=None, description="Id of a reply-to address of the Notify service.")
    mail_notify_url: str = Field(default=ADDRESS, description="Address of the Notify service's API.")

    @field_validator("mail_from", "mail_reply_to")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value is not None and not is_address(value):
            msg = "expected one mail address"
            raise ValueError(msg)
        return value

    @field_validator("mail_from_name")
    @classmethod
    def _line(cls, value: str) -> str:
        if not is_line(value) or "=?" in value:
            msg = "expected one line of text"
            raise ValueError(msg)
        return value

    @field_validator("mail_notify_api_key")
    @classmethod
    def _key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            ApiKey.parse(value.get_secret_value())
        return value

    @field_validator("mail_notify_url")
    @classmethod
    def _url(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            msg = "expected an https address"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed: dict[str, object] = {}
        if self.mail_transport == "smtp":
            needed = {"LOOP_MAIL_SMTP_HOST": self.mail_smtp_host, "LOOP_MAIL_FROM": self.mail_from}
        elif self.mail_transport == "notify":
            needed = {
                "LOOP_MAIL_NOTIFY_API_KEY": self.mail_notify_api_key,
                "LOOP_MAIL_NOTIFY_TEMPLATE": self.mail_notify_template,
            }
        if missing := [name for name, value in needed.items() if value is None]:
            msg = f"with LOOP_MAIL_TRANSPORT={self.mail_transport} also needed: {', '.join(missing)}"
            raise ValueError(msg)
        if (self.mail_smtp_user is None) != (self.mail_smtp_password is None):
            msg = "LOOP_MAIL_SMTP_USER and LOOP_MAIL_SMTP_PASSWORD go together"
            raise ValueError(msg)
        if self.mail_smtp_user is not None and self.mail_smtp_security == "none":
            msg = "LOOP_MAIL_SMTP_SECURITY=none would send the password for all to read: use starttls or tls"
            raise ValueError(msg)
        return self


def mailer_of(settings: MailSettings) -> Mailer:
    """The carrier that the settings name. Where they name none it says so, once and loudly."""
    if settings.mail_transport == "smtp" and settings.mail_smtp_host and settings.mail_from:
        return SmtpMailer(_server(settings, settings.mail_smtp_host), _sender(settings, settings.mail_from))
    if settings.mail_transport == "notify" and settings.mail_notify_api_key and settings.mail_notify_template:
        return NotifyMailer(
            ApiKey.parse(settings.mail_notify_api_key.get_secret_value()),
            settings.mail_notify_template,
            file_template=settings.mail_notify_file_template,
            reply_to=settings.mail_notify_reply_to,
            address=settings.mail_notify_url,
        )
    log.warning("mail.not_configured", consequence=NOT_CONFIGURED, setting="LOOP_MAIL_TRANSPORT", guide="docs/guides/mail.md")
    return NoMailer()


def _server(settings: MailSettings, host: str) -> SmtpServer:
    password = settings.mail_smtp_password
    return SmtpServer(
        host=host,
        port=settings.mail_smtp_port or PORTS[settings.mail_smtp_security],
        security=settings.mail_smtp_security,
        user=settings.mail_smtp_user,
        password=password.get_secret_value() if password else None,
        ca_file=settings.mail_smtp_ca_file,
        seconds=settings.mail_smtp_seconds,
    )


def _sender(settings: MailSettings, address: str) -> Sender:
    return Sender(address, settings.mail_from_name, settings.mail_reply_to)
