"""How an audit at work reads on a page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from audit.adapters.audits import Record
from audit.domain.actions import RAG as ACTION_COLOURS
from audit.domain.actions import Standing, standing
from audit.domain.audit import AGENCY, MODERATION, Audit, Part, PartState, State
from audit.domain.judgement import Entry, Form, forms_of
from audit.domain.profile import Scale, Tool
from audit.domain.round import WITHDRAWAL_REASONS
from audit.pages.view import NOTHING, RAG, Words, day, moment
from audit.use_cases.read_audit import Seen
from chassis.days import british_day

STATES: dict[State, tuple[str, str]] = {
    State.PLANNED: ("Planned", "grey"),
    State.AUDITING: ("With the auditors", "blue"),
    State.SUBMITTED: ("With the moderator", "purple"),
    State.MODERATED: ("Moderated", "turquoise"),
    State.CLOSED: ("Closed", "green"),
    State.WITHDRAWN: ("Withdrawn", "grey"),
}
"""Words and colour of each state."""

PARTS = {"lead": "Lead auditor", "peer": "Peer auditor", "single": "Auditor", MODERATION: "Moderator"}
PART_STATES = {
    PartState.OPEN: ("Not submitted", "grey"),
    PartState.RETURNED: ("Returned with a question", "yellow"),
    PartState.SUBMITTED: ("Submitted", "green"),
}
STANDINGS: dict[Standing, str] = {
    "done": "Done",
    "dropped": "Dropped",
    "on-track": "On track",
    "due-soon": "Due within a week",
    "overdue": "Overdue",
}
COLOURS = {"green": "green", "amber": "yellow", "red": "red", "grey": "grey"}
CAPACITIES = {
    "worker": "Worker",
    "team-manager": "Team manager",
    "group-manager": "Group manager",
    "lead": "Lead auditor",
    "peer": "Peer auditor",
    "single": "Auditor",
    MODERATION: "Moderator",
}
STEPS = {
    "allocated": "Allocated",
    "circulated": "Circulated to its auditors",
    "submitted": "Submitted",
    "taken-back": "Taken back to correct a slip",
    "returned": "Returned with a question",
    "answered": "Question answered",
    "moderated": "Grades fixed and result circulated",
    "discussed": "Discussed in supervision",
    "escalated": "Concern raised that could not wait",
    "escalation-acknowledged": "Concern taken over",
    "review-closed": "Reviewed: loop closed",
    "review-reopened": "Reviewed: actions opened again",
    "closed": "Loop closed: no action is open, and nobody reviews",
    "opened-again": "Opened again with an action",
    "reallocated": "Given to somebody else",
    "withdrawn": "Withdrawn",
}


def part_name(code: str, tool: Tool | None = None) -> str:
    """A part in words: Lead auditor, or the agency whose return it is."""
    if code.startswith(AGENCY):
        names = {agency.code: agency.name for agency in tool.agencies} if tool else {}
        agency = code.removeprefix(AGENCY)
        return f"Return of {names.get(agency, agency)}"
    return PARTS.get(code, code)


def state_tag(audit: Audit) -> tuple[str, str]:
    """Words and colour of where an audit stands."""
    return STATES[audit.state]


def grade_words(scale: Scale | None, entry: Entry | None) -> str:
    """What was judged of an entry, in words."""
    if entry is None:
        return "Not graded"
    if entry.not_applicable:
        return "Not applicable"
    labels = {grade.code: grade.label for grade in scale.grades} if scale else {}
    return labels.get(entry.grade or "", entry.grade or "Not graded")


def facts(seen: Seen, words: Words) -> list[tuple[str, str]]:
    """What is known of an audit besides what was judged."""
    record = seen.record
    audit = record.audit
    due = [("Submit by", day(record.submit_by))]
    if record.moderate_by and audit.moderation:
        due.append(("Moderate by", day(record.moderate_by)))
    if audit.moderated_on:
        due.append(("Moderated" if audit.moderation else "Completed", day(audit.moderated_on)))
    if review := audit.open_review:
        due.append(("Review due", f"{day(review.due_on)}, by {seen.name(review.reviewer)}"))
    result = []
    if seen.is_finished and record.overall:
        result.append(("Overall grade", words.grade(record.scale, record.overall)))
    if seen.is_finished and record.rag:
        result.append(("Rating", RAG[record.rag]))
    return [
        *result,
        *([("Case number", seen.case)] if seen.case else []),
        ("Tool", f"{seen.tool.name}, version {record.tool_version}"),
        ("Service area", words.area(record.service_area)),
        ("Team", words.team(record.team)),
        *([("Worker", seen.name(record.worker))] if record.worker else []),
        ("Allocated", day(record.allocated_on)),
        *due,
        *([("Themes of learning", words.themes(list(record.themes)))] if seen.is_finished else []),
        *(
            [("Discussed in supervision", f"{day(record.discussed_on)}, by {seen.name(record.discussed_by)}")]
            if record.discussed_on
            else [("Discuss in supervision by", day(record.discuss_by))]
            if record.discuss_by
            else []
        ),
        *([("Withdrawn", f"{day(record.withdrawn_on)}: {_withdrawn(record)}")] if record.withdrawn_on else []),
    ]


def _withdrawn(record: Record) -> str:
    return WITHDRAWAL_REASONS.get(record.withdrawal_reason or "", record.withdrawal_reason or "").lower()


def people(seen: Seen, today: date) -> list[dict[str, Any]]:
    """Who holds which part, and how far they are."""
    return [_person(seen, part, today) for part in seen.record.audit.parts.values()]


def _person(seen: Seen, part: Part, today: date) -> dict[str, Any]:
    words, colour = PART_STATES[part.state]
    running = seen.record.audit.state in {State.AUDITING, State.SUBMITTED}
    late = running and not part.is_submitted and part.due_on < today
    return {
        "part": part_name(part.code, seen.tool),
        "name": seen.name(part.person),
        "due": day(part.due_on),
        "state": words,
        "colour": colour,
        "late": late,
        "submitted": day(british_day(part.submitted_at)) if part.submitted_at and part.is_submitted else NOTHING,
    }


def judged(seen: Seen) -> list[dict[str, Any]]:
    """Sections and overall in the tool's order, with the grade that each open part gave; empty for a tool without grades."""
    if seen.scale is None:
        return []
    return [
        {
            "code": form.code,
            "name": form.name,
            "grades": [grade_words(seen.scale, seen.entries[part].get(form.code)) for part in seen.entries],
        }
        for form in forms_of(MODERATION, seen.tool)
    ]


