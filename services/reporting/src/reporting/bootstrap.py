"""Where the reporting service is put together; nothing else constructs dependencies."""

from pathlib import Path

from fastapi import FastAPI

from chassis.accountability import accountable
from chassis.days import british_today
from chassis.identity import TokenSigner
from chassis.inside import client_context
from chassis.pages import Pages, install
from chassis.pdf.printer import Printer
from chassis.profile_store import profile_router
from chassis.secrets import Secrets
from chassis.subject.marks import MarksOf
from chassis.uploads import UploadStore
from chassis.web import create_app
from reporting.adapters.export_source import export_engine
from reporting.adapters.profiles import Profiles
from reporting.adapters.quote_client import READER, QuoteClient
from reporting.adapters.retained import DECLARED
from reporting.adapters.staff_directory import StaffDirectory
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
from reporting.settings import ReportingSettings
from reporting.subject import SUBJECT
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
from reporting.use_cases.retain import Periods
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


def build_app(settings: ReportingSettings, quotes: QuoteClient | None = None, staff: StaffDirectory | None = None) -> FastAPI:
    """The web application; `quotes` and the `staff` directory are fetched over HTTP where no other client is given."""
    store = Profiles()
    secrets, printer = Secrets.of(settings), Printer()
    reader = ReportReader(store, secrets)
    desk = DeskSetup(reader, secrets, quotes or quote_client(settings))
    files = IssueFiles(printer)
    recording = RecordKpis(store, secrets, british_today)
    kpi_reader = KpiReader(recording, british_today)
    planning = PlanSetup(store, secrets, staff or staff_directory(settings))
    periods = Periods(store)
    routers = [
        reports.router(reader),
        progress.router(),
        odata.router(),
        exports.router(Turns(export_engine(settings))),
        dictionary.router(reader),
        take_away.router(reader),
        kpis.router(recording),
        profile_router(SERVICE, store),
        kpi_upload.router(kpi_upload.UploadPages(UploadKpis(recording, UploadStore(secrets, KIND)), secrets)),
        kpi_entry.router(kpi_entry.EntryPages(kpi_reader, recording, secrets)),
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
        *accountable(SUBJECT, DECLARED, secrets, periods),
    ]
    limits = {"/reporting/v1/profile": 4 * 1024 * 1024, kpi_upload.HOME: kpi_upload.BODY_BYTES}
    app = create_app(SERVICE, settings, routers, secrets=secrets, description=DESCRIPTION, limits=limits)
    app.state.desk = desk
    install(app, Pages(TEMPLATES, static_path="/reporting/static", home="/reporting/", chrome=ways.chrome))
    app.state.marks = MarksOf(SUBJECT, secrets)
    return app


def staff_directory(settings: ReportingSettings) -> StaffDirectory:
    """Reads the staff directory in this service's own name; without an address or a key it says what is missing."""
    signer = TokenSigner.from_file(READER, settings.signing_key) if settings.signing_key else None
    return StaffDirectory(settings.audit_url, signer, tls=client_context(settings.inside_ca))


def quote_client(settings: ReportingSettings) -> QuoteClient:
    """Fetches approved quotes in this service's own name; without an address or a key it says what is missing when asked."""
    signer = TokenSigner.from_file(READER, settings.signing_key) if settings.signing_key else None
    return QuoteClient(settings.feedback_url, signer, tls=client_context(settings.inside_ca))
