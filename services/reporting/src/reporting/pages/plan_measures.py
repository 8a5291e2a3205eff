"""The measures and KPIs beside an action of a plan: tie one, take one away."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.errors import DomainError, not_found
from chassis.ids import new_id
from chassis.pages import Form
from reporting.domain import dimensions, periods
from reporting.domain.measures import MEASURES
from reporting.domain.plan_tie import FILTERS, Tie, kpis_of
from reporting.pages import plan_view as view
from reporting.pages.form_fields import Writer, number_in
from reporting.pages.plan_desk import Desk, desk, id_in, saved
from reporting.pages.routes import COLLECTIONS
from reporting.use_cases import write_plan as use
from reporting.use_cases.plan_setup import PlanSetup
from reporting.use_cases.read_plan import read_plan
from reporting.use_cases.tie_measure import tie_measure, untie_measure

LABELS = {
    "service_area": "Service area", "team": "Team", "theme": "Theme", "category": "Nature of the complaint",
    "question": "Question", "grade": "Grade", "learning_source": "Actions from",
}  # fmt: skip
QUARTERS = 12
_MOST_DIGITS = 7


def router(setup: PlanSetup) -> APIRouter:
    """`/reporting/plans/{plan}/actions/{ident}/measure` and `…/measures/{ident}`."""
    routes = APIRouter(prefix="/reporting/plans/{plan}", include_in_schema=False)

    @routes.get("/actions/{ident}/measure")
    async def new_measure(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """An empty form."""
        async with desk(request, setup, identity) as at:
            return await _form(at, plan, ident, None)

    @routes.post("/actions/{ident}/measure")
    async def add_measure(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """Put it beside the action."""

        async def save(at: Desk, form: Form) -> str:
            await tie_measure(at.transaction, setup, identity, plan, ident, id_in(form), _tie(form))
            return view.address(plan, "actions", ident)

        return await saved(request, setup, identity, save, lambda at, form, error: _form(at, plan, ident, form, error))

    @routes.get("/measures/{ident}")
    async def show_measure(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """A measure, to take it away."""
        async with desk(request, setup, identity) as at:
            return await _one(at, plan, ident, None)

    @routes.post("/measures/{ident}")
    async def drop_measure(request: Request, plan: UUID, ident: UUID, identity: Writer) -> Response:
        """Take it away, with a reason; it stays in the history."""

        async def save(at: Desk, form: Form) -> str:
            note, seen = form.text("note"), number_in(form)
            action = await untie_measure(at.transaction, setup, identity, plan, ident, seen, note)
            return view.address(plan, "actions", action)

        return await saved(request, setup, identity, save, lambda at, form, error: _one(at, plan, ident, form, error))

    return routes


def _tie(form: Form) -> Tie:
    """What was chosen. A target that is no number is one that none can be, so that it is refused beside its field."""
    kpi, target = form.text("kpi"), form.text("target").removesuffix("%").strip()
    number = int(target) if target.isascii() and target.isdecimal() and len(target) <= _MOST_DIGITS else -1
    filters = {name: form.text(name) for name in FILTERS if form.text(name)}
    return Tie(
        "kpi" if kpi and not form.text("measure") else "measure", kpi or form.text("measure"), {} if kpi else filters,
        form.text("start"), "lower" if form.text("better") == "lower" else "higher", number if target else None,
    )  # fmt: skip


async def _form(at: Desk, plan: UUID, ident: UUID, form: Form | None, error: DomainError | None = None) -> Response:
    whole = await use.see_plan(at.transaction, at.setup, at.identity, plan)
    kept, area = use.action_of(whole, ident), whole.plan.head.service_area
    typed = form or {"service_area": area or "", "better": "higher"}
    today = at.setup.today()
    quarter = periods.containing(today, periods.Kind.QUARTER)
    quarters = [quarter.shift(-step) for step in range(QUARTERS)]
    lists = {name: _choices(at, name, area) for name in FILTERS}
    measures = [
        (COLLECTIONS[each.collection], each.code, each.name)
        for each in sorted(MEASURES.values(), key=lambda each: (list(COLLECTIONS).index(each.collection), each.name))
        if area is None or "service_area" in each.dimensions
    ]
    back = view.address(plan, "actions", ident)
    return at.show(
        "plans/measure-new.html", error, "measure", title="Put a measure beside the action", plan=whole.plan, back=back,
        name=whole.name_of(kept), what=kept.action.what, action=f"{back}/measure", typed=typed, measures=measures,
        kpis=kpis_of(at.profile, area), quarters=[(each.code, each.label) for each in quarters],
        lists=[(name, LABELS[name], choices) for name, choices in lists.items() if choices],
        ident=(form.text("id") if form else "") or str(new_id()),
    )  # fmt: skip


def _choices(at: Desk, name: str, area: str | None) -> list[tuple[str, str]]:
    codes = dimensions.codes(at.profile, name)
    if name == "service_area" and area is not None:
        codes = codes & {area}
    if name == "team" and area is not None:
        codes = frozenset(code for code in codes if dimensions.area_of_team(at.profile, code) == area)
    today = at.setup.today()
    return sorted(((code, dimensions.label(at.profile, name, code, today, {})) for code in codes), key=lambda each: each[1])


async def _one(at: Desk, plan: UUID, ident: UUID, form: Form | None, error: DomainError | None = None) -> Response:
    read = await read_plan(at.transaction, at.setup, at.identity, plan)
    tie = next((each for each in read.whole.ties if each.id == ident and not each.dropped), None)
    if tie is None:
        raise not_found("measure")
    action = use.action_of(read.whole, tie.action_id)
    measures = view.action_line(action, read)["measures"]
    return at.show(
        "plans/measure.html", error, "note", title="Take a measure away", plan=read.whole.plan,
        back=view.address(plan, "actions", action.id), name=read.whole.name_of(action),
        each=next(each for each in measures if each["id"] == ident), note=form.text("note") if form else "",
        revision=tie.revision, action=view.address(plan, "measures", ident),
    )  # fmt: skip
