"""Settings of the reporting service; see `chassis.settings` for those that all share."""

from pydantic import Field

from chassis.settings import ServiceSettings


class ReportingSettings(ServiceSettings):
    """What the reporting service reads from the environment."""

    event_logs: dict[str, str] = Field(
        default_factory=dict,
        description='Addresses of the producers\' workers as JSON: {"audit": "http://127.0.0.1:8411", ...}. Worker only.',
    )
    feedback_url: str = Field(
        default="",
        description="Address of the feedback service's web process, from which approved quotes are fetched. Web only.",
    )
