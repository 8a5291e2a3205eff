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
    """The visit in a language that its survey has."""
    return replace(visit, language=survey.questionnaire.language(visit.language))


def survey_page(request: Request, template: str, visit: Visit, survey: Survey, status: int = 200, **more: Any) -> Response:
    """Answer with a page of the visit's survey."""
    around = view.chrome(survey.organisation, survey.questionnaire, visit.language, survey.reading)
    token = csrf_token(sealing.form_key(context_of(request).secrets), visit.forms)
    return page(request, template, status, token=token, large_print=visit.large_print, **{**around, **more})
