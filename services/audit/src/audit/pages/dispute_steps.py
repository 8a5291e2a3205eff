"""Staff pages on which a dispute is raised, and on which each of its steps is taken: a form, and what it makes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from starlette.responses import Response

from audit.domain.dispute_correction import ENDING, HEAD, Correction
from audit.domain.dispute_steps import Step, legal
from audit.pages.dispute_form_page import Raiser, form_page, number_of, posted, said
from audit.pages.dispute_forms import FormSpec, raise_form, step_form
from audit.pages.dispute_words import Labels, history
from audit.pages.disputes import setup_of
from audit.use_cases.answer_dispute import AnswerDispute, answer_dispute
from audit.use_cases.correct_dispute import CorrectDispute, correct_dispute
from audit.use_cases.dispute_setup import OFFICER, DisputeSetup
from audit.use_cases.escalate_dispute import EscalateDispute, escalate_dispute
from audit.use_cases.raise_dispute import RaiseDispute, raise_dispute
from audit.use_cases.read_disputes import DisputeView, read_dispute
from audit.use_cases.reopen_dispute import ReopenDispute, reopen_dispute
from audit.use_cases.resolve_dispute import ResolveDispute, resolve_dispute
from audit.use_cases.take_dispute_step import Taken, Target, not_yours
from audit.use_cases.withdraw_dispute import WithdrawDispute, withdraw_dispute
from chassis.access import org_of
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.pages import redirect
from chassis.pages.fields import Filled, at_first, filled
from chassis.unit_of_work import Transaction
from chassis.web import uow_of

router = APIRouter(prefix="/audit/disputes", include_in_schema=False)

LIST = "/audit/disputes"


@router.get("/new")
async def new_page(request: Request, identity: Raiser) -> Response:
    """The form of a concern that is raised."""
    spec, labels = await _new(request, identity)
    return form_page(request, identity, spec, at_first(spec.fields, spec.defaults), labels, back=LIST, once=str(uuid4()))


@router.post("/new")
async def raise_page(request: Request, identity: Raiser) -> Response:
    """Raise it, and show the record."""
    setup, org = setup_of(request), org_of(identity)
    form = await posted(request, identity)
    spec, labels = await _new(request, identity)
    given, once = filled(spec.fields, form), form.text("once")[:36]
    if not given.errors:
        try:
            async with uow_of(request).begin(org) as transaction:
                taken = await raise_dispute(transaction, setup, identity, _raising(given.values, once))
            return redirect(f"/audit/disputes/{taken.record.id}")
        except DomainError as error:
            given = said(error, spec, given)
    return form_page(request, identity, spec, given, labels, 422, back=LIST, once=once)


@router.get("/{dispute_id}/{step}")
async def step_page(request: Request, identity: Raiser, dispute_id: UUID, step: str) -> Response:
    """The form of a step that the reader may take now."""
    taking = _step(step)
    view, spec = await _load(request, identity, dispute_id, taking)
    legal(view.record.dispute, taking)
    if taking not in view.steps:
        raise not_yours(taking)
    return _form_of_step(request, identity, view, spec, at_first(spec.fields, spec.defaults))


@router.post("/{dispute_id}/{step}")
async def take_page(request: Request, identity: Raiser, dispute_id: UUID, step: str) -> Response:
    """Take the step, and show the record; what somebody else changed in between is shown with what was typed."""
    taking = _step(step)
    form = await posted(request, identity)
    view, spec = await _load(request, identity, dispute_id, taking)
    given, seen = filled(spec.fields, form), number_of(form.text("revision"))
    if given.errors:
        return _form_of_step(request, identity, view, spec, given, 422, seen=seen)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await _take(transaction, setup_of(request), identity, taking, Target(dispute_id, seen), given.values)
    except DomainError as error:
        if error.kind is Kind.STALE:
            view, spec = await _load(request, identity, dispute_id, taking)
            return _form_of_step(request, identity, view, spec, given, 412, since=seen)
        return _form_of_step(request, identity, view, spec, said(error, spec, given), 422, seen=seen)
    return redirect(f"/audit/disputes/{dispute_id}")


def _step(name: str) -> Step:
    if name not in set(Step):
        raise not_found("page")
    return Step(name)


async def _new(request: Request, identity: Identity) -> tuple[FormSpec, Labels]:
    setup = setup_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        profile = await setup.profile(transaction)
        people = await setup.directory(transaction).listed()
    spec = raise_form(profile, people, setup.today(), identity.areas, for_others=identity.may(OFFICER))
    return spec, Labels(profile, {})


async def _load(request: Request, identity: Identity, dispute_id: UUID, step: Step) -> tuple[DisputeView, FormSpec]:
    setup = setup_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        view = await read_dispute(transaction, setup, identity, dispute_id)
        people = await setup.directory(transaction).listed()
    return view, step_form(step, view, people, setup.today())


def _form_of_step(
    request: Request,
    identity: Identity,
    view: DisputeView,
    spec: FormSpec,
    given: Filled,
    status: int = 200,
    *,
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
        revision=view.record.revision if seen is None else seen,
        reference=view.record.reference,
        back=f"/audit/disputes/{view.record.id}",
        changed=changed,
        possible=since is None or bool(view.steps),
    )


def _raising(values: Mapping[str, Any], once: str) -> RaiseDispute:
    """The command. `once` came with the form, so that sending it twice raises one dispute."""
    named = {"raised_person": values.get("raised_person"), "reference": f"form:{once}" if once else None}
    return RaiseDispute(**{**values, **named})


async def _take(
    transaction: Transaction,
    setup: DisputeSetup,
    identity: Identity,
    step: Step,
    target: Target,
    values: Mapping[str, Any],
) -> Taken:
    """Take a step with what the form holds."""
    match step:
        case Step.ANSWER:
            return await answer_dispute(transaction, setup, identity, AnswerDispute(target, **values))
        case Step.ESCALATE:
            return await escalate_dispute(transaction, setup, identity, EscalateDispute(target, **values))
        case Step.RESOLVE:
            return await resolve_dispute(transaction, setup, identity, ResolveDispute(target, **values))
        case Step.WITHDRAW:
            return await withdraw_dispute(transaction, setup, identity, WithdrawDispute(target, **values))
        case Step.REOPEN:
            return await reopen_dispute(transaction, setup, identity, ReopenDispute(target, **values))
        case Step.CORRECT:
            command = CorrectDispute(target, _correction(values))
            return await correct_dispute(transaction, setup, identity, command)


def _correction(values: Mapping[str, Any]) -> Correction:
    """The correction in a form whose fields are called raised_on, stages-2-reached_on and ending-outcome."""
    stages: dict[int, dict[str, Any]] = {}
    ending: dict[str, Any] = {}
    for name, value in values.items():
        part, _, rest = name.partition("-")
        if part == "stages":
            number, _, fact = rest.partition("-")
            stages.setdefault(int(number), {})[fact] = value
        elif part == "ending":
            fact = "ending_words" if rest == "words" else rest
            ending |= {fact: value} if fact in ENDING else {}
    return Correction({name: value for name, value in values.items() if name in HEAD}, stages, ending)
