"""Settings of the feedback service; see `chassis.settings` for those that all share."""

from typing import Literal, Self
from uuid import UUID

from pydantic import Field, SecretStr, field_validator, model_validator

from chassis.mail import MailSettings
from chassis.notify import ApiKey
from chassis.settings import ServiceSettings


class FeedbackSettings(ServiceSettings):
    """What the feedback service reads from the environment."""


class FeedbackWorkerSettings(FeedbackSettings, MailSettings):
    """What its worker reads besides: only the worker sends, so only it knows a password for that."""

    text_transport: Literal["none", "notify"] = Field(default="none", description="Who carries text messages.")
    text_notify_api_key: SecretStr | None = Field(
        default=None, description="API key of GOV.UK Notify for them; unset: the one for mails."
    )
    text_notify_template: UUID | None = Field(
        default=None, description="Id of the text message template with ((body)); needed with notify."
    )
    text_notify_sender: UUID | None = Field(default=None, description="Id of a text message sender of the Notify service.")

    @field_validator("text_notify_api_key")
    @classmethod
    def _text_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            ApiKey.parse(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _texts_complete(self) -> Self:
        if self.text_transport == "notify":
            needed = {
                "LOOP_TEXT_NOTIFY_TEMPLATE": self.text_notify_template,
                "LOOP_TEXT_NOTIFY_API_KEY (or LOOP_MAIL_NOTIFY_API_KEY)": self.text_notify_api_key or self.mail_notify_api_key,
            }
            if missing := [name for name, value in needed.items() if value is None]:
                msg = f"with LOOP_TEXT_TRANSPORT=notify also needed: {', '.join(missing)}"
                raise ValueError(msg)
        return self
