"""“You said, we did”: the page, its public version, and its files."""

import asyncio
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.days import british_today
from chassis.identity import Identity
from chassis.pages import page
from chassis.pages.headers import PAGE_HEADERS
from chassis.pdf.printer import Printer
from chassis.pdf.response import pdf_response
from chassis.profile_store import ProfileStore
from chassis.spreadsheet import XLSX_TYPE
from chassis.web import uow_of
from reporting.adapters.print_report import document
from reporting.domain import dimensions
from reporting.domain.day_words import day_words
from reporting.domain.profile import Profile
from reporting.domain.said_and_done import CODE, TITLE
from reporting.pages import tracker_asked, view
from reporting.pages.routes import Staff
from reporting.pages.ways import OFFICER
from reporting.use_cases.read_said_and_done import SaidAndDone, read_said_and_done
from reporting.web import workbook
from reporting.web.callers import PeriodCode, reader_of

AreaCode = Annotated[str | None, Query(pattern=r"^([a-z0-9][a-z0-9-]*)?$", max_length=80)]
Audience = Annotated[str, Query(pattern=r"^(internal|public)?$")]


def router(store: ProfileStore[Profile], printer: Printer) -> APIRouter:
    """`/reporting/said-and-done`, its PDF and its workbook."""
    routes = APIRouter(prefix="/reporting/said-and-done", include_in_schema=False)

    @routes.get("")
    async def show(
        request: Request, identity: Staff, period: PeriodCode = None, area: AreaCode = None, audience: Audience = ""
    ) -> Response:
        """What families said beside what was changed."""
        found = await read(request, identity, period, area, audience)
        return page(request, "said-and-done.html", title=TITLE, **_context(found, identity, area, audience))

    @routes.get("/pdf")
    async def print_it(
        request: Request, identity: Staff, period: PeriodCode = None, area: AreaCode = None, audience: Audience = ""
    ) -> Response:
        """The same to print."""
        found = await read(request, identity, period, area, audience)
        printed = await printer.render(document(found.view, found.profile.organisation.name, british_today()))
        return pdf_response(printed, f"{_name(found, area, audience)}.pdf")

    @routes.get("/workbook")
    async def save_it(
        request: Request, identity: Staff, period: PeriodCode = None, area: AreaCode = None, audience: Audience = ""
    ) -> Response:
        """The same as a workbook."""
        found = await read(request, identity, period, area, audience)
        content = await asyncio.to_thread(workbook.render, found.view, found.profile.organisation.name)
        disposition = f'attachment; filename="{_name(found, area, audience)}.xlsx"'
        return Response(content, media_type=XLSX_TYPE, headers={**PAGE_HEADERS, "Content-Disposition": disposition})

    async def read(request: Request, identity: Identity, period: str | None, area: str | None, audience: str) -> SaidAndDone:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            public = audience == "public"
            return await read_said_and_done(
                transaction, store, reader_of(identity), period or None, area or None, public=public
            )

    return routes


def _name(found: SaidAndDone, area: str | None, audience: str) -> str:
    parts = [CODE, *([area] if area else []), *(["public"] if audience == "public" else [])]
    return "-".join([*parts, found.view.period.code.replace("..", "-to-")])


def _context(found: SaidAndDone, identity: Identity, area: str | None, audience: str) -> dict[str, Any]:
    profile, period = found.profile, found.view.period
    known = profile.organisation.service_areas
    chosen = {"period": period.code, **({"area": area} if area else {}), **({"audience": audience} if audience else {})}
    return {
        "organisation": profile.organisation.name,
        "report": found.view,
        "tables": [view.table_for(each) for each in found.view.tables],
        "periods": tracker_asked.periods_offered(profile, british_today(), period),
        "areas": [(each.code, each.name) for each in known if not identity.areas or each.code in identity.areas],
        "area": area or "",
        "audience": audience or "internal",
        "query": f"?{urlencode(chosen)}",
        "changes": [_change(each, profile, identity) for each in found.changes],
        "more": found.more,
        "public_page": f"/s/you-said/{profile.organisation.code}" + (f"?{urlencode({'area': area})}" if area else ""),
    }


def _change(each: Any, profile: Profile, identity: Identity) -> dict[str, Any]:
    on = each.published_on
    questions = [one.partition("/")[2] for one in each.questions]
    about = [dimensions.label(profile, "theme", code, on, {}) for code in each.themes]
    about += [f"“{dimensions.label(profile, 'question', code, on, {})}”" for code in questions]
    return {
        "href": f"/feedback/changes/{each.change_id}" if identity.may(OFFICER) else "",
        "area": dimensions.label(profile, "service_area", each.service_area, on, {}),
        "about": ", ".join(about),
        "on": day_words(each.happened_on),
        "quotes": each.quotes,
    }
