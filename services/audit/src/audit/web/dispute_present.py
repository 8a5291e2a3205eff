"""From what is sent to commands, and from use cases to what the JSON routes of disputes give."""

from typing import Any

from pydantic import BaseModel

from audit.domain import dispute_clock
from audit.domain.dispute import Stage
from audit.domain.dispute_clock import Clock
from audit.domain.dispute_correction import Correction
from audit.domain.dispute_counts import AnswerTally, Counts, Tally
from audit.use_cases.dispute_setup import DisputeSetup
from audit.use_cases.raise_dispute import RaiseDispute
from audit.use_cases.read_disputes import DisputeView, ItemView, Page
from audit.use_cases.take_dispute_step import Taken, change_out
from audit.web.dispute_payloads import CorrectionIn, DisputeIn
from audit.web.dispute_schemas import (
    AnswerTallyOut,
    ClockOut,
    DisputeCountsOut,
    DisputeItem,
    DisputeListOut,
    DisputeOut,
    DisputeStep,
    StageOut,
    TallyOut,
)
from chassis import keyset
from chassis.idempotency import Answer
from chassis.quarters import Quarter

_EMPTIED = {"team": None, "informal_on": None, "informal": "", "person": None, "role": ""}
"""What a null makes of a fact that can be emptied; of any other it changes nothing."""


def raising(payload: DisputeIn) -> RaiseDispute:
    """The command of a posted dispute."""
    return RaiseDispute(**vars(payload) | {"informal": payload.informal or "", "role": payload.role or ""})


def correction(payload: CorrectionIn) -> Correction:
    """The command of a posted correction: what was named, and nothing else."""
    return Correction(
        head=_given(payload, {"stages", "ending"}),
        stages={int(number): _given(stage, set()) for number, stage in payload.stages.items()},
        ending={
            "ending_words" if name == "words" else name: value
            for name, value in (_given(payload.ending, set()) if payload.ending else {}).items()
        },
    )


def _given(payload: BaseModel, without: set[str]) -> dict[str, Any]:
    found = {name: getattr(payload, name) for name in payload.model_fields_set - without}
    return {
        name: _EMPTIED[name] if value is None else value
        for name, value in found.items()
        if value is not None or name in _EMPTIED
    }


def step_answer(taken: Taken, setup: DisputeSetup) -> Answer:
    """The answer to a step: 201 when it was recorded now, 200 when nothing differed. Without words, since it is kept."""
    record, current = taken.record, taken.record.dispute.current
    clock = dispute_clock.of_stage(record.dispute, current.number, setup.today())
    body = DisputeStep(
        dispute_id=record.id,
        reference=record.reference,
        revision=record.revision,
        phase=record.dispute.phase,
        number=current.number,
        stage=current.code,
        clock=_clock(clock),
    )
    return Answer(201 if taken.changed else 200, body.model_dump(mode="json"))


def dispute_out(view: DisputeView) -> DisputeOut:
    """A dispute with its clocks and its history."""
    record, dispute = view.record, view.record.dispute
    names = ("raised_on", "raised_by", "category", "service_area", "team", "informal_on", "phase", "open")
    own = ("reference", "revision", "source", "source_reference", "raised_person")
    return DisputeOut.model_validate(
        {name: getattr(dispute, name) for name in names}
        | {name: getattr(record, name) for name in own}
        | {name: getattr(dispute, name) or None for name in ("case_number", "concern", "informal")}
        | {
            "dispute_id": record.id,
            "stages": [_stage(stage, clock, view) for stage, clock in zip(dispute.stages, view.clocks, strict=True)],
            "whole": None if view.whole is None else _clock(view.whole),
            "changes": [change_out(change) for change in view.changes],
        }
    )


def list_out(page: Page) -> DisputeListOut:
    """A page of the list."""
    last = page.items[-1].item if page.more else None
    following = None if last is None else keyset.encode(last.rank, last.id)
    return DisputeListOut(items=[_item(view) for view in page.items], next=following)


def counts_out(quarter: Quarter, counts: Counts) -> DisputeCountsOut:
    """The counts of a quarter."""
    tallies = ("by_service_area", "by_category", "by_raised_by")
    answers = ("by_stage", "by_answered_by")
    return DisputeCountsOut.model_validate(
        {"quarter": quarter.code, "first": quarter.first, "last": quarter.last}
        | {"total": _tally(counts.total), "all_stages": _answers(counts.all_stages)}
        | {name: [_tally(each) for each in getattr(counts, name)] for name in tallies}
        | {name: [_answers(each) for each in getattr(counts, name)] for name in answers}
    )


def _item(view: ItemView) -> DisputeItem:
    item = view.item
    names = (
        *("reference", "revision", "phase", "raised_on", "raised_by", "category", "service_area", "team", "stage"),
        *("person", "due_on", "ended_on", "outcome"),
    )
    own = {"dispute_id": item.id, "number": item.stage_number}
    clock = {"clock": None if view.clock is None else _clock(view.clock)}
    return DisputeItem(**{name: getattr(item, name) for name in names} | own | clock)


def _stage(stage: Stage, clock: Clock, view: DisputeView) -> StageOut:
    answer, ending = stage.answer, stage.ending
    names = ("number", "begun_by", "reached_on", "person", "to_team", "calendar")
    return StageOut.model_validate(
        {name: getattr(stage, name) for name in names}
        | {
            "stage": stage.code,
            "role": stage.role or None,
            "reason": stage.reason or None,
            "answered_on": answer and answer.on,
            "answered_by": answer and answer.by,
            "answer": (answer and answer.words) or None,
            "left_on": view.record.dispute.left_on(stage.number),
            "result": ending and ending.result,
            "ended_on": ending and ending.on,
            "outcome": ending and ending.outcome,
            "informal": ending and ending.informal,
            "changed": (ending and ending.words) or None,
            "clock": _clock(clock),
        }
    )


def _clock(clock: Clock) -> ClockOut:
    return ClockOut(**vars(clock))


def _tally(tally: Tally) -> TallyOut:
    return TallyOut(**vars(tally))


def _answers(tally: AnswerTally) -> AnswerTallyOut:
    return AnswerTallyOut(**vars(tally) | {"answered": tally.answered, "limits": list(tally.limits)})
