"""Reading the outcomes of a batch one by one, and presenting a result for each."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from audit.domain.outcome import Outcome
from audit.use_cases.record_outcomes import Recorded, in_turns
from audit.web.schemas import OutcomeResult
from chassis.errors import DomainError, FieldError, Kind
from chassis.problems import from_domain_error, validation_errors

MOST_ERRORS = 10_000
"""Wrong places that one answer lists at most: a batch is answered in megabytes at worst, whatever was sent."""

_STATUSES = ("recorded", "corrected", "unchanged", "refused")


async def read_items(items: Sequence[Any]) -> list[Outcome | DomainError]:
    """Each item as an outcome, or as the error that it is."""
    return [_read(item) async for item in in_turns(items)]


def present(results: Sequence[Recorded | DomainError]) -> dict[str, Any]:
    """The body of the answer: results in the order of the batch, and how many there are of each status."""
    left = MOST_ERRORS
    presented = []
    for index, result in enumerate(results):
        if isinstance(result, DomainError):
            shown = _shortened(result, left)
            left = max(0, left - len(shown.errors))
            presented.append(_refused(index, shown))
        else:
            presented.append({"index": index, **OutcomeResult.of(result), "problem": None})
    counted = Counter(each["status"] for each in presented)
    return {"results": presented, "counts": {status: counted[status] for status in _STATUSES}}


def _read(item: Any) -> Outcome | DomainError:
    try:
        return Outcome.model_validate(item)
    except ValidationError as error:
        wrong = validation_errors(error.errors(include_url=False, include_context=False, include_input=False))
        detail = "The outcome does not have the form that is documented. It was not recorded. See `errors`."
        errors = tuple(FieldError(each["pointer"], each["detail"]) for each in wrong)
        return DomainError("malformed-payload", detail, Kind.MALFORMED, errors)


def _shortened(error: DomainError, left: int) -> DomainError:
    most = max(1, left)
    if len(error.errors) <= most:
        return error
    more = FieldError("", f"… and {len(error.errors) - most} more.")
    return DomainError(error.slug, error.detail, error.kind, (*error.errors[:most], more), error.extra)


def _refused(index: int, error: DomainError) -> dict[str, Any]:
    return {
        "index": index,
        "status": "refused",
        "outcome_id": None,
        "reference": None,
        "version": None,
        "suggested": None,
        "problem": from_domain_error(error),
    }
