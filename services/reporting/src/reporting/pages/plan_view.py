"""Improvement plans as page, paper, workbook and JSON show them."""

from datetime import date
from typing import Any
from uuid import UUID

from chassis.days import british_time
from reporting.adapters.plan_rows import Happened, KeptAction, KeptMilestone, WholePlan
from reporting.domain.day_words import day_words
from reporting.domain.measures import MEASURES
from reporting.domain.plan import COLOURS, RAGS
from reporting.domain.plan_tie import Figure, Shown
from reporting.domain.profile import Profile
from reporting.domain.tracker import STANDINGS
from reporting.use_cases.read_plan import ReadPlan

WHOLE = "The whole organisation"
STEPS = {
    "opened": "Plan opened", "changed": "Changed", "closed": "Plan closed", "reopened": "Plan opened again", "added": "Added",
    "rag": "How it stands", "complete": "Completed", "drop": "Not needed any more", "reopen": "Opened again", "note": "Note",
    "met": "Reached", "move": "Day moved", "dropped": "Taken away",
}  # fmt: skip
PARTS = {"plan": "Plan", "workstream": "Workstream", "action": "Action", "milestone": "Milestone", "measure": "Measure"}
_NAMES = {
    "title": "title", "purpose": "purpose", "lead": "lead", "what": "what is to be done", "owner": "who sees to it",
    "rag": "how it stands", "due_on": "day", "met_on": "reached on", "code": "measure",
}  # fmt: skip


def area_words(profile: Profile, code: str | None) -> str:
    """The service area of a plan in words."""
    names = {each.code: each.name for each in profile.organisation.service_areas}
    return WHOLE if code is None else names.get(code, code)


def address(plan: UUID, *parts: object) -> str:
    """The address of a plan, or of a page below it."""
    return "/".join(["/reporting/plans", str(plan), *(str(each) for each in parts)])


def milestone_line(kept: KeptMilestone, read: ReadPlan) -> dict[str, Any]:
    """A milestone: what, by when, moved from when, and whether it was reached."""
    each = kept.milestone
    moved = f", moved from {day_words(each.first_due_on)}" if each.first_due_on != each.due_on else ""
    late = each.late(read.today)
    ended = "Not needed" if each.dropped else f"Reached {day_words(each.met_on)}" if each.met_on else ""
    words = ended or ("Missed" if late else "Open")
    return {
        "id": kept.id, "href": address(kept.plan_id, "milestones", kept.id), "what": each.what,
        "due": f"{day_words(each.due_on)}{moved}", "words": words, "open": each.open, "late": late,
        "colour": "grey" if each.dropped else "blue" if each.met_on else "red" if late else "green",
        "due_on": each.due_on, "first_due_on": each.first_due_on, "met_on": each.met_on, "dropped": each.dropped,
    }  # fmt: skip


def action_line(kept: KeptAction, read: ReadPlan) -> dict[str, Any]:
    """An action with everything that stands beside it."""
    rag = read.rag(kept)
    milestones = [milestone_line(each, read) for each in read.whole.milestones_of(kept.id)]
    following = next((each["due"] for each in milestones if each["open"]), "–")
    tracked = read.tracked.get(kept.tracked) if kept.tracked else None
    return {
        "id": kept.id, "name": read.whole.name_of(kept), "href": address(kept.plan_id, "actions", kept.id),
        "what": kept.action.what, "owner": kept.action.owner, "rag": rag, "words": RAGS[rag], "colour": COLOURS[rag],
        "by_calendar": read.by_calendar(kept), "milestones": milestones, "next": following, "state": kept.action.state,
        "ended": day_words(kept.action.ended_on), "revision": kept.revision,
        "measures": [
            {"id": tie.id, "revision": tie.revision, "kind": tie.tie.kind, "code": tie.tie.code, **_tie(shown, read.today)}
            for tie in read.whole.ties_of(kept.id)
            if (shown := read.shown.get(tie.id)) is not None
        ],
        "tracked": None if kept.tracked is None else _tracked(kept.tracked, tracked),
    }  # fmt: skip


def _tie(shown: Shown, today: date) -> dict[str, Any]:
    def told(figure: Figure | None) -> str:
        if figure is None:
            return "–"
        so_far = " so far" if figure.period.last >= today else ""
        return f"{figure.words}, {figure.period.short}{so_far}"

    name = f"{shown.name}: {shown.narrowed}" if shown.narrowed else shown.name
    return {
        "name": name,
        "before": told(shown.before),
        "now": told(shown.now),
        "target": shown.target,
        "verdict": shown.verdict,
    }


def _tracked(key: str, tracked: Any) -> dict[str, str]:
    if tracked is None:
        return {"name": "An action of the learning tracker that is not there any more", "href": "", "words": "", "key": key}
    return {"name": tracked.name, "href": tracked.href, "words": STANDINGS[tracked.standing], "key": key}


def workstreams(read: ReadPlan) -> list[dict[str, Any]]:
    """The plan by workstream."""
    return [
        {
            "id": each.id, "position": each.position, "title": each.workstream.title, "lead": each.workstream.lead,
            "href": address(each.plan_id, "workstreams", each.id),
            "actions": [action_line(action, read) for action in read.whole.of_workstream(each.id)],
        }
        for each in read.whole.workstreams
    ]  # fmt: skip


def history(steps: list[Happened], whole: WholePlan) -> list[tuple[str, str, str, str, str]]:
    """Lines of the history: what, of what, when, who, and what was there before and after, with the reason."""
    names: dict[UUID, str] = {each.id: f"{PARTS['workstream']} {each.position}" for each in whole.workstreams}
    actions = {each.id: whole.name_of(each) for each in whole.actions}
    names |= {ident: f"{PARTS['action']} {name}" for ident, name in actions.items()}
    names |= {each.id: f"Milestone of {actions.get(each.action_id, '')}" for each in whole.milestones}
    names |= {each.id: f"Measure of {actions.get(each.action_id, '')}" for each in whole.ties}
    return [
        (
            STEPS.get(each.step, each.step), names.get(each.of_id, PARTS[each.of_kind]),
            f"{british_time(each.at).day} {british_time(each.at):%B %Y, %H:%M}", each.by, _changed(each),
        )
        for each in steps
    ]  # fmt: skip


def _changed(step: Happened) -> str:
    told = [
        f"{_named(name)}: {_value(name, before)} → {_value(name, step.after[name])}"
        for name, before in step.before.items()
        if name in step.after and before != step.after[name]
    ]
    told += [
        f"{_named(name)}: {_value(name, value)}"
        for name, value in {**step.before, **step.after}.items()
        if (name in step.before) != (name in step.after)
    ]
    # A note ends as its writer ended it.
    note = f"{step.note}." if step.note and told and step.note[-1] not in ".!?" else step.note
    return " ".join([*([note] if note else []), ". ".join(told)]).strip()


def _named(name: str) -> str:
    return _NAMES.get(name, name).capitalize()


def _value(name: str, value: str) -> str:
    if not value:
        return "–"
    if name == "rag":
        return RAGS.get(value, value)
    if name == "code":
        measure = MEASURES.get(value)
        return measure.name if measure else value
    if name.endswith("_on"):
        return day_words(date.fromisoformat(value))
    return value
