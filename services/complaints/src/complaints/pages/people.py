"""Who is who in a complaint: a page of its own, since opening it is logged."""

from typing import Any, cast
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
from complaints.adapters.intake_sealing import Contact
from complaints.domain.people import ROLES
from complaints.domain.representation import MOST_SHORT
from complaints.pages.intake import Officer
from complaints.pages.labels import day_words
from complaints.pages.staff_forms import errors_of, posted, setup_of, token_for
from complaints.use_cases.keep_people import NewPerson, add_person, end_person, see_people

router = APIRouter(prefix="/complaints/{complaint_id}/people", include_in_schema=False)

NAMES = {
    "complainant": "Complainant",
    "representative": "Representative",
    "advocate": "Advocate",
    "mp-or-councillor": "MP or councillor",
    "child": "Child concerned",
    "case-worker": "Runs the case",
    "responder": "Stage 1 responder",
    "investigating-officer": "Investigating officer",
    "independent-person": "Independent person",
    "adjudicator": "Adjudicating manager",
    "panel-chair": "Chair of the panel",
    "panel-member": "Member of the panel",
}


@router.get("")
async def people(request: Request, identity: Officer, complaint_id: str) -> HTMLResponse:
    """Everybody with contact details, and what was said."""
    return await _show(request, identity, _uuid(complaint_id, "complaint"), {})


@router.post("")
async def add(request: Request, identity: Officer, complaint_id: str) -> Response:
    """Give somebody a role; what stands against it is said, and nothing typed is lost."""
    form = await posted(request, identity)
    key = _uuid(complaint_id, "complaint")
    wrong = _wrong(form)
    if wrong:
        return await _show(request, identity, key, form, wrong, 422)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await add_person(transaction, setup_of(request), identity, key, _new(form))
    except DomainError as error:
        if error.kind not in {Kind.MALFORMED, Kind.CONFLICT}:
            raise
        return await _show(request, identity, key, form, errors_of(error), 409 if error.kind is Kind.CONFLICT else 422)
    return redirect(f"/complaints/{complaint_id}/people")


@router.post("/{person_id}/end")
async def end(request: Request, identity: Officer, complaint_id: str, person_id: str) -> Response:
    """End somebody's part."""
    form = await posted(request, identity)
    key, until = _uuid(complaint_id, "complaint"), day_in(form, f"until-{person_id}")
    field = f"until-{person_id}"
    if until is None:
        return await _show(request, identity, key, form, [(field, "Enter the last day of their part")], 422)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            await end_person(transaction, setup_of(request), identity, key, _uuid(person_id, "person"), until)
    except DomainError as error:
        if error.kind is not Kind.MALFORMED:
            raise
        return await _show(request, identity, key, form, [(field, error.detail)], 422)
    return redirect(f"/complaints/{complaint_id}/people")


def _uuid(value: str, what: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise not_found(what) from None


def _wrong(form: Form) -> list[tuple[str, str]]:
    needed = [
        ("role", form.text("role") in ROLES, "Choose a role"),
        ("name", 0 < len(form.text("name")) <= MOST_SHORT, f"Enter a name of at most {MOST_SHORT} characters"),
        ("from", day_in(form, "from") is not None, "Enter the first day of their part"),
        ("subject", len(form.text("subject")) <= MOST_SHORT, "That is too long for a sign-in"),
    ]
    limits = [
        (name, f"At most {MOST_SHORT} characters fit in here")
        for name in ("phone", "email", "address")
        if len(form.text(name)) > MOST_SHORT
    ]
    return [*((name, words) for name, fine, words in needed if not fine), *limits]


def _new(form: Form) -> NewPerson:
    on = day_in(form, "from")
    if on is None:  # pragma: no cover - `_wrong` has looked
        raise AssertionError
    return NewPerson(
        role=cast("Any", form.text("role")),
        contact=Contact(*(form.text(part) for part in ("name", "phone", "email", "address"))),
        from_on=on,
        subject=form.text("subject") or None,
        independent=form.text("independent") == "yes",
    )


async def _show(
    request: Request,
    identity: Identity,
    complaint_id: UUID,
    given: Form | dict[str, str],
    errors: list[tuple[str, str]] | None = None,
    status: int = 200,
) -> HTMLResponse:
    setup = setup_of(request)
    async with uow_of(request).begin(org_of(identity)) as transaction:
        found = await see_people(transaction, setup, identity, complaint_id)
    today = setup.today()
    return page(
        request,
        "people/people.html",
        status,
        title=f"Who is who in {found.record.reference}",
        organisation=found.profile.organisation.name,
        found=found,
        names=NAMES,
        roles=[(role, NAMES[role]) for role in ROLES],
        given=given,
        from_given={part: given.get(f"from-{part}", "")[:8] for part in ("day", "month", "year")}
        if given
        else day_parts(today),
        today=day_parts(today),
        errors=errors or [],
        day=day_words,
        moment=moment_words,
        href=f"/complaints/{complaint_id}",
        token=token_for(request, identity),
    )
