"""Staff pages on which good practice is acknowledged, confirmed by a manager, corrected and withdrawn."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from starlette.responses import Response

from audit.pages.acknowledgement_forms import FORMS, acknowledging, corrected, new_form
from audit.pages.dispute_form_page import Raiser, form_page, number_of, posted, said
from audit.pages.dispute_forms import FormSpec
from audit.pages.dispute_words import Labels, history
from audit.pages.disputes import setup_of
from audit.use_cases.acknowledge_practice import Acknowledged, acknowledge_practice
from audit.use_cases.change_acknowledgement import (
    ConfirmAcknowledgement,
    CorrectAcknowledgement,
    PracticeTarget,
    WithdrawAcknowledgement,
    confirm_acknowledgement,
    correct_acknowledgement,
    withdraw_acknowledgement,
)
from audit.use_cases.dispute_setup import OFFICER, DisputeSetup
from audit.use_cases.read_acknowledgements import AcknowledgementView, read_acknowledgement
from chassis.access import org_of
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.pages import redirect
from chassis.pages.fields import Filled, at_first, filled
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

LIST = "/audit/acknowledgements"

router = APIRouter(prefix=LIST, include_in_schema=False)


@router.get("/new")
async def new_page(request: Request, identity: Raiser) -> Response:
    """The form on which good practice is acknowledged."""
    spec, labels = await _new(request, identity)
    return form_page(request, identity, spec, at_first(spec.fields, spec.defaults), labels, back=LIST, once=str(uuid4()))


@router.post("/new")
async def acknowledge_page(request: Request, identity: Raiser) -> Response:
    """Record it, tell the managers, and show the record."""
    form = await posted(request, identity)
    spec, labels = await _new(request, identity)
    given, once = filled(spec.fields, form), form.text("once")[:36]
    if not given.errors:
        try:
            async with uow_of(request).begin(org_of(identity)) as transaction:
                command = acknowledging(given.values, once)
                done = await acknowledge_practice(transaction, setup_of(request), identity, command)
            return redirect(f"{LIST}/{done.record.id}")
        except DomainError as error:
            given = said(error, spec, given)
    return form_page(request, identity, spec, given, labels, 422, back=LIST, once=once)


@router.get("/{acknowledgement_id}/{step}")
async def step_page(request: Request, identity: Raiser, acknowledgement_id: UUID, step: str) -> Response:
    """The form of a step that the reader may take now."""
    view, spec = await _load(request, identity, acknowledgement_id, step)
    if not _possible(view, step):
        detail = "This step is for the managers who were told, for whoever recorded it, or for a quality-assurance officer."
        raise DomainError("step-not-yours", f"{detail} Nothing was changed.", Kind.FORBIDDEN)
    return _form(request, identity, view, spec, at_first(spec.fields, spec.defaults), step=step)


@router.post("/{acknowledgement_id}/{step}")
async def take_page(request: Request, identity: Raiser, acknowledgement_id: UUID, step: str) -> Response:
    """Take the step, and show the record; what somebody else changed in between is shown with what was typed."""
    form = await posted(request, identity)
    view, spec = await _load(request, identity, acknowledgement_id, step)
    given, seen = filled(spec.fields, form), number_of(form.text("revision"))
    if given.errors:
        return _form(request, identity, view, spec, given, 422, step=step, seen=seen)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            target = PracticeTarget(acknowledgement_id, seen)
            await _take(transaction, setup_of(request), identity, step, target, given.values)
    except DomainError as error:
        if error.kind is Kind.STALE:
            view, spec = await _load(request, identity, acknowledgement_id, step)
            return _form(request, identity, view, spec, given, 412, step=step, since=seen)
        return _form(request, identity, view, spec, said(error, spec, given), 422, step=step, seen=seen)
    return redirect(f"{LIST}/{acknowledgement_id}")


async def _new(request: Request, identity: Identity) -> tuple[FormSpec, Labels]:
    setup = setup_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = await setup.profile(transaction)
        people = await setup.directory(transaction).listed()
    spec = new_form(profile, people, setup.today(), identity.areas, for_others=identity.may(OFFICER))
    return spec, Labels(profile, {})


async def _load(request: Request, identity: Identity, ident: UUID, step: str) -> tuple[AcknowledgementView, FormSpec]:
    if step not in FORMS:
        raise not_found("page")
    setup = setup_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        view = await read_acknowledgement(transaction, setup, identity, ident)
        people = await setup.directory(transaction).listed()
    return view, FORMS[step](view, people, setup.today())


def _possible(view: AcknowledgementView, step: str) -> bool:
    return view.notice is not None if step == "confirm" else view.correctable


def _form(  # noqa: PLR0913 - a form again, with everything that is said about it
    request: Request,
    identity: Identity,
    view: AcknowledgementView,
    spec: FormSpec,
    given: Filled,
    status: int = 200,
    *,
    step: str,
    seen: int | None = None,
    since: int | None = None,
) -> Response:
    labels = Labels(view.profile, view.people)
    changed = [] if since is None else [entry for entry in history(view.changes, labels) if entry.revision > since]
    return form_page(
        request,
        identity,
        spec,
        given,
        labels,
        status,
        changed=changed,
        revision=view.record.revision if seen is None else seen,
        reference=view.record.reference,
        back=f"{LIST}/{view.record.id}",
        possible=_possible(view, step),
    )


async def _take(
    transaction: Transaction,
    setup: DisputeSetup,
    identity: Identity,
    step: str,
    target: PracticeTarget,
    values: Mapping[str, Any],
) -> Acknowledged:
    """Take a step with what the form holds."""
    if step == "confirm":
        return await confirm_acknowledgement(transaction, setup, identity, ConfirmAcknowledgement(target, **values))
    if step == "withdraw":
        return await withdraw_acknowledgement(transaction, setup, identity, WithdrawAcknowledgement(target, **values))
    return await correct_acknowledgement(transaction, setup, identity, CorrectAcknowledgement(target, corrected(values)))
