"""The pages for those who take figures away: files to download, and what every column means."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.pages import page
from chassis.web import uow_of
from reporting.domain.dictionary import Entry, entries
from reporting.domain.exports import Format
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.relations import DIMENSIONS
from reporting.pages.routes import Staff
from reporting.use_cases.read_report import ReportReader


def router(reports: ReportReader) -> APIRouter:
    """`/reporting/exports` and `/reporting/dictionary`."""
    routes = APIRouter(prefix="/reporting", include_in_schema=False)

    @routes.get("/exports")
    async def list_exports(request: Request, identity: Staff) -> Response:
        """Every set, with its files."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            profile = await reports.organisation(transaction)
        sets = list(ENTITY_SETS.values())
        return page(
            request,
            "exports.html",
            title="Files of figures",
            organisation=profile.organisation.name,
            groups=[
                ("facts", "What happened", [each for each in sets if each.name not in DIMENSIONS]),
                ("dimensions", "What the codes mean", [each for each in sets if each.name in DIMENSIONS]),
            ],
            formats=list(Format),
            limited=sorted(identity.areas),
        )

    @routes.get("/dictionary")
    async def show_dictionary(request: Request, identity: Staff) -> Response:
        """Every set and column."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            profile = await reports.organisation(transaction)
        groups: list[tuple[str, str, list[Entry]]] = [
            (name, each.description, list(entries(each, profile))) for name, each in ENTITY_SETS.items()
        ]
        title = "What the columns mean"
        return page(request, "dictionary.html", title=title, organisation=profile.organisation.name, groups=groups)

    return routes
