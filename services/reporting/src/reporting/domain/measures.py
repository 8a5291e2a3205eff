"""The measures: each declared once, and used by pages, tables, exports and feeds alike.

How a measure is computed is said here in words that the catalogue page shows; the statements that do it stand in
`reporting.adapters.sources`, one entry a measure, and a test holds the two lists against each other.
"""

from reporting.domain.call_measures import CALLS
from reporting.domain.intake_measures import INTAKE
from reporting.domain.learning_measures import LEARNING
from reporting.domain.measure import Collection, Measure
from reporting.domain.measure import measure as _measure
from reporting.domain.ombudsman_measures import OMBUDSMAN
from reporting.domain.product_measures import PRODUCTS
from reporting.domain.said_measures import SAID
from reporting.domain.stage_measures import STAGED
from reporting.domain.star_measures import STARS
from reporting.domain.work_measures import AT_WORK

__all__ = ["MEASURES", "Collection", "Measure"]

_COMPLAINT = ("procedure", "service_area", "team", "need", "route", "raised_by")
_AUDIT = ("kind", "tool", "service_area", "team")
_SURVEY = ("questionnaire", "service_area", "team", "channel")
_POINTS_ARE_NOT_COMPLAINTS = "Points outnumber complaints; the two counts are never added or compared."
_ANSWERED_LATER = "Counted by when the complaint was received, so a quarter's figure grows until all are answered."
_CURRENT_VERSION = "A corrected outcome counts once, in its highest version."


def _complaints(code: str, name: str, definition: str, **changes: object) -> Measure:
    return _measure(
        code,
        name,
        definition,
        unit="complaints",
        grain="complaint",
        day="received",
        source="complaints",
        collection=Collection.COMPLAINTS,
        dimensions=_COMPLAINT,
        changes=changes,
    )


def _audits(code: str, name: str, definition: str, **changes: object) -> Measure:
    changes = {"caveats": (_CURRENT_VERSION,), **changes}
    return _measure(
        code,
        name,
        definition,
        unit="audits",
        grain="audit",
        day="completed",
        source="audit",
        collection=Collection.AUDITS,
        dimensions=_AUDIT,
        changes=changes,
    )


