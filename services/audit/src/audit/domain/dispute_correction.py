"""Correcting what was recorded of a dispute: a day, a code or words that were wrong when they were written down.

A correction changes no step that was taken. Where it moves the day on which a stage was reached, the clock of that stage is
counted anew with the newest calendar; what it was before is kept as a difference.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from audit.domain.dispute import Dispute, Stage
from audit.domain.dispute_clock import timed
from audit.domain.dispute_profile import Disputes
from audit.domain.dispute_steps import Step, in_order, legal, nobody, one_of
from chassis.calendar import WorkingDays
from chassis.errors import DomainError, FieldError, Kind

HEAD = frozenset(
    {"raised_on", "raised_by", "category", "service_area", "team", "case_number", "concern", "informal_on", "informal"}
)
STAGE = frozenset({"reached_on", "person", "role", "reason", "answered_on", "answered_by", "answer"})
ENDING = frozenset({"ended_on", "outcome", "ending_words"})


@dataclass(frozen=True)
class Correction:
    """New values by name: of the dispute (HEAD), of its stages by number (STAGE), and of its ending (ENDING).

    A name that is not there is left as it is.
    """

    head: Mapping[str, Any] = field(default_factory=dict, repr=False)
    stages: Mapping[int, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    ending: Mapping[str, Any] = field(default_factory=dict, repr=False)


def correct(dispute: Dispute, given: Correction, rules: Disputes, *, calendar: WorkingDays, today: date) -> Dispute:
    """The dispute with other facts. Gives the same object back where nothing differs.

    Raises `unknown-codes`, `no-such-stage`, `nothing-recorded` (an answer or ending that is not there) and on days that cannot
    be.
    """
    legal(dispute, Step.CORRECT)
    _known(dispute, given, rules)
    corrected = replace(dispute, **{name: value for name, value in given.head.items() if name in HEAD})
    changes = {number: dict(values) for number, values in given.stages.items()}
    if corrected.raised_on != dispute.raised_on:
        changes.setdefault(1, {})["reached_on"] = corrected.raised_on
    stages = tuple(_stage(stage, changes.get(stage.number, {}), calendar) for stage in dispute.stages)
    corrected = replace(corrected, stages=(*stages[:-1], _ended(stages[-1], given.ending)))
    if corrected == dispute:
        return dispute
    in_order(corrected, today, correcting=True)
    return corrected


def _known(dispute: Dispute, given: Correction, rules: Disputes) -> None:
    """Codes that are changed are those of the profile; one that stays may have been taken out of it."""
    if given.head.get("raised_by", dispute.raised_by) != dispute.raised_by:
        one_of("/raised_by", given.head["raised_by"], [role.code for role in rules.raised_by])
    if given.head.get("category", dispute.category) != dispute.category:
        one_of("/category", given.head["category"], [category.code for category in rules.categories])
    if number := next((number for number in given.stages if not 1 <= number <= len(dispute.stages)), None):
        errors = (FieldError("/stages", f"there is no stage {number}; there are {len(dispute.stages)}"),)
        raise DomainError(
            "no-such-stage", "Stages are numbered in the order in which they were reached.", Kind.MALFORMED, errors
        )
    for number, values in given.stages.items():
        answer = dispute.stages[number - 1].answer
        if answer is not None and values.get("answered_by", answer.by) != answer.by:
            one_of(f"/stages/{number}/answered_by", values["answered_by"], [level.code for level in rules.answered_by])
    ending = dispute.current.ending
    if ending is not None and given.ending.get("outcome", ending.outcome) != ending.outcome:
        one_of("/ending/outcome", given.ending["outcome"], [outcome.code for outcome in rules.outcomes])


def _stage(stage: Stage, values: Mapping[str, Any], calendar: WorkingDays) -> Stage:
    changed = replace(stage, **{name: values[name] for name in ("person", "role", "reason") if name in values})
    if changed.to_team and changed.person is not None:
        changed = replace(changed, to_team=False)
    if not (changed.person or changed.role or changed.to_team):
        raise nobody("expected a person or a role", f"/stages/{stage.number}/person")
    if values.get("reached_on", stage.reached_on) != stage.reached_on:
        changed = timed(changed, values["reached_on"], calendar)
    answer = {
        name: values[fact]
        for name, fact in (("on", "answered_on"), ("by", "answered_by"), ("words", "answer"))
        if fact in values
    }
    if not answer:
        return changed
    if stage.answer is None:
        raise _nothing(f"Stage {stage.number} has no answer that could be corrected: record it.")
    return replace(changed, answer=replace(stage.answer, **answer))


def _ended(stage: Stage, values: Mapping[str, Any]) -> Stage:
    if not values:
        return stage
    if stage.ending is None:
        raise _nothing("The dispute has not ended: there is no ending that could be corrected.")
    names = {"ended_on": "on", "outcome": "outcome", "ending_words": "words"}
    return replace(stage, ending=replace(stage.ending, **{names[fact]: value for fact, value in values.items()}))


def _nothing(detail: str) -> DomainError:
    return DomainError("nothing-recorded", f"{detail} Nothing was changed.")
