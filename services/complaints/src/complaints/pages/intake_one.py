"""Staff pages of one that came in: what was said, taking a decision back, and the advocate."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of
from chassis.days import moment_words
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.pages import Form, page, redirect
from chassis.pages.days import day_in, day_parts
from chassis.web import uow_of
from complaints.domain.representation import FOLLOWED, UNMADE, State, advocate_to_offer
from complaints.pages import intake_words as words
from complaints.pages.intake import HOME, Officer
from complaints.pages.labels import Labels, day_words
from complaints.pages.staff_forms import errors_of, number_in, posted, setup_of, token_for
from complaints.use_cases.decide_representation import offer_advocate, undo_decision
from complaints.use_cases.see_representations import Seen, see_representation

router = APIRouter(prefix="/complaints/intake/{ident}", include_in_schema=False)


@router.get("")
async def one(request: Request, identity: Officer, ident: str) -> HTMLResponse:
    """What was said, by whom, and what was decided. That it was opened is logged and shown."""
    return await _show(request, identity, key_of(ident))


@router.post("/undo")
async def undo(request: Request, identity: Officer, ident: str) -> Response:
    """Take a decision back with a reason, while nothing followed."""
    form = await posted(request, identity)
    key = key_of(ident)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await undo_decision(transaction, setup_of(request), identity, key, number_in(form), form.text("reason"))
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.STALE, Kind.CONFLICT}:
            raise
        return await _show(request, identity, key, error, 412 if error.kind is Kind.STALE else 422, form)
    return redirect(f"{HOME}/{ident}")


@router.post("/advocate")
async def advocate(request: Request, identity: Officer, ident: str) -> Response:
    """Record that an advocate was offered, and the answer."""
    form = await posted(request, identity)
    key, on = key_of(ident), day_in(form, "offered")
    answer: Any = form.text("advocate") if form.text("advocate") in {"accepted", "declined"} else None
    try:
        if on is None:
            raise DomainError("incomplete", "Enter the day on which an advocate was offered.", Kind.MALFORMED)
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await offer_advocate(transaction, setup_of(request), identity, key, number_in(form), on, answer)
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.STALE}:
            raise
        return await _show(request, identity, key, error, 412 if error.kind is Kind.STALE else 422, form)
    return redirect(f"{HOME}/{ident}")


def key_of(ident: str) -> UUID:
    """The id in an address. Raises `not-found`."""
    try:
        return UUID(ident)
    except ValueError:
        raise not_found("representation") from None


async def show_changed(request: Request, identity: Identity, ident: UUID, error: DomainError) -> HTMLResponse:
    """The page as it stands, for whoever was not the first to change it."""
    return await _show(request, identity, ident, error, 412)


async def see(request: Request, identity: Identity, ident: UUID) -> Seen:
    """What was said, by whom; that it is opened is logged."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        return await see_representation(transaction, setup_of(request), identity, ident)


async def _show(
    request: Request,
    identity: Identity,
    ident: UUID,
    error: DomainError | None = None,
    status: int = 200,
    given: Form | None = None,
) -> HTMLResponse:
    seen = await see(request, identity, ident)
    errors = errors_of(error) if error else []
    today = setup_of(request).today()
    return page(
        request,
        "intake/one.html",
        status,
        title=f"{words.SAID[seen.stored.said]} {seen.stored.reference}",
        errors=errors,
        given=given or {},
        today=day_parts(today),
        can_undo=seen.stored.now.state is State.DECIDED and seen.stored.now.outcome not in FOLLOWED - UNMADE,
        closes=seen.stored.now.outcome in UNMADE,
        **around(request, identity, seen),
    )


def around(request: Request, identity: Identity, seen: Seen) -> dict[str, Any]:
    """What its pages show beside what is their own."""
    return {
        "organisation": seen.profile.organisation.name,
        "seen": seen,
        "it": seen.stored,
        "labels": Labels(seen.profile),
        "not_complaints": {each.code: each.name for each in seen.profile.complaints.not_complaints},
        "must_offer": advocate_to_offer(seen.stored.now),
        "words": words,
        "day": day_words,
        "moment": moment_words,
        "href": f"{HOME}/{seen.stored.id}",
        "token": token_for(request, identity),
    }
