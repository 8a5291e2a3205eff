"""Routes: what is learned from points, for systems that keep actions elsewhere or show them."""

from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from chassis import keyset
from chassis.access import org_of, requires
from chassis.errors import DomainError, Kind
from chassis.idempotency import Answer, IdempotencyKey
from chassis.identity import Identity
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from complaints.adapters.learning_list import LearningList
from complaints.domain.learning_filters import LearningFilters
from complaints.use_cases.change_learning import change_plan, see_action, take_learning_step
from complaints.use_cases.learn import At, decline, record_action
from complaints.use_cases.learning_cursor import key_of
from complaints.use_cases.take_step import etag
from complaints.web import learning_schemas as schemas
from complaints.web.complaints import may_read_reasons
from complaints.web.fields import Code
from complaints.web.learning_schemas import (
    AskingListOut,
    AskingOut,
    LearningActionFull,
    LearningActionIn,
    LearningActionOut,
    LearningActionRef,
    LearningChangeIn,
    LearningDecisionRef,
    LearningListOut,
    LearningReasonIn,
    LearningStepIn,
    LearningStepOut,
)
from complaints.web.parts import READ, WRITE, Writer, do_once, responses, setup_of

router = APIRouter(prefix="/complaints/v1", tags=["learning"], route_class=StrictJsonRoute)

_MOST_DIGITS = 9  # of a revision
_NAMESPACE = UUID("3d6f2f0e-51a8-4c67-9f0d-7f7b3e1c2a55")
"""Of the ids of what machines record: the same for the same key, so that what was recorded once is found again."""

_READ_FIRST: dict[int | str, dict[str, Any]] = {428: {"description": "If-Match is needed, with the ETag as you read it."}}

LearningReader = Annotated[Identity, Depends(requires(READ, WRITE, "role:complaints-officer", "role:senior-reader"))]
Revision = Annotated[
    str | None,
    Header(alias="If-Match", max_length=40, description="ETag of the action as you read it. Needed; a stale one is 412."),
]
Limit = Annotated[int, Query(ge=1, le=500)]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before.")]


@router.post(
    "/complaints/{complaint_id}/points/{point_id}/learning-actions",
    status_code=201,
    summary="Record an action of a point",
    response_model=LearningActionRef,
    responses=responses(LearningActionRef, "action"),
)
async def post_action(
    request: Request, complaint_id: UUID, point_id: UUID, payload: LearningActionIn, identity: Writer, key: IdempotencyKey
) -> Response:
    """Of any point with a finding. Where a reason for none stands, the action replaces it; both are kept."""
    setup = setup_of(request)

    async def work(transaction: Transaction) -> Answer:
        action_id = _id(identity, key)
        plan = payload.plan(payload.due_on)
        at = At(complaint_id, point_id)
        kept, created = await record_action(transaction, setup, identity, at, action_id, plan)
        return Answer(201 if created else 200, schemas.ref(kept))

    return _tagged(await do_once(request, identity, key, payload, work))


@router.post(
    "/complaints/{complaint_id}/points/{point_id}/no-learning-action",
    status_code=201,
    summary="Record why a point needs no action",
    response_model=LearningDecisionRef,
    responses=responses(LearningDecisionRef, "decision"),
)
async def post_reason(
    request: Request, complaint_id: UUID, point_id: UUID, payload: LearningReasonIn, identity: Writer, key: IdempotencyKey
) -> Response:
    """Of a point that is upheld or partially upheld and has no action. An action can follow later."""
    setup = setup_of(request)

    async def work(transaction: Transaction) -> Answer:
        at = At(complaint_id, point_id)
        decision, created = await decline(transaction, setup, identity, at, _id(identity, key), payload.reason)
        body = LearningDecisionRef(decision_id=str(decision), complaint_id=str(complaint_id), point_id=str(point_id))
        return Answer(201 if created else 200, body.model_dump())

    return await do_once(request, identity, key, payload, work)


@router.get("/learning-actions", summary="List actions, the first due first")
async def get_actions(
    request: Request,
    identity: LearningReader,
    *,
    show: Annotated[Literal["open", "overdue", "to-review", "reviewed", "dropped", "all"], Query()] = "open",
    service_area: Annotated[Code | None, Query()] = None,
    theme: Annotated[Code | None, Query()] = None,
    limit: Limit = 100,
    after: After = None,
) -> LearningListOut:
    """With their words, for those who may read complaints in their service areas."""
    setup = setup_of(request)
    filters = LearningFilters(setup.today(), show, service_area, theme, areas=identity.areas)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await LearningList(transaction, setup.secrets).page(filters, limit + 1, key_of(after))
    today, reach = setup.today(), may_read_reasons(identity)
    items = [LearningActionOut.model_validate(schemas.item(each, today, reach=reach)) for each in found[:limit]]
    last = found[limit - 1] if len(found) > limit else None
    return LearningListOut(items=items, next=keyset.encode(last.action.plan.due_on, last.id) if last else None)


