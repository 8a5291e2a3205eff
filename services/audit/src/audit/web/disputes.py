"""JSON routes of disputes: raised, listed, read, counted, and their steps."""

from collections.abc import Awaitable, Callable
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from audit.adapters.dispute_list import Filters
from audit.use_cases.answer_dispute import AnswerDispute, answer_dispute
from audit.use_cases.correct_dispute import CorrectDispute, correct_dispute
from audit.use_cases.dispute_cursors import rank_of
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.escalate_dispute import EscalateDispute, escalate_dispute
from audit.use_cases.raise_dispute import raise_dispute
from audit.use_cases.read_disputes import count_disputes, list_disputes, read_dispute
from audit.use_cases.reopen_dispute import ReopenDispute, reopen_dispute
from audit.use_cases.resolve_dispute import ResolveDispute, resolve_dispute
from audit.use_cases.take_dispute_step import Taken, Target
from audit.use_cases.withdraw_dispute import WithdrawDispute, withdraw_dispute
from audit.web import dispute_present as present
from audit.web.dispute_parts import (
    Counter,
    IfMatch,
    Reader,
    Writer,
    read_answer,
    responses,
    revision_of,
    setup_of,
)
from audit.web.dispute_payloads import AnswerIn, CorrectionIn, DisputeIn, EscalationIn, ReopeningIn, ResolutionIn, WithdrawalIn
from audit.web.dispute_schemas import DisputeCountsOut, DisputeListOut, DisputeListQuery, DisputeOut, DisputeStep
from audit.web.doing import do_once
from chassis.access import org_of
from chassis.idempotency import Answer, IdempotencyKey
from chassis.identity import Identity
from chassis.quarters import Quarter
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

router = APIRouter(prefix="/audit/v1", tags=["disputes"], route_class=StrictJsonRoute)

C = TypeVar("C")
Step = Callable[[Transaction, DisputeSetup, Identity, C], Awaitable[Taken]]


async def _take(request: Request, identity: Identity, key: str, payload: BaseModel, step: Step[C], command: C) -> Response:
    setup = setup_of(request)

    async def work(transaction: Transaction) -> Answer:
        return present.step_answer(await step(transaction, setup, identity, command), setup)

    return await do_once(request, identity, key, payload, work)


@router.post(
    "/disputes",
    status_code=201,
    response_model=DisputeStep,
    responses=responses("dispute", stale=False),
    summary="Raise a dispute",
)
async def post_dispute(request: Request, payload: DisputeIn, identity: Writer, key: IdempotencyKey) -> Response:
    """The first stage begins at once; its clock counts from the day of the raising, day 0.

    Who must answer is `person` or `role`, else the managers of the team. Days in the past are normal. With a `reference` of
    your own the same dispute again is answered 200, another one under it 409.
    """
    setup = setup_of(request)

    async def work(transaction: Transaction) -> Answer:
        return present.step_answer(await raise_dispute(transaction, setup, identity, present.raising(payload)), setup)

    return await do_once(request, identity, key, payload, work)


@router.get("/disputes", response_model=DisputeListOut, summary="List disputes, open ones first")
async def get_disputes(request: Request, identity: Reader, wanted: Annotated[DisputeListQuery, Query()]) -> Response:
    """Open disputes by the day on which their answer is due, so that overdue ones come first; then the last ended."""
    setup = setup_of(request)
    filters = Filters(
        wanted.service_area,
        wanted.category,
        wanted.stage,
        wanted.phase,
        None if wanted.state is None else wanted.state == "open",
        setup.today() if wanted.overdue else None,
    )
    async with uow_of(request).begin(org_of(identity)) as transaction:
        page = await list_disputes(transaction, setup, identity, filters, limit=wanted.limit, after=rank_of(wanted.after))
    return read_answer(present.list_out(page))


