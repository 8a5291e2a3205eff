"""Staff pages of Ombudsman cases: the list, a case with what is wanted by when, and the forms of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import redirect
from chassis.pages.fields import Field, Filled, at_first, filled, refused
from chassis.web import uow_of
from complaints.pages.labels import Labels
from complaints.pages.staff_desk import Officer, Overseer, desk
from complaints.pages.staff_forms import posted, setup_of
from complaints.pages.ways import OFFICER
from complaints.use_cases.ombudsman import (
    AcceptOmbudsmanCase,
    ReceiveOmbudsmanOutcome,
    accept_ombudsman_case,
    receive_ombudsman_outcome,
)
from complaints.use_cases.ombudsman_deadlines import CaseView, NewDeadline, add_deadline, finish_deadline, list_cases, read_case

HOME = "/complaints/ombudsman"
KINDS = {"enquiry": "Answer to enquiries", "draft": "Comments on a draft decision", "remedy": "Remedy"}
router = APIRouter(prefix=HOME, include_in_schema=False)


@dataclass(frozen=True)
class Form:
    """A form: its title and button, its fields, what stands in them at first."""

    title: str
    button: str
    fields: tuple[Field, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)


@router.get("")
async def cases_page(request: Request, identity: Overseer) -> Response:
    """What the Ombudsman waits for first."""
    async with desk(request, identity) as at:
        cases, _ = await list_cases(at.transaction, at.setup, identity)
        officer = identity.may(OFFICER)
        return at.show(
            "ombudsman/list.html",
            title="Ombudsman",
            body=at.profile.complaints.ombudsman.name,
            cases=cases,
            today=at.setup.today(),
            officer=officer,
        )


@router.get("/new")
async def new_page(request: Request, identity: Officer) -> Response:
    """The form of a case that was accepted; a record leads here with its reference and service area filled in."""
    asked = request.query_params
    async with desk(request, identity) as at:
        known = {"complaint_reference": asked.get("complaint", "")[:80], "service_area": asked.get("area", "")[:80]}
        form = _new(at.labels, {"accepted_on": at.setup.today(), **{name: value for name, value in known.items() if value}})
        return at.show("ombudsman/form.html", **_shown(form, at_first(form.fields, form.defaults), f"{HOME}/new", HOME))


@router.post("/new")
async def accept_page(request: Request, identity: Officer) -> Response:
    """Record it; the same one again is shown and not recorded twice."""
    sent = await posted(request, identity)
    async with desk(request, identity) as at:
        form = _new(at.labels, {})
    given = filled(form.fields, sent)
    if not given.errors:
        values = {**given.values, "complaint_reference": given.values["complaint_reference"] or None}
        try:
            async with uow_of(request).begin(org_of(identity)) as transaction:
                command = AcceptOmbudsmanCase(**values)
                case_id, _ = await accept_ombudsman_case(transaction, setup_of(request), identity, command)
            return redirect(f"{HOME}/{case_id}")
        except DomainError as error:
            given = refused(form.fields, given, error.errors, error.detail)
    async with desk(request, identity) as at:
        return at.show("ombudsman/form.html", 422, **_shown(form, given, f"{HOME}/new", HOME))


@router.get("/{case_id}")
async def case_page(request: Request, identity: Overseer, case_id: UUID) -> Response:
    """A case; what is wanted is shown to officers only."""
    async with desk(request, identity) as at:
        view = await read_case(at.transaction, at.setup, identity, case_id)
        officer = identity.may(OFFICER)
        title = f"Ombudsman case {view.case.reference}"
        today = at.setup.today()
        return at.show("ombudsman/case.html", title=title, view=view, kinds=KINDS, today=today, officer=officer)


@router.get("/{case_id}/{step}")
async def step_page(request: Request, identity: Officer, case_id: UUID, step: str) -> Response:
    """The form of a deadline, of one that was done, or of the outcome."""
    async with desk(request, identity) as at:
        view = await read_case(at.transaction, at.setup, identity, case_id)
        form = _form(step, view, at.labels, {"due_on": None, "done_on": at.setup.today(), "outcome_on": at.setup.today()})
        action = f"{HOME}/{case_id}/{step}"
        given = at_first(form.fields, form.defaults)
        return at.show("ombudsman/form.html", once=str(uuid4()), **_shown(form, given, action, f"{HOME}/{case_id}"))


@router.post("/{case_id}/{step}")
async def take_page(request: Request, identity: Officer, case_id: UUID, step: str) -> Response:
    """Record it, and show the case."""
    sent = await posted(request, identity)
    async with desk(request, identity) as at:
        form = _form(step, await read_case(at.transaction, at.setup, identity, case_id), at.labels, {})
    given, once = filled(form.fields, sent), sent.text("once")[:36]
    if not given.errors:
        try:
            async with uow_of(request).begin(org_of(identity)) as transaction:
                await _take(transaction, request, identity, case_id, step, given.values, once)
            return redirect(f"{HOME}/{case_id}")
        except DomainError as error:
            if error.kind is Kind.NOT_FOUND:
                raise
            given = refused(form.fields, given, error.errors, error.detail)
    async with desk(request, identity) as at:
        shown = _shown(form, given, f"{HOME}/{case_id}/{step}", f"{HOME}/{case_id}")
        return at.show("ombudsman/form.html", 422, once=once, **shown)


async def _take(
    transaction: Any, request: Request, identity: Identity, case_id: UUID, step: str, values: Mapping[str, Any], once: str
) -> None:
    setup = setup_of(request)
    if step == "outcome":
        told = (values["outcome_on"], values["outcome"], int(values["actions"]), tuple(values["remedies"]))
        command = ReceiveOmbudsmanOutcome(case_id, *told)
        await receive_ombudsman_outcome(transaction, setup, identity, command)
    elif step == "deadline":
        wanted = (values["kind"], values["due_on"], values["what"], values["remedy"])
        await add_deadline(transaction, setup, identity, case_id, NewDeadline(_uuid(once) or uuid4(), *wanted))
    else:
        await finish_deadline(transaction, setup, identity, case_id, UUID(values["deadline"]), values["done_on"])


def _new(labels: Labels, defaults: Mapping[str, Any]) -> Form:
    return Form(
        "The Ombudsman accepted a case",
        "Save the case",
        (
            Field("reference", "The Ombudsman's reference", "line"),
            Field("complaint_reference", "Our reference of the complaint", "line", optional=True),
            Field("service_area", "Service area", "choice", options=labels.options("area")),
            Field("accepted_on", "Day on which it was accepted", "day"),
        ),
        defaults,
    )


def _form(step: str, view: CaseView, labels: Labels, defaults: Mapping[str, Any]) -> Form:
    """The form of a step. Raises `not-found` for what is none, and for a deadline where none is open."""
    open_ = [each for each in view.deadlines if each.deadline.done_on is None]
    if step == "deadline":
        fields: tuple[Field, ...] = (
            Field("kind", "What the Ombudsman wants", "radios", options=tuple(KINDS.items())),
            Field("due_on", "By when", "day", "The day that the Ombudsman named"),
            Field("what", "In words", "words", "Stored encrypted"),
            Field("remedy", "If it is a remedy, which", "choice", optional=True, options=labels.options("ombudsman_remedy")),
        )
        return Form("Add a deadline", "Save the deadline", fields)
    if step == "done" and open_:
        options = tuple(
            (str(each.deadline.id), f"{KINDS[each.deadline.kind]}, by {labels.day(each.deadline.due_on)}: {each.what[:80]}")
            for each in open_
        )
        fields = (
            Field("deadline", "What was done", "radios", options=options),
            Field("done_on", "Day on which it was done", "day"),
        )
        return Form("Record what was done", "Save", fields, defaults)
    if step == "outcome" and view.case.outcome_on is None:
        numbers = tuple((str(number), str(number)) for number in range(31))
        fields = (
            Field("outcome_on", "Day of the decision", "day"),
            Field("outcome", "Outcome", "radios", options=labels.options("outcome")),
            Field("actions", "Number of actions that it asks for", "choice", options=numbers),
            Field(
                "remedies",
                "What it asks for",
                "several",
                "Add a deadline for each that it names a day for",
                optional=True,
                options=labels.options("ombudsman_remedy"),
            ),
        )
        return Form("The Ombudsman decided", "Save the outcome", fields, defaults)
    raise DomainError("not-found", "There is no such form for this case now.", Kind.NOT_FOUND)


def _shown(form: Form, given: Filled, action: str, back: str) -> dict[str, Any]:
    return {"title": form.title, "form": form, "filled": given, "errors": list(given.errors), "action": action, "back": back}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
