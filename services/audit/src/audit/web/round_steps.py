"""JSON routes of what is done to a round and to its audits: draw, allocate, circulate, replace, reallocate, withdraw, close."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response

from audit.context import Context
from audit.domain.round import Round
from audit.domain.sampling import MOST_LISTED
from audit.use_cases.allocate_round import allocate_round
from audit.use_cases.circulate_round import circulate_round, close_round
from audit.use_cases.draw_round import draw_round, undo_draw
from audit.use_cases.read_rounds import read_round
from audit.use_cases.reallocate_part import Reallocation, reallocate_part
from audit.use_cases.replace_case import replace_case
from audit.use_cases.withdraw_audit import Withdrawal, withdraw_audit
from audit.web.doing import do_once
from audit.web.round_parts import STEP, IfMatch, Officer, context_of, take_step, target_of
from audit.web.round_schemas import (
    DrawIn,
    ReallocationIn,
    ReplacementIn,
    RoundOut,
    WithdrawalIn,
    WithdrawalResult,
)
from chassis.idempotency import Answer, IdempotencyKey
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction

router = APIRouter(prefix="/audit/v1", tags=["programmes"], route_class=StrictJsonRoute)
Place = Annotated[int, Path(ge=1, le=MOST_LISTED)]


@router.post("/rounds/{round_id}/draw", response_model=RoundOut, responses=STEP, summary="Draw the sample")
async def post_draw(
    request: Request, identity: Officer, round_id: UUID, key: IdempotencyKey, body: DrawIn, if_match: IfMatch = None
) -> Response:
    """Draw the sample, once. The seed is kept: with it and the list the draw can be repeated, and shown to be fair."""
    return await take_step(
        request,
        identity,
        key,
        body,
        lambda at, context: draw_round(at, context, identity, target_of(round_id, if_match), body.seed),
    )


@router.delete("/rounds/{round_id}/draw", response_model=RoundOut, responses=STEP, summary="Take a draw back")
async def delete_draw(
    request: Request, identity: Officer, round_id: UUID, key: IdempotencyKey, if_match: IfMatch = None
) -> Response:
    """Take a draw back, so that the list can be put right, as long as nobody was given an audit. The history keeps its seed."""
    return await take_step(request, identity, key, None, lambda at, _: undo_draw(at, identity, target_of(round_id, if_match)))


@router.post("/rounds/{round_id}/allocation", response_model=RoundOut, responses=STEP, summary="Allocate")
async def post_allocation(
    request: Request, identity: Officer, round_id: UUID, key: IdempotencyKey, if_match: IfMatch = None
) -> Response:
    """Give every picked case to auditors, moderator and reviewer under the conflict rules; or say which is in the way."""

    async def work(at: Transaction, context: Context) -> Round:
        await allocate_round(at, context, identity, target_of(round_id, if_match))
        return (await read_round(at, context, identity, round_id)).round

    return await take_step(request, identity, key, None, work)


@router.post("/rounds/{round_id}/circulation", response_model=RoundOut, responses=STEP, summary="Circulate")
async def post_circulation(
    request: Request, identity: Officer, round_id: UUID, key: IdempotencyKey, if_match: IfMatch = None
) -> Response:
    """Send the audits to their auditors, all at once."""
    return await take_step(
        request, identity, key, None, lambda at, context: circulate_round(at, context, identity, target_of(round_id, if_match))
    )


@router.post("/rounds/{round_id}/closure", response_model=RoundOut, responses=STEP, summary="Close a round")
async def post_closure(
    request: Request, identity: Officer, round_id: UUID, key: IdempotencyKey, if_match: IfMatch = None
) -> Response:
    """Close a round whose audits are all moderated or withdrawn. Their reviews go on."""
    return await take_step(request, identity, key, None, lambda at, _: close_round(at, identity, target_of(round_id, if_match)))


@router.post(
    "/rounds/{round_id}/cases/{place}/replacement", response_model=RoundOut, responses=STEP, summary="Replace a picked case"
)
async def post_replacement(
    request: Request,
    identity: Officer,
    round_id: UUID,
    place: Place,
    key: IdempotencyKey,
    body: ReplacementIn,
    if_match: IfMatch = None,
) -> Response:
    """Take a picked case that is not allocated yet out of the draw; the first spare case of its team moves up."""

    async def work(at: Transaction, context: Context) -> Round:
        target = target_of(round_id, if_match)
        await replace_case(at, identity, target, place, body.reason, without_spare=body.without_spare)
        return (await read_round(at, context, identity, round_id)).round

    return await take_step(request, identity, key, body, work)


@router.post(
    "/audits/{audit_id}/reallocation", status_code=204, responses=STEP, summary="Give a part of an audit to somebody else"
)
async def post_reallocation(
    request: Request, identity: Officer, audit_id: UUID, key: IdempotencyKey, body: ReallocationIn
) -> Response:
    """The conflict rules hold here too. What the one before wrote stays with the part."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        wanted = Reallocation(audit_id, body.part, body.person, body.reason)
        await reallocate_part(transaction, context, identity, wanted)
        return Answer(204, {})

    await do_once(request, identity, key, body, work)
    return Response(status_code=204)


@router.post("/audits/{audit_id}/withdrawal", response_model=WithdrawalResult, responses=STEP, summary="Withdraw an audit")
async def post_withdrawal(
    request: Request, identity: Officer, audit_id: UUID, key: IdempotencyKey, body: WithdrawalIn
) -> Response:
    """Take an audit out of its round; what is moderated counts and stays."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        wanted = Withdrawal(audit_id, body.reason, body.words, body.replace)
        done = await withdraw_audit(transaction, context, identity, wanted)
        return Answer(200, {"reference": done.reference, "replacement": done.replacement})

    return await do_once(request, identity, key, body, work)
