"""From use cases to what the JSON interface gives."""

from datetime import date
from typing import Any

from chassis.calendar import WorkingDays
from chassis.idempotency import Answer
from complaints.domain.case import Case, Stage
from complaints.domain.clock import Clock
from complaints.use_cases.correct_date import clocks_moved
from complaints.use_cases.read_complaints import ComplaintView, ItemView
from complaints.use_cases.take_step import Taken
from complaints.web.schemas import ClockChangeOut, ClockOut, ComplaintOut, CorrectionOut, ItemOut, StageOut, StepOut


def _state(case: Case) -> str:
    return "open" if case.open else "closed"


def clock_out(read: Clock) -> ClockOut:
    """A clock."""
    return ClockOut(**vars(read))


def stage_out(stage: Stage, name: str, read: Clock) -> StageOut:
    """A stage with its clock."""
    facts = vars(stage.facts) | {"suspensions": [vars(each) for each in stage.facts.suspensions]}
    own = {name: getattr(stage, name) for name in ("ending", "confirmed_on", "internal_review")}
    return StageOut.model_validate({"number": stage.number, "name": name, **facts, **own, "clock": clock_out(read)})


def step_answer(taken: Taken, names: dict[int, str], today: date, *, number: int | None = None) -> Answer:
    """The answer to a step: 201 when it was recorded now, 200 when it had been before. `stage` is the last that began."""
    record, case = taken.record, taken.case
    stage = case.begun(number) if number is not None else None
    stage = stage or case.current
    calendar: WorkingDays = taken.calendar if taken.changed else record.calendar(stage.number)
    read = stage.read(calendar, today)
    body = StepOut.model_validate(
        {
            "complaint_id": record.id,
            "reference": record.reference,
            "version": taken.version,
            "phase": case.phase.value,
            "state": _state(case),
            "stage": stage_out(stage, names.get(stage.number, f"Stage {stage.number}"), read),
            "points": [{"point_id": point.id, "reference": point.reference} for point in record.points],
        }
    )
    return Answer(201 if taken.changed else 200, body.model_dump(mode="json"))


def correction_answer(taken: Taken, names: dict[int, str], today: date, *, number: int) -> Answer:
    """The answer to a correction: the complaint after it, and what it made of the clocks."""
    answer = step_answer(taken, names, today, number=number)
    clocks = [ClockChangeOut(**vars(each)) for each in clocks_moved(taken, today)]
    body = CorrectionOut.model_validate({**answer.body, "clocks": clocks})
    return Answer(answer.status, body.model_dump(mode="json"))


def complaint_out(view: ComplaintView) -> ComplaintOut:
    """A complaint with its clocks."""
    record, case = view.record, view.case
    plain = ("reference", "procedure", "formality", "received_on", "service_area", "team", "need", "route", "raised_by")
    ombudsman = [
        {
            "case_id": each.id,
            "reference": each.reference,
            "accepted_on": each.accepted_on,
            "outcome_on": each.outcome_on,
            "outcome": each.outcome,
            "actions": each.actions,
        }
        for each in record.ombudsman
    ]
    body: dict[str, Any] = {
        "complaint_id": record.id,
        "version": record.version,
        "on": view.on,
        **{name: getattr(record, name) for name in plain},
        "phase": case.phase.value,
        "state": _state(case),
        "points": [
            {
                "point_id": point.id,
                "reference": point.reference,
                "category": point.category,
                "service_area": point.service_area,
                "findings": [
                    {"stage": stage.number, "finding": stage.findings[point.reference], **vars(view.said(stage.number, point))}
                    for stage in case.stages
                    if point.reference in stage.findings
                ],
            }
            for point in record.points
        ],
        "stages": [stage_out(each.stage, each.name, each.clock) for each in view.stages if each.stage and each.clock],
        "request_until": view.request_until,
        "requests": [vars(request) for request in case.requests],
        "ombudsman_cases": ombudsman,
        "changes": [{**vars(change), "clocks": [vars(each) for each in change.clocks]} for change in view.changes],
    }
    return ComplaintOut.model_validate(body)


def item_out(view: ItemView) -> ItemOut:
    """A line of the list."""
    item = view.item
    plain = (
        "reference",
        "version",
        "procedure",
        "formality",
        "received_on",
        "service_area",
        "team",
        "phase",
        "points",
        "stage",
    )
    body = {name: getattr(item, name) for name in plain}
    body |= {"complaint_id": item.id, "state": "open" if item.open else "closed", "clock": clock_out(view.clock)}
    return ItemOut.model_validate(body)
