"""JSON routes of a moderation: both auditors side by side, final grades, learning, a part returned, and the end of it."""

from uuid import UUID

from fastapi import APIRouter, Request, Response

from audit.domain.audit import MODERATION
from audit.use_cases.moderate_audit import choose_learning, moderate_audit, return_part
from audit.use_cases.read_audit import read_audit
from audit.use_cases.see_audit import see_audit
from audit.web import entry_present as present
from audit.web.audit_entries import part_answer, save
from audit.web.audit_parts import STEP, WRITE, Code, IfMatch, Person, revision_of
from audit.web.dispute_parts import read_answer
from audit.web.doing import do_once
from audit.web.entry_schemas import (
    EntryIn,
    EntryResult,
    FinalFormOut,
    LearningIn,
    ModerationOut,
    PartResult,
    ReturnIn,
    StepResult,
)
from audit.web.round_parts import NONE, context_of
from chassis.access import org_of
from chassis.idempotency import Answer, IdempotencyKey
from chassis.identity import Identity
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

router = APIRouter(prefix="/audit/v1/audits/{audit_id}/moderation", tags=["audits"], route_class=StrictJsonRoute)


@router.get("", response_model=ModerationOut, responses=NONE, summary="Read your moderation")
async def get_moderation(request: Request, identity: Person, audit_id: UUID) -> Response:
    """Both auditors beside what is decided, once it is your turn, and what is still missing. Only its moderator finds it."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        seen = await read_audit(transaction, context, identity, audit_id)
        profile = (await context.profiles.current(transaction)).profile
    return read_answer(present.moderation_out(seen, profile, context))


@router.get("/entries/{code}", response_model=FinalFormOut, responses=NONE, summary="Read an entry of your moderation")
async def get_final(request: Request, identity: Person, audit_id: UUID, code: Code) -> Response:
    """What the auditors said, and what is decided. The ETag is what the next save names; `"0"`: nothing is saved."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        seen = await read_audit(transaction, context, identity, audit_id)
        profile = (await context.profiles.current(transaction)).profile
    seen.own_moderation()
    form = present.final_form(seen, present.form_in(seen, MODERATION, code), profile)
    return read_answer(form, form.final.revision)


@router.put("/entries/{code}", response_model=EntryResult, responses=WRITE, summary="Save an entry of your moderation")
async def put_final(
    request: Request, identity: Person, audit_id: UUID, code: Code, body: EntryIn, if_match: IfMatch = None
) -> Response:
    """Save a final grade, with a reason where it is neither auditor's. Whole, over the revision that you read."""
    return await save(request, identity, audit_id, MODERATION, body.entry(code, revision_of(if_match)))


@router.post("/learning", response_model=StepResult, responses=STEP, summary="Choose the learning")
async def post_learning(request: Request, identity: Person, audit_id: UUID, key: IdempotencyKey, body: LearningIn) -> Response:
    """Themes of what the audit teaches, and findings; also for the only auditor of an audit that nobody moderates."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        await choose_learning(transaction, context, identity, audit_id, body.themes, body.findings)
        return await step_answer(request, transaction, identity, audit_id)

    return await do_once(request, identity, key, body, work)


@router.post("/returns", response_model=PartResult, responses=STEP, summary="Return a part with a question")
async def post_return(request: Request, identity: Person, audit_id: UUID, key: IdempotencyKey, body: ReturnIn) -> Response:
    """Its auditor is told, answers, and submits again. Agreement stays measured by what they first submitted."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        await return_part(transaction, context, identity, audit_id, body.part, body.question)
        return await part_answer(request, transaction, identity, audit_id, body.part)

    return await do_once(request, identity, key, body, work)


@router.post("/completion", response_model=StepResult, responses=STEP, summary="Fix the grades and circulate the result")
async def post_completion(request: Request, identity: Person, audit_id: UUID, key: IdempotencyKey) -> Response:
    """Grades cannot be changed afterwards; 422 `incomplete` says everything that is missing. Twice counts once."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        await moderate_audit(transaction, context, identity, audit_id)
        return await step_answer(request, transaction, identity, audit_id)

    return await do_once(request, identity, key, None, work)


async def step_answer(request: Request, transaction: Transaction, identity: Identity, audit_id: UUID) -> Answer:
    """Where an audit stands, in codes."""
    _, record = await see_audit(transaction, context_of(request), identity, audit_id)
    return Answer(200, StepResult(audit_id=audit_id, state=record.audit.state).model_dump(mode="json"))
