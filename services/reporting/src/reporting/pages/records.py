"""Pages that lead from a figure to the records behind it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.identity import Identity
from chassis.pages import page
from chassis.web import uow_of
from reporting.domain import dimensions
from reporting.domain.day_words import day_words
from reporting.pages import choosing
from reporting.pages.routes import Staff
from reporting.use_cases.find_records import Asked, Behind, RecordFinder
from reporting.web.asked import Wanted
from reporting.web.callers import Code, reader_of

After = Annotated[UUID | None, Query()]
Part = Annotated[str | None, Query(pattern=r"^([a-z0-9][a-z0-9-]*)?$", max_length=80)]


def router(finder: RecordFinder) -> APIRouter:
    """`/reporting/records/{figure}` and `/reporting/reports/{report}/tables/{table}/records`."""
    routes = APIRouter(prefix="/reporting", include_in_schema=False)

    @routes.get("/records/{figure}")
    async def show_of_headline(request: Request, figure: Code, identity: Staff, asked: Wanted, after: After = None) -> Response:
        """The records behind a figure of the dashboard."""
        wanted = Asked(asked.period, asked.cut, after)
        async with uow_of(request).begin(org_of(identity)) as transaction:
            label, behind = await finder.of_headline(transaction, reader_of(identity), figure, wanted)
        back = f"/reporting/{choosing.kept(behind.period, asked.cut)}"
        return _show(request, identity, behind, title=label[:1].upper() + label[1:], wanted=wanted, back=back, form=None)

    @routes.get("/reports/{report}/tables/{table}/records")
    async def show_of_cell(
        request: Request,
        report: Code,
        table: Code,
        identity: Staff,
        asked: Wanted,
        row: Part = None,
        column: Part = None,
        after: After = None,
    ) -> Response:
        """The records behind a cell of a table."""
        wanted = Asked(asked.period, asked.cut, after)
        cell = (row or None, column or None)
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await finder.of_cell(transaction, reader_of(identity), (report, table), cell, wanted)
        back = f"/reporting/reports/{report}{choosing.kept(found.behind.period, asked.cut)}#table-{table}"
        form = {
            "rows": [(each.code, each.label, each.code == row) for each in found.table.rows],
            "columns": [(each.code, each.label, each.code == column) for each in found.table.columns],
            "kept": [("period", found.behind.period.code), *asked.cut.parameters],
            "chosen": all(cell),
        }
        return _show(request, identity, found.behind, title=found.table.title, wanted=wanted, back=back, form=form)

    return routes


def _show(
    request: Request,
    identity: Identity,
    behind: Behind,
    *,
    title: str,
    wanted: Asked,
    back: str,
    form: dict[str, object] | None,
) -> Response:
    profile, last = behind.profile, behind.period.last

    def named(dimension: str, code: str | None) -> str:
        return dimensions.label(profile, dimension, code, last, {}) if code else ""

    records = [
        {
            "name": each.kind.name,
            "href": each.kind.path.format(each.ident) if identity.may(*each.kind.roles) else "",
            "ident": str(each.ident)[-6:],
            "day": day_words(each.day),
            "area": named("service_area", each.service_area),
            "team": named("team", each.team),
            "counted": each.counted,
        }
        for each in behind.found.records
    ]
    following = request.url.include_query_params(after=str(behind.found.after)).query if behind.found.after else ""
    return page(
        request,
        "records.html",
        200,
        title=title,
        organisation=profile.organisation.name,
        period=behind.period,
        records=records,
        some_not=any(not each["counted"] for each in records),
        why_not=behind.why_not,
        next=f"{request.url.path}?{following}" if following else "",
        first=wanted.after is None,
        back=back,
        form=form,
    )
