"""The entity sets of survey links and of surveys as a whole. Neither points to the other: nobody can tell who said what."""

from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import INVITATION, RESPONSE

_SURVEY = (
    code("questionnaire", "The questionnaire; see Questionnaires."),
    Property("questionnaire_version", Edm.INT32, "Its version."),
)

INVITATIONS = EntitySet(
    "SurveyInvitations",
    "SurveyInvitation",
    "feed_invitation",
    "One row a survey link that was given out, for one letter or for a poster. Whether it was answered is not here.",
    ("invitation_id",),
    (
        Property("invitation_id", Edm.GUID, "The link; see SurveyMessages."),
        *_SURVEY,
        code("channel", "How it was given out: letter, email, text, poster or handed-over."),
        Property("reusable", Edm.BOOLEAN, "Whether many may answer it, as from a poster."),
        code("service_area", "Service area."),
        code("team", "Team.", nullable=True),
        day("about_on", "Day of what the survey is about."),
        day("issued_on", "Day on which it was given out; it decides the period."),
        day("expires_on", "Last day on which it can be answered."),
        day("withdrawn_on", "Day on which it was withdrawn.", nullable=True),
        *CHANGES,
    ),
    roots=(INVITATION,),
)
RESPONSES = EntitySet(
    "SurveyResponses",
    "SurveyResponse",
    "feed_response",
    "One row a survey that was submitted, or entered by staff. “Surveys answered” in reports are those with left_out eq false.",
    ("response_id",),
    (
        Property("response_id", Edm.GUID, "The survey; see SurveyAnswers."),
        *_SURVEY,
        code("channel", "How it was answered: link, call, visit, audit or paper."),
        code("service_area", "Service area."),
        code("team", "Team.", nullable=True),
        day("about_on", "Day of what the survey is about; it decides the period."),
        day("answered_on", "Day of answering."),
        Property("left_out", Edm.BOOLEAN, "Left out by a person, because it came in a rush by an open link; in no measure."),
        *CHANGES,
    ),
    roots=(RESPONSE,),
)
SURVEY_SETS = (INVITATIONS, RESPONSES)
