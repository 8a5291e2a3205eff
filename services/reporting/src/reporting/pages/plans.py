"""Improvement plans: the list, what is due, one plan to read and to change as a whole, its history and its files."""

import asyncio
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.errors import DomainError, not_found
from chassis.ids import new_id
from chassis.pages import Form
from chassis.pages.headers import PAGE_HEADERS
from chassis.pdf.printer import Printer
from chassis.pdf.response import pdf_response
from chassis.spreadsheet import XLSX_TYPE
from reporting.domain.day_words import day_words
from reporting.domain.plan import COLOURS, RAGS, Head
from reporting.pages import plan_view as view
from reporting.pages.form_fields import Writer, number_in
from reporting.pages.plan_desk import Desk, desk, id_in, saved, staff_of
from reporting.pages.plan_owner import reached
from reporting.pages.print_plan import document, workbook
from reporting.pages.routes import Staff
from reporting.use_cases import write_plan as use
from reporting.use_cases.plan_setup import PlanSetup
from reporting.use_cases.read_plan import counts_of, list_plans, read_history, read_plan, what_is_due

LIST = "/reporting/plans"
WITHIN_DAYS = 30
"""What the list of what is due looks ahead: the month until the next meeting."""


def router(setup: PlanSetup, printer: Printer) -> APIRouter:  # noqa: C901, PLR0915 - one handler a page
    """`/reporting/plans` and below."""
    routes = APIRouter(prefix=LIST, include_in_schema=False)

    @routes.get("")
    async def show_plans(request: Request, identity: Staff) -> Response:
        """The plans, open ones first, with how their actions stand."""
        async with desk(request, setup, identity) as at:
            plans = await list_plans(at.transaction, setup, identity)
            lines = [
                {
                    "href": view.address(each.plan.id), "title": each.plan.head.title,
                    "area": view.area_words(at.profile, each.plan.head.service_area), "open": each.plan.state == "open",
                    "opened": day_words(each.plan.opened_on), "closed": day_words(each.plan.closed_on),
                    "counts": [(RAGS[rag], COLOURS[rag], n) for rag, n in counts_of(each, setup.today()).items() if n],
                }
                for each in plans
            ]  # fmt: skip
            return at.show("plans/list.html", title="Improvement plans", lines=lines)

    @routes.get("/due")
    async def show_due(request: Request, identity: Staff) -> Response:
        """Milestones that are late or due within the month, over all open plans."""
        async with desk(request, setup, identity) as at:
            found = await what_is_due(at.transaction, setup, identity, WITHIN_DAYS)
            lines = [
                {
                    "href": view.address(each.whole.plan.id, "actions", each.action.id), "plan": each.whole.plan.head.title,
                    "name": f"{each.whole.name_of(each.action)} {each.milestone.milestone.what}", "late": each.late,
                    "owner": each.action.action.owner, "due": day_words(each.milestone.milestone.due_on),
                }
                for each in found
            ]  # fmt: skip
            return at.show("plans/due.html", title="What is due in improvement plans", lines=lines, within=WITHIN_DAYS)

    @routes.get("/take")
    async def take_up(request: Request, identity: Writer) -> Response:
        """Choose where an action of the learning tracker goes."""
        key = request.query_params.get("key", "")[:200]
        async with desk(request, setup, identity) as at:
            tracked = await use.tracked_action(at.transaction, identity, key, setup.today())
            plans = [each for each in await list_plans(at.transaction, setup, identity) if each.plan.state == "open"]
            return at.show("plans/take.html", title=f"Take {tracked.name} into a plan", tracked=tracked, plans=plans)

    @routes.get("/new")
    async def new_plan(request: Request, identity: Writer) -> Response:
        """An empty form. Its id is made here, so that sending it twice opens one plan."""
        async with desk(request, setup, identity) as at:
            return await _plan_form(at, None)

    @routes.post("")
    async def open_plan(request: Request, identity: Writer) -> Response:
        """Open a plan."""

        async def save(at: Desk, form: Form) -> str:
            ident = id_in(form)
            head = Head(form.text("title"), form.text("purpose"), form.text("service_area") or None)
            await use.open_plan(at.transaction, setup, identity, ident, head)
            return view.address(ident)

        return await saved(request, setup, identity, save, _plan_form)

    @routes.get("/{plan}")
    async def show_plan(request: Request, plan: UUID, identity: Staff) -> Response:
        """A plan as it stands."""
        async with desk(request, setup, identity, await staff_of(setup, identity)) as at:
            return await _plan(at, plan)

    @routes.get("/{plan}/change")
    async def change_form(request: Request, plan: UUID, identity: Writer) -> Response:
        """The form of what a plan is called and what it is for."""
        async with desk(request, setup, identity) as at:
            return await _change(at, plan, None)

    @routes.post("/{plan}/change")
    async def change_plan(request: Request, plan: UUID, identity: Writer) -> Response:
        """Keep the change."""

        async def save(at: Desk, form: Form) -> str:
            said = (form.text("title"), form.text("purpose"))
            await use.change_plan(at.transaction, setup, identity, plan, number_in(form), *said)
            return view.address(plan)

        return await saved(request, setup, identity, save, lambda at, form, error: _change(at, plan, form, error))

    @routes.post("/{plan}/{step}")
    async def step_plan(request: Request, plan: UUID, step: str, identity: Writer) -> Response:
        """Close a plan, or open it again."""

        async def save(at: Desk, form: Form) -> str:
            if step not in {"close", "reopen"}:
                raise not_found("page")
            note, seen = form.text("note"), number_in(form)
            await use.close_plan(at.transaction, setup, identity, plan, seen, note, again=step == "reopen")
            return view.address(plan)

        return await saved(request, setup, identity, save, lambda at, form, error: _plan(at, plan, form, error), staffed=True)

    @routes.get("/{plan}/history")
    async def show_history(request: Request, plan: UUID, identity: Staff) -> Response:
        """What was done with a plan, or with one part of it (`of`), the newest first."""
        of, after = request.query_params.get("of"), request.query_params.get("after") or None
        async with desk(request, setup, identity) as at:
            try:
                part = UUID(of) if of else None
            except ValueError:
                raise not_found("page") from None
            whole, steps, following = await read_history(at.transaction, setup, identity, plan, part, after)
            return at.show(
                "plans/history.html", title="History of the plan", plan=whole.plan, href=view.address(plan), of=of,
                lines=view.history(steps, whole), following=following,
            )  # fmt: skip

    @routes.get("/{plan}/pdf")
    async def print_plan(request: Request, plan: UUID, identity: Staff) -> Response:
        """The plan to print, and to read without eyes."""
        async with desk(request, setup, identity) as at:
            read = await read_plan(at.transaction, setup, identity, plan)
            name = at.profile.organisation.name
        return pdf_response(await printer.render(document(read, name)), f"improvement-plan-{setup.today()}.pdf")

    @routes.get("/{plan}/workbook")
    async def save_plan(request: Request, plan: UUID, identity: Staff) -> Response:
        """The plan as a workbook: actions, milestones, measures."""
        async with desk(request, setup, identity) as at:
            read = await read_plan(at.transaction, setup, identity, plan)
            name = at.profile.organisation.name
        content = await asyncio.to_thread(workbook, read, name)
        headers = {"Content-Disposition": f'attachment; filename="improvement-plan-{setup.today()}.xlsx"'}
        return Response(content, media_type=XLSX_TYPE, headers={**PAGE_HEADERS, **headers})

    return routes


