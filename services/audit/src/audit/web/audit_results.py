"""JSON routes of what people do beside judging: read a result, discuss it, review it, and raise what cannot wait."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from audit.use_cases.after_moderation import acknowledge, discuss, hold_review
from audit.use_cases.escalate import Escalation, acknowledge_escalation, escalate, may_act, see_escalation
from audit.use_cases.read_audit import read_audit
from audit.use_cases.see_audit import Viewer, see_audit
from audit.web.action_schemas import (
    ConcernAnswerIn,
    ConcernIn,
    ConcernListOut,
    ConcernOut,
    ConcernResult,
    DiscussionIn,
    ReviewIn,
    ReviewResult,
)
from audit.web.audit_parts import STEP, Person
from audit.web.dispute_parts import read_answer
from audit.web.doing import do_once
from audit.web.entry_schemas import StepResult
from audit.web.moderations import step_answer
from audit.web.round_parts import NONE, context_of
from chassis.access import org_of
from chassis.idempotency import Answer, IdempotencyKey
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

router = APIRouter(prefix="/audit/v1", tags=["audits"], route_class=StrictJsonRoute)


@router.post(
    "/audits/{audit_id}/acknowledgement", response_model=StepResult, responses=STEP, summary="Say that you have read a result"
)
async def post_acknowledgement(request: Request, identity: Person, audit_id: UUID, key: IdempotencyKey) -> Response:
    """For whoever the result went to. Saying so again changes nothing."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        await acknowledge(transaction, context, identity, audit_id)
        return await step_answer(request, transaction, identity, audit_id)

    return await do_once(request, identity, key, None, work)


@router.post(
    "/audits/{audit_id}/discussion", response_model=StepResult, responses=STEP, summary="Record the discussion in supervision"
)
async def post_discussion(
    request: Request, identity: Person, audit_id: UUID, key: IdempotencyKey, body: DiscussionIn
) -> Response:
    """For the manager of the team, once the audit is moderated."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        await discuss(transaction, context, identity, audit_id, body.on, body.note)
        return await step_answer(request, transaction, identity, audit_id)

    return await do_once(request, identity, key, body, work)


@router.post("/audits/{audit_id}/review", response_model=ReviewResult, responses=STEP, summary="Hold the review")
async def post_review(request: Request, identity: Person, audit_id: UUID, key: IdempotencyKey, body: ReviewIn) -> Response:
    """Close the loop, or open it again with the day of the next look. For the reviewer."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        await hold_review(transaction, context, identity, audit_id, body.looked())
        _, record = await see_audit(transaction, context, identity, audit_id)
        following = record.audit.open_review
        next_due_on = following.due_on if following else None
        result = ReviewResult(audit_id=audit_id, state=record.audit.state, next_due_on=next_due_on)
        return Answer(200, result.model_dump(mode="json"))

    return await do_once(request, identity, key, body, work)


@router.get(
    "/audits/{audit_id}/concerns", response_model=ConcernListOut, responses=NONE, summary="List the concerns of an audit"
)
async def get_concerns(request: Request, identity: Person, audit_id: UUID) -> Response:
    """What was raised in it that could not wait. The words are for whoever raised it and whoever must act."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        seen = await read_audit(transaction, context_of(request), identity, audit_id)
    return read_answer(ConcernListOut(items=[_concern(seen.viewer, each) for each in seen.escalations]))


@router.post(
    "/audits/{audit_id}/concerns", status_code=201, response_model=ConcernResult, responses=STEP, summary="Raise a concern"
)
async def post_concern(request: Request, identity: Person, audit_id: UUID, key: IdempotencyKey, body: ConcernIn) -> Response:
    """Something that cannot wait: the team's manager and the QA officer are told at once. It is not an emergency service."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        raised = await escalate(transaction, context, identity, audit_id, body.words)
        return Answer(201, _result(raised, audit_id, acknowledged=False))

    return await do_once(request, identity, key, body, work)


@router.get("/concerns/{escalation_id}", response_model=ConcernOut, responses=NONE, summary="Read a concern")
async def get_concern(request: Request, identity: Person, escalation_id: UUID) -> Response:
    """For whoever raised it and whoever must act on it."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        viewer, concern = await see_escalation(transaction, context_of(request), identity, escalation_id)
    return read_answer(_concern(viewer, concern))


@router.post(
    "/concerns/{escalation_id}/acknowledgement", response_model=ConcernResult, responses=STEP, summary="Take a concern over"
)
async def post_concern_acknowledgement(
    request: Request, identity: Person, escalation_id: UUID, key: IdempotencyKey, body: ConcernAnswerIn
) -> Response:
    """Say what is being done. For the manager of the team and the QA officer."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        await acknowledge_escalation(transaction, context, identity, escalation_id, body.answer)
        _, concern = await see_escalation(transaction, context, identity, escalation_id)
        return Answer(200, _result(escalation_id, concern.audit_id, acknowledged=True))

    return await do_once(request, identity, key, body, work)


def _result(escalation_id: UUID, audit_id: UUID, *, acknowledged: bool) -> dict[str, object]:
    result = ConcernResult(escalation_id=escalation_id, audit_id=audit_id, acknowledged=acknowledged)
    return result.model_dump(mode="json")


def _concern(viewer: Viewer, concern: Escalation) -> ConcernOut:
    acts = may_act(viewer, concern)
    told = acts or (viewer.code is not None and viewer.code == concern.raised_by)
    return ConcernOut(
        escalation_id=concern.id,
        audit_id=concern.audit_id,
        reference=concern.reference,
        raised_at=concern.raised_at,
        acknowledged_at=concern.acknowledged_at,
        raised_by=concern.raised_by if told else None,
        manager=concern.manager if told else None,
        acknowledged_by=concern.acknowledged_by if told else None,
        case_number=(concern.case or None) if told else None,
        words=concern.words if told else None,
        answer=(concern.answer or None) if told else None,
        may_act=acts and concern.acknowledged_at is None,
    )
