"""Letters about a complaint: which kind takes which step, which templates fit, and on which day one can have been sent. Pure.

The clock stops when a letter is sent, not while it is drafted. A letter whose step was taken before without it is attached to
that step. One that did not arrive is sent again, and then the day of the step is corrected to that of the letter that did.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from chassis.calendar import WorkingDays
from chassis.errors import DomainError, FieldError, Kind
from complaints.domain import corrections, stages
from complaints.domain.case import Case, Finding, Phase
from complaints.domain.corrections import Correction, DateOf
from complaints.domain.letter_profile import Kind as LetterKind
from complaints.domain.letter_profile import LetterTemplate
from complaints.domain.stages import Step

Way = Literal["email", "post", "handed-over", "other"]
How = Literal["taken", "attached", "corrected"]
"""What a letter does: take the step, belong to one that was taken, or move the day of one that it repeats."""

KINDS: tuple[LetterKind, ...] = ("acknowledgement", "extension", "holding", "response", "closing", "other")
STEPS: Mapping[LetterKind, Step] = {
    "acknowledgement": Step.ACKNOWLEDGE,
    "extension": Step.EXTEND,
    "response": Step.RESPOND,
}
DATES: Mapping[LetterKind, DateOf] = {
    "acknowledgement": "acknowledged_on",
    "extension": "extended_on",
    "response": "responded_on",
}
"""The day of a stage that a letter of a kind is about."""


@dataclass(frozen=True)
class Effect:
    """What sending a letter does to its stage: nothing (`how` None), or something with a step. `day` is the step's so far."""

    how: How | None
    step: Step | None = None
    day: date | None = None


def effect(case: Case, number: int, kind: LetterKind, *, again: bool = False, moves: bool = True) -> Effect:
    """What a letter of a kind does to a stage. `again`: it repeats one that was sent; `moves`: so that its day counts.

    A procedure without acknowledgement has letters of that kind all the same, which take no step. A closing letter is how a
    withdrawal is confirmed in writing, where that has not been done.
    """
    step, stage = STEPS.get(kind), case.begun(number)
    if kind == "closing" and stage is not None and stage.ending == "withdrawn" and stage.confirmed_on is None:
        return Effect("taken", Step.END)
    if step is None or (kind == "acknowledgement" and stage is not None and stage.terms.acknowledge_within is None):
        return Effect(None)
    day = None if stage is None else getattr(stage.facts, DATES[kind])
    if stage is None or day is None or (kind == "response" and stage.ending != "answered"):
        return Effect("taken", step)
    return Effect("corrected" if again and moves else "attached", step, day)


@dataclass(frozen=True)
class StepWords:
    """What the step of a letter needs: a new limit in all and why, or a finding on each point, by the point's reference."""

    to: int | None = None
    code: str | None = None
    reason: str = field(default="", repr=False)
    findings: Mapping[str, Finding] = field(default_factory=dict)


def once_sent(
    case: Case, number: int, kind: LetterKind, does: Effect, on: date, words: StepWords, *, calendar: WorkingDays, today: date
) -> Case:
    """The complaint as it will be once the letter is sent on a day. Raises what its step raises."""
    if does.how == "corrected":
        return corrections.correct(case, Correction(number, DATES[kind], on), calendar=calendar, today=today)
    if does.how != "taken":
        return case
    if kind == "acknowledgement":
        return stages.acknowledge(case, number, on, calendar=calendar, today=today)
    if kind == "extension":
        return stages.extend(case, number, on, to=words.to, calendar=calendar, today=today)
    stage = case.begun(number)
    if does.step is Step.END and stage is not None and stage.facts.responded_on is not None:
        review, ended_on = stage.internal_review, stage.facts.responded_on
        return stages.end(case, number, ended_on, "withdrawn", confirmed_on=on, internal_review=review, today=today)
    return stages.respond(case, number, on, words.findings, today=today)


def possible_kinds(case: Case, number: int) -> frozenset[LetterKind]:
    """The kinds of letters that a stage waits for, or has use of, as it stands."""
    stage = case.begun(number)
    if stage is None or number != case.current.number:
        return frozenset({"other"})
    if case.phase is not Phase.RUNNING:
        return frozenset({"closing", "other"})
    facts, terms = stage.facts, stage.terms
    kinds: set[LetterKind] = {"holding", "other"}
    if facts.acknowledged_on is None:
        kinds.add("acknowledgement")
    if terms.extension_to is not None and facts.extended_on is None:
        kinds.add("extension")
    if terms.panel is None or facts.reported_on is not None:
        kinds.add("response")
    return frozenset(kinds)


def in_order(
    templates: Sequence[LetterTemplate], case: Case, number: int
) -> tuple[tuple[LetterTemplate, ...], tuple[LetterTemplate, ...]]:
    """The templates that fit the stage and what it waits for, and all others; both in the order of the profile."""
    kinds = possible_kinds(case, number)
    fit = [each for each in templates if each.kind in kinds and each.fits(case.rules.procedure, number)]
    return tuple(fit), tuple(each for each in templates if each not in fit)


def check_day(way: Way, sent_on: date, received_on: date, today: date, *, elsewhere: bool = False) -> None:
    """Refuse a day on which a letter cannot have been sent. Raises `letter-day`.

    A mail of ours goes today; a letter by post was posted on a day up to today.
    """
    if way == "email" and not elsewhere and sent_on != today:
        raise wrong("letter-day", "sent_on", "An e-mail goes out today")
    if sent_on > today:
        raise wrong("letter-day", "sent_on", "Enter the day on which it was sent: today, or a day before it")
    if sent_on < received_on:
        raise wrong("letter-day", "sent_on", f"The complaint was received on {received_on}; enter that day or a later one")


def wrong(slug: str, field: str, words: str, kind: Kind = Kind.MALFORMED) -> DomainError:
    """A refusal that belongs to a field of a letter."""
    return DomainError(slug, f"{words}. Nothing was sent.", kind, (FieldError(f"/{field}", words),))
