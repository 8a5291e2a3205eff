"""Routes of calls to be made: case-management systems add them and see how they stand."""

from collections import Counter
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from chassis import keyset
from chassis.access import OPERATOR, org_of, requires
from chassis.idempotency import Answer, IdempotencyKey, fingerprint, once
from chassis.identity import Identity
from chassis.outbox import now
from chassis.problems import from_domain_error
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of
from contracts.feedback import CallStatus
from feedback.adapters import callers, calls
from feedback.adapters.calls import Record
from feedback.context import Context, context_of
from feedback.use_cases.add_calls import Outcome, Planned, add_calls
from feedback.web.call_schemas import CallAdded, CallBatch, CallBatchResult, CallPage, CallRequest, CallState

router = APIRouter(prefix="/feedback/v1/calls", tags=["calls"], route_class=StrictJsonRoute)

WRITE = "feedback:calls:write"
READ = "feedback:calls:read"

Writer = Annotated[Identity, Depends(requires(WRITE, OPERATOR))]
Reader = Annotated[Identity, Depends(requires(READ, OPERATOR, "role:qa-officer"))]


async def _add(transaction: Transaction, context: Context, identity: Identity, planned: list[Planned]) -> list[Outcome]:
    known = {each.subject for each in await callers.everybody(transaction, context.secrets)}
    return await add_calls(transaction, context, identity, planned, known, now())


@router.post(
    "",
    status_code=201,
    response_model=CallAdded,
    summary="Add a call to be made",
    description="Adds a call to the list of its caller, or of whoever takes it. The same `reference` in the same programme and "
    "month answers 200 `unchanged` where it asks for the same, and 409 where it asks for something else.",
    responses={200: {"model": CallAdded, "description": "Added before"}, 409: {"description": "Reference used this month"}},
)
async def add_one(request: Request, payload: CallRequest, identity: Writer, key: IdempotencyKey) -> Response:
    """Add one call."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:

        async def work() -> Answer:
            [outcome] = await _add(transaction, context, identity, [payload.planned()])
            if outcome.problem is not None:
                raise outcome.problem
            body = {"status": outcome.status, "call_id": str(outcome.call_id)}
            return Answer(201 if outcome.status == "added" else 200, body)

        print_ = fingerprint("POST /feedback/v1/calls", payload.model_dump_json())
        answer = await once(transaction, identity.subject, key, print_, work)
    return answer.response()


@router.post(
    "/batch",
    response_model=CallBatchResult,
    summary="Add up to 1,000 calls",
    description="All in one transaction, with a result for each in the order sent. One that does not fit the profile, or whose "
    "reference has another call in the month, is `refused` and stops no other. A body that is not as documented is "
    "refused as a whole (422).",
)
async def add_batch(request: Request, payload: CallBatch, identity: Writer, key: IdempotencyKey) -> Response:
    """Add many calls."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:

        async def work() -> Answer:
            return Answer(200, _batch(await _add(transaction, context, identity, [each.planned() for each in payload.calls])))

        print_ = fingerprint("POST /feedback/v1/calls/batch", payload.model_dump_json())
        answer = await once(transaction, identity.subject, key, print_, work)
    return answer.response()


def _batch(outcomes: list[Outcome]) -> dict[str, Any]:
    items = [
        {
            "index": index,
            "status": outcome.status,
            "call_id": str(outcome.call_id) if outcome.call_id else None,
            "problem": from_domain_error(outcome.problem) if outcome.problem else None,
        }
        for index, outcome in enumerate(outcomes)
    ]
    counts = Counter(outcome.status for outcome in outcomes)
    return {"results": items, "counts": {status: counts[status] for status in ("added", "unchanged", "refused")}}


@router.get(
    "",
    summary="List calls by their state",
    description="Newest first. Tells how a call stands, what was tried, and whether a number was wrong; never what was said.",
)
async def listing(
    request: Request,
    identity: Reader,
    programme: Annotated[str | None, Query(max_length=80)] = None,
    status: Annotated[CallStatus | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> CallPage:
    """A page of calls."""
    start = _after(after)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await calls.page_of(transaction, identity.areas, start, programme, status, limit + 1)
    more = found[limit - 1].id if len(found) > limit else None
    return CallPage(items=[_state(each) for each in found[:limit]], next=keyset.encode(more) if more else None)


def _state(record: Record) -> CallState:
    wanted, call = record.wanted, record.call
    return CallState(
        call_id=record.id,
        programme=wanted.programme,
        reference=wanted.reference,
        due_on=wanted.due_on,
        questionnaire=wanted.questionnaire,
        service_area=wanted.service_area,
        team=wanted.team,
        language=wanted.language,
        about_on=wanted.about_on,
        caller=call.caller,
        status=call.state.value,
        attempts=call.attempts,
        tried_on=call.tried_on,
        call_back_on=call.call_back_on,
        wrong_number=call.wrong_number,
        ended_on=call.ended_on,
        ground=call.ground.value if call.ground else None,
    )


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(keyset.decode(cursor, 1)[0]))
    except ValueError:
        raise keyset.malformed() from None
