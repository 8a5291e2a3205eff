"""Where the feedback service is put together; nothing else constructs dependencies."""

from pathlib import Path

from fastapi import FastAPI

from chassis.accountability import accountable
from chassis.pages import Pages, install
from chassis.pages.phones import phone, with_phones
from chassis.pdf.printer import Printer
from chassis.profile_store import profile_router
from chassis.secrets import Secrets
from chassis.subject.marks import MarksOf
from chassis.web import create_app
from feedback.adapters.profiles import Profiles
from feedback.adapters.retained import DECLARED
from feedback.context import Context
from feedback.pages import (
    calls,
    calls_batch,
    calls_rota,
    changes,
    comments,
    contacts,
    editing,
    entry,
    links_batch,
    links_issue,
    links_list,
    publish_pages,
    question_pages,
    questionnaire_edit,
    questionnaire_pages,
    questionnaire_settings,
    questionnaire_try,
    rates,
    rushes,
    staff,
    stars_entry,
    stars_erase,
    stars_list,
    stars_person,
    translation_pages,
    worries,
)
from feedback.pages import (
    quotes as quote_pages,
)
from feedback.pages.survey import survey_routes
from feedback.pages.view import sentences
from feedback.settings import FeedbackSettings
from feedback.subject import SUBJECT
from feedback.use_cases.retain import Periods
from feedback.web import (
    invitations,
    planned_calls,
    questionnaires,
    quotes,
    responses,
    stars,
)

SERVICE = "feedback"
DESCRIPTION = (
    "Questionnaires of the organisation's profile, links and QR codes to answer them by, and answers that staff enter for "
    "somebody. What a person wrote never leaves this service; what they chose leaves it as events, by code."
)
_LIMITS = {
    "/s/": 64 * 1024 + 1,
    # A file of 4 MiB, which is read, and what is around it in a form; a larger file still gets its answer.
    links_batch.BATCH: 8 * 1024 * 1024,
    editing.HOME: 8 * 1024 * 1024,
    calls_batch.BATCH: 8 * 1024 * 1024,
}
_PAGES = Path(__file__).parent / "pages"


def build_app(settings: FeedbackSettings) -> FastAPI:
    """The web application of the service."""
    context = Context(Secrets.of(settings), Profiles(), settings.public_url.rstrip("/"))
    routers = [
        invitations.router,
        responses.router,
        stars.router,
        questionnaires.router,
        staff.router,
        worries.router,
        contacts.router,
        links_issue.router,
        links_batch.router,
        links_list.router,
        rushes.router,
        rates.router,
        # "new" is a page of its own, so its module stands in front of those that take a code.
        questionnaire_settings.router,
        question_pages.router,
        translation_pages.router,
        publish_pages.router,
        questionnaire_edit.router,
        questionnaire_pages.router,
        questionnaire_try.router,
        # /due, /new and /summary before a person's.
        stars_list.router,
        stars_entry.router,
        stars_person.router,
        stars_erase.router,
        quotes.router,
        # Before comments: /feedback/comments/{id}/quote is theirs.
        quote_pages.router,
        comments.router,
        changes.router,
        entry.router,
        calls_rota.router,
        calls_batch.router,
        calls.router,
        planned_calls.router,
        profile_router(SERVICE, context.profiles),
        *accountable(SUBJECT, DECLARED, context.secrets, Periods(context)),
    ]
    app = create_app(SERVICE, settings, routers, secrets=context.secrets, description=DESCRIPTION, limits=_LIMITS)
    app.state.feedback = context
    app.state.printer = Printer()
    pages = Pages(
        _PAGES / "templates",
        static_path="/s/static",
        home="/feedback/",
        strings=_PAGES / "words",
        survey_paths=("/s/",),
        chrome=staff.chrome,
    )
    pages.environment.filters.update(phone=phone, sentences=sentences, with_phones=with_phones)
    install(app, pages)
    app.state.marks = MarksOf(SUBJECT, context.secrets)
    # In front of all others: these are the ones that many call at once.
    app.router.routes[:0] = survey_routes()
    return app
