"""Settings of the reporting service; see `chassis.settings` for those that all share."""

from pydantic import Field

from chassis.mail import MailSettings
from chassis.settings import ServiceSettings


class ReportingSettings(ServiceSettings):
    """What the reporting service reads from the environment."""

    event_logs: dict[str, str] = Field(
        default_factory=dict,
        description='The producers\' workers as JSON: {"audit": "http://127.0.0.1:8411", …}; used by the worker only.',
    )
    feedback_url: str = Field(
        default="",
        description="Address of the feedback service's web process, for approved quotes; used by the web process only.",
    )
    audit_url: str = Field(
        default="",
        description="Address of the audit service's web process, from which the staff directory is read for improvement plans.",
    )

    def inside_addresses(self) -> list[tuple[str, str]]:
        """The producers' logs, and the services with quotes and with the staff directory."""
        logs = [("LOOP_EVENT_LOGS", each) for each in self.event_logs.values()]
        return [
            *super().inside_addresses(),
            *logs,
            ("LOOP_FEEDBACK_URL", self.feedback_url),
            ("LOOP_AUDIT_URL", self.audit_url),
        ]


class ReportingWorkerSettings(ReportingSettings, MailSettings):
    """What its worker reads besides: only the worker sends mail, so only it knows a password for that."""