def written(seen: Seen, part: str, findings: Mapping[str, str]) -> list[dict[str, Any]]:
    """What was said in a part: each entry with its grade or answer, findings and texts."""
    return [
        {
            "name": form.name,
            "chosen": chosen_words(seen.scale, form, entry),
            "ticked": ", ".join(findings.get(code, code) for code in sorted(entry.ticked)),
            "texts": texts(form, entry),
        }
        for form in forms_of(part, seen.tool)
        if (entry := seen.entries.get(part, {}).get(form.code)) is not None
    ]


def chosen_words(scale: Scale | None, form: Form, entry: Entry | None) -> str | None:
    """The grade or the answer of an entry in words; None where there is nothing to choose."""
    if form.options:
        return dict(form.options).get(entry.answer or "", "Not answered") if entry else "Not answered"
    if scale is not None and form.kind in {"section", "overall"}:
        return grade_words(scale, entry)
    return None


def texts(form: Form, entry: Entry) -> list[tuple[str, str]]:
    """The texts of an entry that have any words, with their labels."""
    return [(field.label, entry.word(field.name)) for field in form.words if entry.word(field.name)]


def actions(seen: Seen, today: date) -> list[dict[str, Any]]:
    """The actions of an audit with how they stand."""
    return [
        {
            "href": f"/audit/actions/{action.id}",
            "code": action.code.upper(),
            "what": action.what,
            "owner": seen.name(action.owner),
            "due": day(action.due_on),
            "status": action.status,
            "standing": STANDINGS[standing(action, today)],
            "colour": COLOURS[ACTION_COLOURS[standing(action, today)]],
        }
        for action in seen.actions
    ]


def history(seen: Seen) -> list[dict[str, str]]:
    """The steps of an audit, the newest first."""
    return [
        {
            "at": moment(step.at),
            "step": STEPS.get(step.step, step.step),
            "part": part_name(step.part, seen.tool) if step.part else NOTHING,
            "by": step.by,
        }
        for step in reversed(seen.steps)
    ]
