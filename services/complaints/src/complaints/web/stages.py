"""Routes: the steps of a complaint's stages."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Protocol, TypeVar
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel
from starlette.responses import Response

from chassis.errors import DomainError, FieldError, Kind
from chassis.idempotency import Answer, IdempotencyKey
from chassis.identity import Identity
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from complaints.domain.case import Finding
from complaints.use_cases.acknowledge_stage import AcknowledgeStage, acknowledge_stage
from complaints.use_cases.decide_stage import DecideStage, decide_stage
from complaints.use_cases.extend_stage import ExtendStage, extend_stage
from complaints.use_cases.request_stage import RequestStage, request_stage
from complaints.use_cases.respond_stage import RespondStage, Said, respond_stage
from complaints.use_cases.setup import Setup
from complaints.use_cases.take_step import Taken, Target
from complaints.web import present
from complaints.web.complaints import stage_names
from complaints.web.parts import IfMatch, Writer, do_once, responses, setup_of
from complaints.web.schemas import (
    AcknowledgementIn,
    DecisionIn,
    ExtensionIn,
    FindingIn,
    RequestIn,
    ResponseIn,
    StepOut,
)

router = APIRouter(prefix="/complaints/v1/complaints/{complaint_id}/stages", tags=["stages"], route_class=StrictJsonRoute)

Number = Annotated[int, Path(ge=1, le=9, description="Number of the stage, counted from 1.")]
Later = Annotated[int, Path(ge=2, le=9, description="Number of the stage that was asked for.")]


class _Command(Protocol):
    @property
    def target(self) -> Target: ...


C = TypeVar("C", bound=_Command)
Step = Callable[[Transaction, Setup, Identity, C], Awaitable[Taken]]


async def take(request: Request, identity: Identity, key: str, payload: BaseModel, step: Step[C], command: C) -> Response:
    """Take a step once for an idempotency key, and answer with the complaint after it."""
    setup = setup_of(request)

    async def work(transaction: Transaction) -> Answer:
        taken = await step(transaction, setup, identity, command)
        names = await stage_names(transaction, setup, taken)
        return present.step_answer(taken, names, setup.today(), number=command.target.stage)

    return await do_once(request, identity, key, payload, work)


@router.post(
    "/{number}/acknowledgement",
    status_code=201,
    summary="Record that a stage was acknowledged",
    response_model=StepOut,
    responses=responses(StepOut, "acknowledgement", stale=True),
)
async def post_acknowledgement(
    request: Request,
    complaint_id: UUID,
    number: Number,
    payload: AcknowledgementIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """For procedures with an acknowledgement; where the stage counts from it, the due date moves with it."""
    command = AcknowledgeStage(Target(complaint_id, number, if_match), payload.acknowledged_on)
    return await take(request, identity, key, payload, acknowledge_stage, command)


@router.post(
    "/{number}/extension",
    status_code=201,
    summary="Extend the limit of a stage",
    response_model=StepOut,
    responses=responses(StepOut, "extension", stale=True),
)
async def post_extension(
    request: Request,
    complaint_id: UUID,
    number: Number,
    payload: ExtensionIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """Once, while the limit runs, `to` a limit in all or to all that the procedure allows. A second one is refused.

    To take one back, correct `extended_on` to null.
    """
    target = Target(complaint_id, number, if_match)
    command = ExtendStage(target, payload.extended_on, payload.reason, payload.to, payload.code)
    return await take(request, identity, key, payload, extend_stage, command)


@router.post(
    "/{number}/response",
    status_code=201,
    summary="Record that the response of a stage was sent",
    response_model=StepOut,
    responses=responses(StepOut, "response", stale=True),
)
async def post_response(
    request: Request,
    complaint_id: UUID,
    number: Number,
    payload: ResponseIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """The clock stops on the day that the response was sent, not when it was drafted. One finding on each point."""
    findings = _by_point(payload.findings)
    said = {each.point: Said(each.reason, tuple(each.remedies)) for each in payload.findings if each.reason or each.remedies}
    command = RespondStage(Target(complaint_id, number, if_match), payload.responded_on, findings, said)
    return await take(request, identity, key, payload, respond_stage, command)


@router.post(
    "/{number}/request",
    status_code=201,
    summary="Record that the complainant asked for the next stage",
    response_model=StepOut,
    responses=responses(StepOut, "request", stale=True),
)
async def post_request(
    request: Request,
    complaint_id: UUID,
    number: Later,
    payload: RequestIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """After the limit for asking, counted from the response of the stage before, it takes a `discretion_reason`."""
    command = RequestStage(Target(complaint_id, number, if_match), payload.requested_on, payload.discretion_reason)
    return await take(request, identity, key, payload, request_stage, command)


@router.post(
    "/{number}/decision",
    status_code=201,
    summary="Accept or decline a request for the next stage",
    response_model=StepOut,
    responses=responses(StepOut, "decision", stale=True),
)
async def post_decision(
    request: Request,
    complaint_id: UUID,
    number: Later,
    payload: DecisionIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """Accepting starts the stage; its clock counts from the day of the request. The statutory procedure cannot decline."""
    command = DecideStage(Target(complaint_id, number, if_match), payload.decided_on, payload.decision, payload.reason)
    return await take(request, identity, key, payload, decide_stage, command)


def _by_point(findings: list[FindingIn]) -> dict[str, Finding]:
    by_point: dict[str, Finding] = {}
    errors = []
    for index, finding in enumerate(findings):
        if finding.point in by_point:
            errors.append(FieldError(f"/findings/{index}/point", f"point '{finding.point}' has a finding already"))
        by_point[finding.point] = finding.finding
    if errors:
        raise DomainError("findings-not-distinct", "A point has one finding at a stage.", Kind.MALFORMED, tuple(errors))
    return by_point
