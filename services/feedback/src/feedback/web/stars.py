"""Routes of outcome stars for case systems."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from chassis import keyset
from chassis.access import OPERATOR, org_of, requires
from chassis.idempotency import Answer, IdempotencyKey, fingerprint, once
from chassis.identity import Identity
from chassis.outbox import now
from chassis.strict_json import StrictJsonRoute
from chassis.web import uow_of
from feedback.adapters import sealing
from feedback.adapters.stars import Star
from feedback.context import context_of
from feedback.domain.stars import Point
from feedback.use_cases.close_star import close_star, reopen_star
from feedback.use_cases.correct_star import Correction, correct_star, withdraw_star
from feedback.use_cases.erase_stars import erase_person
from feedback.use_cases.see_stars import Asked, Line, people
from feedback.use_cases.take_star import StarEntry, take_star
from feedback.web.star_schemas import (
    ClosureBody,
    Erased,
    ErasureBody,
    ReadingBody,
    ReadingResult,
    ReadingState,
    StarBody,
    StarItem,
    StarPage,
    StarState,
)

router = APIRouter(prefix="/feedback/v1/stars", tags=["stars"], route_class=StrictJsonRoute)

WRITE, READ = "feedback:stars:write", "feedback:stars:read"
Writer = Annotated[Identity, Depends(requires(WRITE, OPERATOR))]
Reader = Annotated[Identity, Depends(requires(READ, OPERATOR))]


def _print(request: Request, org: str, name: str, body: BaseModel | str) -> bytes:
    # Keyed: few scores are possible, so a plain hash of them would tell what they were.
    plain = body if isinstance(body, str) else orjson.dumps(body.model_dump(mode="json"), option=orjson.OPT_SORT_KEYS).decode()
    return fingerprint(name, context_of(request).secrets.pseudonym(org, sealing.FINGERPRINT, plain))


@router.post(
    "",
    status_code=201,
    response_model=ReadingResult,
    summary="Record a reading",
    description="Natural key: person, star, point and day. The same again answers 200 `unchanged`; with other scores 409 "
    "`star-reading-taken`, with the `reading_id` to correct. A start begins a course where none goes on; an end closes it.",
    responses={200: {"model": ReadingResult, "description": "Recorded before"}, 409: {"description": "Against the course"}},
)
async def record(request: Request, payload: StarBody, identity: Writer, key: IdempotencyKey) -> Response:
    """Record one reading."""
    context, org = context_of(request), org_of(identity)
    entry = StarEntry(
        payload.person, payload.star, Point(payload.point), payload.taken_on, payload.scores, payload.answered_by,
        payload.service_area, payload.team, payload.worker, "system",
    )  # fmt: skip
    async with uow_of(request).begin(org) as transaction:

        async def work() -> Answer:
            done = await take_star(transaction, context, identity, entry, now())
            status = "recorded" if done.new else "unchanged"
            body = {"star_id": str(done.star_id), "reading_id": str(done.reading_id), "status": status}
            return Answer(201 if done.new else 200, body)

        print_ = _print(request, org, "POST /feedback/v1/stars", payload)
        answer = await once(transaction, identity.subject, key, print_, work)
    return answer.response()


@router.get(
    "",
    summary="List stars of people",
    description="The last begun first, with their readings and what is due next.",
)
async def listing(
    request: Request,
    identity: Reader,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> StarPage:
    """A page of courses."""
    start = _after(after)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await people(transaction, context_of(request), identity.areas, Asked(), start, limit)
    return StarPage(items=[_item(line) for line in found.lines], next=keyset.encode(found.next) if found.next else None)


@router.post(
    "/readings/{reading_id}/correction",
    response_model=ReadingResult,
    summary="Correct a reading",
    description="The reading stands as you send it; what stood before stays in the history. The same again changes nothing.",
)
async def correct(request: Request, reading_id: UUID, payload: ReadingBody, identity: Writer, key: IdempotencyKey) -> Response:
    """Correct one reading."""
    context, org = context_of(request), org_of(identity)
    wanted = Correction(Point(payload.point), payload.taken_on, payload.scores, payload.answered_by)
    async with uow_of(request).begin(org) as transaction:

        async def work() -> Answer:
            taken = await correct_star(transaction, context, identity, reading_id, wanted, now())
            return Answer(200, {"star_id": str(taken.star_id), "reading_id": str(reading_id), "status": "corrected"})

        print_ = _print(request, org, f"POST /feedback/v1/stars/readings/{reading_id}/correction", payload)
        answer = await once(transaction, identity.subject, key, print_, work)
    return answer.response()


@router.post(
    "/readings/{reading_id}/withdrawal",
    response_model=ReadingResult,
    summary="Withdraw a reading",
    description="For what was recorded by mistake: it counts nowhere any more. A start goes after those that follow it. "
    "Withdrawing the end lets the star go on.",
)
async def withdraw(request: Request, reading_id: UUID, identity: Writer, key: IdempotencyKey) -> Response:
    """Withdraw one reading."""
    context, org = context_of(request), org_of(identity)
    async with uow_of(request).begin(org) as transaction:

        async def work() -> Answer:
            taken = await withdraw_star(transaction, context, identity, reading_id, None, now())
            return Answer(200, {"star_id": str(taken.star_id), "reading_id": str(reading_id), "status": "withdrawn"})

        print_ = _print(request, org, "POST /feedback/v1/stars/readings/withdrawal", str(reading_id))
        answer = await once(transaction, identity.subject, key, print_, work)
    return answer.response()


@router.post(
    "/erasure",
    response_model=Erased,
    summary="Erase all stars of a person",
    description="For a person who asks for it. Everything goes for good, also from the figures. What was recorded wrongly is "
    "corrected or withdrawn instead. 403 `star-of-others` where some are kept in a service area that is not yours.",
)
async def erase(request: Request, payload: ErasureBody, identity: Writer, key: IdempotencyKey) -> Response:
    """Erase one person's stars."""
    context, org = context_of(request), org_of(identity)
    async with uow_of(request).begin(org) as transaction:

        async def work() -> Answer:
            return Answer(200, {"erased": await erase_person(transaction, context, identity, payload.person, now())})

        answer = await once(
            transaction, identity.subject, key, _print(request, org, "POST /feedback/v1/stars/erasure", payload), work
        )
    return answer.response()


