"""The measures of the learning tracker: actions of audits, complaints and feedback together."""

from reporting.domain.measure import Collection, Measure, Until
from reporting.domain.measure import measure as _measure

_PLACE = ("learning_source", "service_area", "team", "theme")
_SOURCES = "Of feedback only changes that were published are told; they count as completed and have no day to be done by."
_THEMES = "An action of an audit has the themes of its audit; one with two themes stands in both rows, and once in the total."


def _tracked(code: str, name: str, definition: str, **changes: object) -> Measure:
    return _measure(
        code,
        name,
        definition,
        unit="actions",
        grain="action",
        source="audit, complaints and feedback",
        collection=Collection.TRACKED,
        until=Until.TODAY,
        dimensions=_PLACE,
        caveats=(_SOURCES, _THEMES),
        changes=changes,
    )


TRACKED = (
    _tracked(
        "tracked_actions",
        "Actions set",
        "Actions set in the period after an audit, a complaint or feedback, by how they stood at the end of its last day.",
        day="set",
        dimensions=(*_PLACE, "learning_standing"),
    ),
    _tracked(
        "tracked_open",
        "Actions open",
        "Actions that were neither completed nor dropped at the end of the last day of the period, whenever they were set.",
        day="last day of the period",
        dimensions=(*_PLACE, "learning_standing"),
    ),
    _tracked(
        "tracked_missed",
        "Actions that missed their day",
        "Of those, the ones that were due before that day.",
        day="last day of the period",
    ),
    _tracked(
        "tracked_in_time",
        "Actions completed in time",
        "The share of actions due in the period that were done by their day.",
        day="due",
        until=Until.YESTERDAY,
        numerator="Actions that were done on or before the day on which they were due.",
        denominator="Actions due in the period, done or not, but for those that were dropped.",
        caveats=("Counted by the day that holds, which may have been moved.", _THEMES),
    ),
    _tracked(
        "tracked_completed",
        "Actions completed",
        "Actions that were done in the period and stand as completed at the end of its last day.",
        day="done",
    ),
    _tracked(
        "tracked_helped",
        "Actions found to have made a difference",
        "Actions reviewed in the period of which the review says that they made a difference, wholly or partly.",
        day="reviewed",
        caveats=("What a reviewer judged; it is no proof that the action was the cause.", _THEMES),
    ),
    _tracked(
        "tracked_reviewed",
        "Completed actions that were reviewed",
        "The share of actions done in the period that somebody has looked at since.",
        day="done",
        numerator="Actions whose review was held on the day on which they were done, or later.",
        denominator="Actions of audits and complaints that were done in the period.",
        caveats=("As far as was known at the end of the period: reviews follow weeks later.", _THEMES),
    ),
    _tracked(
        "tracked_difference",
        "Actions that made a difference",
        "The share of actions reviewed in the period that made a difference, wholly or partly.",
        day="reviewed",
        numerator="Actions of which the review says yes or partly.",
        denominator="Actions whose review says whether they did. 'Too early to say' is not counted.",
        caveats=(
            "What a reviewer judged; it is no proof that the action was the cause.",
            "A review of an audit judges its actions together, so that each of them that is done counts as it says.",
            _THEMES,
        ),
    ),
)
