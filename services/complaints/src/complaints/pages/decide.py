"""Deciding what came in, in two pages: what it is, then only what that needs. What was typed for another answer is kept.

Both are one form at one address, without script: `what` chooses, `again` goes back, anything else decides.
"""

from typing import Any, cast
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from chassis.access import org_of
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.pages import Form, page, redirect
from chassis.pages.days import day_in
from chassis.web import uow_of
from complaints.domain.profile import Procedure, Profile
from complaints.domain.representation import FOLLOWED, Decision, Outcome, State, is_late
from complaints.pages import intake_words as words
from complaints.pages.intake import HOME, Officer, radios
from complaints.pages.intake_one import around, key_of, see, show_changed
from complaints.pages.staff_forms import MOST_DIGITS, errors_of, number_in, posted, setup_of, typed, wrong_reference
from complaints.use_cases.decide_representation import Making, Offer, decide_representation
from complaints.use_cases.points import NewPoint
from complaints.use_cases.see_representations import Seen

router = APIRouter(prefix="/complaints/intake/{ident}/decide", include_in_schema=False)

ROWS = 3
MOST_ROWS = 30
_CODES = ("service_area", "team", "need", "route", "raised_by", "reference", "source")
_PLACED = ("outcome", "procedure", "revision", "rows", "csrf", "what", "again", "more")
"""Fields of the form that are no answers: the page sets them itself."""

_POINTS = ("service_area", "team", "raised_by", "need", "route", "reference")
_ELIGIBLE = ("standing", "timing", "early_referral")
NEEDED = {
    Outcome.COMPLAINT: (*_ELIGIBLE, *_POINTS, "offered-day", "offered-month", "offered-year", "advocate"),
    Outcome.ENQUIRY: _POINTS,
    Outcome.COMPLIMENT: ("service_area", "team", "source", "external", "reference"),
    Outcome.COMMENT: ("service_area", "team"),
    Outcome.NOT_A_COMPLAINT: ("went_to", "standing", "timing"),
    Outcome.DUPLICATE: ("duplicate_of",),
}
"""What each answer asks for besides points and the reason."""

POINTED = frozenset({Outcome.COMPLAINT, Outcome.ENQUIRY})


@router.get("")
async def decide_page(request: Request, identity: Officer, ident: str) -> Response:
    """Asks what it is, beside what was said."""
    return await _show(request, identity, key_of(ident), {})


@router.post("")
async def decide(request: Request, identity: Officer, ident: str) -> Response:
    """Decide; of two officers at once one wins, and the other is shown what was decided."""
    form = await posted(request, identity)
    key = key_of(ident)
    turned = _turned(form)
    if turned is not None:
        return await _show(request, identity, key, turned)
    if wrong := _wrong(form):
        return await _show(request, identity, key, form, wrong)
    try:
        async with uow_of(request).begin(org_of(identity)) as transaction:
            setup = setup_of(request)
            decided = await decide_representation(
                transaction, setup, identity, key, _decision(form), _making(form), _offer(form)
            )
    except DomainError as error:
        if error.kind is Kind.STALE:
            return await _overtaken(request, identity, key, form, error)
        if error.kind not in {Kind.MALFORMED, Kind.CONFLICT}:
            raise
        return await _show(request, identity, key, form, _placed(error))
    complaint = decided.became.complaint_id if decided.now.outcome in FOLLOWED else None
    return redirect(f"/complaints/{complaint}" if complaint else f"{HOME}/{ident}")


def _turned(form: Form) -> dict[str, str] | None:
    """What the form holds where a page is turned and nothing decided; None where it decides."""
    outcome, _, procedure = form.text("what").partition(" ")
    if outcome:
        return {**form, "outcome": outcome, "procedure": procedure}
    if form.text("again"):
        return {**form, "outcome": "", "what": f"{form.text('outcome')} {form.text('procedure')}".strip()}
    return {**form, "rows": str(_rows(form) + ROWS)} if form.text("more") else None


def _wrong(form: Form) -> list[tuple[str, str]]:
    """What is seen to be wrong before anything is tried."""
    if form.text("outcome") not in words.OUTCOMES:
        return [("what", "Choose what it is")]
    asked = form.text("outcome") == Outcome.COMPLAINT and typed(form, "offered")
    offered = [("offered", "Enter a real day, or none")] if asked and day_in(form, "offered") is None else []
    return [*wrong_reference(form), *offered]


async def _overtaken(request: Request, identity: Identity, key: UUID, form: Form, error: DomainError) -> Response:
    """Somebody was faster: what they decided; where they recorded something else, the form again with what was typed."""
    if (await see(request, identity, key)).stored.now.state is State.DECIDED:
        return await show_changed(request, identity, key, error)
    given = {name: value for name, value in form.items() if name != "revision"}
    return await _show(request, identity, key, given, [("decision", error.detail)])


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
        # What was typed for another answer stands in the form, and decides nothing.
        early_referral=(chosen("early_referral", words.EARLY) or "none") if outcome is Outcome.COMPLAINT else "none",
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


def _offer(form: Form) -> Offer | None:
    """An advocate that was offered, where the form of a complaint says so."""
    on = day_in(form, "offered") if form.text("outcome") == Outcome.COMPLAINT else None
    answer: Any = form.text("advocate") if form.text("advocate") in {"accepted", "declined"} else None
    return None if on is None else Offer(on, answer)


def _rows(form: Form | dict[str, str]) -> int:
    given = form.get("rows", "")
    return min(int(given), MOST_ROWS) if given.isascii() and given.isdecimal() and len(given) <= MOST_DIGITS else ROWS


