"""Staff pages on which the steps of a complaint are taken: a form a step, and what it makes of the complaint."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.pages import page, redirect
from chassis.pages.fields import Filled, at_first, filled, refused
from chassis.web import uow_of
from complaints.domain.stages import possible
from complaints.pages.labels import STEPS, Labels, day_words
from complaints.pages.staff_desk import Officer
from complaints.pages.staff_forms import number_in, posted, setup_of, token_for
from complaints.pages.step_forms import CORRECT, About, StepForm, step_form
from complaints.use_cases.read_complaints import ComplaintView, read_complaint
from complaints.use_cases.take_step import Target, etag

Number = Annotated[int, Path(ge=1, le=9)]

router = APIRouter(prefix="/complaints/{complaint_id}/stages/{number}", include_in_schema=False)


@dataclass(frozen=True)
class Opened:
    """A step of a stage whose form is open, on the complaint as it stands."""

    view: ComplaintView
    form: StepForm
    number: int
    step: str

    @property
    def offered(self) -> bool:
        """Whether the step can be taken as the complaint stands."""
        case = self.view.case
        if self.step == CORRECT:
            return case.begun(self.number) is not None or case.request_of(self.number) is not None
        return (self.step, self.number) in {(each.value, at) for each, at in possible(case)}


@router.get("/{step}")
async def step_page(request: Request, identity: Officer, complaint_id: UUID, number: Number, step: str) -> Response:
    """The form of a step, if it can be taken now."""
    opened = await _open(request, identity, complaint_id, number, step)
    given = at_first(opened.form.fields, opened.form.defaults)
    return _page(request, identity, opened, given, 200 if opened.offered else 409)


@router.post("/{step}")
async def take_page(request: Request, identity: Officer, complaint_id: UUID, number: Number, step: str) -> Response:
    """Take the step, and show the record; what somebody else changed in between is shown with what was typed."""
    sent = await posted(request, identity)
    opened = await _open(request, identity, complaint_id, number, step)
    given, seen = filled(opened.form.fields, sent), number_in(sent, "version")
    if given.errors:
        return _page(request, identity, opened, given, 422, version=seen)
    command = opened.form.command(Target(complaint_id, number, etag(seen)), given.values)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await opened.form.take(transaction, setup_of(request), identity, command)
    except DomainError as error:
        if error.kind is Kind.NOT_FOUND:
            raise
        if error.kind is Kind.STALE:
            opened = await _open(request, identity, complaint_id, number, step)
            return _page(request, identity, opened, given, 412, since=seen)
        given = refused(opened.form.fields, given, error.errors, error.detail)
        return _page(request, identity, opened, given, 422, version=seen)
    return redirect(f"/complaints/{complaint_id}")


async def _open(request: Request, identity: Identity, complaint_id: UUID, number: int, step: str) -> Opened:
    setup = setup_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        view = await read_complaint(transaction, setup, identity, complaint_id, None, reasons=True)
    if number > len(view.case.rules.stages):
        raise not_found("page")
    form = step_form(step, About(number, view, Labels(view.profile), setup.today()))
    if form is None:
        raise not_found("page")
    return Opened(view, form, number, step)


def _page(
    request: Request,
    identity: Identity,
    opened: Opened,
    given: Filled,
    status: int,
    *,
    version: int | None = None,
    since: int | None = None,
) -> Response:
    """The form; `since` is the version that the writer had seen when somebody else was faster."""
    view = opened.view
    request.state.organisation = view.profile.organisation.name
    read = next((each for each in view.stages if each.number == opened.number), None)
    return page(
        request,
        "step.html",
        status,
        title=opened.form.title,
        form=opened.form,
        filled=given,
        errors=list(given.errors),
        complaint=view.record,
        clock=read.clock if read else None,
        possible=opened.offered,
        action=f"/complaints/{view.record.id}/stages/{opened.number}/{opened.step}",
        version=view.record.version if version is None else version,
        token=token_for(request, identity),
        changed=[change for change in view.changes if since is not None and change.version > since],
        steps=STEPS,
        day=day_words,
    )
