"""Settings of the gateway's worker, from the environment (`LOOP_*`)."""

from pydantic import Field, IPvAnyNetwork, field_validator

from chassis.mail import MailSettings, is_address
from chassis.settings import Months, Seconds, SecretFile, SettingsError, WorkerSettings
from gateway.settings import WebhookSettings, check_loopback

_PRODUCERS = ("audit", "feedback", "complaints")


class GatewayWorkerSettings(WorkerSettings, MailSettings, WebhookSettings):
    """What the worker needs that sends events to other systems."""

    signing_key: SecretFile = Field(description="File with the gateway's private key; by it the services' logs are read.")
    event_logs: dict[str, str] = Field(
        default_factory=dict, description='Addresses of the services\' workers: {"audit": "http://host:port", ...}.'
    )
    access_keep_months: Months | None = Field(
        default=None,
        ge=1,
        le=1200,
        description="Months after which names in histories of clients and webhooks go, and those of systems without access.",
    )
    webhook_networks: list[IPvAnyNetwork] = Field(
        default_factory=list,
        description="Private networks that webhooks may be sent to, as a JSON list; by default none but the internet.",
    )
    webhook_loopback: bool = Field(default=False, description="Webhooks may go to this machine, also by http.")
    webhook_places: int = Field(default=100, ge=1, le=1000, description="Messages under way at once, in one worker.")
    webhook_each: int = Field(default=5, ge=1, le=100, description="Of these, of one subscription, in all workers together.")
    webhook_timeout: Seconds = Field(default=15.0, gt=0, le=30, description="How long a receiver may take to answer.")

    webhook_contact: str | None = Field(
        default=None, description="Mail address of who runs this: told when a webhook is disabled that names nobody."
    )

    @field_validator("webhook_contact")
    @classmethod
    def _contact(cls, value: str | None) -> str | None:
        if value and not is_address(value):
            msg = "expected one mail address"
            raise ValueError(msg)
        return value or None

    def inside_addresses(self) -> list[tuple[str, str]]:
        """The producers' logs."""
        return [*super().inside_addresses(), *(("LOOP_EVENT_LOGS", each) for each in self.event_logs.values())]

    def check(self) -> None:
        """Refuse what would be unsafe or incomplete; raises `SettingsError`."""
        check_loopback(self.public_url, webhooks=self.webhook_loopback)
        missing = [source for source in _PRODUCERS if source not in self.event_logs]
        if (self.webhook_key_file or self.key_ring_file) and missing:
            raise SettingsError(f"LOOP_EVENT_LOGS has no address for {', '.join(missing)}.")
        super().check()
