"""Routes: points of a complaint added, corrected, split, merged, marked as duplicates, and each of that taken back."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.errors import not_found
from chassis.idempotency import Answer, IdempotencyKey
from chassis.identity import Identity
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from complaints.adapters.complaint_repository import ComplaintRepository
from complaints.use_cases.change_points import (
    AddPoint,
    CorrectPoint,
    MarkDuplicate,
    MergePoints,
    SplitPoint,
    TakeBackPoints,
    add_point,
    correct_point,
    mark_duplicate,
    merge_points,
    split_point,
    take_back_points,
)
from complaints.use_cases.points import NewPoint
from complaints.use_cases.take_step import Target
from complaints.web import present
from complaints.web.parts import IfMatch, Writer, do_once, responses, setup_of
from complaints.web.point_schemas import (
    DuplicateIn,
    MergerIn,
    NewPointIn,
    PointCorrectionIn,
    PointIn,
    PointsOut,
    SplitIn,
    TakingBackIn,
)

router = APIRouter(prefix="/complaints/v1/complaints/{complaint_id}/points", tags=["points"], route_class=StrictJsonRoute)
ChangeNumber = Annotated[int, Path(ge=1, le=1_000_000, description="`change` of the change, as the complaint lists it.")]


@router.post(
    "", status_code=201, summary="Add a point", response_model=PointsOut, responses=responses(PointsOut, "point", stale=True)
)
async def post_point(
    request: Request, complaint_id: UUID, payload: NewPointIn, identity: Writer, key: IdempotencyKey, if_match: IfMatch = None
) -> Response:
    """While a stage runs or is asked for; stages from then on find on it too."""
    command = AddPoint(_target(complaint_id, if_match), _point(payload), payload.reason)
    return await _change(request, identity, key, payload, add_point, command)


@router.post(
    "/merger",
    status_code=201,
    summary="Merge points into one",
    response_model=PointsOut,
    responses=responses(PointsOut, "merger", stale=True),
)
async def post_merger(
    request: Request, complaint_id: UUID, payload: MergerIn, identity: Writer, key: IdempotencyKey, if_match: IfMatch = None
) -> Response:
    """Of points that were found alike, where they were found on; their finding stands for the one that they become."""
    command = MergePoints(_target(complaint_id, if_match), tuple(payload.points), _point(payload.into), payload.reason)
    return await _change(request, identity, key, payload, merge_points, command)


@router.post(
    "/{point_id}/correction",
    status_code=201,
    summary="Correct what a point is about",
    response_model=PointsOut,
    responses=responses(PointsOut, "correction", stale=True),
)
async def post_point_correction(
    request: Request,
    complaint_id: UUID,
    point_id: UUID,
    payload: PointCorrectionIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """At any time. Findings, and what it was recorded as before, stay."""
    reference = await _reference(request, identity, complaint_id, point_id)
    point = NewPoint(reference, **{name: value for name, value in vars(payload).items() if name != "reason"})
    command = CorrectPoint(_target(complaint_id, if_match), point, payload.reason)
    return await _change(request, identity, key, payload, correct_point, command)


@router.post(
    "/{point_id}/split",
    status_code=201,
    summary="Split a point into several",
    response_model=PointsOut,
    responses=responses(PointsOut, "split", stale=True),
)
async def post_split(
    request: Request,
    complaint_id: UUID,
    point_id: UUID,
    payload: SplitIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """While a stage runs or is asked for. What was found on the point stands for each part until a stage finds otherwise."""
    reference = await _reference(request, identity, complaint_id, point_id)
    parts = tuple(_point(each) for each in payload.into)
    command = SplitPoint(_target(complaint_id, if_match), reference, parts, payload.reason)
    return await _change(request, identity, key, payload, split_point, command)


@router.post(
    "/{point_id}/duplicate",
    status_code=201,
    summary="Mark a point as the same as another one",
    response_model=PointsOut,
    responses=responses(PointsOut, "mark", stale=True),
)
async def post_duplicate(
    request: Request,
    complaint_id: UUID,
    point_id: UUID,
    payload: DuplicateIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """Of a point of this complaint or another, so long as no finding is lost by it. A complaint keeps at least one point."""
    reference = await _reference(request, identity, complaint_id, point_id)
    command = MarkDuplicate(_target(complaint_id, if_match), reference, payload.same_as, payload.reason)
    return await _change(request, identity, key, payload, mark_duplicate, command)


@router.post(
    "/changes/{change}/taking-back",
    status_code=201,
    summary="Take back a change of points",
    response_model=PointsOut,
    responses=responses(PointsOut, "taking back", stale=True),
)
async def post_taking_back(
    request: Request,
    complaint_id: UUID,
    change: ChangeNumber,
    payload: TakingBackIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """While nothing was built on it: no later change of these points, and no answer since. Both stay in the record."""
    command = TakeBackPoints(_target(complaint_id, if_match), change, payload.reason)
    return await _change(request, identity, key, payload, take_back_points, command)


def _target(complaint_id: UUID, if_match: str | None) -> Target:
    return Target(complaint_id, 1, if_match)


def _point(payload: PointIn) -> NewPoint:
    return NewPoint(**{name: value for name, value in vars(payload).items() if name != "reason"})


async def _reference(request: Request, identity: Identity, complaint_id: UUID, point_id: UUID) -> str:
    """The reference of a point, which never changes. Raises `not-found`."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        record = await ComplaintRepository(transaction).by_id(complaint_id)
    point = None if record is None else next((each for each in record.points if each.id == point_id), None)
    if point is None:
        raise not_found("point")
    return point.reference


async def _change(request: Request, identity: Identity, key: str, payload: Any, take: Any, command: Any) -> Response:
    setup = setup_of(request)

    async def work(transaction: Transaction) -> Answer:
        return present.points_answer(await take(transaction, setup, identity, command))

    return await do_once(request, identity, key, payload, work)
