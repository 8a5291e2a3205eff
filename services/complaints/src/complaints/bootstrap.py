"""Where the complaints service is put together; nothing else constructs dependencies."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from fastapi import FastAPI

from chassis.accountability import accountable
from chassis.attachments.limits import MEGABYTE
from chassis.attachments.store import FileStore
from chassis.days import british_today
from chassis.pages import Pages, install
from chassis.pages.phones import phone, with_phones
from chassis.pdf.printer import Printer
from chassis.profile_store import ProfileStore, profile_router
from chassis.secrets import Secrets
from chassis.subject.marks import MarksOf
from chassis.web import create_app
from complaints.adapters.retained import DECLARED
from complaints.domain.profile import Profile
from complaints.pages import (
    bulletins,
    case_file,
    comments,
    compliments,
    decide,
    due,
    files,
    find,
    intake,
    intake_one,
    learning,
    learning_forms,
    letter_one,
    letters,
    old_cases,
    ombudsman,
    people,
    points,
    register,
    routes,
    saved_views,
    say,
    say_files,
    steps,
    tracker_sheet,
    ways,
)
from complaints.settings import ComplaintsSettings
from complaints.subject import SUBJECT
from complaints.use_cases.files import FileDesk
from complaints.use_cases.retain import Periods, check_all
from complaints.use_cases.setup import Setup
from complaints.web import complaints, letters_api, others, representations, stage_changes, stages
from complaints.web import files as files_api
from complaints.web import learning as learning_api
from complaints.web import points as points_api

SERVICE = "complaints"
_PAGES = Path(__file__).parent / "pages"
DESCRIPTION = """Complaints with their points, stages, clocks and findings; Ombudsman cases; compliments; what came in.

Limits are counted in working days; day 0 is the day of the event. Every POST takes an `Idempotency-Key`; references are natural
keys besides, so that sending a thing twice records it once. Dates in the past are normal. Codes, dates and
references; reasons in free text, words and people of representations are stored encrypted."""


def build_app(settings: ComplaintsSettings, today: Callable[[], date] = british_today) -> FastAPI:
    """The web application of the service."""
    profiles = ProfileStore(Profile, check_all)
    stage_routers = [complaints.router, stages.router, stage_changes.router]
    interface = [
        *(*stage_routers, points_api.router, others.router, representations.router),
        *(learning_api.router, files_api.router, letters_api.router),
    ]
    # Before the record of a complaint, whose address would take theirs for a complaint's id.
    staff = [
        *(case_file.router, comments.router, decide.router, due.router, find.router, files.router),
        *(intake.router, compliments.router, intake_one.router, people.router, steps.router),
        *(letters.router, letter_one.router, points.router),
        *(learning.router, learning_forms.router, bulletins.router, register.router),
        *(old_cases.router, ombudsman.router, tracker_sheet.router, saved_views.router, routes.router),
    ]
    secrets = Secrets.of(settings)
    setup = Setup(profiles, secrets, today, settings.public_url)
    rest = [*accountable(SUBJECT, DECLARED, secrets, Periods(setup), today), *staff, say_files.router, say.router]
    routers = [profile_router(SERVICE, profiles), *interface, *rest]
    # A form with files, and a little for what stands around them.
    limits = {"*/files": settings.file_limits.form + MEGABYTE, old_cases.UPLOAD: old_cases.BODY_BYTES, **letters.LIMITS}
    app = create_app(SERVICE, settings, routers, secrets=secrets, description=DESCRIPTION, limits=limits)
    app.state.secure_cookies = settings.public_url.startswith("https:")
    pages = Pages(
        _PAGES / "templates",
        static_path="/complaints/static",
        home="/complaints/",
        strings=_PAGES / "words",
        survey_paths=("/c/",),
        chrome=ways.chrome,
    )
    pages.environment.filters.update(phone=phone, with_phones=with_phones)
    install(app, pages)
    app.state.marks = MarksOf(SUBJECT, secrets)
    app.state.printer = Printer()
    store = FileStore(secrets, scanner=settings.scanner is not None)
    app.state.files = FileDesk(store, settings.file_limits, settings.unsent_megabytes * MEGABYTE)
    app.state.setup = setup
    return app
