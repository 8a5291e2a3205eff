"""A page of a survey, with what stands around all of them."""

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from chassis.pages import csrf_token, page
from feedback.adapters import sealing
from feedback.context import context_of
from feedback.pages import view
from feedback.pages.visit import Visit
from feedback.use_cases.visit_survey import Survey


def speaking(visit: Visit, survey: Survey) -> Visit:
    """The visit in a language that its survey has, and in easy words only where it has them."""
    language = survey.questionnaire.language(visit.language)
    return replace(visit, language=language, easy_read=visit.easy_read and survey.version.easy_read)


def survey_page(request: Request, template: str, visit: Visit, survey: Survey, status: int = 200, **more: Any) -> Response:
    """Answer with a page of a survey."""
    around = view.chrome(survey.organisation, survey.questionnaire, visit.language, survey.reading)
    token = csrf_token(sealing.form_key(context_of(request).secrets), visit.forms)
    reading = {"large_print": visit.large_print, "easy_read": visit.easy_read, "can_be_easy": survey.version.easy_read}
    return page(request, template, status, token=token, **{**reading, **around, **more})