async def _plan_form(at: Desk, form: Form | None, error: DomainError | None = None) -> Response:
    known = at.profile.organisation.service_areas
    areas = [(each.code, each.name) for each in known if not at.identity.areas or each.code in at.identity.areas]
    return at.show(
        "plans/form.html", error, "title", title="Open an improvement plan", typed=form or {}, areas=areas,
        ident=str(id_in(form) if form else new_id()), whole="" if at.identity.areas else view.WHOLE, action=LIST, back=LIST,
        revision=None,
    )  # fmt: skip


async def _change(at: Desk, plan: UUID, form: Form | None, error: DomainError | None = None) -> Response:
    kept = (await use.see_plan(at.transaction, at.setup, at.identity, plan)).plan
    typed = form or {"title": kept.head.title, "purpose": kept.head.purpose}
    return at.show(
        "plans/form.html", error, "title", title="Change the plan", ident=str(plan), typed=typed, areas=None, whole="",
        action=view.address(plan, "change"), back=view.address(plan), revision=kept.revision,
    )  # fmt: skip


async def _plan(at: Desk, plan: UUID, form: Form | None = None, error: DomainError | None = None) -> Response:
    read = await read_plan(at.transaction, at.setup, at.identity, plan)
    kept = read.whole.plan
    return at.show(
        "plans/plan.html", error, "note", title=kept.head.title, plan=kept, href=view.address(plan),
        area=view.area_words(at.profile, kept.head.service_area), workstreams=view.workstreams(read),
        counts=[(n, RAGS[rag].lower()) for rag, n in read.counts.items()], note=form.text("note") if form else "",
        may_change=at.writes and kept.state == "open", reached=await reached(at, read.whole),
    )  # fmt: skip
