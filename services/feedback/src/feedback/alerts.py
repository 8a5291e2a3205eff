"""The alert that a worry has come in: codes only, and only once it is stored."""

import structlog
from prometheus_client import Counter

from feedback.use_cases.open_worry import Concern

log = structlog.get_logger(__name__)

CONCERNS = Counter("loop_feedback_concerns_total", "Worries that surveys opened.", ["org"])


def alert(org: str, concern: Concern) -> None:
    """Say in the log and the metrics that a concern was opened; what was written stays where it is."""
    CONCERNS.labels(org).inc()
    log.warning(
        "concern.opened",
        org=org,
        concern_id=str(concern.id),
        questionnaire=concern.questionnaire,
        service_area=concern.service_area,
        questions=list(concern.questions),
        told=concern.told,
    )
