"""The entity sets that there are."""

from reporting.domain.odata.call_sets import CALL_SETS
from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
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
        *CHANGES,
    ),
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
        *CHANGES,
    ),
)

ENTITY_SETS: dict[str, EntitySet] = {each.name: each for each in (COMPLAINT_POINTS, SURVEY_ANSWERS, *CALL_SETS, *WORK_SETS)}
