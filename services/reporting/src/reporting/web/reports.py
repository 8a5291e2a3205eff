"""JSON and CSV of reports, and the catalogue of measures."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.web import uow_of
from reporting.domain.measures import MEASURES
from reporting.use_cases.read_report import ReportReader
from reporting.web import csv_table
from reporting.web.answers import NOT_CHANGED, json_answer, tagged
from reporting.web.asked import Wanted, file_name
from reporting.web.callers import Caller, Code, reader_of
from reporting.web.schemas import (
    MeasureAnswer,
    MeasureList,
    ReportAnswer,
    ReportHead,
    ReportList,
    TableAnswer,
    TableHead,
)

Responses = dict[int | str, dict[str, Any]]

UNKNOWN: Responses = {404: {"description": "No such report or table."}, 503: {"description": "The reports are being rebuilt."}}


def router(reports: ReportReader) -> APIRouter:
    """`/reporting/v1/reports` and `/reporting/v1/measures`."""
    routes = APIRouter(prefix="/reporting/v1", tags=["reports"])

    @routes.get("/reports", summary="List the organisation's reports")
    async def list_reports(request: Request, identity: Caller) -> ReportList:
        """Every report with its tables, as the organisation's profile has them."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            recipes = await reports.recipes(transaction)
        heads = [
            ReportHead(
                report=each.code,
                title=each.title,
                audience=each.audience,
                made_for=each.period,
                tables=[TableHead(code=table.code, title=table.title) for table in each.tables],
            )
            for each in recipes
        ]
        return ReportList(reports=heads)

    @routes.get(
        "/reports/{report}",
        summary="Read a report",
        response_model=ReportAnswer,
        responses={**NOT_CHANGED, **UNKNOWN},
    )
    async def read_report(request: Request, report: Code, identity: Caller, asked: Wanted) -> Response:
        """All tables of a report for a period. Percentages are whole, half up, and never forced to add up to 100."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            view = await reports.read(transaction, reader_of(identity), report, asked.period, cut=asked.cut)
        return json_answer(request, ReportAnswer.of(view).model_dump(mode="json", by_alias=True))

    @routes.get(
        "/reports/{report}/tables/{table}.csv",
        summary="Read a table as CSV",
        response_class=Response,
        responses={200: {"content": {"text/csv": {}}}, **NOT_CHANGED, **UNKNOWN},
    )
    async def read_csv(request: Request, report: Code, table: Code, identity: Caller, asked: Wanted) -> Response:
        """UTF-8. Cells without a figure hold `[z]` (not in use), `[x]` (not collected) or `[c]` (withheld)."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            view = await reports.read(transaction, reader_of(identity), report, asked.period, table, asked.cut)
        name = f"{file_name(view, asked.cut, table)}.csv"
        attached = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
        return tagged(request, csv_table.render(view.tables[0]), "text/csv; charset=utf-8", **attached)

    @routes.get(
        "/reports/{report}/tables/{table}",
        summary="Read a table",
        response_model=TableAnswer,
        responses={**NOT_CHANGED, **UNKNOWN},
    )
    async def read_table(request: Request, report: Code, table: Code, identity: Caller, asked: Wanted) -> Response:
        """One table of a report, in the shape that it has within the report."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            view = await reports.read(transaction, reader_of(identity), report, asked.period, table, asked.cut)
        return json_answer(request, TableAnswer.of(view.tables[0]).model_dump(mode="json"))

    @routes.get("/measures", summary="Read the catalogue of measures", tags=["measures"])
    async def list_measures(_: Caller) -> MeasureList:
        """Every measure with its definition, numerator, denominator, grain, source and caveats."""
        return MeasureList(measures=[MeasureAnswer.of(each) for each in MEASURES.values()])

    return routes
