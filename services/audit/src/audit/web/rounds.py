"""JSON routes of programmes and rounds."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from audit.domain.own_round import OwnRound
from audit.use_cases.begin_round import NextRound, begin_next_round, begin_own_round
from audit.use_cases.load_cases import load_cases
from audit.use_cases.read_rounds import case_cursor, list_rounds, programmes, read_cases, read_round
from audit.web.doing import do_once
from audit.web.round_parts import (
    CASES,
    NONE,
    OFFICER,
    STEP,
    IfMatch,
    Lister,
    Officer,
    Reader,
    Responses,
    context_of,
    etag_of,
    target_of,
)
from audit.web.round_schemas import (
    CaseList,
    CaseOut,
    CasesIn,
    CasesResult,
    NextRoundIn,
    ProgrammeList,
    ProgrammeOut,
    RoundDetail,
    RoundList,
    RoundOut,
)
from chassis import keyset
from chassis.access import org_of
from chassis.idempotency import Answer, IdempotencyKey
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

ROUNDS = "/audit/v1/rounds"
MOST_BYTES = 4 * 1024 * 1024
"""Of one list of cases: 5,000 with every field at its longest."""

router = APIRouter(prefix="/audit/v1", tags=["programmes"], route_class=StrictJsonRoute)

_BEGUN: Responses = {**STEP, 200: {"description": "It was begun before; nothing was changed."}}
Programme = Annotated[str, Path(max_length=80, pattern=r"^[a-z0-9][a-z0-9-]*$")]


@router.get("/programmes", summary="List programmes")
async def get_programmes(request: Request, identity: Reader) -> ProgrammeList:
    """The programmes of the profile that concern your service areas, each with the ids of its rounds of the last year."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        views, _ = await programmes(transaction, context_of(request), identity)
    return ProgrammeList(items=[ProgrammeOut.of(view) for view in views])


@router.get("/rounds", summary="List rounds")
async def get_rounds(
    request: Request,
    identity: Reader,
    programme: Annotated[str | None, Query(max_length=80, pattern=r"^[a-z0-9][a-z0-9-]*$")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> RoundList:
    """Rounds, the newest period first, a page at a time; of one programme, or of all and those without."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await list_rounds(transaction, identity, programme, _after_round(after), limit + 1)
    page = found[:limit]
    following = keyset.encode(page[-1].period_from, page[-1].id) if len(found) > limit else None
    return RoundList(items=[RoundOut.of(each) for each in page], next=following)


@router.post(
    "/programmes/{programme}/rounds", status_code=201, response_model=RoundOut, responses=_BEGUN, summary="Begin the next round"
)
async def post_next_round(
    request: Request, identity: Officer, programme: Programme, key: IdempotencyKey, body: NextRoundIn
) -> Response:
    """Begin the round of a programme's month or quarter. One that is begun already is answered."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        wanted = NextRound(programme, body.period, body.size)
        begun, new = await begin_next_round(transaction, context, identity, wanted)
        return Answer(201 if new else 200, RoundOut.of(begun).model_dump(mode="json"))

    return await do_once(request, identity, key, body, work)


@router.post("/rounds", status_code=201, response_model=RoundOut, responses=_BEGUN, summary="Begin a round of its own")
async def post_own_round(request: Request, identity: Officer, key: IdempotencyKey, body: OwnRound) -> Response:
    """Begin a targeted audit or a dip sample. The same again is answered with what was begun."""
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        begun, new = await begin_own_round(transaction, context, identity, body)
        return Answer(201 if new else 200, RoundOut.of(begun).model_dump(mode="json"))

    return await do_once(request, identity, key, body, work)


@router.get("/rounds/{round_id}", response_model=RoundDetail, responses=NONE, summary="Read a round")
async def get_round(request: Request, identity: Reader, round_id: UUID) -> Response:
    """A round with its audits, who has them, and how far they are by team. The ETag changes with everything done to it."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        view = await read_round(transaction, context_of(request), identity, round_id)
    headers = {"ETag": etag_of(view.round), "Cache-Control": "private, no-cache"}
    return Response(RoundDetail.of_view(view).model_dump_json(), headers=headers, media_type="application/json")


@router.get("/rounds/{round_id}/cases", responses=NONE, summary="Read the list of cases")
async def get_cases(
    request: Request,
    identity: Reader,
    round_id: UUID,
    standing: Literal["listed", "excluded", "picked", "spare"] | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> CaseList:
    """The cases of a round with their standing and why: the picked and spare ones in the order of the draw, then the others."""
    context, org = context_of(request), org_of(identity)
    async with uow_of(request).begin(org) as transaction:
        _, found = await read_cases(transaction, identity, round_id, standing, case_cursor(after), limit + 1)
    shown = identity.may(CASES, OFFICER)
    page = found[:limit]
    following = keyset.encode(page[-1].place, page[-1].case_key) if len(found) > limit else None
    items = [CaseOut.of(row, context.case_number(org, row.case_sealed) if shown else None) for row in page]
    return CaseList(items=items, next=following)


@router.post("/rounds/{round_id}/cases", response_model=CasesResult, responses=STEP, summary="Load the list of cases")
async def post_cases(
    request: Request, identity: Lister, round_id: UUID, key: IdempotencyKey, body: CasesIn, if_match: IfMatch = None
) -> Response:
    """Put up to 5,000 cases on the list of a round that is not drawn yet, all of them or none.

    A case stands once on a list: sent again it is changed. Unknown teams are taken; the draw leaves such cases out and says so.
    """
    context = context_of(request)

    async def work(transaction: Transaction) -> Answer:
        loaded = await load_cases(
            transaction, context, identity, target_of(round_id, if_match), body.cases, replace=body.replace
        )
        return Answer(200, {name: getattr(loaded, name) for name in CasesResult.model_fields})

    return await do_once(request, identity, key, body, work)


def _after_round(cursor: str | None) -> tuple[date, UUID] | None:
    if cursor is None:
        return None
    day, ident = keyset.decode(cursor, 2)
    try:
        return date.fromisoformat(day), UUID(ident)
    except (TypeError, ValueError, AttributeError):
        raise keyset.malformed() from None
