"""Staff pages on which the points of a complaint are changed: which point, and the form of what is done to it."""

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.access import org_of
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.pages import page, redirect
from chassis.pages.fields import Filled, at_first, filled, refused
from chassis.web import uow_of
from complaints.pages.labels import STEPS, Labels, day_words
from complaints.pages.point_forms import OF_ONE, About, PointForm, point_form, point_options
from complaints.pages.point_words import ACTS, acts_now
from complaints.pages.staff_desk import Officer
from complaints.pages.staff_forms import number_in, posted, setup_of, token_for
from complaints.use_cases.read_complaints import ComplaintView, read_complaint
from complaints.use_cases.take_step import Target, etag

router = APIRouter(prefix="/complaints/{complaint_id}/points", include_in_schema=False)


@dataclass(frozen=True)
class Opened:
    """What is to be done, on the complaint as it stands; without a form the point is still to be chosen."""

    about: About
    act: str
    form: PointForm | None
    chosen: str

    @property
    def view(self) -> ComplaintView:
        """The complaint."""
        return self.about.view

    @property
    def offered(self) -> bool:
        """Whether it can be done as the complaint stands."""
        return self.act in dict(acts_now(self.view.case)) and (self.act not in OF_ONE or self.about.point is not None)


@router.get("/{act}")
async def point_page(request: Request, identity: Officer, complaint_id: UUID, act: str) -> Response:
    """The form, or first the choice of the point."""
    opened = await _open(request, identity, complaint_id, act)
    if opened.form is None:
        return _choice(request, opened)
    given = at_first(opened.form.fields, opened.form.defaults)
    return _page(request, identity, opened, opened.form, given, 200 if opened.offered else 409)


@router.post("/{act}")
async def change_page(request: Request, identity: Officer, complaint_id: UUID, act: str) -> Response:
    """Do it, and show the record; what somebody else changed in between is shown with what was typed."""
    sent = await posted(request, identity)
    opened = await _open(request, identity, complaint_id, act)
    if opened.form is None:
        return _choice(request, opened)
    form, seen = opened.form, number_in(sent, "version")
    given = filled(form.fields, sent)
    if given.errors:
        status = 412 if opened.view.record.version != seen else 422
        since = seen if status == 412 else None  # noqa: PLR2004 - as HTTP names it
        return _page(request, identity, opened, form, given, status, version=seen if since is None else None, since=since)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await form.take(transaction, setup_of(request), identity, Target(complaint_id, 1, etag(seen)), given.values)
    except DomainError as error:
        if error.kind is Kind.STALE:
            opened = await _open(request, identity, complaint_id, act)
            return _page(request, identity, opened, opened.form or form, given, 412, since=seen)
        if error.kind not in {Kind.CONFLICT, Kind.MALFORMED}:
            raise
        given = refused(form.fields, given, error.errors, error.detail)
        return _page(request, identity, opened, form, given, 422, version=seen)
    return redirect(f"/complaints/{complaint_id}")


async def _open(request: Request, identity: Identity, complaint_id: UUID, act: str) -> Opened:
    if act not in ACTS:
        raise not_found("page")
    setup = setup_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        view = await read_complaint(transaction, setup, identity, complaint_id, None, reasons=True)
    chosen = request.query_params.get("point", "")
    point = next((each for each in view.points if each.reference == chosen), None)
    about = About(view, Labels(view.profile), point if point is not None and point.live else None)
    if act in OF_ONE and point is None:
        return Opened(about, act, None, chosen)
    # One that somebody superseded meanwhile still shows what was typed, and that it cannot be done any more.
    return Opened(about, act, point_form(act, About(view, about.labels, point)), chosen)


def _choice(request: Request, opened: Opened) -> Response:
    view = opened.view
    request.state.organisation = view.profile.organisation.name
    # A form without a choice sends nothing of it, so that it was sent is said beside.
    asked = "chosen" in request.query_params or "point" in request.query_params
    errors = [("point", "Choose a point")] if asked else []
    return page(
        request,
        "point-choice.html",
        422 if errors else 200,
        title=ACTS[opened.act],
        complaint=view.record,
        action=f"/complaints/{view.record.id}/points/{opened.act}",
        options=point_options(opened.about),
        errors=errors,
    )


def _page(
    request: Request,
    identity: Identity,
    opened: Opened,
    form: PointForm,
    given: Filled,
    status: int,
    *,
    version: int | None = None,
    since: int | None = None,
) -> Response:
    """The form; `since` is the version that the writer had seen when somebody else was faster."""
    view = opened.view
    request.state.organisation = view.profile.organisation.name
    query = f"?point={opened.chosen}" if opened.act in OF_ONE else ""
    return page(
        request,
        "step.html",
        status,
        title=form.title,
        form=form,
        filled=given,
        errors=list(given.errors),
        complaint=view.record,
        clock=None,
        possible=opened.offered,
        action=f"/complaints/{view.record.id}/points/{opened.act}{query}",
        version=view.record.version if version is None else version,
        token=token_for(request, identity),
        changed=[change for change in view.changes if since is not None and change.version > since],
        steps=STEPS,
        day=day_words,
    )
