"""How a complaint stood after a change, as it is kept beside the change: dates, codes and references of points."""

from datetime import date
from typing import Any

from pydantic import TypeAdapter

from complaints.domain.case import Case, Request, Rules, Stage
from complaints.domain.points import PointChange, PointFacts

_STAGES = TypeAdapter(tuple[Stage, ...])
_REQUESTS = TypeAdapter(tuple[Request, ...])
_FIRST = TypeAdapter(dict[str, PointFacts])
_CHANGES = TypeAdapter(tuple[PointChange, ...])


def dump(case: Case) -> dict[str, Any]:
    """A complaint as JSON."""
    return {
        "received_on": case.received_on.isoformat(),
        "referred_on": case.referred_on.isoformat() if case.referred_on else None,
        "points": list(case.points),
        "first": _FIRST.dump_python(dict(case.first), mode="json", exclude_none=True),
        "changes": _CHANGES.dump_python(case.changes, mode="json", exclude_none=True),
        "stages": _STAGES.dump_python(case.stages, mode="json"),
        "requests": _REQUESTS.dump_python(case.requests, mode="json"),
    }


def load(snapshot: dict[str, Any], rules: Rules) -> Case:
    """The complaint of such a JSON; older ones tell nothing of what points were about."""
    stages = _STAGES.validate_python(snapshot["stages"])
    return Case(
        rules,
        stages[0].facts.started_on,
        tuple(snapshot["points"]),
        stages,
        _REQUESTS.validate_python(snapshot["requests"]),
        _FIRST.validate_python(snapshot.get("first", {})),
        _CHANGES.validate_python(snapshot.get("changes", [])),
        date.fromisoformat(snapshot["referred_on"]) if snapshot.get("referred_on") else None,
    )
