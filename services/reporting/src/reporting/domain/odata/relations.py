"""How facts and dimensions hang together: which column of a fact names a row of which dimension, and which day decides."""

from reporting.domain.odata.dimension_sets import DIMENSION_SETS
from reporting.domain.odata.model import Edm, EntitySet

DIMENSIONS = frozenset(each.name for each in DIMENSION_SETS)

_JOINS = {
    "service_area": ("ServiceAreas", "service_area"),
    "team": ("Teams", "team"),
    "tool": ("Tools", "tool"),
    "questionnaire": ("Questionnaires", "questionnaire"),
    "question_key": ("Questions", "question_key"),
    "section_key": ("Sections", "section_key"),
    "grade_key": ("Grades", "grade_key"),
    "overall_key": ("Grades", "grade_key"),
    "kpi": ("Kpis", "kpi"),
}
_OF_COMPLAINTS = {"ComplaintPoints", "ComplaintFindings"}
_DECIDES = "decides the period"
# Where the day that decides stands in the record that a row belongs to.
_DAYS = {"ComplaintStages": "received_on"}


def joins(entities: EntitySet) -> dict[str, tuple[str, str]]:
    """The columns of a fact that name one row of a dimension: by column, the dimension and its column."""
    if entities.name in DIMENSIONS:
        return {}
    found = {each.name: _JOINS[each.name] for each in entities.properties if each.name in _JOINS}
    if entities.name in _OF_COMPLAINTS:
        found["category"] = ("Categories", "category")
    if (day := deciding_day(entities)) is not None:
        found[day] = ("Dates", "day")
    return found


def deciding_day(entities: EntitySet) -> str | None:
    """The day by which rows of a set are counted in a period; None where that hangs on what is counted."""
    days = [each.name for each in entities.properties if each.type is Edm.DATE and _DECIDES in each.description]
    return _DAYS.get(entities.name) or (days[0] if days else None)
