"""`/s/contact`: a family that has sent its answers asks to be contacted, once a visit and apart from the answers."""

import re
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from chassis.outbox import now
from chassis.pages import Form, read_form, redirect
from chassis.pages.csrf import FIELD, check
from chassis.web import uow_of
from feedback.adapters import sealing
from feedback.alerts import alert
from feedback.context import context_of
from feedback.domain.contact import MOST_ABOUT, MOST_SHORT, Details, wrong_details
from feedback.domain.words import say
from feedback.pages import visit as visits
from feedback.pages.kind import kind_page
from feedback.pages.survey_page import speaking, survey_page
from feedback.pages.visit import Visit
from feedback.use_cases.ask_contact import Offer, ask_contact, offer
from feedback.use_cases.visit_survey import Survey, visit_survey

DONE, CONTACT = "/s/done", "/s/contact"
FIELDS = ("name", "phone", "email", "best", "about")
# Signs that nobody sees; see `answer_form`.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def show_contact(request: Request, visit: Visit, survey: Survey) -> Response:
    """The form; once it was sent, that it was."""
    offered: Offer | None = request.state.offer
    if offered is None:
        return redirect(DONE)
    return contact_page(request, visit, survey, offered, dict.fromkeys(FIELDS, ""))


async def ask(request: Request) -> Response:
    """Keep what was written, once. A second click shows that it was sent."""
    form = await read_form(request)
    context = context_of(request)
    visit = visits.read(request, context.secrets)
    if visit is None:
        return kind_page(request, "lost")
    request.state.language = visit.language
    given = given_in(form)
    details = Details(**given)
    wrong = wrong_details(details)
    async with uow_of(request).begin(visit.org) as transaction:
        survey = await visit_survey(transaction, context, visit.invitation, visit.draft, now())
        if isinstance(survey, str):
            return kind_page(request, survey, visit.language)
        visit = speaking(visit, survey)
        offered = await offer(transaction, context, survey, now())
        if offered is None:
            return redirect(DONE)
        ours = _is_ours(request, visit, form)
        if (wrong or not ours) and not offered.asked:
            return contact_page(request, visit, survey, offered, given, wrong, stale=not ours)
        done = await ask_contact(transaction, context, survey, details, visit.language, now()) if ours else None
    if done is not None and done.concern is not None:
        alert(visit.org, done.concern)
    return redirect(CONTACT)


def _is_ours(request: Request, visit: Visit, form: Form) -> bool:
    return check(sealing.form_key(context_of(request).secrets), visit.forms, form.get(FIELD, ""))


def given_in(form: Form) -> dict[str, str]:
    """What was written into the form."""
    return {name: _UNSEEN.sub("", form.text(name)) for name in FIELDS}


def contact_page(
    request: Request,
    visit: Visit,
    survey: Survey,
    offered: Offer,
    given: dict[str, str],
    wrong: dict[str, str] | None = None,
    *,
    stale: bool = False,
) -> Response:
    """The form with what was written, and what is wrong with it."""
    strings = request.app.state.pages.strings

    def words(slug: str, field: str) -> str:
        limit = MOST_ABOUT if field == "about" else MOST_SHORT
        said: str = strings.say(visit.language, f"contact.error.{slug}", limit=limit)
        return said

    errors = [(field, words(slug, field)) for field, slug in (wrong or {}).items()]
    if stale:
        errors = [("name", words("form", "name")), *errors]
    status = 403 if stale else 422 if errors else 200
    more: dict[str, Any] = {"given": given, "errors": errors, **in_words(offered, visit.language)}
    return survey_page(request, "contact.html", visit, survey, status, offer=offered, **more)


def in_words(offered: Offer, language: str) -> dict[str, Any]:
    """Who calls and until when, as pages say it."""
    return {"who": say(offered.caller.who, language), "by": _day(offered.due_on)}


def _day(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"
