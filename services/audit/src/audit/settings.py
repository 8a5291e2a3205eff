"""Settings of the audit service; see `chassis.settings` for those that all share."""

from chassis.mail import MailSettings
from chassis.settings import ServiceSettings


class AuditSettings(ServiceSettings):
    """What the audit service reads from the environment."""


class AuditWorkerSettings(AuditSettings, MailSettings):
    """What its worker reads besides: only the worker sends mail, so only it knows a password for that."""
