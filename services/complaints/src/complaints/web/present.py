"""From use cases to what the JSON interface gives."""

from datetime import date
from typing import Any

from chassis.calendar import WorkingDays
from chassis.idempotency import Answer
from complaints.adapters.point_links import Link
from complaints.domain.case import Case, Stage
from complaints.domain.clock import Clock
from complaints.domain.points import PointChange
from complaints.use_cases.correct_date import clocks_moved
from complaints.use_cases.read_complaints import ComplaintView, ItemView
from complaints.use_cases.take_step import Taken
from complaints.use_cases.view_points import PointView
from complaints.web.point_schemas import PointsOut
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
            "points": [{"point_id": point.id, "reference": point.reference} for point in record.live],
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
        "points": [_point(view, point) for point in view.live],
        "superseded_points": [_point(view, point) for point in view.superseded],
        "point_changes": [_point_change(each) for each in case.changes],
        "stages": [stage_out(each.stage, each.name, each.clock) for each in view.stages if each.stage and each.clock],
        "request_until": view.request_until,
        "requests": [vars(request) for request in case.requests],
        "ombudsman_cases": ombudsman,
        "changes": [{**vars(change), "clocks": [vars(each) for each in change.clocks]} for change in view.changes],
    }
    return ComplaintOut.model_validate(body)


def _point(view: ComplaintView, point: PointView) -> dict[str, Any]:
    facts = point.facts
    return {
        "point_id": point.id,
        "reference": point.reference,
        **{name: getattr(facts, name) for name in ("category", "service_area", "team", "need", "desired")},
        "words": point.words,
        "wanted": point.wanted,
        "became": point.became,
        "into": point.into,
        "same_as": _link(point.same_as) if point.same_as else None,
        "duplicates": [_link(each) for each in point.duplicates],
        "findings": [
            {
                "stage": number,
                "finding": standing.finding,
                "made_on": [] if standing.made_on == (point.reference,) else standing.made_on,
                **vars(view.saying(number, point)),
            }
            for number, standing in point.standings.items()
        ],
    }


def _link(link: Link) -> dict[str, Any]:
    return {"complaint_id": link.complaint_id, "complaint": link.complaint, "point": link.point}


def _point_change(change: PointChange) -> dict[str, Any]:
    return {
        "change": change.number,
        "kind": change.kind,
        "on": change.on,
        "of": change.of,
        "made": change.made,
        "same_as": change.same_as,
        "taken_back_on": change.taken_back_on,
    }


def points_answer(taken: Taken) -> Answer:
    """The answer to a change of points: 201 when it was recorded now, 200 when it had been before."""
    ids = {point.reference: point.id for point in taken.record.points}
    book = taken.case.book
    body = PointsOut.model_validate(
        {
            "complaint_id": taken.record.id,
            "reference": taken.record.reference,
            "version": taken.version,
            "points": [{"point_id": ids[each], "reference": each} for each in book.live],
            "superseded": [{"point_id": ids[each], "reference": each} for each in book.points if each not in book.live],
            "point_changes": [_point_change(each) for each in taken.case.changes],
        }
    )
    return Answer(201 if taken.changed else 200, body.model_dump(mode="json"))


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