@router.post(
    "/{star_id}/closure",
    response_model=StarState,
    summary="Close a star without an end star",
    description="For a reason of the profile's. The same again changes nothing.",
)
async def close(request: Request, star_id: UUID, payload: ClosureBody, identity: Writer, key: IdempotencyKey) -> Response:
    """Close one star."""
    context, org = context_of(request), org_of(identity)
    async with uow_of(request).begin(org) as transaction:

        async def work() -> Answer:
            return Answer(200, _state(await close_star(transaction, context, identity, star_id, payload.reason, now())))

        print_ = _print(request, org, f"POST /feedback/v1/stars/{star_id}/closure", payload)
        answer = await once(transaction, identity.subject, key, print_, work)
    return answer.response()


@router.post(
    "/{star_id}/reopening",
    response_model=StarState,
    summary="Let a star go on",
    description="One that was closed without an end star. To open one that has its end, withdraw or correct that reading.",
)
async def reopen(request: Request, star_id: UUID, identity: Writer, key: IdempotencyKey) -> Response:
    """Open one star again."""
    context, org = context_of(request), org_of(identity)
    async with uow_of(request).begin(org) as transaction:

        async def work() -> Answer:
            return Answer(200, _state(await reopen_star(transaction, context, identity, star_id, now())))

        print_ = _print(request, org, "POST /feedback/v1/stars/reopening", str(star_id))
        answer = await once(transaction, identity.subject, key, print_, work)
    return answer.response()


def _state(star: Star) -> dict[str, str | None]:
    closed = star.closed
    return {
        "star_id": str(star.id),
        "closed_on": closed.on.isoformat() if closed else None,
        "reason": closed.reason if closed else None,
    }


def _item(line: Line) -> StarItem:
    star = line.star
    return StarItem(
        star_id=star.id,
        closed_on=star.closed.on if star.closed else None,
        reason=star.closed.reason if star.closed else None,
        person=star.reference,
        star=star.kind,
        service_area=star.service_area,
        team=star.team,
        worker=star.worker,
        due_point=line.due.point.value if line.due else None,
        due_on=line.due.by if line.due else None,
        readings=[
            ReadingState.model_validate(
                {
                    "reading_id": each.id, "point": each.point.value, "taken_on": each.taken_on, "scores": dict(each.scores),
                    "answered_by": each.answered_by, "channel": each.channel, "state": each.state,
                }
            )
            for each in line.taken
        ],
    )  # fmt: skip


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(keyset.decode(cursor, 1)[0]))
    except ValueError:
        raise keyset.malformed() from None
