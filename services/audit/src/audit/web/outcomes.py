"""JSON routes of posted outcomes."""

from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Body, Depends, Header, Query, Request, Response

from audit.adapters.outcome_reader import Filters
from audit.domain.outcome import Outcome
from audit.use_cases.read_outcomes import outcome_history, recorded_outcomes
from audit.use_cases.record_outcomes import RecordOutcomes
from audit.web.batches import present, read_items
from audit.web.schemas import EXAMPLE, Batch, BatchResult, ListQuery, OutcomeDetail, OutcomeList, OutcomeResult, OutcomeView
from audit.web.turns import Turns
from chassis import keyset
from chassis.access import org_of, requires
from chassis.idempotency import Answer, IdempotencyKey, fingerprint, once
from chassis.identity import Identity
from chassis.problems import Problem
from chassis.strict_json import StrictJsonRoute
from chassis.web import uow_of

WRITE = "audit:outcomes:write"
READ = ("audit:outcomes:read", "role:qa-officer", "role:senior-reader")
BATCH_PATH = "/audit/v1/outcomes/batch"
BATCH_BYTES = 8 * 1024 * 1024

MOST_BATCHES = 8
"""Batches of one client that may be in a process at once: one at work, the others waiting with their bodies in memory."""
MOST_POSITION = 2**63 - 1

router = APIRouter(prefix="/audit/v1/outcomes", tags=["outcomes"], route_class=StrictJsonRoute)

Writer = Annotated[Identity, Depends(requires(WRITE))]
Reader = Annotated[Identity, Depends(requires(*READ))]

Responses = dict[int | str, dict[str, Any]]
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {}}, "model": Problem}
_KEY: Responses = {409: {**_PROBLEM, "description": "The key is in flight, or the organisation has no profile"}}
_POSTED: Responses = {
    200: {"description": "Recorded already: the same version with the same content", "model": OutcomeResult},
    409: {**_PROBLEM, "description": "An older version, or the same version with other content (`current_version`)"},
}
_TOO_MANY: Responses = {429: {**_PROBLEM, "description": "Too many of your batches at once"}}
_TOO_LARGE: Responses = {413: {**_PROBLEM, "description": "Larger than 8 MiB"}}


@router.post("", status_code=201, response_model=OutcomeResult, responses=_POSTED, summary="Post the outcome of an audit")
async def post_outcome(
    request: Request,
    identity: Writer,
    key: IdempotencyKey,
    outcome: Annotated[Outcome, Body(openapi_examples={"looped": {"summary": "A looped audit", "value": EXAMPLE}})],
) -> Response:
    """Record the outcome of a finished audit, or correct it by a higher version.

    Your client and `reference` together name the outcome. Posting the same again changes nothing. Every violation is listed
    with its place in `errors`, and unknown codes with the known ones.
    """
    recording: RecordOutcomes = request.app.state.record_outcomes
    async with uow_of(request).begin(org_of(identity)) as transaction:

        async def work() -> Answer:
            recorded = await recording.one(transaction, identity, outcome)
            return Answer(200 if recorded.status == "unchanged" else 201, OutcomeResult.of(recorded))

        print_ = fingerprint("POST /audit/v1/outcomes", outcome.model_dump_json())
        answer = await once(transaction, identity.subject, key, print_, work)
    return answer.response()


@router.post(
    "/batch", response_model=BatchResult, responses={**_KEY, **_TOO_LARGE, **_TOO_MANY}, summary="Post up to 1,000 outcomes"
)
async def post_outcomes(request: Request, identity: Writer, key: IdempotencyKey, batch: Batch) -> Response:
    """Record up to 1,000 outcomes, in their order, with a result for each.

    A refused outcome stops no other, so the answer is 200 also when some were refused: look at `counts`. What was accepted is
    stored together: when this is answered all of it is there, and when it is not answered send the batch again with the
    same key. Correct the refused outcomes and send them under a new key.
    """
    recording: RecordOutcomes = request.app.state.record_outcomes
    turns: Turns = request.app.state.turns
    org = org_of(identity)
    async with turns.take(org, identity.subject), uow_of(request).begin(org) as transaction:

        async def work() -> Answer:
            return Answer(200, present(await recording.many(transaction, identity, await read_items(batch.outcomes))))

        canonical = orjson.dumps(batch.outcomes, option=orjson.OPT_SORT_KEYS).decode()
        answer = await once(transaction, identity.subject, key, fingerprint(f"POST {BATCH_PATH}", canonical), work)
    return answer.response()


@router.get("", response_model=OutcomeList, summary="List outcomes")
async def list_outcomes(request: Request, identity: Reader, wanted: Annotated[ListQuery, Query()]) -> Response:
    """Outcomes in their current version, in the order in which they were first recorded, a page at a time."""
    filters = Filters(identity.areas, **wanted.filters())
    async with uow_of(request).begin(org_of(identity)) as transaction:
        rows = await recorded_outcomes(transaction, filters, _position(wanted.after), wanted.limit + 1)
    page = rows[: wanted.limit]
    following = keyset.encode(page[-1].position) if len(rows) > len(page) else None
    content = OutcomeList(items=[OutcomeView.of(row) for row in page], next=following).model_dump_json()
    return Response(content, media_type="application/json")


@router.get(
    "/{outcome_id}",
    response_model=OutcomeDetail,
    responses={304: {"description": "Not changed since (If-None-Match)"}, 404: {**_PROBLEM, "description": "None such"}},
    summary="Read an outcome with its history",
)
async def get_outcome(
    request: Request, identity: Reader, outcome_id: UUID, if_none_match: Annotated[str | None, Header(max_length=1000)] = None
) -> Response:
    """An outcome in its current version, and every version that was posted. The ETag changes with the version."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        rows = await outcome_history(transaction, identity, outcome_id)
    headers = {"ETag": f'"{rows[0].version}"', "Cache-Control": "private, no-cache"}
    if headers["ETag"] in (if_none_match or "").replace(" ", "").split(","):
        return Response(status_code=304, headers=headers)
    content = OutcomeDetail.with_history(rows).model_dump_json()
    return Response(content, headers=headers, media_type="application/json")


def _position(cursor: str | None) -> int:
    if cursor is None:
        return 0
    (position,) = keyset.decode(cursor, 1)
    if type(position) is not int or not 0 <= position <= MOST_POSITION:
        raise keyset.malformed()
    return position
