"""Staff pages of one that came in: what was said, the decision, taking it back, and the advocate."""

from typing import Any, cast
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of
from chassis.errors import DomainError, Kind, not_found
from chassis.identity import Identity
from chassis.pages import Form, page, redirect
from chassis.web import uow_of
from complaints.domain.profile import Profile
from complaints.domain.representation import FOLLOWED, UNMADE, Decision, Outcome, State, advocate_to_offer, is_late
from complaints.pages import intake_words as words
from complaints.pages.intake import HOME, Officer, radios
from complaints.pages.labels import Labels, day_words
from complaints.pages.staff_forms import (
    day_in,
    day_parts,
    errors_of,
    moment_words,
    number_in,
    posted,
    setup_of,
    token_for,
    wrong_reference,
)
from complaints.use_cases.decide_representation import Making, decide_representation, offer_advocate, undo_decision
from complaints.use_cases.points import NewPoint
from complaints.use_cases.see_representations import Seen, see_representation

router = APIRouter(prefix="/complaints/intake/{ident}", include_in_schema=False)

ROWS = 3
MOST_ROWS = 30
_CODES = ("service_area", "team", "need", "route", "raised_by", "reference", "source")


@router.get("")
async def one(request: Request, identity: Officer, ident: str) -> HTMLResponse:
    """What was said, by whom, and what was decided. That it was opened is logged and shown."""
    return await _show(request, identity, _uuid(ident))


@router.get("/decide")
async def decide_page(request: Request, identity: Officer, ident: str) -> Response:
    """The form of the decision beside what was said."""
    return await _deciding(request, identity, _uuid(ident), {})


@router.post("/decide")
async def decide(request: Request, identity: Officer, ident: str) -> Response:
    """Decide; of two officers at once one wins, and the other is shown what was decided."""
    form = await posted(request, identity)
    key = _uuid(ident)
    if form.text("more"):
        return await _deciding(request, identity, key, form, rows=_rows(form) + ROWS)
    if form.text("outcome") not in words.OUTCOMES:
        return await _deciding(request, identity, key, form, [("outcome", "Choose what it is")])
    if wrong := wrong_reference(form):
        return await _deciding(request, identity, key, form, wrong)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            decided = await decide_representation(transaction, setup_of(request), identity, key, _decision(form), _making(form))
    except DomainError as error:
        if error.kind is Kind.STALE:
            return await _show(request, identity, key, error, 412)
        if error.kind not in {Kind.MALFORMED, Kind.CONFLICT}:
            raise
        return await _deciding(request, identity, key, form, _placed(error))
    complaint = decided.became.complaint_id if decided.now.outcome in FOLLOWED else None
    return redirect(f"/complaints/{complaint}" if complaint else f"{HOME}/{ident}")


@router.post("/undo")
async def undo(request: Request, identity: Officer, ident: str) -> Response:
    """Take a decision back with a reason, while nothing followed."""
    form = await posted(request, identity)
    key = _uuid(ident)
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
    key, on = _uuid(ident), day_in(form, "offered")
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


def _uuid(ident: str) -> UUID:
    try:
        return UUID(ident)
    except ValueError:
        raise not_found("representation") from None


def _decision(form: Form) -> Decision:
    def chosen(name: str, known: Any) -> Any:
        return form.text(name) if form.text(name) in known else None

    outcome = Outcome(form.text("outcome"))
    weighed = outcome in {Outcome.COMPLAINT, Outcome.NOT_A_COMPLAINT}
    return Decision(
        outcome=outcome,
        seen=number_in(form),
        procedure=form.text("procedure") or None,
        standing=chosen("standing", words.ELIGIBLE) if weighed else None,
        timing=chosen("timing", words.TIMING) if weighed else None,
        early_referral=chosen("early_referral", words.EARLY) or "none",
        went_to=form.text("went_to") or None,
        duplicate_of=form.text("duplicate_of") or None,
        reason=form.text("reason"),
    )


def _making(form: Form) -> Making:
    points: list[NewPoint] = []
    for number in range(_rows(form)):
        category = form.text(f"category-{number}")
        if category:
            area = form.text(f"area-{number}") or None
            points.append(NewPoint(str(len(points) + 1), category, area))
    given = {name: form.text(name) or None for name in _CODES}
    return Making(**cast("Any", given), points=tuple(points), external=form.text("external") != "no")


def _rows(form: Form | dict[str, str]) -> int:
    typed = form.get("rows", "")
    return min(int(typed), MOST_ROWS) if typed.isascii() and typed.isdecimal() and len(typed) <= 2 else ROWS  # noqa: PLR2004


def _placed(error: DomainError) -> list[tuple[str, str]]:
    """Errors at the fields of this form: those of points stand at the first row, a taken reference at its field."""
    if error.slug == "reference-taken":
        return [("reference", error.detail)]
    return [("category-0" if field.startswith(("points-", "category")) else field, said) for field, said in errors_of(error)]


async def _seen(request: Request, identity: Identity, ident: UUID) -> Seen:
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
    seen = await _seen(request, identity, ident)
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
        **_around(request, identity, seen),
    )


async def _deciding(
    request: Request,
    identity: Identity,
    ident: UUID,
    given: Form | dict[str, str],
    errors: list[tuple[str, str]] | None = None,
    rows: int | None = None,
) -> Response:
    seen = await _seen(request, identity, ident)
    if seen.stored.now.state is State.DECIDED:
        return redirect(f"{HOME}/{ident}")
    if not given:
        area = seen.stored.service_area or ""
        given = {"raised_by": seen.stored.raised_by or "", "service_area": area, "early_referral": "none", "external": "yes"}
    return page(
        request,
        "intake/decide.html",
        422 if errors else 200,
        title=f"Decide what {seen.stored.reference} is",
        given=given,
        errors=errors or [],
        rows=rows or _rows(given),
        options=_options(seen.profile, seen),
        late=is_late(seen.stored.now.received_on, seen.stored.now.happened_on),
        **_around(request, identity, seen),
    )


def _around(request: Request, identity: Identity, seen: Seen) -> dict[str, Any]:
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


def _options(profile: Profile, seen: Seen) -> dict[str, Any]:
    """The choices of the form, in use on the day of receipt."""
    own, organisation, on = profile.complaints, profile.organisation, seen.stored.now.received_on
    procedures = {each.code: each.name for each in own.procedures}
    areas = [
        (each.code, each.name)
        for each in organisation.service_areas
        if any(use in each.used_for and each.used_for[use].holds(on) for use in ("complaints", "compliments"))
    ]
    return {
        "outcome": radios(words.OUTCOMES, words.OUTCOME_NOTES),
        "standing": radios(words.ELIGIBLE),
        "timing": radios(words.TIMING),
        "early_referral": radios({code: said for code, said in words.EARLY.items() if code != "ombudsman"}),
        "procedure": [(each.code, f"{each.name} ({each.formality})") for each in own.procedures],
        "category": [
            (each.code, f"{each.name} – {', '.join(procedures[code] for code in each.procedures)}")
            for each in own.categories
            if each.validity.holds(on)
        ],
        "area": areas,
        "team": [(each.code, each.name) for each in organisation.teams if each.holds(on)],
        "need": [(each.code, each.name) for each in own.needs],
        "route": [(each.code, each.name) for each in own.routes],
        "raised_by": [(each.code, each.name) for each in own.raised_by],
        "source": [(each.code, each.name) for each in own.sources],
        "went_to": [(each.code, each.name) for each in own.not_complaints],
    }
