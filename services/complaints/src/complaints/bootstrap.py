"""Where the complaints service is put together; nothing else constructs dependencies."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

from fastapi import FastAPI

from chassis.days import british_today
from chassis.pages import Pages, install
from chassis.pdf.printer import Printer
from chassis.profile_store import ProfileStore, profile_router
from chassis.secrets import Secrets
from chassis.web import create_app
from complaints.domain.profile import Profile, check
from complaints.pages import bulletins, learning, learning_forms, register, routes, ways
from complaints.settings import ComplaintsSettings
from complaints.use_cases.setup import Setup
from complaints.web import complaints, others, stages
from complaints.web import learning as learning_api

SERVICE = "complaints"
DESCRIPTION = """Complaints with their points, stages, clocks and findings; Ombudsman cases; compliments.

Limits are counted in working days; day 0 is the day of the event. Every POST takes an `Idempotency-Key`; references are natural
keys besides, so that sending a thing twice records it once. Dates in the past are normal. No names and no narrative: codes,
dates and references, and reasons in free text, which are stored encrypted."""


def build_app(settings: ComplaintsSettings, today: Callable[[], date] = british_today) -> FastAPI:
    """The web application of the service."""
    profiles = ProfileStore(Profile, check)
    routers = [profile_router(SERVICE, profiles), complaints.router, stages.router, others.router, learning_api.router]
    # Before the record of a complaint, whose address would take theirs for a complaint's id.
    routers += [learning.router, learning_forms.router, bulletins.router, register.router, routes.router]
    app = create_app(SERVICE, settings, routers, description=DESCRIPTION)
    templates = Path(__file__).parent / "pages" / "templates"
    install(app, Pages(templates, static_path="/complaints/static", home="/complaints/", chrome=ways.chrome))
    app.state.printer = Printer()
    app.state.setup = Setup(profiles, Secrets.from_file(settings.secret_key_file), today)
    return app
