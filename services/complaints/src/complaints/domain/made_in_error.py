"""A complaint that was made in error of what came in: closed, kept and shown, and counted nowhere. Pure."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from chassis.errors import DomainError
from complaints.domain import stage_checks as checks
from complaints.domain.case import Case


def close(case: Case, on: date, *, today: date) -> Case:
    """The complaint closed, as long as nothing but its beginning was recorded of it. Raises `record-went-on` with what was."""
    if is_closed(case):
        return case
    if went_on := list(_went_on(case)):
        detail = (
            f"The complaint went on: {', '.join(went_on)}. Take that back first, by corrections of the complaint, or end it"
        )
        raise DomainError("record-went-on", f"{detail} as discontinued. Nothing was changed.")
    checks.not_in_future(on, today, "/decided_on")
    first = case.stages[0]
    return case.with_stage(replace(first, facts=replace(first.facts, responded_on=on), ending="made-in-error"))


def is_closed(case: Case) -> bool:
    """Whether it was made in error: nothing can be done to it any more."""
    return case.current.ending == "made-in-error"


def refusal(case: Case) -> DomainError:
    """What answers every step on such a complaint."""
    detail = (
        f"The complaint was made in error, and closed on {case.current.facts.responded_on}. What came in is open again there."
    )
    return DomainError("made-in-error", f"{detail} Nothing was changed.")


def _went_on(case: Case) -> Iterator[str]:
    first = case.stages[0]
    told = {
        "it was acknowledged": first.facts.acknowledged_on,
        "it was extended": first.facts.extended_on,
        f"it was {(first.ending or 'answered').replace('-', ' ')}": first.facts.responded_on,
    }
    yield from (f"{words} on {day}" for words, day in told.items() if day is not None)
    yield from (f"it was suspended on {each.from_on}" for each in first.facts.suspensions)
    if case.changes:
        yield f"its points were changed on {case.changes[-1].on}"
