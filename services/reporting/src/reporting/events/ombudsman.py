"""From the events of Ombudsman cases as a whole to their facts."""

from collections.abc import Callable
from typing import Any

from chassis.consumer import Received
from contracts import complaints
from reporting.adapters import ombudsman_facts as facts
from reporting.events.rows import Batch


def recounted(batch: Batch, received: Received, event: complaints.OmbudsmanCaseRecounted) -> None:
    """A case as it stands, with each of its deadlines."""
    case = event.model_dump(exclude={"deadlines"})
    batch.put(facts.CASE, received, {**case, "remedies": sorted(set(event.remedies))})
    shared = {name: case[name] for name in ("case_id", "complaint_id", "service_area", "accepted_on", "outcome", "version")}
    for each in event.deadlines:
        batch.put(facts.DEADLINE, received, {**shared, **each.model_dump()})


HANDLERS: dict[type, Callable[[Batch, Received, Any], None]] = {complaints.OmbudsmanCaseRecounted: recounted}
