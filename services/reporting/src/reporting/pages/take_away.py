"""The pages for those who take figures away: files to download, and what every column means."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.errors import not_found
from chassis.pages import page
from chassis.web import uow_of
from reporting.domain.dictionary import entries
from reporting.domain.exports import Format
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.relations import DIMENSIONS
from reporting.pages.routes import Staff
from reporting.use_cases.read_report import ReportReader

COLUMNS = "What the columns mean"
SetName = Annotated[str, Path(pattern=r"^[A-Za-z]+$", max_length=60)]


def router(reports: ReportReader) -> APIRouter:
    """`/reporting/exports`, `/reporting/dictionary`."""
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
        """Every set, with the way to its columns."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            profile = await reports.organisation(transaction)
        sets = list(ENTITY_SETS.values())
        return page(request, "dictionary.html", title=COLUMNS, organisation=profile.organisation.name, sets=sets)

    @routes.get("/dictionary/{name}")
    async def show_set(request: Request, identity: Staff, name: SetName) -> Response:
        """The columns of a set."""
        if name not in ENTITY_SETS:
            raise not_found("table")
        entities = ENTITY_SETS[name]
        async with uow_of(request).begin(org_of(identity)) as transaction:
            profile = await reports.organisation(transaction)
        columns = list(entries(entities, profile))
        shown = {"title": name, "organisation": profile.organisation.name, "back": COLUMNS}
        return page(request, "dictionary_set.html", 200, **shown, entities=entities, columns=columns, formats=list(Format))

    return routes
