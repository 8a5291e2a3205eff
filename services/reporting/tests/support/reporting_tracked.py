"""Actions of all three services, for the learning tracker."""

from datetime import date, timedelta
from typing import Any

from reporting_learning import learned
from reporting_records import ident, outcome
from reporting_said import published
from reporting_work import action, allocated, reviewed

from contracts import audit, feedback
from contracts.base import Event

DAY = date(2022, 4, 4)


def later(days: int) -> date:
    """A day after the first."""
    return DAY + timedelta(days=days)


def audited(name: str, *actions: tuple[str, int, int | None], **more: Any) -> audit.OutcomeRecorded:
    """An outcome with actions: code, days until due, days until done."""
    parts = tuple(
        audit.ActionState(action=code, due_on=later(due), done_on=None if done is None else later(done))
        for code, due, done in actions
    )
    fields: dict[str, Any] = {"service_area": "send", "team": "send-north", "sections": (), "themes": ("timeliness",), **more}
    told = fields.pop("told", None)
    made = outcome(name, DAY, actions=parts, **fields)
    return made.model_copy(update={"outcome_id": ident("audit", name), "reference": told})


def of_audits() -> list[tuple[date, list[Event]]]:
    """An audit done here with three actions and one set later, reviewed; and one of another system."""
    return [
        (DAY, [allocated("ours", DAY)]),
        (DAY, [audited("ours", ("a1", 20, None), ("a2", 30, None), ("a3", 50, None), told="SE-2022-04-001")]),
        (
            DAY,
            [audited("theirs", ("x", 10, 5), ("y", 10, None), service_area="fostering-and-kinship", team=None, themes=())],
        ),
        (later(6), [action("ours", "a4", "open", later(40))]),
        (later(18), [action("ours", "a1", "done", later(20), done_on=later(18), evidence=True)]),
        (later(25), [action("ours", "a2", "open", later(60))]),
        (later(35), [action("ours", "a3", "dropped", later(50))]),
        (later(56), [reviewed("ours", 1, later(56), later(56), difference="partly")]),
    ]


def complained(name: str, revision: int, on: date, status: str = "open", **more: Any) -> Event:
    """An action of the complaint C-7."""
    return learned(name, revision, on, status, **more).model_copy(update={"reference": "C-7"})


def of_complaints() -> list[tuple[date, list[Event]]]:
    """Three actions: open; done late, and reviewed; done and without evidence told."""
    told: dict[str, Any] = {"code": "a1", "recorded_on": DAY, "due_on": later(30), "first_due_on": later(30)}
    done = {**told, "done_on": later(33), "evidence": True}
    return [
        (DAY, [complained("one", 1, DAY, **told, themes=("communication", "timeliness"))]),
        (DAY, [complained("two", 1, DAY, **told)]),
        (later(33), [complained("two", 2, later(33), "done", **done)]),
        (later(70), [complained("two", 3, later(70), "reviewed", **done, reviewed_on=later(70), difference="partly")]),
    ]


def of_feedback() -> list[tuple[date, list[Event]]]:
    """A change that is published, and one that is taken off after a while."""
    off = feedback.ChangeWithdrawn(change_id=ident("change", "off"), revision=3, withdrawn_on=later(50))
    return [
        (later(14), [published("on", 2, "communication", on=later(14)), published("off", 2, "timeliness", on=later(14))]),
        (later(50), [off]),
    ]
