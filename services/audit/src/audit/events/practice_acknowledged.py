"""From an acknowledgement to the event that tells how it stands: codes and days, neither the worker nor what was good."""

from uuid import UUID

from audit.domain.acknowledgement import Acknowledgement
from contracts.audit import PracticeAcknowledged


def practice_acknowledged(acknowledgement_id: UUID, acknowledgement: Acknowledgement) -> PracticeAcknowledged:
    """The event."""
    return PracticeAcknowledged(
        acknowledgement_id=acknowledgement_id,
        acknowledged_on=acknowledgement.acknowledged_on,
        raised_by=acknowledgement.raised_by,
        origin=acknowledgement.origin,
        service_area=acknowledgement.service_area,
        team=acknowledgement.team,
        themes=acknowledgement.themes,
        seen_on=acknowledgement.seen_on,
        shared_on=acknowledgement.shared_on,
        withdrawn_on=acknowledgement.withdrawn_on,
    )
