"""The measures of audits at work, of disputes about practice and of acknowledged practice.

What was due counts in the period in which it was due, whenever it was done: so a quarter's figure stands once its last day is
over. How many actions are open or overdue is asked of one day, and of the steps that each had taken by then.
"""

from reporting.domain.measure import Collection, Measure, Until
from reporting.domain.measure import measure as _measure

_PLACE = ("kind", "tool", "programme", "service_area", "team")
_DISPUTE = ("service_area", "team", "dispute_category", "dispute_raised_by")
_WITHDRAWN = "An audit that was withdrawn from its round counts nowhere, in earlier periods too."
_OWN = "Audits that other systems post are not among them: nobody allocates those here."
_NOT_YET = "What falls due today or later is not counted yet."
_DAY = "last day of the period, or today while it goes on"
_HISTORY = "As things stood on that day: what was done, moved or opened again later does not change it."


def _work(code: str, name: str, definition: str, **changes: object) -> Measure:
    return _measure(
        code,
        name,
        definition,
        unit="audits",
        grain="audit",
        source="audit",
        collection=Collection.AUDITS_AT_WORK,
        dimensions=_PLACE,
        changes=changes,
    )


def _in_time(code: str, name: str, definition: str, **changes: object) -> Measure:
    return _work(code, name, definition, **{"until": Until.YESTERDAY, "caveats": (_WITHDRAWN, _OWN, _NOT_YET), **changes})


def _actions(code: str, name: str, definition: str, *caveats: str) -> Measure:
    return _measure(
        code,
        name,
        definition,
        unit="actions",
        grain="action",
        day=_DAY,
        source="audit",
        collection=Collection.AUDITS,
        dimensions=("tool", "programme", "service_area", "team"),
        changes={"until": Until.TODAY, "caveats": (*caveats, _HISTORY, _WITHDRAWN)},
    )


def _disputes(code: str, name: str, definition: str, **changes: object) -> Measure:
    return _measure(
        code,
        name,
        definition,
        unit="disputes",
        grain="dispute",
        day="raised",
        source="audit",
        collection=Collection.DISPUTES,
        dimensions=_DISPUTE,
        changes=changes,
    )


AT_WORK = (
    _work(
        "audits_allocated",
        "Audits allocated",
        "Audits that were sent out to their auditors in the period.",
        day="allocated",
        caveats=(_WITHDRAWN, _OWN),
    ),
    _in_time(
        "parts_submitted_in_time",
        "Parts submitted in time",
        "The share of auditors' parts due in the period that were submitted by their day.",
        unit="parts",
        grain="part of an audit",
        day="part due",
        numerator="Parts that were submitted for the first time on or before the day on which they were due.",
        denominator="All parts of auditors (lead, peer, single, an agency's) due in the period, submitted or not.",
        caveats=(
            _WITHDRAWN,
            _OWN,
            _NOT_YET,
            "A part that the moderator returned counts by its first submission; a moderation is no part.",
        ),
    ),
    _in_time(
        "audits_moderated_in_time",
        "Moderated in time",
        "The share of audits whose moderation was due in the period that were moderated by that day.",
        day="moderation due",
        numerator="Audits whose grades were fixed on or before the day on which the moderation was due.",
        denominator="All audits whose moderation was due in the period, moderated or not.",
        caveats=(_WITHDRAWN, _OWN, _NOT_YET, "The day does not move when a part comes late. Single audits are not moderated."),
    ),
    _in_time(
        "audits_reviewed_in_time",
        "Reviewed in time",
        "The share of reviews due in the period that were held by their day.",
        unit="reviews",
        grain="review",
        day="review due",
        numerator="Reviews that were held on or before the day on which they were due.",
        denominator="All reviews due in the period, held or not; one that opens actions again makes another due.",
    ),
    _actions(
        "actions_open",
        "Actions open",
        "Actions of audits that were neither done nor dropped at the end of the day.",
        "Actions that other systems post count as open until a later version of the outcome says that they are done.",
    ),
    _actions(
        "actions_overdue",
        "Actions overdue",
        "Actions of audits that were open at the end of the day, and due before it.",
        "An action that was moved is overdue by its new day only from the move on.",
    ),
    _disputes("disputes_raised", "Disputes raised", "Disputes about practice that were raised in the period."),
    _disputes(
        "dispute_answers_in_time",
        "Disputes answered in time",
        "The share of answers to disputes due in the period that were given by their day.",
        unit="answers",
        grain="stage of a dispute",
        day="answer due",
        numerator="Stages that were answered on or before the day on which the answer was due.",
        denominator="All stages whose answer was due in the period, answered or not.",
        dimensions=(*_DISPUTE, "dispute_stage"),
        until=Until.YESTERDAY,
        caveats=(
            _NOT_YET,
            "A stage that the dispute left before its answer was due owed none and is not counted.",
            "A dispute has several stages. The audit service's own page counts by the day of the answer.",
        ),
    ),
    _measure(
        "practice_acknowledged",
        "Acknowledgements of practice",
        "Good practice that was formally acknowledged in the period.",
        unit="acknowledgements",
        grain="acknowledgement",
        day="acknowledged",
        source="audit",
        collection=Collection.ACKNOWLEDGEMENTS,
        dimensions=("service_area", "team"),
        changes={"caveats": ("One that was recorded by mistake and withdrawn counts nowhere.",)},
    ),
)