_ALL = (
    _complaints("complaints_received", "Complaints received", "Formal complaints received in the period."),
    _complaints(
        "complaint_points",
        "Complaint points",
        "Points of formal complaints received in the period.",
        unit="points",
        grain="complaint point",
        caveats=(_POINTS_ARE_NOT_COMPLAINTS, "The service area is the point's, which may differ from the complaint's."),
        dimensions=(*_COMPLAINT, "category"),
    ),
    _complaints(
        "points_with_finding",
        "Points with a finding at stage 1",
        "Points of formal complaints received in the period on which stage 1 made a finding.",
        unit="points",
        grain="complaint point",
        caveats=(_POINTS_ARE_NOT_COMPLAINTS, _ANSWERED_LATER),
        dimensions=(*_COMPLAINT, "category", "finding"),
    ),
    _complaints(
        "points_upheld",
        "Points upheld at stage 1, wholly or in part",
        "The share of points of formal complaints received in the period that stage 1 upheld, wholly or in part.",
        unit="points",
        grain="complaint point",
        numerator="Points found upheld or partially upheld at stage 1.",
        denominator="Points found upheld, partially upheld or not upheld, or without a finding being possible, at stage 1.",
        caveats=(_ANSWERED_LATER, "Points that were withdrawn or discontinued are not among them."),
        dimensions=(*_COMPLAINT, "category"),
    ),
    _complaints(
        "stage1_responses",
        "Complaints answered at stage 1",
        "Formal complaints received in the period and answered at stage 1, by working days to the response.",
        caveats=(_ANSWERED_LATER, "Day 0 is the day that the clock counts from; bank holidays are not working days."),
        dimensions=(*_COMPLAINT, "band"),
    ),
    _complaints(
        "stage2_requested",
        "Stage 2 requested",
        "Formal complaints received in the period for which stage 2 was asked.",
        caveats=(_ANSWERED_LATER,),
    ),
    _complaints(
        "stage2_declined",
        "Stage 2 declined",
        "Formal complaints received in the period whose request for stage 2 was declined.",
        caveats=(_ANSWERED_LATER,),
    ),
    _complaints(
        "stage2_accepted",
        "Stage 2 accepted",
        "Formal complaints received in the period whose stage 2 was accepted, or began without a decision being needed.",
        caveats=(_ANSWERED_LATER,),
    ),
    _complaints(
        "stage2_accepted_from_earlier",
        "Stage 2 accepted from earlier complaints",
        "Formal complaints received before the period whose stage 2 was accepted in it.",
        day="stage 2 accepted",
    ),
    _complaints(
        "stage2_in_progress",
        "Stage 2 in progress",
        "Formal complaints whose stage 2 had been accepted and not answered by the end of the last day of the period.",
        day="last day of the period",
    ),
    _complaints(
        "informal_received",
        "Informal complaints and enquiries received",
        "Informal complaints and enquiries received in the period.",
        caveats=(
            "By category: those with a point of the category, so one with two categories stands in both rows.",
            "Open means not answered by the last day of the period.",
        ),
        dimensions=(*_COMPLAINT, "category", "band"),
    ),
    _complaints(
        "ombudsman_accepted",
        "Ombudsman cases accepted",
        "Cases that the Ombudsman accepted for investigation in the period.",
        unit="cases",
        grain="Ombudsman case",
        day="accepted",
        dimensions=("service_area",),
    ),
    _complaints(
        "ombudsman_outcomes",
        "Ombudsman outcomes",
        "Outcomes that the Ombudsman gave in the period.",
        unit="cases",
        grain="Ombudsman case",
        day="outcome",
        caveats=("The case may have been accepted in an earlier period.",),
        dimensions=("service_area", "outcome"),
    ),
    _complaints(
        "ombudsman_actions",
        "Actions from Ombudsman outcomes",
        "Actions that the Ombudsman's outcomes of the period ask for.",
        unit="actions",
        grain="Ombudsman case",
        day="outcome",
        dimensions=("service_area", "outcome"),
    ),
    _complaints(
        "compliments_received",
        "Compliments received",
        "Compliments from outside the organisation received in the period.",
        unit="compliments",
        grain="compliment",
        caveats=("Compliments from colleagues are kept and not counted here.",),
        collection=Collection.COMPLIMENTS,
        dimensions=("service_area", "team", "source"),
    ),
    _audits("audits_completed", "Audits completed", "Audits completed in the period."),
    _audits(
        "audit_activity",
        "Pieces of audit activity",
        "Lead audits, peer audits, moderations and single audits of the audits completed in the period.",
        unit="pieces",
        caveats=(_CURRENT_VERSION, "One looped audit is three pieces: lead, peer and moderation."),
    ),
    _audits(
        "audited_children",
        "Cases audited",
        "Cases looked at by the audits completed in the period.",
        unit="cases",
        caveats=(_CURRENT_VERSION, "A case that was audited twice counts twice."),
    ),
    _audits(
        "audits_with_grade",
        "Audits with an overall grade",
        "Audits completed in the period that were graded overall.",
        dimensions=(*_AUDIT, "grade"),
    ),
    _audits(
        "cases_with_rag",
        "Cases with a rating",
        "Cases of audits completed in the period that were rated red, amber or green.",
        unit="cases",
        dimensions=(*_AUDIT, "rag"),
    ),
    _audits(
        "cases_with_finding",
        "Cases with a finding",
        "Cases of audits completed in the period that ticked a finding.",
        unit="cases",
        caveats=(_CURRENT_VERSION, "An audit with two findings stands in both rows, and once in the total."),
        dimensions=(*_AUDIT, "audit_finding"),
    ),
    _measure(
        "responses_received",
        "Surveys answered",
        "Surveys submitted, or entered by staff, about something that happened in the period.",
        unit="responses",
        grain="response",
        day="about",
        source="feedback",
        collection=Collection.FEEDBACK,
        dimensions=_SURVEY,
        changes={"caveats": ("A late answer counts in the period that it is about.",)},
    ),
    _measure(
        "answers_favourable",
        "Favourable answers",
        "The share of answers to a question that were favourable, as the questionnaire defines it.",
        unit="answers",
        grain="answer",
        day="about",
        source="feedback",
        collection=Collection.FEEDBACK,
        dimensions=(*_SURVEY, "question"),
        changes={
            "numerator": "Answers that the questionnaire's version marks as positive.",
            "denominator": "All answers; skipped, does not apply and not asked are none.",
            "caveats": ("Questions without a positive answer are not counted.", "A late answer counts in its period."),
        },
    ),
    *STAGED,
    *CALLS,
    *LEARNING,
    *OMBUDSMAN,
    *AT_WORK,
    *STARS,
    *SAID,
    *INTAKE,
    *PRODUCTS,
)

MEASURES: dict[str, Measure] = {each.code: each for each in _ALL}