@router.get("/disputes/{dispute_id}", response_model=DisputeOut, summary="Read a dispute with its clocks")
async def get_dispute(request: Request, identity: Reader, dispute_id: UUID) -> Response:
    """Words and the case's number are null for who may not read them."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        view = await read_dispute(transaction, setup_of(request), identity, dispute_id)
    return read_answer(present.dispute_out(view), view.record.revision)


@router.get("/dispute-counts", response_model=DisputeCountsOut, summary="Count the disputes of a quarter")
async def get_counts(
    request: Request, identity: Counter, quarter: Annotated[str, Query(max_length=20, examples=["2026-27-q3"])]
) -> Response:
    """By service area, category and who raised it; by stage and who answered, with the time taken against the limit."""
    asked = Quarter.parse(quarter)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        counts = await count_disputes(transaction, setup_of(request), identity, asked)
    return read_answer(present.counts_out(asked, counts))


@router.post(
    "/disputes/{dispute_id}/answer",
    status_code=201,
    response_model=DisputeStep,
    responses=responses("answer"),
    summary="Record the answer of a stage",
)
async def post_answer(
    request: Request,
    dispute_id: UUID,
    payload: AnswerIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """The clock stops on the day of the answer. Who raised the dispute then decides whether it is enough."""
    target = Target(dispute_id, revision_of(if_match))
    command = AnswerDispute(target, payload.answered_on, payload.answer, payload.answered_by)
    return await _take(request, identity, key, payload, answer_dispute, command)


@router.post(
    "/disputes/{dispute_id}/escalation",
    status_code=201,
    response_model=DisputeStep,
    responses=responses("escalation"),
    summary="Take a dispute to the next stage",
)
async def post_escalation(
    request: Request,
    dispute_id: UUID,
    payload: EscalationIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """To the next stage, or past it to a later one; from a stage that was answered or was not. A new clock starts."""
    target = Target(dispute_id, revision_of(if_match))
    command = EscalateDispute(target, payload.escalated_on, payload.reason, payload.stage, payload.person, payload.role or "")
    return await _take(request, identity, key, payload, escalate_dispute, command)


@router.post(
    "/disputes/{dispute_id}/resolution",
    status_code=201,
    response_model=DisputeStep,
    responses=responses("resolution"),
    summary="Record what came of a dispute",
)
async def post_resolution(
    request: Request,
    dispute_id: UUID,
    payload: ResolutionIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """Without an answer at the current stage it was settled in talks, and `informal` must say so."""
    target = Target(dispute_id, revision_of(if_match))
    command = ResolveDispute(target, payload.resolved_on, payload.outcome, payload.changed, payload.informal)
    return await _take(request, identity, key, payload, resolve_dispute, command)


@router.post(
    "/disputes/{dispute_id}/withdrawal",
    status_code=201,
    response_model=DisputeStep,
    responses=responses("withdrawal"),
    summary="Withdraw a dispute",
)
async def post_withdrawal(
    request: Request,
    dispute_id: UUID,
    payload: WithdrawalIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """While it is open, with a reason."""
    target = Target(dispute_id, revision_of(if_match))
    command = WithdrawDispute(target, payload.withdrawn_on, payload.reason)
    return await _take(request, identity, key, payload, withdraw_dispute, command)


@router.post(
    "/disputes/{dispute_id}/reopening",
    status_code=201,
    response_model=DisputeStep,
    responses=responses("reopening"),
    summary="Open a dispute again",
)
async def post_reopening(
    request: Request,
    dispute_id: UUID,
    payload: ReopeningIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """At the stage where it ended, or at a named one, with a clock of its own from the day of the reopening."""
    target = Target(dispute_id, revision_of(if_match))
    command = ReopenDispute(target, payload.reopened_on, payload.reason, payload.stage, payload.person, payload.role or "")
    return await _take(request, identity, key, payload, reopen_dispute, command)


@router.post(
    "/disputes/{dispute_id}/correction",
    status_code=201,
    response_model=DisputeStep,
    responses=responses("correction"),
    summary="Correct what was recorded of a dispute",
)
async def post_correction(
    request: Request,
    dispute_id: UUID,
    payload: CorrectionIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """Clocks are counted anew from corrected days. What stood there before is kept in the history."""
    target = Target(dispute_id, revision_of(if_match))
    command = CorrectDispute(target, present.correction(payload))
    return await _take(request, identity, key, payload, correct_dispute, command)
