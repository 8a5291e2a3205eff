"""The pages: dashboard, reports, catalogue of measures."""

import asyncio
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from chassis.access import org_of, requires
from chassis.days import british_today
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.pages import page
from chassis.pages.headers import PAGE_HEADERS
from chassis.pdf.printer import Printer
from chassis.pdf.response import pdf_response
from chassis.spreadsheet import XLSX_TYPE
from chassis.web import uow_of
from reporting.adapters.print_report import document as print_report_document
from reporting.adapters.record_repository import opens
from reporting.domain import catalogue
from reporting.domain.measures import MEASURES
from reporting.domain.profile import Profile
from reporting.domain.stamp import day_words
from reporting.domain.tables import ReportView
from reporting.pages import choosing, view
from reporting.pages.report_forms import desk_of
from reporting.use_cases.desk import DeskSetup
from reporting.use_cases.draw_report import draw
from reporting.use_cases.read_dashboard import DashboardReader
from reporting.use_cases.read_issued import WRITERS, key_shown, since_issued
from reporting.use_cases.read_report import ReportReader
from reporting.web import workbook
from reporting.web.asked import Asked, Wanted, file_name
from reporting.web.callers import Code, reader_of

ROLES = ("role:senior-reader", "role:qa-officer", "role:complaints-officer")
Staff = Annotated[Identity, Depends(requires(*ROLES))]

COLLECTIONS = {
    "audits": "Audits",
    "audits_at_work": "Audits at work",
    "disputes": "Disputes about practice",
    "acknowledgements": "Acknowledged practice",
    "feedback": "Feedback",
    "stars": "Outcome stars",
    "calls": "Calls",
    "complaints": "Complaints",
    "compliments": "Compliments",
    "representations": "What comes in before it is a complaint",
    "learning": "Learning from complaints",
    "tracked": "Learning from audits, complaints and feedback",
}


def router(dashboards: DashboardReader, reports: ReportReader, printer: Printer, setup: DeskSetup) -> APIRouter:
    """`/reporting/`, `/reporting/reports`, `/reporting/measures`."""
    routes = APIRouter(prefix="/reporting", include_in_schema=False)

    @routes.get("/")
    async def show_dashboard(request: Request, identity: Staff, asked: Wanted) -> Response:
        """The headlines of a quarter, of all service areas or some."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await dashboards.read(transaction, reader_of(identity), asked.period, asked.cut)
        areas = [(area, list(tiles)) for area, tiles in groupby(found.tiles, key=lambda tile: tile.area)]
        return page(
            request,
            "dashboard.html",
            title="How we are doing",
            organisation=found.profile.organisation.name,
            period=found.period,
            form=choosing.dashboard_form(found.profile, found.period, identity.areas, asked.cut),
            kept=choosing.kept(found.period, asked.cut),
            only=found.only,
            opens={each.code for each in found.tiles if opens(each.code.replace("-", "_"))},
            areas=areas,
            reports=found.profile.reports.reports,
        )

    @routes.get("/reports")
    async def list_reports(request: Request, identity: Staff) -> Response:
        """Every report of the organisation."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await reports.organisation(transaction)
            listed = await reports.recipes(transaction)
        return page(request, "reports.html", title="Reports", organisation=found.organisation.name, reports=listed)

    @routes.get("/reports/{report}")
    async def show_report(request: Request, report: Code, identity: Staff, asked: Wanted) -> Response:
        """A report for a period, with its tables and charts."""
        found, profile = await read(request, report, identity, asked)
        async with uow_of(request).begin(org_of(identity)) as transaction:
            since = await since_issued(transaction, setup, identity, asked.cut, found)
        recipe = profile.reports.report(report)
        if recipe is None:  # pragma: no cover - it has just been read
            raise not_found("report")
        return page(
            request,
            "report.html",
            title=found.title,
            organisation=profile.organisation.name,
            report=found,
            tables=[view.table_for(table) for table in found.tables],
            charts=await draw(found),
            form=choosing.form(profile, recipe, found.period, identity.areas, asked.cut),
            kept=choosing.kept(found.period, asked.cut),
            since=since,
            day=day_words,
            writer=identity.may(*WRITERS),
            desk=desk_of(key) if (key := key_shown(identity, asked.cut, found)) and identity.may(*WRITERS) else "",
        )

    @routes.get("/reports/{report}/pdf")
    async def print_report(request: Request, report: Code, identity: Staff, asked: Wanted) -> Response:
        """The report as a PDF. Raises `document-not-made`."""
        found, profile = await read(request, report, identity, asked)
        printed = await printer.render(
            print_report_document(found, profile.organisation.name, british_today(), await draw(found))
        )
        return pdf_response(printed, f"{file_name(found, asked.cut)}.pdf")

    @routes.get("/reports/{report}/workbook")
    async def save_report(request: Request, report: Code, identity: Staff, asked: Wanted) -> Response:
        """The report as a workbook."""
        found, profile = await read(request, report, identity, asked)
        content = await asyncio.to_thread(workbook.render, found, profile.organisation.name)
        name = file_name(found, asked.cut)
        headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="{name}.xlsx"'}
        return Response(content, media_type=XLSX_TYPE, headers=headers)

    async def read(request: Request, report: str, identity: Identity, asked: Asked) -> tuple[ReportView, Profile]:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await reports.read(transaction, reader_of(identity), report, asked.period, cut=asked.cut)
            profile = await reports.organisation(transaction)
        return found, profile

    @routes.get("/measures")
    async def show_measures(request: Request, identity: Staff) -> Response:
        """The catalogue of measures."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            profile = await reports.organisation(transaction)
        ordered = sorted(MEASURES.values(), key=lambda each: list(COLLECTIONS).index(each.collection))
        shown = catalogue.entries(profile, ordered)
        groups = [(COLLECTIONS[name], list(found)) for name, found in groupby(shown, key=lambda each: each.measure.collection)]
        return page(
            request,
            "measures.html",
            title="What the figures mean",
            organisation=profile.organisation.name,
            groups=groups,
        )

    return routes