@router.get("/points-that-ask-for-learning", summary="List points that still ask for an action")
async def get_asking(
    request: Request,
    identity: LearningReader,
    *,
    service_area: Annotated[Code | None, Query()] = None,
    limit: Limit = 100,
    after: After = None,
) -> AskingListOut:
    """Points that are upheld or partially upheld by their latest finding, without an action and without a reason for none."""
    setup = setup_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        listed = LearningList(transaction, setup.secrets)
        found = await listed.asking(identity.areas, service_area, limit + 1, key_of(after))
    items = [
        AskingOut(**{**vars(each), "complaint_id": str(each.complaint_id), "point_id": str(each.point_id)})
        for each in found[:limit]
    ]
    last = found[limit - 1] if len(found) > limit else None
    return AskingListOut(items=items, next=keyset.encode(last.responded_on, last.point_id) if last else None)


@router.get("/learning-actions/{action_id}", summary="Read an action with its history")
async def get_action(request: Request, response: Response, action_id: UUID, identity: LearningReader) -> LearningActionFull:
    """The ETag is for the next step."""
    setup = setup_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        seen = await see_action(transaction, setup, identity, action_id)
    response.headers["ETag"] = etag(seen.kept.revision)
    history = [LearningStepOut(**vars(each)) for each in seen.history]
    content = schemas.item(seen.kept, setup.today(), reach=may_read_reasons(identity))
    return LearningActionFull.model_validate({**content, "history": history})


@router.put(
    "/learning-actions/{action_id}",
    summary="Change an action",
    response_model=LearningActionRef,
    responses={**responses(LearningActionRef, "change", stale=True), **_READ_FIRST},
)
async def put_action(
    request: Request,
    action_id: UUID,
    payload: LearningChangeIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: Revision = None,
) -> Response:
    """What is to be done, who sees to it, where it belongs, its themes; while it is open."""
    setup, revision = setup_of(request), _revision(if_match)

    async def work(transaction: Transaction) -> Answer:
        due_on = (await see_action(transaction, setup, identity, action_id)).kept.action.plan.due_on
        kept = await change_plan(transaction, setup, identity, action_id, payload.plan(due_on), revision)
        return Answer(200, schemas.ref(kept))

    return _tagged(await do_once(request, identity, key, payload, work))


@router.post(
    "/learning-actions/{action_id}/steps",
    summary="Take a step with an action",
    response_model=LearningActionRef,
    responses={**responses(LearningActionRef, "step", stale=True), **_READ_FIRST},
)
async def post_step(
    request: Request,
    action_id: UUID,
    payload: LearningStepIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: Revision = None,
) -> Response:
    """Note how far it is, finish it with evidence, review it, move its day, drop it, or open it again."""
    setup, revision = setup_of(request), _revision(if_match)

    async def work(transaction: Transaction) -> Answer:
        kept = await take_learning_step(transaction, setup, identity, action_id, payload.asked(), revision)
        return Answer(200, schemas.ref(kept))

    return _tagged(await do_once(request, identity, key, payload, work))


def _id(identity: Identity, key: str) -> UUID:
    return uuid5(_NAMESPACE, "\x1f".join((identity.org or "", identity.subject, key)))


def _revision(if_match: str | None) -> int:
    """The revision that the sender has read. Raises `if-match-missing`; what is no tag of ours is stale.

    `*` would save over whatever stands there, which is what the header is there to prevent: it counts as missing.
    """
    given = (if_match or "").strip()
    if given in {"", "*"}:
        detail = "Send If-Match with the ETag under which you read this action. Nothing was changed."
        raise DomainError("if-match-missing", detail, Kind.PRECONDITION_REQUIRED)
    seen = given.strip('"')
    return int(seen) if seen.isascii() and seen.isdecimal() and len(seen) <= _MOST_DIGITS else -1


def _tagged(response: Response) -> Response:
    """The ETag of an action is its revision, which stands in the answer, also in one that is repeated."""
    response.headers["ETag"] = etag(orjson.loads(response.body)["revision"])
    return response
