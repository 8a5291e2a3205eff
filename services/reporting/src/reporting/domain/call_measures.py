"""The measures of calls: how many were tried and made, what came of them, and whether callers made as many as they owe."""

from reporting.domain.measure import Collection, Measure, Until
from reporting.domain.measure import measure as _measure

_PLACE = ("call_programme", "questionnaire", "service_area", "team")
_DAY_OF_CALL = "A call counts on the day on which it was made, whatever day it was due."


def _calls(code: str, name: str, definition: str, **changes: object) -> Measure:
    return _measure(
        code,
        name,
        definition,
        unit="calls",
        grain="attempt",
        day="attempted",
        source="feedback",
        collection=Collection.CALLS,
        dimensions=_PLACE,
        changes=changes,
    )


CALLS = (
    _calls(
        "calls_made", "Calls made", "Calls in the period in which somebody answered the questions.", caveats=(_DAY_OF_CALL,)
    ),
    _calls(
        "call_attempts",
        "Attempts to call",
        "Times in the period that somebody dialled, whatever came of it.",
        unit="attempts",
        dimensions=(*_PLACE, "call_outcome"),
    ),
    _calls(
        "call_attempts_reached",
        "Attempts that reached somebody",
        "The share of attempts in the period in which somebody was spoken to.",
        unit="attempts",
        numerator="Attempts that ended in answers, in a day to call back, or in 'I do not want to'.",
        denominator="All attempts.",
    ),
    _calls("calls_declined", "Calls declined", "Calls in the period in which somebody did not want to answer."),
    _calls(
        "calls_made_in_time",
        "Calls made in time",
        "The share of calls due in the period that were made by their day.",
        grain="call",
        day="due",
        numerator="Calls that were made on or before the day on which they were due.",
        denominator="All calls due in the period, made or not.",
        until=Until.YESTERDAY,
        caveats=(
            "What falls due today or later is not counted yet.",
            "Calls that were added by mistake, or of people who are not to be called, count nowhere.",
        ),
    ),
    _calls(
        "calls_of_minimum",
        "Calls made of those owed",
        "The share of the calls that callers owe a month that were made.",
        grain="month of a caller",
        day="month",
        numerator="Calls that each caller made in a month, at most as many as they owed.",
        denominator="Calls that each caller owed in that month.",
        until=Until.YESTERDAY,
        dimensions=("call_programme", "service_area"),
        caveats=(
            "A month counts once it is over. One more than owed does not make up for another's one less.",
            "Programmes without a minimum are not counted.",
        ),
    ),
)
