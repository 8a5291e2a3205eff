"""The measures of what is learned from complaints: whether it is asked for in vain, and whether it is done."""

from reporting.domain.measure import Collection, Measure, Until
from reporting.domain.measure import measure as _measure

_PLACE = ("service_area", "team", "theme")
_MOVED = "Counted by the day that holds, which may have been moved with a reason."


def _learning(code: str, name: str, definition: str, **changes: object) -> Measure:
    return _measure(
        code,
        name,
        definition,
        unit="actions",
        grain="action",
        day="recorded",
        source="complaints",
        collection=Collection.LEARNING,
        dimensions=_PLACE,
        changes=changes,
    )


LEARNING = (
    _learning(
        "points_with_learning",
        "Points upheld with an action or a reason",
        "The share of points found upheld or partially upheld in the period that have an action, or a reason for none.",
        unit="points",
        grain="point",
        day="found",
        numerator="Those with an action that was not dropped, or with a reason for none.",
        denominator="Points whose latest finding is upheld or partially upheld, and was made in the period.",
        dimensions=("procedure", "service_area", "team", "need", "route", "raised_by", "category"),
        caveats=(
            "As it stands now: a point may still get its action.",
            "Complaints brought in from a list of past years do not count: what was learned of them was kept elsewhere.",
        ),
    ),
    _learning(
        "points_with_reason_for_none",
        "Points upheld with a reason for no action",
        "Points found upheld or partially upheld in the period that have no action, and a recorded reason for none.",
        collection=Collection.COMPLAINTS,
        unit="points",
        grain="point",
        day="found",
        dimensions=("procedure", "service_area", "team", "need", "route", "raised_by", "category"),
        caveats=("As it stands now: a point may still get its action.",),
    ),
    _learning(
        "learning_actions_recorded",
        "Actions from complaints recorded",
        "Actions from points of complaints that were recorded in the period, whatever became of them.",
    ),
    _learning(
        "learning_actions_open",
        "Actions from complaints open",
        "Actions from points of complaints that were open at the end of the last day of the period.",
        day="last day of the period",
        until=Until.TODAY,
        dimensions=("service_area", "team", "theme"),
    ),
    _learning(
        "learning_actions_overdue",
        "Actions from complaints overdue",
        "Of those, the ones that were due before that day.",
        day="last day of the period",
        until=Until.TODAY,
    ),
    _learning(
        "learning_actions_in_time",
        "Actions from complaints done in time",
        "The share of actions due in the period that were done by their day.",
        day="due",
        numerator="Actions that were done on or before the day on which they were due.",
        denominator="Actions due in the period, done or not, but for those that were dropped.",
        until=Until.YESTERDAY,
        caveats=("What falls due today or later is not counted yet.", _MOVED),
    ),
    _learning(
        "learning_made_a_difference",
        "Actions from complaints that made a difference",
        "The share of actions reviewed in the period that made a difference, wholly or partly.",
        day="reviewed",
        numerator="Actions of which the review says yes or partly.",
        denominator="Actions reviewed in the period and not opened again since.",
    ),
)
