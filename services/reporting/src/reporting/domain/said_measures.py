"""The measures of what families said and what became of it."""

from reporting.domain.measure import Collection, Measure
from reporting.domain.measure import measure as _measure


def _said(code: str, name: str, definition: str, **changes: object) -> Measure:
    return _measure(code, name, definition, source="feedback", collection=Collection.FEEDBACK, changes=changes)


SAID = (
    _said(
        "comments_themed",
        "Comments with a theme",
        "Free texts of surveys about something that happened in the period to which somebody put a theme.",
        unit="comments",
        grain="comment",
        day="about",
        dimensions=("questionnaire", "service_area", "team", "channel", "question", "theme"),
        caveats=(
            "A comment with two themes stands in both rows, and once in the total.",
            "People put themes to comments, so a quarter's figure grows until all are read.",
        ),
    ),
    _said(
        "quotes_released",
        "Quotes approved",
        "Quotes of families that were approved in the period and may be used.",
        unit="quotes",
        grain="quote",
        day="approved",
        dimensions=("questionnaire", "service_area", "question", "theme"),
        caveats=("One that was withdrawn counts nowhere, in earlier periods too.",),
    ),
    _said(
        "changes_published",
        "Changes published",
        "Changes made because of feedback that were published in the period under “You said, we did”.",
        unit="changes",
        grain="change",
        day="published",
        dimensions=("service_area", "theme"),
        caveats=("One that was taken off the public page counts nowhere until it is published again.",),
    ),
)
