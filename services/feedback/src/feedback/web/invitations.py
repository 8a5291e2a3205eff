"""Routes of invitations: issue, one and in batches, withdraw, list."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from chassis import keyset
from chassis.access import OPERATOR, org_of, requires
from chassis.days import british_day
from chassis.idempotency import Answer, IdempotencyKey, fingerprint, once
from chassis.identity import Identity
from chassis.outbox import now
from chassis.problems import from_domain_error
from chassis.strict_json import StrictJsonRoute
from chassis.web import uow_of
from feedback.adapters import qr
from feedback.adapters.invitation_list import Listed
from feedback.context import Context, context_of
from feedback.domain.invitation import InvitationRequest
from feedback.use_cases.arrange_sending import issue_and_send
from feedback.use_cases.issue_invitations import Result, as_item, sent_to_key, single
from feedback.use_cases.list_invitations import list_invitations
from feedback.use_cases.withdraw_invitation import withdraw_invitation
from feedback.web.links import once_sealed
from feedback.web.schemas import BatchResult, InvitationBatch, InvitationPage, InvitationState, Issued, Withdrawn

router = APIRouter(prefix="/feedback/v1/invitations", tags=["invitations"], route_class=StrictJsonRoute)

WRITE = "feedback:invitations:write"
READ = "feedback:invitations:read"

Writer = Annotated[Identity, Depends(requires(WRITE, OPERATOR))]
Reader = Annotated[Identity, Depends(requires(READ, OPERATOR, "role:qa-officer"))]


@router.post(
    "",
    status_code=201,
    response_model=Issued,
    summary="Issue a link",
    description="Issues one link with its short code and QR code. The link is told in this answer only (and again to the same "
    "Idempotency-Key). The same `reference` with the same content answers 200 `unchanged`; with other content 409. "
    "With `send_to` we send it as a text message or an e-mail, and remind as the organisation's profile says.",
    responses={
        200: {"model": Issued, "description": "Issued before"},
        409: {"description": "Reference used for something else"},
    },
)
async def issue(request: Request, payload: InvitationRequest, identity: Writer, key: IdempotencyKey) -> Response:
    """Issue one link."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:

        async def work() -> Answer:
            found = await issue_and_send(transaction, context, identity.subject, [payload], now(), identity.areas)
            return _issued(single(found[0]))

        print_ = _fingerprint(context, identity, "POST /feedback/v1/invitations", payload.model_dump_json(), [payload])
        answer = await once_sealed(transaction, context.secrets, identity.subject, key, print_, work)
    return answer.response()


def _fingerprint(
    context: Context, identity: Identity, operation: str, payload: str, requests: Sequence[InvitationRequest]
) -> bytes:
    """What makes two requests the same; addresses, which a dump leaves out, go in as keyed hashes."""
    keys = [sent_to_key(context, org_of(identity), each) for each in requests]
    return fingerprint(operation, payload + (orjson.dumps(keys).decode() if any(keys) else ""))


def _issued(result: Result) -> Answer:
    body = {
        "status": result.status,
        "invitation_id": str(result.invitation_id),
        "url": result.url,
        "short_code": result.short_code,
        "expires_on": str(result.expires_on),
        "qr_svg": qr.svg(result.url) if result.url else None,
        "sending": result.sending,
    }
    return Answer(201 if result.status == "issued" else 200, body)


@router.post(
    "/batch",
    response_model=BatchResult,
    summary="Issue up to 1,000 links",
    description="All in one transaction, with a result for each in the order sent. A request that does not fit the profile, or "
    "whose reference was used for something else, is `refused` and stops no other. A body that does not have the documented "
    "form is refused as a whole (422). A reference that was issued before with the same content is `unchanged`, without its "
    "link, which only its hash is left of: withdraw it and issue a new one, or repeat the first Idempotency-Key.",
)
async def issue_batch(request: Request, payload: InvitationBatch, identity: Writer, key: IdempotencyKey) -> Response:
    """Issue many links."""
    context = context_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:

        async def work() -> Answer:
            found = await issue_and_send(transaction, context, identity.subject, payload.invitations, now(), identity.areas)
            return Answer(200, _batch(found))

        operation = "POST /feedback/v1/invitations/batch"
        print_ = _fingerprint(context, identity, operation, payload.model_dump_json(), payload.invitations)
        answer = await once_sealed(transaction, context.secrets, identity.subject, key, print_, work)
    return answer.response()


def _batch(found: list[Result]) -> dict[str, Any]:
    items = [
        as_item(index, result, from_domain_error(result.problem) if result.problem else None)
        for index, result in enumerate(found)
    ]
    counts = Counter(result.status for result in found)
    return {"results": items, "counts": {status: counts[status] for status in ("issued", "unchanged", "refused")}}


@router.post(
    "/{invitation_id}/withdrawal",
    response_model=Withdrawn,
    summary="Withdraw a link",
    description="The link stops working at once and looks as if it had never been. Withdrawing twice changes nothing; a letter "
    "that was answered cannot be withdrawn (409).",
)
async def withdraw(request: Request, invitation_id: UUID, identity: Writer, key: IdempotencyKey) -> Response:
    """Withdraw one link."""
    async with uow_of(request).begin(org_of(identity)) as transaction:

        async def work() -> Answer:
            await withdraw_invitation(transaction, invitation_id, now(), identity.areas)
            return Answer(200, {"invitation_id": str(invitation_id), "state": "withdrawn"})

        print_ = fingerprint("POST /feedback/v1/invitations/withdrawal", str(invitation_id))
        answer = await once(transaction, identity.subject, key, print_, work)
    return answer.response()


@router.get(
    "",
    summary="List links by their state",
    description="Newest first. Tells whether a letter was answered, and never what was answered; and how the message stands "
    "that brought it, where we send it: one that is `undelivered` needs a letter.",
)
async def listing(
    request: Request,
    identity: Reader,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    after: Annotated[str | None, Query(max_length=200)] = None,
) -> InvitationPage:
    """A page of invitations."""
    start = _after(after)
    today = british_day(now())
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found, more = await list_invitations(transaction, start, limit, identity.areas, today)
    items = [_state(each, today) for each in found]
    return InvitationPage(items=items, next=keyset.encode(more) if more else None)


def _state(each: Listed, today: date) -> InvitationState:
    invitation, messages = each.invitation, each.messages
    return InvitationState(
        invitation_id=invitation.id,
        reference=invitation.reference,
        questionnaire=invitation.questionnaire,
        version=invitation.version,
        channel=invitation.channel,
        reusable=invitation.reusable,
        service_area=invitation.service_area,
        team=invitation.team,
        about_on=invitation.about_on,
        issued_on=invitation.issued_on,
        expires_on=invitation.expires_on,
        language=invitation.language,
        state=invitation.state(today),
        message=messages.stands if messages else None,
        reminders=messages.reminders if messages else 0,
        reminders_declined=messages.declined if messages else False,
    )


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(keyset.decode(cursor, 1)[0]))
    except ValueError:
        raise keyset.malformed() from None
