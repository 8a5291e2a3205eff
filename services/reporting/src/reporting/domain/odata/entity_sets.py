"""The entity sets that there are."""

from reporting.domain.odata.audit_sets import AUDIT_SETS
from reporting.domain.odata.call_sets import CALL_SETS
from reporting.domain.odata.complaint_sets import COMPLAINT_SETS
from reporting.domain.odata.dimension_sets import DIMENSION_SETS
from reporting.domain.odata.kpi_sets import KPI_OBSERVATIONS
from reporting.domain.odata.learning_sets import LEARNING
from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.ombudsman_sets import OMBUDSMAN_SETS
from reporting.domain.odata.plan_sets import PLAN_SETS
from reporting.domain.odata.said_sets import SAID_SETS
from reporting.domain.odata.star_sets import STAR_SETS
from reporting.domain.odata.survey_sets import SURVEY_SETS
from reporting.domain.odata.tracked_sets import TRACKED_ACTIONS
from reporting.domain.odata.tracking import COMPLAINT, INVITATION, RESPONSE
from reporting.domain.odata.work_sets import WORK_SETS

COMPLAINT_POINTS = EntitySet(
    "ComplaintPoints",
    "ComplaintPoint",
    "feed_complaint_point",
    "One row a complaint point, with the finding and the days of each stage. Points outnumber complaints: count distinct "
    "complaint_id for complaints.",
    ("point_id",),
    (
        Property("point_id", Edm.GUID, "The point."),
        Property("complaint_id", Edm.GUID, "The complaint that it belongs to."),
        code("category", "Nature of the point."),
        code("service_area", "Service area of the point."),
        code("procedure", "Procedure of the complaint."),
        code("formality", "formal, or informal (also enquiries)."),
        day("received_on", "Day on which the complaint was received; it decides the period."),
        code("team", "Team of the complaint.", nullable=True),
        code("need", "Primary area of need.", nullable=True),
        code("route", "How it came in.", nullable=True),
        code("raised_by", "Who raised it, as a kind of person.", nullable=True),
        day("stage1_due_on", "Legal date of the stage 1 response.", nullable=True),
        day("stage1_responded_on", "Day of the stage 1 response.", nullable=True),
        Property("stage1_working_days", Edm.INT32, "Working days from day 0 to the stage 1 response.", nullable=True),
        code("stage1_finding", "Finding at stage 1.", nullable=True),
        day("stage2_requested_on", "Day on which stage 2 was asked for.", nullable=True),
        code("stage2_decision", "accepted or declined.", nullable=True),
        day("stage2_responded_on", "Day of the stage 2 response.", nullable=True),
        code("stage2_finding", "Finding at stage 2.", nullable=True),
        code("desired", "What the complainant wants.", nullable=True),
        *CHANGES,
    ),
    roots=(COMPLAINT,),
    looked_up=True,
)

SUPERSEDED_POINTS = EntitySet(
    "SupersededPoints",
    "SupersededPoint",
    "feed_superseded_point",
    "Points that are counted no more and have left ComplaintPoints: split, merged, the same as another, or recorded in error.",
    ("point_id",),
    (
        Property("point_id", Edm.GUID, "The point."),
        Property("complaint_id", Edm.GUID, "The complaint that it belongs to."),
        code("became", "split, merged, duplicate or taken-back."),
        Property("same_as", Edm.GUID, "Of a duplicate, the point that it is the same as.", nullable=True),
        code("service_area", "Service area of the point."),
        *CHANGES,
    ),
    roots=(COMPLAINT,),
)

SURVEY_ANSWERS = EntitySet(
    "SurveyAnswers",
    "SurveyAnswer",
    "feed_survey_answer",
    "One row a question of a submitted survey, answered or not. Free text is never here, only that there was some.",
    ("response_id", "question"),
    (
        Property("response_id", Edm.GUID, "The survey that was submitted."),
        code("question", "The question; a reworded question keeps its code."),
        Property("position", Edm.INT32, "Place of the question in the survey, from 1."),
        code("questionnaire", "The questionnaire."),
        Property("questionnaire_version", Edm.INT32, "Its version."),
        code("channel", "How it was answered: link, call, visit, audit or paper."),
        code("service_area", "Service area."),
        code("team", "Team.", nullable=True),
        day("about_on", "Day of what the survey is about; it decides the period."),
        day("answered_on", "Day of answering."),
        code("state", "answered, skipped, does-not-apply or not-asked; only the first is an answer."),
        code("choices", "Codes of what was chosen, several joined by a semicolon; empty where nothing was to be chosen."),
        Property("score", Edm.INT32, "Score of a scale or star question.", nullable=True),
        Property("left_out", Edm.BOOLEAN, "Left out by a person, because it came in a rush by an open link; in no measure."),
        code("question_key", "Questionnaire, version and question in one, as in Questions."),
        *CHANGES,
    ),
    roots=(RESPONSE,),
)

SURVEY_MESSAGES = EntitySet(
    "SurveyMessages",
    "SurveyMessage",
    "feed_survey_message",
    "One row a text message or e-mail with a survey link: the first and up to two reminders. Whether the link was answered is "
    "not here: the row would change with the answers and point to them.",
    ("invitation_id", "message"),
    (
        Property("invitation_id", Edm.GUID, "The link."),
        Property("message", Edm.INT32, "0 brings the link, 1 and 2 remind."),
        code("channel", "email or text."),
        code("questionnaire", "The questionnaire.", nullable=True),
        code("service_area", "Service area.", nullable=True),
        code("team", "Team.", nullable=True),
        day("issued_on", "Day on which the link was issued.", nullable=True),
        day("sent_on", "Day on which it went out; it decides the period. Empty where it never did.", nullable=True),
        day("undelivered_on", "Day on which it was found that it could not be delivered.", nullable=True),
        day("declined_on", "Day on which somebody said that they want no reminders of this link.", nullable=True),
        *CHANGES,
    ),
    roots=(INVITATION,),
)

_COMPLAINTS = (COMPLAINT_POINTS, SUPERSEDED_POINTS)
_SURVEYS = (SURVEY_ANSWERS, SURVEY_MESSAGES)
_PRACTICE = (*WORK_SETS, *CALL_SETS, LEARNING, *STAR_SETS, *SAID_SETS)
_AND_WHOLE = (*COMPLAINT_SETS, *AUDIT_SETS, *SURVEY_SETS)
_OURS = (TRACKED_ACTIONS, *PLAN_SETS, KPI_OBSERVATIONS)
_ALL = (*_COMPLAINTS, *_SURVEYS, *_PRACTICE, *OMBUDSMAN_SETS, *_OURS, *_AND_WHOLE, *DIMENSION_SETS)
ENTITY_SETS: dict[str, EntitySet] = {each.name: each for each in _ALL}
