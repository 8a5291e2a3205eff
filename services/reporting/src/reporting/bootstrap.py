"""Where the reporting service is put together; nothing else constructs dependencies."""

from pathlib import Path

from fastapi import FastAPI

from chassis.identity import TokenSigner
from chassis.pages import Pages, install
from chassis.pdf.printer import Printer
from chassis.profile_store import profile_router
from chassis.secrets import Secrets
from chassis.web import create_app
from reporting.adapters.profiles import Profiles
from reporting.adapters.quote_client import READER, QuoteClient
from reporting.pages import commentary, issued, quote_choice, report_desk, ways
from reporting.pages import routes as pages
from reporting.settings import ReportingSettings
from reporting.use_cases.desk import DeskSetup
from reporting.use_cases.read_dashboard import DashboardReader
from reporting.use_cases.read_report import ReportReader
from reporting.web import issued as issued_api
from reporting.web import odata, progress, reports
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
    printer = Printer()
    desk = DeskSetup(reader, Secrets.from_file(settings.secret_key_file), quotes or quote_client(settings))
    files = IssueFiles(printer)
    routers = [
        reports.router(reader),
        progress.router(),
        odata.router(),
        profile_router(SERVICE, store),
        pages.router(DashboardReader(store), reader, printer, desk),
        issued_api.router(desk),
        issued.router(desk, files),
        commentary.router(desk),
        quote_choice.router(desk),
        report_desk.router(desk),
    ]
    limits = {"/reporting/v1/profile": 4 * 1024 * 1024}
    app = create_app(SERVICE, settings, routers, description=DESCRIPTION, limits=limits)
    app.state.desk = desk
    install(app, Pages(TEMPLATES, static_path="/reporting/static", home="/reporting/", chrome=ways.chrome))
    return app


def quote_client(settings: ReportingSettings) -> QuoteClient:
    """Fetches approved quotes in this service's own name; without an address or a key it says what is missing when asked."""
    signer = TokenSigner.from_file(READER, settings.signing_key) if settings.signing_key else None
    return QuoteClient(settings.feedback_url, signer)
