"""Where the reporting service is put together; nothing else constructs dependencies."""

from pathlib import Path

from fastapi import FastAPI

from chassis.pages import Pages, install
from chassis.pdf.printer import Printer
from chassis.profile_store import profile_router
from chassis.secrets import Secrets
from chassis.web import create_app
from reporting.adapters.profiles import Profiles
from reporting.pages import learning, plan_measures, plan_parts, plans, said_and_done, ways
from reporting.pages import routes as pages
from reporting.settings import ReportingSettings
from reporting.use_cases.plan_setup import PlanSetup
from reporting.use_cases.read_dashboard import DashboardReader
from reporting.use_cases.read_report import ReportReader
from reporting.web import learning as learning_api
from reporting.web import odata, progress, reports
from reporting.web import plans as plans_api

SERVICE = "reporting"
TEMPLATES = Path(__file__).parent / "pages" / "templates"
DESCRIPTION = """
Reports, measures and feeds, made of the events of the audit, feedback and complaints services. Holds no personal data.

Every figure comes with its state: a value, a zero, *not in use*, *not collected* or *suppressed*.
Reports answer with an `ETag`.
"""


def build_app(settings: ReportingSettings) -> FastAPI:
    """The web application of the service."""
    store = Profiles()
    reader = ReportReader(store)
    printer = Printer()
    planning = PlanSetup(store, Secrets.from_file(settings.secret_key_file))
    routers = [
        reports.router(reader),
        progress.router(),
        odata.router(),
        profile_router(SERVICE, store),
        pages.router(DashboardReader(store), reader, printer),
        learning.router(store),
        said_and_done.router(store, printer),
        learning_api.router(store),
        plan_measures.router(planning),
        plan_parts.router(planning),
        plans.router(planning, printer),
        plans_api.router(planning),
    ]
    limits = {"/reporting/v1/profile": 4 * 1024 * 1024}
    app = create_app(SERVICE, settings, routers, description=DESCRIPTION, limits=limits)
    install(app, Pages(TEMPLATES, static_path="/reporting/static", home="/reporting/", chrome=ways.chrome))
    return app
