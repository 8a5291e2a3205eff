"""Improvement plans for machines, to read: codes, days, and the words that officers typed into the plan."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.web import uow_of
from reporting.adapters.plan_rows import KeptMilestone, WholePlan
from reporting.pages import plan_view as view
from reporting.use_cases.plan_setup import PlanSetup
from reporting.use_cases.read_plan import ReadPlan, counts_of, list_plans, read_plan
from reporting.web.answers import NOT_CHANGED, OBJECTS, json_answer, shape
from reporting.web.callers import Caller

_TEXT = {"type": "string"}


def router(setup: PlanSetup) -> APIRouter:
    """`GET /reporting/v1/plans` and `/reporting/v1/plans/{plan}`."""
    routes = APIRouter(prefix="/reporting/v1/plans", tags=["plans"], responses=NOT_CHANGED)

    @routes.get("", summary="Improvement plans", responses=shape({"plans": OBJECTS}))
    async def read_plans(request: Request, identity: Caller) -> Response:
        """Every plan that the caller may see, open ones first, with how many of its actions stand how."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            plans = await list_plans(transaction, setup, identity)
        today = setup.today()
        return json_answer(request, {"plans": [{**_head(each), "counts": counts_of(each, today)} for each in plans]})

    @routes.get("/{plan}", summary="An improvement plan", responses=shape({"plan_id": _TEXT, "workstreams": OBJECTS}))
    async def read_one(request: Request, plan: UUID, identity: Caller) -> Response:
        """A plan with workstreams, actions, milestones and the figures beside actions; the ETag changes with anything in it."""
        async with uow_of(request).begin(org_of(identity)) as transaction:
            read = await read_plan(transaction, setup, identity, plan)
        body = {**_head(read.whole), "counts": read.counts, "workstreams": _workstreams(read)}
        return json_answer(request, body)

    return routes


def _head(whole: WholePlan) -> dict[str, Any]:
    plan = whole.plan
    return {
        "plan_id": str(plan.id), "revision": plan.revision, "title": plan.head.title, "purpose": plan.head.purpose,
        "service_area": plan.head.service_area, "state": plan.state, "opened_on": plan.opened_on, "closed_on": plan.closed_on,
    }  # fmt: skip


def _workstreams(read: ReadPlan) -> list[dict[str, Any]]:
    return [
        {
            "workstream_id": str(each.id), "position": each.position, "title": each.workstream.title,
            "lead": each.workstream.lead,
            "actions": [
                {
                    "action_id": str(action.id), "name": read.whole.name_of(action), "revision": action.revision,
                    "what": action.action.what, "owner": action.action.owner, "rag": read.rag(action),
                    "missed_by_calendar": read.by_calendar(action), "tracked": action.tracked, "set_on": action.set_on,
                    "ended_on": action.action.ended_on,
                    "milestones": [_milestone(one) for one in read.whole.milestones_of(action.id)],
                    "measures": [
                        {name: one[name] for name in ("kind", "code", "name", "before", "now", "target", "verdict")}
                        for one in view.action_line(action, read)["measures"]
                    ],
                }
                for action in read.whole.of_workstream(each.id)
            ],
        }
        for each in read.whole.workstreams
    ]  # fmt: skip


def _milestone(kept: KeptMilestone) -> dict[str, Any]:
    each = kept.milestone
    return {
        "milestone_id": str(kept.id), "what": each.what, "first_due_on": each.first_due_on, "due_on": each.due_on,
        "met_on": each.met_on, "dropped": each.dropped,
    }  # fmt: skip
