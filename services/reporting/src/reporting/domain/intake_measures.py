"""The measures of what came in before it was a complaint."""

from reporting.domain.measure import Collection, Measure
from reporting.domain.measure import measure as _measure

CAME_BY = {
    "public-form": "Public form",
    "post": "Post",
    "phone": "Phone",
    "e-mail": "E-mail",
    "in-person": "In person",
    "councillor-or-mp": "Through a councillor or MP",
    "other-system": "Another system",
}
SAID = {"complaint": "Complaint", "comment": "Comment", "compliment": "Compliment", "not-sure": "Not sure"}
OUTCOMES = {
    "complaint": "Complaint",
    "informal-enquiry": "Informal complaint or enquiry",
    "compliment": "Compliment",
    "comment": "Comment",
    "not-a-complaint": "Not a complaint",
    "duplicate": "Duplicate",
}


def _intake(code: str, name: str, definition: str, **changes: object) -> Measure:
    fields = {"source": "complaints", "collection": Collection.REPRESENTATIONS, "unit": "representations"}
    return _measure(code, name, definition, grain="representation", **fields, changes=changes)


INTAKE = (
    _intake(
        "representations_received",
        "What came in",
        "Complaints, comments and compliments as their senders say, that were received in the period.",
        day="received",
        dimensions=("came_by", "said", "raised_by"),
        caveats=("Counted before anybody has decided what it is; a duplicate counts too.",),
    ),
    _intake(
        "representations_decided",
        "What was decided",
        "Representations of which a person decided in the period what they are.",
        day="decided",
        dimensions=("representation_outcome", "went_to", "procedure", "timing"),
        caveats=("A decision that was taken back counts nowhere until it is decided anew.",),
    ),
)
