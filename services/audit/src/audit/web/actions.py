"""JSON routes of actions: the list, one with its history, a new one, its steps, and one taken out before grades are fixed."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from audit.adapters.actions import WORDS, ActionRepository, KeptAction
from audit.adapters.directory import Directory
from audit.domain.actions import standing
from audit.use_cases.change_action import add_action, change_action, drop_draft, held_action, may_change, runs, see_action
from audit.use_cases.list_audits import action_cursor, list_actions
from audit.use_cases.see_audit import viewer_of
from audit.web.action_schemas import (
    ActionIn,
    ActionItem,
    ActionListOut,
    ActionListQuery,
    ActionOut,
    ActionResult,
    ActionStepIn,
    ActionStepOut,
)
from audit.web.audit_parts import STEP, WRITE, IfMatch, Person, revision_of
from audit.web.dispute_parts import read_answer
from audit.web.doing import do_once
from audit.web.round_parts import NONE, context_of
from chassis import keyset
from chassis.access import org_of
from chassis.idempotency import Answer, IdempotencyKey
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

router = APIRouter(prefix="/audit/v1", tags=["audits"], route_class=StrictJsonRoute)


@router.get("/actions", response_model=ActionListOut, summary="List actions, the first due first")
async def get_actions(request: Request, identity: Person, wanted: Annotated[ActionListQuery, Query()]) -> Response:
    """Of moderated audits. QA officers and senior readers: all of their areas. Others: their own and those of their teams."""
    context, org = context_of(request), org_of(identity)
    async with uow_of(request).begin(org) as transaction:
        viewer = await viewer_of(transaction, context, identity)
        after = action_cursor(wanted.after)
        rows = await list_actions(transaction, viewer, wanted.status, wanted.service_area, after, wanted.limit + 1)
        page = rows[: wanted.limit]
        names = await Directory(transaction, context.secrets).names([row.owner for row in page])
    items = [
        ActionItem(
            action_id=row.id,
            what=context.secrets.open(org, WORDS, row.what_sealed),
            owner_name=names[row.owner],
            standing=standing(row, context.today),
            **{name: getattr(row, name) for name in ActionItem.model_fields if hasattr(row, name)},
        )
        for row in page
    ]
    following = keyset.encode(page[-1].due_on, page[-1].id) if len(rows) > wanted.limit else None
    return read_answer(ActionListOut(items=items, next=following))


@router.post(
    "/audits/{audit_id}/actions", status_code=201, response_model=ActionResult, responses=STEP, summary="Set an action"
)
async def post_action(request: Request, identity: Person, audit_id: UUID, key: IdempotencyKey, body: ActionIn) -> Response:
    """The moderator, or the only auditor, before grades are fixed; QA officer and reviewer afterwards."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        action_id = await add_action(transaction, context, identity, audit_id, body.new())
        _, action, _ = await see_action(transaction, context, identity, action_id)
        return _answer(201, action)

    return await do_once(request, identity, key, body, work)


@router.get("/actions/{action_id}", response_model=ActionOut, responses=NONE, summary="Read an action")
async def get_action(request: Request, identity: Person, action_id: UUID) -> Response:
    """For whoever may know its audit; before grades are fixed only for whoever fixes them. The ETag is for the next step."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        viewer, action, record = await see_action(transaction, context, identity, action_id)
        history = await ActionRepository(transaction, context.secrets).steps(action_id)
        names = await Directory(transaction, context.secrets).names([action.owner])
    content = ActionOut(
        action_id=action.id,
        reference=record.reference,
        owner_name=names[action.owner],
        service_area=record.service_area,
        standing=standing(action, context.today),
        may_change=runs(record.audit) and may_change(viewer, record, action),
        history=[ActionStepOut(**vars(each)) for each in history],
        **{name: value for name, value in vars(action).items() if name != "id"},
    )
    return read_answer(content, action.revision)


@router.post("/actions/{action_id}/steps", response_model=ActionResult, responses=WRITE, summary="Take a step with an action")
async def post_step(
    request: Request, identity: Person, action_id: UUID, key: IdempotencyKey, body: ActionStepIn, if_match: IfMatch = None
) -> Response:
    """Its owner, the team's manager, the moderator, the reviewer or the QA officer, until the review closes the audit.

    Where nobody reviews, the last action that is settled closes the loop, and one that is opened again opens it.
    """
    context, revision = context_of(request), revision_of(if_match)

    async def work(transaction: Transaction) -> Answer:
        await change_action(transaction, context, identity, action_id, body.asked(), revision)
        action, _ = await held_action(transaction, context, identity, action_id)
        return _answer(200, action)

    return await do_once(request, identity, key, body, work)


@router.delete("/actions/{action_id}", response_model=ActionResult, responses=STEP, summary="Take an action out")
async def delete_action(request: Request, identity: Person, action_id: UUID, key: IdempotencyKey) -> Response:
    """Before grades are fixed, by whoever fixes them: nobody has been told of it. Afterwards an action is dropped by a step."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        await drop_draft(transaction, context, identity, action_id)
        action, _ = await held_action(transaction, context, identity, action_id)
        return _answer(200, action)

    return await do_once(request, identity, key, None, work)


def _answer(status: int, action: KeptAction) -> Answer:
    plain = {name: getattr(action, name) for name in ("audit_id", "code", "status", "revision")}
    return Answer(status, ActionResult(action_id=action.id, **plain).model_dump(mode="json"))
