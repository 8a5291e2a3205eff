"""Staff pages of families who ask to be contacted: the queue, each request, and the steps of whoever contacts them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of, requires
from chassis.days import british_day
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.outbox import now
from chassis.pages import page, redirect
from chassis.web import uow_of
from feedback.adapters.contacts import Record
from feedback.context import context_of
from feedback.domain.contact import Asked, Step, possible, take
from feedback.domain.families import ROLES
from feedback.domain.profile import FeedbackProfile
from feedback.pages import contact_view as view
from feedback.pages.links_desk import ways
from feedback.pages.step_form import posted, revision_in, token_for
from feedback.use_cases.see_contacts import assert_may_look, held, queue, read_contact, take_contact_step

PATH = "/feedback/contacts"

router = APIRouter(prefix=PATH, include_in_schema=False)

# Of these the profile says which contacts families; the others are refused by `see_contacts`.
Caller = Annotated[Identity, Depends(requires(*(f"role:{role}" for role in ROLES)))]


@router.get("")
async def queue_page(request: Request, identity: Caller) -> HTMLResponse:
    """Who waits, the first due first, without a name; and what is closed and not deleted yet."""
    today = british_day(now())
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await queue(transaction, context_of(request), identity)
    rules = found.profile.families.contact
    return page(
        request,
        "contacts.html",
        title="Families to contact",
        organisation=found.profile.organisation.name,
        ways=ways(request, identity, found.profile),
        within=rules.within_days if rules else None,
        keep=rules.keep_days if rules else 0,
        lines=[view.line(each, found.profile, today) for each in found.to_do],
        closed=[view.line(each, found.profile, today) for each in found.closed],
    )


@router.get("/{contact_id}")
async def contact_page(request: Request, identity: Caller, contact_id: UUID) -> HTMLResponse:
    """One request with what the family wrote; that it was read is logged."""
    moment = now()
    async with uow_of(request).begin(org_of(identity)) as transaction:
        seen = await read_contact(transaction, context_of(request), identity, contact_id, moment)
    record = seen.record
    line = view.line(record, seen.profile, british_day(moment))
    return page(
        request,
        "contact-request.html",
        title=f"Request {record.reference}",
        organisation=seen.profile.organisation.name,
        ways=ways(request, identity, seen.profile),
        line=line,
        known=view.facts(record, seen.profile, line),
        written=view.written(seen.details),
        young=record.young,
        history=view.history(seen.history),
        steps=possible(record.request, identity.subject),
        taken=record.request.taken_by is not None,
        revision=record.request.revision,
        token=token_for(request, identity),
    )


@router.get("/{contact_id}/{step}")
async def step_page(request: Request, identity: Caller, contact_id: UUID, step: str) -> HTMLResponse:
    """The form of a step that can be taken now."""
    taking = _step(step)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile, record = await held(transaction, context_of(request), identity, contact_id)
    if taking not in possible(record.request, identity.subject):
        # Says why not, and what to do instead.
        take(record.request, Asked(taking, identity.subject, record.request.revision), british_day(now()))
    return _form(request, identity, profile, record, taking, "")


@router.post("/{contact_id}/{step}")
async def step_form(request: Request, identity: Caller, contact_id: UUID, step: str) -> Response:
    """Take the step, and show the request; what somebody else did in between is shown with what was typed."""
    async with uow_of(request).begin(org_of(identity)) as transaction:
        await assert_may_look(transaction, context_of(request), identity)
    taking = Step.TAKE if step == Step.TAKE else _step(step)
    form = await posted(request, identity)
    asked = Asked(taking, identity.subject, revision_in(form), form.text("words"))
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await take_contact_step(transaction, context_of(request), identity, contact_id, asked, now())
    except DomainError as error:
        if taking is Step.TAKE or error.kind not in {Kind.MALFORMED, Kind.STALE}:
            raise
        async with uow_of(request).begin(org_of(identity)) as transaction:
            profile, record = await held(transaction, context_of(request), identity, contact_id)
        return _form(request, identity, profile, record, taking, asked.words, error)
    return redirect(f"{PATH}/{contact_id}")


def _form(
    request: Request,
    identity: Identity,
    profile: FeedbackProfile,
    record: Record,
    step: Step,
    words: str,
    error: DomainError | None = None,
) -> HTMLResponse:
    stale = error is not None and error.kind is Kind.STALE
    errors = [("words", each.detail) for each in error.errors] if error else []
    if error is not None and not errors:
        errors = [("words", error.detail)]
    return page(
        request,
        "contact-step.html",
        412 if stale else 422 if error else 200,
        title=view.STEPS[step].title,
        organisation=profile.organisation.name,
        step=step.value,
        spec=view.STEPS[step],
        reference=record.reference,
        stale=stale,
        possible=step in possible(record.request, identity.subject),
        words=words,
        revision=record.request.revision,
        href=f"{PATH}/{record.id}",
        errors=errors,
        token=token_for(request, identity),
    )


def _step(name: str) -> Step:
    if name not in {step.value for step in view.STEPS}:
        raise not_found("page")
    return Step(name)
