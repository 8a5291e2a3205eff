"""The entity sets of what families said and what became of it. Words are in none: approved quotes are fetched of feedback."""

from reporting.domain.odata.model import CHANGES, Edm, EntitySet, Property, code, day
from reporting.domain.odata.tracking import RESPONSE, by

_THEMES = code("themes", "Codes of its themes, several joined by a semicolon; empty where there are none.")

COMMENTS = EntitySet(
    "SurveyComments",
    "SurveyComment",
    "feed_survey_comment",
    "One row a comment that somebody put themes to. What was written is never here.",
    ("response_id", "question"),
    (
        Property("response_id", Edm.GUID, "The survey in which it was written."),
        code("question", "The question to which it was written."),
        code("questionnaire", "The questionnaire."),
        Property("questionnaire_version", Edm.INT32, "Its version."),
        code("channel", "How it was answered: link, call, visit, audit or paper."),
        code("service_area", "Service area."),
        code("team", "Team.", nullable=True),
        day("about_on", "Day of what the survey is about; it decides the period."),
        day("answered_on", "Day of answering."),
        day("themed_on", "Day on which its themes were changed last."),
        _THEMES,
        *CHANGES,
    ),
    roots=(RESPONSE,),
)
QUOTES = EntitySet(
    "Quotes",
    "Quote",
    "feed_quote",
    "One row a quote that two people made fit to be used. Its words are fetched at /feedback/v1/quotes by its id.",
    ("quote_id",),
    (
        Property("quote_id", Edm.GUID, "The quote."),
        Property("version", Edm.INT32, "Version of its text."),
        code("questionnaire", "The questionnaire."),
        code("question", "The question to which it was written."),
        code("service_area", "Service area."),
        _THEMES,
        day("released_on", "Day on which this version was approved; it decides the period."),
        day("withdrawn_on", "Day on which it was withdrawn: then it may be used nowhere.", nullable=True),
        *CHANGES,
    ),
    roots=(by("quote_id"),),
)
PUBLISHED_CHANGES = EntitySet(
    "PublishedChanges",
    "PublishedChange",
    "feed_change",
    "One row a change made because of feedback that was published under “You said, we did”.",
    ("change_id",),
    (
        Property("change_id", Edm.GUID, "The change."),
        code("service_area", "Service area."),
        day("happened_on", "Day on which it was changed."),
        day("published_on", "Day on which it was published last; it decides the period."),
        _THEMES,
        Property("questions", Edm.STRING, "The questions that it answers, as questionnaire/question, joined by a semicolon."),
        Property("quotes", Edm.INT32, "Number of approved quotes beside it."),
        day("withdrawn_on", "Day on which it was taken off the public page.", nullable=True),
        *CHANGES,
    ),
    roots=(by("change_id"),),
)
SAID_SETS = (COMMENTS, QUOTES, PUBLISHED_CHANGES)
