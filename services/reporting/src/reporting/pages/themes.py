"""Pages on which audits, families and complaints stand side by side, by theme and service area."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.pages import page
from chassis.web import uow_of
from reporting.domain.kpi_beside import beside
from reporting.domain.kpis import Kpi
from reporting.domain.themes import Row
from reporting.pages import kpi_view, theme_words, view
from reporting.pages.routes import Staff
from reporting.use_cases.look_back import LookBack
from reporting.use_cases.read_kpis import KpiReader
from reporting.use_cases.read_themes import OneTheme, ThemeReader, Themes
from reporting.web.callers import Code, PeriodCode, reader_of

ActionKey = Annotated[str, Query(pattern=r"^[a-z]+[/:][A-Za-z0-9/:._-]+$", max_length=200)]
AreaCode = Annotated[str | None, Query(pattern=r"^([a-z0-9][a-z0-9-]*)?$", max_length=80)]


def router(reader: ThemeReader, back: LookBack, kpis: KpiReader) -> APIRouter:
    """`/reporting/themes`."""
    routes = APIRouter(prefix="/reporting/themes", include_in_schema=False)

    @routes.get("")
    async def show_themes(request: Request, identity: Staff, period: PeriodCode = None, area: AreaCode = None) -> Response:
        """Every theme with what each kind of evidence says."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await reader.read_all(transaction, reader_of(identity), period or None, area or None)
        return _show(request, "themes.html", "What the evidence says together", found, rows=found.rows)

    @routes.get("/disagreements")
    async def show_disagreements(request: Request, identity: Staff, period: PeriodCode = None) -> Response:
        """Where the kinds of evidence disagree."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await reader.read_all(transaction, reader_of(identity), period or None, None)
        return _show(request, "disagreements.html", "Where the evidence disagrees", found, rows=found.disagreements)

    @routes.get("/{theme}")
    async def show_theme(
        request: Request, theme: Code, identity: Staff, period: PeriodCode = None, area: AreaCode = None
    ) -> Response:
        """A theme, by service area and over time."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await reader.read_one(transaction, reader_of(identity), theme, period or None, area or None)
            glances = [each for _, own in (await kpis.all(transaction, identity)).groups for each in own]
        own = [each for each in glances if _is_of(each.kpi, theme, area)]
        shown = {
            "quarters": theme_words.quarters(found),
            "row": theme_words.row(found.row),
            "kpis": {
                "rows": [kpi_view.line(each) for each in own],
                "words": beside(found.row.judgement, (each.judgement for each in own)),
            },
            "actions": {"rows": [theme_words.action(each, found.profile) for each in found.actions]},
        }
        return _show(request, "theme.html", found.row.theme.name, found, rows=found.by_area, **shown)

    @routes.get("/{theme}/action")
    async def show_action(request: Request, theme: Code, identity: Staff, key: ActionKey) -> Response:
        """What was before and after an action of a theme."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            found = await back.read(transaction, reader_of(identity), theme, key)
        return page(
            request,
            "theme_action.html",
            title=f"Before and after: {found.action.name}",
            organisation=found.profile.organisation.name,
            theme=found.theme,
            action=theme_words.action(found.action, found.profile),
            spans=theme_words.spans(found),
            compared=[(theme_words.KINDS[each.kind], each) for each in found.compared],
        )

    return routes


def _is_of(kpi: Kpi, theme: str, area: str | None) -> bool:
    """Whether a KPI tells of a theme, and is posted for an area where one is asked for."""
    return theme in kpi.themes and (not area or area in kpi.service_areas)


def _show(
    request: Request, template: str, title: str, found: Themes | OneTheme, *, rows: list[Row], **shown: object
) -> Response:
    names = {each.code: each.name for each in found.profile.organisation.service_areas}
    return page(
        request,
        template,
        200,
        title=title,
        organisation=found.profile.organisation.name,
        quarter=found.year.quarter,
        year=found.year.now,
        choices=view.choices(found.year.quarter),
        area=found.area,
        area_name=names.get(found.area or "", "All service areas"),
        areas=[(code, names[code], code == found.area) for code in found.areas],
        rows=[theme_words.row(each) for each in rows],
        kinds=list(theme_words.KINDS.values()),
        **shown,
    )
