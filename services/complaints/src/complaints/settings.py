"""Settings of the complaints service; see `chassis.settings` for those that all share."""

from chassis.settings import ServiceSettings


class ComplaintsSettings(ServiceSettings):
    """What the complaints service reads from the environment."""
