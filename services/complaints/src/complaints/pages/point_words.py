"""What was done to points, and what can be, in the words of staff."""

from collections.abc import Sequence

from complaints.domain.case import Case
from complaints.domain.point_changes import can_be_taken_back
from complaints.domain.points import PointChange
from complaints.use_cases.read_complaints import ChangeView
from complaints.use_cases.view_points import PointView

ACTS = {
    "add": "Add a point",
    "correct": "Correct a point",
    "split": "Split a point",
    "merge": "Merge points",
    "duplicate": "Mark a point as a duplicate",
    "take-back": "Take back a change of points",
}


def acts_now(case: Case) -> tuple[tuple[str, str], ...]:
    """What makes sense to offer, as a link says it; what stands in the way of one point is said by its form."""
    offered = {
        "add": case.open,
        "correct": True,
        "split": case.open,
        "merge": case.open and len(case.live) > 1,
        "duplicate": len(case.live) > 1,
        "take-back": any(can_be_taken_back(case, change) for change in case.changes),
    }
    return tuple((act, words) for act, words in ACTS.items() if offered[act])


def listed(references: Sequence[str]) -> str:
    """References as a sentence has them: 2a, 2b and 2c."""
    *before, last = references
    return f"{', '.join(before)} and {last}" if before else last


def change_words(change: PointChange) -> str:
    """What a change did: 2 into 2a and 2b."""
    of = listed(change.of) if change.of else ""
    match change.kind:
        case "add":
            return change.points[0].reference
        case "correct":
            return of
        case "split" | "merge":
            return f"{of} into {listed(change.made)}"
        case _:
            return f"{of}, the same as {f'point {change.same_as}' if change.same_as else 'a point of another complaint'}"


KINDS = {"add": "added", "correct": "corrected", "split": "split", "merge": "merged", "duplicate": "marked as a duplicate"}


def point_words(case: Case, change: ChangeView) -> str:
    """What a line of the record says of points; of one taken back, what that was."""
    number = change.version
    if change.step == "point-take-back":
        number = int(change.code or 0)
    found = next((each for each in case.changes if each.number == number), None)
    if found is None:
        return change.code or ""
    return f"{change_words(found)} ({KINDS[found.kind]})" if change.step == "point-take-back" else change_words(found)


def became_words(point: PointView) -> str:
    """What became of a point."""
    match point.became:
        case "split":
            return f"Split into {listed(point.into)}"
        case "merged":
            return f"Merged into {listed(point.into)}"
        case "duplicate" if point.into:
            return f"The same as point {listed(point.into)}"
        case "duplicate" if point.same_as:
            return f"The same as point {point.same_as.point} of complaint {point.same_as.complaint}"
        case "duplicate":
            return "The same as a point of a complaint of another service area"
        case _:
            return "Taken back: recorded in error"
