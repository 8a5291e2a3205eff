"""Pages of KPIs: the list, one in full, and what it is saved as."""

import asyncio
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from chassis.access import org_of, requires
from chassis.days import british_today
from chassis.identity import Identity
from chassis.pages import page
from chassis.pages.headers import PAGE_HEADERS
from chassis.pdf.printer import Printer
from chassis.pdf.response import pdf_response
from chassis.spreadsheet import XLSX_TYPE
from chassis.web import uow_of
from reporting.adapters import kpi_charts
from reporting.adapters.print_kpi import document
from reporting.domain.kpi_describe import HOW_TO_READ, cautions, describe
from reporting.domain.kpi_words import month_words
from reporting.pages import kpi_view
from reporting.pages.ways import COMPLAINTS_OFFICER, OFFICER, READERS
from reporting.use_cases.read_kpis import KpiPage, KpiReader
from reporting.web import kpi_workbook
from reporting.web.callers import Code

HOME = "/reporting/kpis"
WRITERS = (OFFICER, COMPLAINTS_OFFICER)
Staff = Annotated[Identity, Depends(requires(*READERS))]
Part = Annotated[str, Query(alias="of", pattern=r"^[a-z0-9.-]*$", max_length=170)]


@dataclass(frozen=True)
class KpiPages:
    """What the pages are made with."""

    reader: KpiReader
    printer: Printer


def router(pages: KpiPages) -> APIRouter:
    """`/reporting/kpis` and `/reporting/kpis/{kpi}`."""
    routes = APIRouter(prefix=HOME, include_in_schema=False)

    @routes.get("")
    async def list_kpis(request: Request, identity: Staff) -> Response:
        """Every KPI with its latest figure, its target, and what chance makes of it."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await pages.reader.all(transaction, identity)
        return page(
            request,
            "kpis.html",
            title="Key performance indicators",
            organisation=found.profile.organisation.name,
            groups=[(name, [kpi_view.line(each) for each in own]) for name, own in found.groups],
            writes=identity.may(*WRITERS),
            limited=bool(identity.areas),
        )

    @routes.get("/{kpi}")
    async def show_kpi(request: Request, kpi: Code, identity: Staff, part: Part = "") -> Response:
        """A KPI with its chart, its months, its places and what was corrected."""
        found = await read(request, identity, kpi, part)
        series = found.glance.series
        svg = await kpi_charts.spc(found.kpi, series)
        at = found.glance.latest or found.glance.due
        return page(
            request,
            "kpi.html",
            title=found.kpi.name,
            organisation=found.profile.organisation.name,
            kpi=found.kpi,
            line=kpi_view.line(found.glance),
            svg=svg,
            description=describe(found.kpi, series),
            how_to_read=HOW_TO_READ,
            cautions=cautions(found.kpi, series),
            rows=[kpi_view.row(found.kpi, each, found.names) for each in reversed(series.moments)],
            choices=[("", "All"), *found.choices] if found.choices else [],
            chosen=found.chosen,
            of=found.of,
            places=[kpi_view.place(found.kpi, name, each) for name, each in found.places],
            month=month_words(at) if at else "",
            changes=found.changes,
            facts=kpi_view.facts(found),
            writes=identity.may(*WRITERS),
        )

    @routes.get("/{kpi}/pdf")
    async def print_kpi(request: Request, kpi: Code, identity: Staff, part: Part = "") -> Response:
        """A KPI as a PDF. Raises `document-not-made`."""
        found = await read(request, identity, kpi, part)
        svg = await kpi_charts.spc(found.kpi, found.glance.series)
        printed = await pages.printer.render(document(found, british_today(), svg))
        return pdf_response(printed, f"kpi-{kpi}.pdf")

    @routes.get("/{kpi}/workbook")
    async def save_kpi(request: Request, kpi: Code, identity: Staff, part: Part = "") -> Response:
        """A KPI as a workbook."""
        found = await read(request, identity, kpi, part)
        content = await asyncio.to_thread(kpi_workbook.render, found)
        headers = {**PAGE_HEADERS, "Content-Disposition": f'attachment; filename="kpi-{kpi}.xlsx"'}
        return Response(content, media_type=XLSX_TYPE, headers=headers)

    async def read(request: Request, identity: Identity, kpi: str, part: str) -> KpiPage:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            return await pages.reader.one(transaction, identity, kpi, part)

    return routes
