"""The measures of what the Ombudsman wants: whether answers and remedies were in its time, and what its outcomes ask for."""

from reporting.domain.measure import Collection, Measure, Until
from reporting.domain.measure import measure as _measure

_OWN_DAYS = "The Ombudsman's own days, by the calendar on the wall: no working day is counted."


def _ombudsman(code: str, name: str, definition: str, **changes: object) -> Measure:
    return _measure(
        code,
        name,
        definition,
        unit="deadlines",
        grain="deadline of an Ombudsman case",
        day="due",
        source="complaints",
        collection=Collection.COMPLAINTS,
        dimensions=("service_area",),
        changes=changes,
    )


OMBUDSMAN = (
    _ombudsman(
        "ombudsman_remedies_in_time",
        "Ombudsman remedies carried out in time",
        "The share of remedies of the Ombudsman due in the period that were carried out by their day.",
        numerator="Remedies that were carried out on or before the day that the Ombudsman named.",
        denominator="Remedies due in the period, carried out or not.",
        until=Until.YESTERDAY,
        caveats=("What falls due today or later is not counted yet.", _OWN_DAYS),
        dimensions=("service_area", "outcome", "ombudsman_remedy"),
    ),
    _ombudsman(
        "ombudsman_answers_in_time",
        "Answers to the Ombudsman in time",
        "The share of answers to enquiries and comments on drafts due in the period that were given by their day.",
        numerator="Those given on or before the day that the Ombudsman named.",
        denominator="Answers to enquiries and comments on drafts due in the period, given or not.",
        until=Until.YESTERDAY,
        caveats=("What falls due today or later is not counted yet.", _OWN_DAYS),
    ),
    _ombudsman(
        "ombudsman_cases_with_remedies",
        "Ombudsman outcomes with remedies",
        "Outcomes of the period that ask for a remedy.",
        unit="cases",
        grain="Ombudsman case",
        day="outcome",
        caveats=("A case with several remedies counts once in all, and once under each of them.",),
        dimensions=("service_area", "outcome", "ombudsman_remedy"),
    ),
)
