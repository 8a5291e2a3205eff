"""JSON routes of an auditor's own part: read it, save its entries, submit it, take it back, answer the moderator."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from fastapi import APIRouter, Request, Response

from audit.domain.audit import MODERATION
from audit.domain.judgement import Entry
from audit.use_cases.answer_question import answer_question
from audit.use_cases.read_audit import read_audit
from audit.use_cases.save_entry import StaleEntry, save_entry
from audit.use_cases.see_audit import see_audit
from audit.use_cases.submit_part import submit_part, take_back_part
from audit.web import entry_present as present
from audit.web.audit_parts import STEP, WRITE, Code, IfMatch, Person, revision_of
from audit.web.dispute_parts import etag, read_answer
from audit.web.doing import do_once
from audit.web.entry_schemas import EntryIn, EntryResult, OwnPartOut, PartFormOut, PartResult, QuestionAnswerIn
from audit.web.round_parts import NONE, context_of
from chassis.access import org_of
from chassis.errors import not_found
from chassis.idempotency import Answer, IdempotencyKey
from chassis.identity import Identity
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

router = APIRouter(prefix="/audit/v1/audits/{audit_id}/parts/{part}", tags=["audits"], route_class=StrictJsonRoute)


@router.get("", response_model=OwnPartOut, responses=NONE, summary="Read your own part")
async def get_part(request: Request, identity: Person, audit_id: UUID, part: Code) -> Response:
    """Every entry as it is asked for, what is saved in it, and what is still missing. Only whoever holds the part finds it."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        seen = await read_audit(transaction, context, identity, audit_id)
        profile = (await context.profiles.current(transaction)).profile
    return read_answer(present.part_out(seen, part, profile, context))


@router.get("/entries/{code}", response_model=PartFormOut, responses=NONE, summary="Read an entry of your own part")
async def get_entry(request: Request, identity: Person, audit_id: UUID, part: Code, code: Code) -> Response:
    """The entry as it is asked for, and what is saved in it. The ETag is what the next save names; `"0"`: nothing is saved."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        seen = await read_audit(transaction, context, identity, audit_id)
        profile = (await context.profiles.current(transaction)).profile
    seen.own_part(part)
    form = present.part_form(seen, part, present.form_in(seen, part, code), profile)
    return read_answer(form, form.saved.revision)


@router.put("/entries/{code}", response_model=EntryResult, responses=WRITE, summary="Save an entry of your own part")
async def put_entry(
    request: Request, identity: Person, audit_id: UUID, part: Code, code: Code, body: EntryIn, if_match: IfMatch = None
) -> Response:
    """Save an entry whole, over the revision that you read; it need not be complete. The same save twice counts once."""
    if part == MODERATION:
        raise not_found("part of an audit for you")
    return await save(request, identity, audit_id, part, body.entry(code, revision_of(if_match)))


@router.post("/submission", response_model=PartResult, responses=STEP, summary="Submit your part")
async def post_submission(request: Request, identity: Person, audit_id: UUID, part: Code, key: IdempotencyKey) -> Response:
    """Hand it in; 422 `incomplete` says everything that is missing. Submitting again what is submitted changes nothing."""
    context = context_of(request)
    return await _step(request, identity, audit_id, part, key, lambda at: submit_part(at, context, identity, audit_id, part))


@router.delete("/submission", response_model=PartResult, responses=STEP, summary="Take your part back")
async def delete_submission(request: Request, identity: Person, audit_id: UUID, part: Code, key: IdempotencyKey) -> Response:
    """Correct a slip, as long as nobody else has been shown the part."""
    context = context_of(request)
    return await _step(request, identity, audit_id, part, key, lambda at: take_back_part(at, context, identity, audit_id, part))


@router.post("/questions/{question_id}/answer", response_model=PartResult, responses=STEP, summary="Answer the moderator")
async def post_answer(
    request: Request,
    identity: Person,
    audit_id: UUID,
    part: Code,
    question_id: UUID,
    key: IdempotencyKey,
    body: QuestionAnswerIn,
) -> Response:
    """Answer a question about your own part before you submit it again; a second answer replaces the first."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        await answer_question(transaction, context, identity, audit_id, part, question_id, body.answer)
        return await part_answer(request, transaction, identity, audit_id, part)

    return await do_once(request, identity, key, body, work)


async def save(request: Request, identity: Identity, audit_id: UUID, part: str, entry: Entry) -> Response:
    """Save an entry, and answer with its revision; a stale one is refused with what stands there now."""
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            revision = await save_entry(transaction, context_of(request), identity, audit_id, part, entry)
    except StaleEntry as refused:
        raise present.stale(refused, entry) from None
    result = EntryResult(audit_id=audit_id, part=part, entry=entry.code, revision=revision)
    return Response(result.model_dump_json(), headers={"ETag": etag(revision)}, media_type="application/json")


async def part_answer(request: Request, transaction: Transaction, identity: Identity, audit_id: UUID, part: str) -> Answer:
    """Where an audit and one of its parts stand, in codes."""
    _, record = await see_audit(transaction, context_of(request), identity, audit_id)
    held = record.audit.parts[part]
    result = PartResult(audit_id=audit_id, state=record.audit.state, part=part, part_state=held.state)
    return Answer(200, result.model_dump(mode="json"))


async def _step(
    request: Request, identity: Identity, audit_id: UUID, part: str, key: str, step: Callable[[Transaction], Awaitable[object]]
) -> Response:
    async def work(transaction: Transaction) -> Answer:
        await step(transaction)
        return await part_answer(request, transaction, identity, audit_id, part)

    return await do_once(request, identity, key, None, work)
