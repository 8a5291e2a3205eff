"""Route of assisted entry."""

from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from chassis.access import OPERATOR, org_of, requires
from chassis.idempotency import Answer, IdempotencyKey, fingerprint, once
from chassis.identity import Identity
from chassis.outbox import now
from chassis.strict_json import StrictJsonRoute
from chassis.web import uow_of
from feedback.adapters import sealing
from feedback.alerts import alert
from feedback.context import context_of
from feedback.use_cases.enter_response import Entered, Entry, enter_response
from feedback.web.schemas import ResponseRequest, ResponseResult

router = APIRouter(prefix="/feedback/v1/responses", tags=["responses"], route_class=StrictJsonRoute)

WRITE = "feedback:responses:write"
Writer = Annotated[Identity, Depends(requires(WRITE, OPERATOR))]


@router.post(
    "",
    status_code=201,
    response_model=ResponseResult,
    summary="Enter answers for somebody",
    description="Stores answers that were given on a call, at a visit, in an audit or on paper. They are checked against the "
    "version of the questionnaire that was in force on `answered_on`. The same `reference` with the same content answers 200 "
    "`unchanged`; with other content 409.",
    responses={200: {"model": ResponseResult, "description": "Recorded before"}, 409: {"description": "Reference used"}},
)
async def enter(request: Request, payload: ResponseRequest, identity: Writer, key: IdempotencyKey) -> Response:
    """Enter one response."""
    context = context_of(request)
    # Left out where it was not said, so that a request of before there was such a question is still the same.
    unsaid = {"may_quote"} if payload.may_quote is None else set()
    canonical = orjson.dumps(payload.model_dump(mode="json", exclude=unsaid), option=orjson.OPT_SORT_KEYS).decode()
    entry = Entry(
        reference=payload.reference,
        questionnaire=payload.questionnaire,
        channel=payload.channel,
        language=payload.language,
        service_area=payload.service_area,
        team=payload.team,
        about_on=payload.about_on,
        answered_on=payload.answered_on,
        answers={code: body.answer() for code, body in payload.answers.items()},
        canonical=canonical,
        may_quote=payload.may_quote,
    )
    done: Entered | None = None
    org = org_of(identity)
    async with uow_of(request).begin(org) as transaction:

        async def work() -> Answer:
            nonlocal done
            done = await enter_response(transaction, context, identity.subject, entry, now(), identity.areas)
            body = {"response_id": str(done.response_id), "status": "recorded" if done.new else "unchanged"}
            return Answer(201 if done.new else 200, body)

        # Keyed, because the answers could be guessed from a plain hash of them.
        keyed = context.secrets.pseudonym(org, sealing.FINGERPRINT, canonical)
        print_ = fingerprint("POST /feedback/v1/responses", keyed)
        answer = await once(transaction, identity.subject, key, print_, work)
    if done is not None and done.concern is not None:
        alert(org, done.concern)
    return answer.response()
