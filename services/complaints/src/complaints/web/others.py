"""Routes: Ombudsman cases and compliments."""

from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.idempotency import Answer, IdempotencyKey
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from complaints.use_cases.ombudsman import (
    AcceptOmbudsmanCase,
    ReceiveOmbudsmanOutcome,
    accept_ombudsman_case,
    receive_ombudsman_outcome,
)
from complaints.use_cases.receive_compliment import ReceiveCompliment, receive_compliment
from complaints.web.parts import Writer, do_once, responses, setup_of
from complaints.web.schemas import (
    ComplimentIn,
    ComplimentRef,
    OmbudsmanCaseIn,
    OmbudsmanCaseRef,
    OmbudsmanOutcomeIn,
    OmbudsmanOutcomeOut,
)

router = APIRouter(prefix="/complaints/v1", route_class=StrictJsonRoute)


@router.post(
    "/ombudsman-cases",
    tags=["ombudsman"],
    status_code=201,
    summary="Record that the Ombudsman accepted a case",
    response_model=OmbudsmanCaseRef,
    responses=responses(OmbudsmanCaseRef, "case"),
)
async def post_case(request: Request, payload: OmbudsmanCaseIn, identity: Writer, key: IdempotencyKey) -> Response:
    """`complaint_reference` ties it to a complaint that is recorded here, where there is one."""
    setup = setup_of(request)

    async def work(transaction: Transaction) -> Answer:
        command = AcceptOmbudsmanCase(**vars(payload))
        case_id, created = await accept_ombudsman_case(transaction, setup, identity, command)
        return Answer(201 if created else 200, {"case_id": str(case_id), "reference": payload.reference})

    return await do_once(request, identity, key, payload, work)


@router.post(
    "/ombudsman-cases/{case_id}/outcome",
    tags=["ombudsman"],
    status_code=201,
    summary="Record the Ombudsman's outcome",
    response_model=OmbudsmanOutcomeOut,
    responses=responses(OmbudsmanOutcomeOut, "outcome"),
)
async def post_outcome(
    request: Request, case_id: UUID, payload: OmbudsmanOutcomeIn, identity: Writer, key: IdempotencyKey
) -> Response:
    """With the number of actions that it asks for."""
    setup = setup_of(request)

    async def work(transaction: Transaction) -> Answer:
        command = ReceiveOmbudsmanOutcome(case_id=case_id, **vars(payload))
        created = await receive_ombudsman_outcome(transaction, setup, identity, command)
        return Answer(201 if created else 200, {"case_id": str(case_id), **payload.model_dump(mode="json")})

    return await do_once(request, identity, key, payload, work)


@router.post(
    "/compliments",
    tags=["compliments"],
    status_code=201,
    summary="Record a compliment",
    response_model=ComplimentRef,
    responses=responses(ComplimentRef, "compliment"),
)
async def post_compliment(request: Request, payload: ComplimentIn, identity: Writer, key: IdempotencyKey) -> Response:
    """`external` says whether it came from outside the organisation: only those count in formal figures."""
    setup = setup_of(request)

    async def work(transaction: Transaction) -> Answer:
        command = ReceiveCompliment(**vars(payload))
        compliment_id, created = await receive_compliment(transaction, setup, identity, command)
        return Answer(201 if created else 200, {"compliment_id": str(compliment_id), "reference": payload.reference})

    return await do_once(request, identity, key, payload, work)
