"""Settings of the feedback service; see `chassis.settings` for those that all share."""

from chassis.mail import MailSettings
from chassis.settings import ServiceSettings


class FeedbackSettings(ServiceSettings):
    """What the feedback service reads from the environment."""


class FeedbackWorkerSettings(FeedbackSettings, MailSettings):
    """What its worker reads besides: only the worker sends mail, so only it knows a password for that."""
