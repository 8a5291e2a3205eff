"""Where the reporting service is put together; nothing else constructs dependencies."""

from pathlib import Path

from fastapi import FastAPI

from chassis.days import british_today
from chassis.identity import TokenSigner
from chassis.pages import Pages, install
from chassis.pdf.printer import Printer
from chassis.profile_store import profile_router
from chassis.secrets import Secrets
from chassis.uploads import UploadStore
from chassis.web import create_app
from reporting.adapters.export_source import export_engine
from reporting.adapters.profiles import Profiles
from reporting.adapters.quote_client import READER, QuoteClient
from reporting.pages import (
    commentary,
    issued,
    kpi_entry,
    kpi_upload,
    learning,
    plan_measures,
    plan_parts,
    plans,
    quote_choice,
    records,
    report_desk,
    said_and_done,
    take_away,
    ways,
)
from reporting.pages import kpis as kpi_pages
from reporting.pages import routes as pages
from reporting.pages import themes as theme_pages
from reporting.pages.kpi_forms import FormKeys
from reporting.settings import ReportingSettings
from reporting.use_cases.desk import DeskSetup
from reporting.use_cases.export_rows import Turns
from reporting.use_cases.find_records import RecordFinder
from reporting.use_cases.look_back import LookBack
from reporting.use_cases.plan_setup import PlanSetup
from reporting.use_cases.read_dashboard import DashboardReader
from reporting.use_cases.read_kpis import KpiReader
from reporting.use_cases.read_report import ReportReader
from reporting.use_cases.read_themes import ThemeReader
from reporting.use_cases.record_kpis import RecordKpis
from reporting.use_cases.upload_kpis import KIND, UploadKpis
from reporting.web import dictionary, exports, kpis, odata, progress, reports, themes
from reporting.web import issued as issued_api
from reporting.web import learning as learning_api
from reporting.web import plans as plans_api
from reporting.web.issue_files import IssueFiles

SERVICE = "reporting"
TEMPLATES = Path(__file__).parent / "pages" / "templates"
DESCRIPTION = """
Reports, measures and feeds, made of the events of the audit, feedback and complaints services. What is counted holds
no personal data. A report that was issued never changes, and has its PDF and workbook as on that day.

Every figure comes with its state: a value, a zero, *not in use*, *not collected* or *suppressed*.
Reports answer with an `ETag`.
"""


def build_app(settings: ReportingSettings, quotes: QuoteClient | None = None) -> FastAPI:
    """The web application of the service; `quotes` are fetched over HTTP where no other client is given."""
    store = Profiles()
    reader = ReportReader(store)
    secrets, printer = Secrets.from_file(settings.secret_key_file), Printer()
    desk = DeskSetup(reader, secrets, quotes or quote_client(settings))
    files = IssueFiles(printer)
    recording = RecordKpis(store, secrets, british_today)
    kpi_reader, keys = KpiReader(recording, british_today), FormKeys(secrets)
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
        records.router(RecordFinder(reader, DashboardReader(store))),
        themes.router(ThemeReader(store)),
        theme_pages.router(ThemeReader(store), LookBack(store), kpi_reader),
        learning.router(store),
        said_and_done.router(store, printer),
        learning_api.router(store),
        plan_measures.router(planning),
        plan_parts.router(planning),
        plans.router(planning, printer),
        plans_api.router(planning),
        pages.router(DashboardReader(store), reader, printer, desk),
        issued_api.router(desk),
        issued.router(desk, files),
        commentary.router(desk),
        quote_choice.router(desk),
        report_desk.router(desk),
    ]
    limits = {"/reporting/v1/profile": 4 * 1024 * 1024, kpi_upload.HOME: kpi_upload.BODY_BYTES}
    app = create_app(SERVICE, settings, routers, description=DESCRIPTION, limits=limits)
    app.state.desk = desk
    install(app, Pages(TEMPLATES, static_path="/reporting/static", home="/reporting/", chrome=ways.chrome))
    return app


def quote_client(settings: ReportingSettings) -> QuoteClient:
    """Fetches approved quotes in this service's own name; without an address or a key it says what is missing when asked."""
    signer = TokenSigner.from_file(READER, settings.signing_key) if settings.signing_key else None
    return QuoteClient(settings.feedback_url, signer)
