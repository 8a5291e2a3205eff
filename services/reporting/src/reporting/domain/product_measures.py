"""Measures that the reports of audits and of feedback need beside what each of them counts by itself."""

from reporting.domain.measure import Collection, Measure, Until
from reporting.domain.measure import measure as _measure

INVITED_BY = {
    "letter": "Letter",
    "email": "E-mail",
    "text": "Text message",
    "handed-over": "Handed over",
    "poster": "Poster",
}
"""How a link came to those who were asked; links on a poster answer for nobody and are in no rate."""

_CURRENT_VERSION = "A corrected outcome counts once, in its highest version."
_WITHDRAWN = "An action of an audit that was withdrawn from its round counts nowhere, in earlier periods too."


def _of_audits(code: str, name: str, definition: str, **changes: object) -> Measure:
    return _measure(code, name, definition, source="audit", collection=Collection.AUDITS, changes=changes)


PRODUCTS = (
    _of_audits(
        "sections_graded",
        "Sections graded",
        "Sections of audits completed in the period that were graded, by the grade that counts.",
        unit="sections",
        grain="section of an audit",
        day="completed",
        dimensions=("kind", "tool", "service_area", "team", "section", "grade"),
        caveats=(
            _CURRENT_VERSION,
            "A section that does not apply, or was not graded, is not among them.",
            "Tools have sections of their own: the same code in two tools is not the same question.",
        ),
    ),
    _of_audits(
        "audit_actions_set",
        "Actions set",
        "Actions that audits set in the period.",
        unit="actions",
        grain="action",
        day="set",
        dimensions=("tool", "programme", "service_area", "team"),
        caveats=("The day of the moderation, or on which the audit of another system was completed.", _WITHDRAWN),
    ),
    _of_audits(
        "audit_actions_in_time",
        "Actions done in time",
        "The share of actions due in the period that were done by their day.",
        unit="actions",
        grain="action",
        day="due",
        numerator="Actions that were done on or before the day on which they are due.",
        denominator="All actions due in the period, done or not, without those that were dropped.",
        dimensions=("tool", "programme", "service_area", "team"),
        until=Until.YESTERDAY,
        caveats=("By the day as it stands now: an action that was moved is due by its new day.", _WITHDRAWN),
    ),
    _measure(
        "invitations_answered",
        "Response rate",
        "The share of links for one person or family, about something that happened in the period, that were answered.",
        unit="invitations",
        grain="invitation",
        day="about",
        source="feedback",
        collection=Collection.FEEDBACK,
        dimensions=("questionnaire", "service_area", "team", "invited_by"),
        changes={
            "numerator": "Links through which a survey was submitted.",
            "denominator": "All links for one person or family that were not withdrawn.",
            "caveats": (
                "It grows until the links have expired.",
                "Links that many may use (a poster) and answers that staff entered without a link are in no rate.",
            ),
        },
    ),
)
