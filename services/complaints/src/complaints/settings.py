"""Settings of the complaints service; see `chassis.settings` for those that all share."""

from chassis.attachments.settings import FileSettings
from chassis.mail import MailSettings
from chassis.settings import ServiceSettings


class ComplaintsSettings(ServiceSettings, FileSettings):
    """What the complaints service reads from the environment."""


class ComplaintsWorkerSettings(ComplaintsSettings, MailSettings):
    """What its worker reads besides: only the worker sends mail, so only it knows a password for that."""
