"""Staff pages of what is done to a round: each step says what it does, and is confirmed before it is taken."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response

from audit.domain.round import WITHDRAWAL_REASONS, RoundState
from audit.domain.sampling import LARGEST_SEED
from audit.pages import round_view as view
from audit.pages.desk import Desk, Officer, desk, posted
from audit.pages.round_words import step_words
from audit.pages.rounds import case_number
from audit.use_cases.allocate_round import allocate_round
from audit.use_cases.circulate_round import circulate_round, close_round
from audit.use_cases.draw_round import draw_round, undo_draw
from audit.use_cases.read_rounds import RoundView, read_round
from audit.use_cases.replace_case import replace_case
from audit.use_cases.take_round import Target
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.pages import Form, redirect
from chassis.problems import STATUS
from chassis.storable import whole

router = APIRouter(prefix="/audit/rounds/{round_id}", include_in_schema=False)

Place = Annotated[int, Path(ge=1, le=5000)]
Take = Callable[[Desk, Target, Form], Awaitable[object]]
_SHOWN = {Kind.CONFLICT, Kind.MALFORMED, Kind.STALE}


@dataclass(frozen=True)
class Step:
    """A step as its page asks for it: heading, what the button says, and in which states of the round it is open."""

    name: str
    title: str
    button: str
    take: Take
    states: frozenset[RoundState]
    field: str | None = None


_SEED_DIGITS = 19


async def _draw(at: Desk, target: Target, form: Form) -> object:
    typed = form.text("seed")
    seed = whole(typed, digits=_SEED_DIGITS)
    if typed and not 0 <= seed <= LARGEST_SEED:
        words = "A seed is a whole number without signs, at most 18 digits"
        raise DomainError("malformed-seed", words, Kind.MALFORMED, (FieldError("/seed", words),))
    return await draw_round(at.transaction, at.context, at.identity, target, seed if typed else None)


_STEPS = (
    Step("draw", "Draw the sample", "Draw", _draw, frozenset({RoundState.PREPARING}), "seed"),
    Step(
        "undo-draw",
        "Take the draw back",
        "Take it back",
        lambda at, target, _: undo_draw(at.transaction, at.identity, target),
        frozenset({RoundState.DRAWN}),
    ),
    Step(
        "allocate",
        "Allocate",
        "Allocate",
        lambda at, target, _: allocate_round(at.transaction, at.context, at.identity, target),
        frozenset({RoundState.DRAWN, RoundState.CIRCULATED}),
    ),
    Step(
        "circulate",
        "Circulate",
        "Circulate",
        lambda at, target, _: circulate_round(at.transaction, at.context, at.identity, target),
        frozenset({RoundState.DRAWN}),
    ),
    Step(
        "close",
        "Close the round",
        "Close",
        lambda at, target, _: close_round(at.transaction, at.identity, target),
        frozenset({RoundState.CIRCULATED}),
    ),
)
STEPS = {step.name: step for step in _STEPS}


@router.get("/steps/{step}")
async def step_page(request: Request, identity: Officer, round_id: UUID, step: str) -> Response:
    """What a step does, and the button that takes it; a round that is past it is shown instead."""
    wanted = _step(step)
    async with desk(request, identity) as at:
        found = await read_round(at.transaction, at.context, identity, round_id)
        if found.round.state not in wanted.states:
            return redirect(f"/audit/rounds/{round_id}")
        return _confirm(at, found, wanted)


@router.post("/steps/{step}")
async def take_step(request: Request, identity: Officer, round_id: UUID, step: str) -> Response:
    """Take a step; what is in its way is said, with what can be done about it."""
    wanted = _step(step)
    form = await posted(request, identity)
    try:
        async with desk(request, identity) as at:
            await wanted.take(at, Target(round_id, _revision(form)), form)
    except DomainError as error:
        if error.kind not in _SHOWN:
            raise
        # In a transaction of its own: what the step had begun to write is gone with the other one.
        async with desk(request, identity) as at:
            found = await read_round(at.transaction, at.context, identity, round_id)
            return _confirm(at, found, wanted, error, form.text("seed")[:40])
    return redirect(f"/audit/rounds/{round_id}")


@router.get("/cases/{place}/replace")
async def replace_page(request: Request, identity: Officer, round_id: UUID, place: Place) -> HTMLResponse:
    """Why a picked case is taken out of the draw."""
    async with desk(request, identity) as at:
        return await _replace(at, identity, round_id, place)


@router.post("/cases/{place}/replace")
async def replace(request: Request, identity: Officer, round_id: UUID, place: Place) -> Response:
    """Take a picked case out of the draw, and let the next of its team move up."""
    form = await posted(request, identity)
    without = form.text("without") == "yes"
    try:
        async with desk(request, identity) as at:
            target = Target(round_id, _revision(form))
            await replace_case(at.transaction, identity, target, place, form.text("reason"), without_spare=without)
    except DomainError as error:
        if error.kind not in _SHOWN:
            raise
        async with desk(request, identity) as at:
            return await _replace(at, identity, round_id, place, error, form.text("reason"))
    return redirect(f"/audit/rounds/{round_id}")


async def _replace(
    at: Desk, identity: Identity, round_id: UUID, place: int, error: DomainError | None = None, chosen: str = ""
) -> HTMLResponse:
    found = await read_round(at.transaction, at.context, identity, round_id)
    case = next((each for each in found.picked if each.place == place), None)
    if case is None:
        raise not_found("case of the draw")
    return at.show(
        "round-replace.html",
        STATUS[error.kind] if error else 200,
        title=f"Replace case {place} of the draw",
        errors=[("reason" if error.slug == "unknown-reason" else "main-content", error.detail)] if error else [],
        subtitle=view.title_of(found.round),
        case=case_number(at, case.case_sealed),
        team=at.words.team(case.team) if case.team else at.words.area(case.service_area),
        reasons=[(code, words, "") for code, words in WITHDRAWAL_REASONS.items()],
        chosen=chosen,
        revision=found.round.revision,
        no_spare=error is not None and error.slug == "no-spare",
        address=f"/audit/rounds/{round_id}/cases/{place}/replace",
        back=f"/audit/rounds/{round_id}",
    )


def _step(name: str) -> Step:
    if name not in STEPS:
        raise not_found("page")
    return STEPS[name]


def _revision(form: Form) -> int | None:
    typed = form.text("revision")
    return int(typed[:9]) if typed.isascii() and typed.isdecimal() else None


def _confirm(at: Desk, found: RoundView, step: Step, error: DomainError | None = None, typed: str = "") -> HTMLResponse:
    of = found.round
    field = step.field if error is not None and error.errors and step.field else "main-content"
    return at.show(
        "round-step.html",
        STATUS[error.kind] if error else 200,
        title=step.title,
        subtitle=view.title_of(of),
        errors=[(field, error.detail)] if error else [],
        words=step_words(step.name, found, at.context.today),
        button=step.button,
        field=step.field,
        typed=typed,
        revision=of.revision,
        problems=_problems(at, found, error) if error and not step.field else [],
        address=f"/audit/rounds/{of.id}/steps/{step.name}",
        back=f"/audit/rounds/{of.id}",
    )


def _problems(at: Desk, found: RoundView, error: DomainError) -> list[dict[str, Any]]:
    """What is in the way of an allocation, case by case, with the way to replace the case."""
    cases = {str(case.place): case for case in found.picked}
    audits = {audit.reference: audit for audit in found.audits}
    problems = []
    for each in error.errors:
        _, which, part, _rule = each.pointer.split("/")
        words = each.detail.partition(": ")[2]
        words = words[:1].upper() + words[1:]
        case, audit = cases.get(which), audits.get(which)
        problem: dict[str, Any] = {"part": view.heading(part, at.profile.tools.get(found.round.tool)), "words": words}
        if case is not None:
            number = case_number(at, case.case_sealed)
            href = f"/audit/rounds/{found.round.id}/cases/{which}/replace"
            problem |= {"what": f"{which}: {number}", "href": href, "link": "Replace the case"}
        elif audit is not None:
            problem |= {"what": which, "href": f"/audit/audits/{audit.id}/people/{part}", "link": "Give to somebody else"}
        problems.append(problem)
    return problems