def _placed(error: DomainError) -> list[tuple[str, str]]:
    """Errors at the fields of this form: those of points stand at the first row, a taken reference at its field."""
    if error.slug == "reference-taken":
        return [("reference", error.detail)]
    names = {"advocate": "offered"}
    found = [("category-0" if name.startswith(("points-", "category")) else name, said) for name, said in errors_of(error)]
    return [(names.get(name, name), said) for name, said in found]


async def _show(
    request: Request,
    identity: Identity,
    ident: UUID,
    given: Form | dict[str, str],
    errors: list[tuple[str, str]] | None = None,
) -> Response:
    seen = await see(request, identity, ident)
    if seen.stored.now.state is State.DECIDED:
        return redirect(f"{HOME}/{ident}")
    known = {**_at_first(seen), **given}
    return _page(request, identity, seen, known, errors or [], _rows(known))


def _at_first(seen: Seen) -> dict[str, str]:
    first = {"early_referral": "none", "external": "yes", "advocate": "open"}
    return first | {"raised_by": seen.stored.raised_by or "", "service_area": seen.stored.service_area or ""}


def _page(
    request: Request, identity: Identity, seen: Seen, given: dict[str, str], errors: list[tuple[str, str]], rows: int
) -> HTMLResponse:
    outcome = given.get("outcome", "")
    what = Outcome(outcome) if outcome in words.OUTCOMES else None
    options = _options(seen.profile, seen, given.get("procedure", ""))
    if what is Outcome.COMPLAINT:
        # Whoever has no standing, or is too late and declined, is told where to go: that is another answer to "what is it?".
        options["standing"] = [each for each in options["standing"] if each[0] != "none"]
        options["timing"] = [each for each in options["timing"] if each[0] != "late-declined"]
    asked = {"reason", *NEEDED[what]} if what else set()
    if what in POINTED:
        asked |= {f"{name}-{number}" for name in ("category", "area") for number in range(rows)}
    # An error of a field that is not on this page (a procedure that the profile no longer has) is said above the form.
    names = {*asked, "what", "offered"}
    kept = {name: value for name, value in given.items() if value and name not in asked and name not in _PLACED}
    return page(
        request,
        "intake/decide.html",
        422 if errors else 200,
        title=f"What is {seen.stored.reference}?" if what is None else f"Decide what {seen.stored.reference} is",
        what=what,
        pointed=what in POINTED,
        chosen=_chosen(options["what"], what, given.get("procedure", "")),
        given=given,
        kept=kept,
        asked=asked,
        offered={part: given.get(f"offered-{part}", "")[:8] for part in ("day", "month", "year")},
        errors=[(name if name in names else "decision", said) for name, said in errors],
        rows=rows,
        options=options,
        late=is_late(seen.stored.now.received_on, seen.stored.now.happened_on),
        **around(request, identity, seen),
    )


def _chosen(what: list[tuple[str, str, str]], outcome: Outcome | None, procedure: str) -> tuple[str, str]:
    """The answer that was chosen, and its words."""
    value = f"{outcome} {procedure}" if outcome in POINTED else (outcome or "")
    return value, next((label for each, label, _ in what if each == value), words.OUTCOMES.get(outcome or "", ""))


def _options(profile: Profile, seen: Seen, procedure: str) -> dict[str, Any]:
    """The choices of the form, in use on the day of receipt; the categories are those of the procedure."""
    own, organisation, on = profile.complaints, profile.organisation, seen.stored.now.received_on
    areas = [
        (each.code, each.name)
        for each in organisation.service_areas
        if any(use in each.used_for and each.used_for[use].holds(on) for use in ("complaints", "compliments"))
    ]
    known = {each.code for each in own.procedures}
    return {
        "what": _whats(profile),
        "standing": radios(words.ELIGIBLE),
        "timing": radios(words.TIMING),
        "early_referral": radios({code: said for code, said in words.EARLY.items() if code != "ombudsman"}),
        "category": [
            (each.code, each.name)
            for each in own.categories
            if each.validity.holds(on) and (procedure in each.procedures or procedure not in known)
        ],
        "area": areas,
        "team": [(each.code, each.name) for each in organisation.teams if each.holds(on)],
        "need": [(each.code, each.name) for each in own.needs],
        "route": [(each.code, each.name) for each in own.routes],
        "raised_by": [(each.code, each.name) for each in own.raised_by],
        "source": [(each.code, each.name) for each in own.sources],
        "went_to": [(each.code, each.name) for each in own.not_complaints],
    }


def _whats(profile: Profile) -> list[tuple[str, str, str]]:
    """What it can be: a complaint or an enquiry under each procedure of the profile, or something else."""
    found: list[tuple[str, str, str]] = []
    for outcome, formality in ((Outcome.COMPLAINT, "formal"), (Outcome.ENQUIRY, "informal")):
        found += [
            (
                f"{outcome} {each.code}",
                f"Complaint: {each.name}" if outcome is Outcome.COMPLAINT else each.name,
                _first_limit(each),
            )
            for each in profile.complaints.procedures
            if each.formality == formality
        ]
    others = (each for each in Outcome if each not in POINTED)
    return found + [(each.value, words.OUTCOMES[each], words.OUTCOME_NOTES[each]) for each in others]


def _first_limit(procedure: Procedure) -> str:
    """What begins with it: the limit of its first stage."""
    first = procedure.stages[0]
    of = "the acknowledgement" if first.counts_from == "acknowledged" else "receipt"
    return f"{first.name}: to be answered within {first.limit} working days of {of}."
