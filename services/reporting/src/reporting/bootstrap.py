"""Where the reporting service is put together; nothing else constructs dependencies."""

from pathlib import Path

from fastapi import FastAPI

from chassis.days import british_today
from chassis.pages import Pages, install
from chassis.pdf.printer import Printer
from chassis.profile_store import profile_router
from chassis.secrets import Secrets
from chassis.uploads import UploadStore
from chassis.web import create_app
from reporting.adapters.export_source import export_engine
from reporting.adapters.profiles import Profiles
from reporting.pages import (
    kpi_entry,
    kpi_upload,
    learning,
    plan_measures,
    plan_parts,
    plans,
    said_and_done,
    take_away,
    ways,
)
from reporting.pages import kpis as kpi_pages
from reporting.pages import routes as pages
from reporting.pages import themes as theme_pages
from reporting.pages.kpi_forms import FormKeys
from reporting.settings import ReportingSettings
from reporting.use_cases.export_rows import Turns
from reporting.use_cases.plan_setup import PlanSetup
from reporting.use_cases.read_dashboard import DashboardReader
from reporting.use_cases.read_kpis import KpiReader
from reporting.use_cases.read_report import ReportReader
from reporting.use_cases.read_themes import ThemeReader
from reporting.use_cases.record_kpis import RecordKpis
from reporting.use_cases.upload_kpis import KIND, UploadKpis
from reporting.web import dictionary, exports, kpis, odata, progress, reports, themes
from reporting.web import learning as learning_api
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
    secrets = Secrets.from_file(settings.secret_key_file)
    recording = RecordKpis(store, secrets, british_today)
    kpi_reader, keys = KpiReader(recording, british_today), FormKeys(secrets)
    printer = Printer()
    planning = PlanSetup(store, secrets)
    routers = [
        reports.router(reader),
        progress.router(),
        odata.router(),
        exports.router(Turns(export_engine(settings))),
        dictionary.router(reader),
        take_away.router(reader),
        kpis.router(recording),
        profile_router(SERVICE, store),
        kpi_upload.router(kpi_upload.UploadPages(UploadKpis(recording, UploadStore(secrets, KIND)), keys)),
        kpi_entry.router(kpi_entry.EntryPages(kpi_reader, recording, keys)),
        kpi_pages.router(kpi_pages.KpiPages(kpi_reader, printer)),
        themes.router(ThemeReader(store)),
        theme_pages.router(ThemeReader(store)),
        pages.router(DashboardReader(store), reader, printer),
        learning.router(store),
        said_and_done.router(store, printer),
        learning_api.router(store),
        plan_measures.router(planning),
        plan_parts.router(planning),
        plans.router(planning, printer),
        plans_api.router(planning),
    ]
    limits = {"/reporting/v1/profile": 4 * 1024 * 1024, kpi_upload.HOME: kpi_upload.BODY_BYTES}
    app = create_app(SERVICE, settings, routers, description=DESCRIPTION, limits=limits)
    install(app, Pages(TEMPLATES, static_path="/reporting/static", home="/reporting/", chrome=ways.chrome))
    return app
