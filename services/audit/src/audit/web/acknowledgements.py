"""JSON routes of acknowledged practice."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from audit.adapters.acknowledgements import AcknowledgementRecord, PracticeFilters
from audit.use_cases.acknowledge_practice import Acknowledged, AcknowledgePractice, acknowledge_practice
from audit.use_cases.change_acknowledgement import (
    ConfirmAcknowledgement,
    CorrectAcknowledgement,
    PracticeTarget,
    WithdrawAcknowledgement,
    confirm_acknowledgement,
    correct_acknowledgement,
    withdraw_acknowledgement,
)
from audit.use_cases.dispute_cursors import day_of
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.read_acknowledgements import AcknowledgementView, list_acknowledgements, read_acknowledgement
from audit.use_cases.take_dispute_step import change_out
from audit.web.acknowledgement_schemas import (
    AcknowledgementIn,
    AcknowledgementItem,
    AcknowledgementListOut,
    AcknowledgementOut,
    AcknowledgementStep,
    ConfirmationIn,
    PracticeCorrectionIn,
    PracticeListQuery,
    PracticeWithdrawalIn,
)
from audit.web.dispute_parts import (
    IfMatch,
    Reader,
    Writer,
    read_answer,
    responses,
    revision_of,
    setup_of,
)
from audit.web.doing import do_once
from chassis import keyset
from chassis.access import org_of
from chassis.idempotency import Answer, IdempotencyKey
from chassis.identity import Identity
from chassis.strict_json import StrictJsonRoute
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

router = APIRouter(prefix="/audit/v1/acknowledgements", tags=["acknowledgements"], route_class=StrictJsonRoute)

C = TypeVar("C")
Step = Callable[[Transaction, DisputeSetup, Identity, C], Awaitable[Acknowledged]]


async def _take(request: Request, identity: Identity, key: str, payload: BaseModel, step: Step[C], command: C) -> Response:
    async def work(transaction: Transaction) -> Answer:
        done = await step(transaction, setup_of(request), identity, command)
        body = AcknowledgementStep(**_step(done.record)).model_dump(mode="json")
        return Answer(201 if done.changed else 200, body)

    return await do_once(request, identity, key, payload, work)


@router.post(
    "",
    status_code=201,
    response_model=AcknowledgementStep,
    responses=responses("acknowledgement", stale=False),
    summary="Acknowledge good practice",
)
async def post_acknowledgement(request: Request, payload: AcknowledgementIn, identity: Writer, key: IdempotencyKey) -> Response:
    """The managers of the team are told at once. With a `reference` of your own the same again is answered 200."""
    command = AcknowledgePractice(**vars(payload) | {"themes": tuple(dict.fromkeys(payload.themes))})
    return await _take(request, identity, key, payload, acknowledge_practice, command)


@router.get("", response_model=AcknowledgementListOut, summary="List acknowledged practice, newest first")
async def get_acknowledgements(request: Request, identity: Reader, wanted: Annotated[PracticeListQuery, Query()]) -> Response:
    """Without words: read one to see what was good."""
    filters = PracticeFilters(wanted.service_area, wanted.team, wanted.theme, wanted.origin, wanted.to_confirm)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        page = await list_acknowledgements(
            transaction, setup_of(request), identity, filters, limit=wanted.limit, after=day_of(wanted.after)
        )
    last = page.items[-1] if page.more else None
    following = None if last is None else keyset.encode(last.content.acknowledged_on, last.id)
    items = [AcknowledgementItem(**_item(record)) for record in page.items]
    return read_answer(AcknowledgementListOut(items=items, next=following))


@router.get("/{acknowledgement_id}", response_model=AcknowledgementOut, summary="Read acknowledged practice")
async def get_acknowledgement(request: Request, identity: Reader, acknowledgement_id: UUID) -> Response:
    """Words are null for who may not read them."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        view = await read_acknowledgement(transaction, setup_of(request), identity, acknowledgement_id)
    return read_answer(_detail(view), view.record.revision)


@router.post(
    "/{acknowledgement_id}/confirmation",
    status_code=201,
    response_model=AcknowledgementStep,
    responses=responses("confirmation"),
    summary="Record that a manager knows, and shared it with the worker",
)
async def post_confirmation(
    request: Request,
    acknowledgement_id: UUID,
    payload: ConfirmationIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """Both days may be set again; `notice` says which of the managers who were told, else the first who has not shared it."""
    target = PracticeTarget(acknowledgement_id, revision_of(if_match))
    command = ConfirmAcknowledgement(target, payload.seen_on, payload.shared_on, payload.notice)
    return await _take(request, identity, key, payload, confirm_acknowledgement, command)


@router.post(
    "/{acknowledgement_id}/correction",
    status_code=201,
    response_model=AcknowledgementStep,
    responses=responses("correction"),
    summary="Correct what was recorded",
)
async def post_practice_correction(
    request: Request,
    acknowledgement_id: UUID,
    payload: PracticeCorrectionIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """What stood there before is kept in the history. Another service area or team is withdrawn and recorded anew."""
    values: dict[str, Any] = {name: value for name, value in vars(payload).items() if value is not None}
    if payload.themes is not None:
        values["themes"] = tuple(dict.fromkeys(payload.themes))
    command = CorrectAcknowledgement(PracticeTarget(acknowledgement_id, revision_of(if_match)), values)
    return await _take(request, identity, key, payload, correct_acknowledgement, command)


@router.post(
    "/{acknowledgement_id}/withdrawal",
    status_code=201,
    response_model=AcknowledgementStep,
    responses=responses("withdrawal"),
    summary="Withdraw what was recorded by mistake",
)
async def post_practice_withdrawal(
    request: Request,
    acknowledgement_id: UUID,
    payload: PracticeWithdrawalIn,
    identity: Writer,
    key: IdempotencyKey,
    if_match: IfMatch = None,
) -> Response:
    """It stays readable and counts nowhere."""
    target = PracticeTarget(acknowledgement_id, revision_of(if_match))
    command = WithdrawAcknowledgement(target, payload.withdrawn_on, payload.reason)
    return await _take(request, identity, key, payload, withdraw_acknowledgement, command)


def _step(record: AcknowledgementRecord) -> dict[str, Any]:
    return {
        "acknowledgement_id": record.id,
        "reference": record.reference,
        "revision": record.revision,
        "seen_on": record.content.seen_on,
        "shared_on": record.content.shared_on,
    }


def _item(record: AcknowledgementRecord) -> dict[str, Any]:
    names = ("acknowledged_on", "raised_by", "origin", "worker", "service_area", "team", "withdrawn_on")
    own = {"raised_person": record.raised_person, "themes": list(record.content.themes)}
    return _step(record) | {name: getattr(record.content, name) for name in names} | own


def _detail(view: AcknowledgementView) -> AcknowledgementOut:
    record, content = view.record, view.record.content
    return AcknowledgementOut.model_validate(
        _item(record)
        | {
            "source": record.source,
            "source_reference": record.source_reference,
            "good": content.good or None,
            "withdrawal": content.withdrawal or None,
            "notices": [vars(notice) for notice in content.notices],
            "changes": [change_out(change) for change in view.changes],
        }
    )
