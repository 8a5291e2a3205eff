"""Another language, larger letters, or easy words, with one tap."""

import re
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from chassis.pages import read_form, redirect
from chassis.pages.csrf import FIELD, check
from feedback.adapters import sealing
from feedback.context import context_of
from feedback.domain.words import LANGUAGE_TAG
from feedback.pages import visit as visits
from feedback.pages.kind import kind_page

_BACK = re.compile(r"start|check|contact|question/[0-9]{1,3}")
_TAG = re.compile(LANGUAGE_TAG)


async def switch(request: Request) -> Response:
    """`POST /s/language?back=<page>`: from now on another language, larger letters, or easy words.

    The form has `language`, `large_print` or `easy_read`; the last two are `on` or `off`.
    A form that is not ours changes nothing and leads back all the same. A language that the survey does not have is passed over
    when a page is shown.
    """
    form = await read_form(request)
    context = context_of(request)
    visit = visits.read(request, context.secrets)
    if visit is None:
        return kind_page(request, "lost")
    back = request.query_params.get("back", "")
    response = redirect(f"/s/{back}" if _BACK.fullmatch(back) else "/s/start")
    if not check(sealing.form_key(context.secrets), visit.forms, form.get(FIELD, "")):
        return response
    language = form.text("language")
    if language and len(language) <= 35 and _TAG.fullmatch(language):  # noqa: PLR2004 - RFC 5646, section 4.4.1
        visit = replace(visit, language=language)
    if form.text("large_print"):
        visit = replace(visit, large_print=form.text("large_print") == "on")
    if form.text("easy_read"):
        visit = replace(visit, easy_read=form.text("easy_read") == "on")
    visits.keep(response, visit, context.secrets, secure=context.secure)
    return response
