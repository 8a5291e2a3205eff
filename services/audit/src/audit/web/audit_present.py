"""How one audit reads in JSON: to a person what its page shows them, to a system codes alone."""

from datetime import date
from typing import Any

from audit.adapters.actions import ActionDays, KeptAction
from audit.adapters.audits import Record
from audit.domain.actions import standing
from audit.domain.audit import RUNNING, Part
from audit.domain.judgement import forms_of
from audit.use_cases.read_audit import Seen
from audit.use_cases.read_codes import Coded
from audit.web.audit_schemas import (
    AuditActionOut,
    AuditOut,
    AuditPartOut,
    ConcernItem,
    EntryOut,
    HistoryOut,
    QuestionOut,
    RecipientOut,
    ReviewOut,
)
from chassis.days import british_day

_OWN = ("reference", "tool", "tool_version", "scale", "programme", "round_id", "service_area", "team", "allocated_on",
        "submit_by", "moderate_by", "discuss_by", "discussed_on", "withdrawn_on", "withdrawal_reason")  # fmt: skip


def seen_out(seen: Seen, today: date) -> AuditOut:
    """An audit for a person."""
    audit = seen.record.audit
    return AuditOut(
        **_facts(seen.record, finished=seen.is_finished),
        worker=seen.record.worker,
        case_number=seen.case or None,
        parts=[
            _part(seen.record, part, today, seen.name(part.person), _entries(seen, part.code)) for part in audit.parts.values()
        ],
        actions=[action_out(each, today, seen.name(each.owner), each.what) for each in seen.actions],
        reviews=[
            ReviewOut(
                **vars(each),
                reviewer_name=seen.name(each.reviewer),
                changed=seen.reviews[each.number]["changed"] if each.number in seen.reviews else None,
            )
            for each in audit.reviews
        ],
        recipients=[RecipientOut(**vars(each), name=seen.name(each.person)) for each in seen.recipients],
        discussion=seen.discussion or None,
        questions=questions_out(seen),
        concerns=[
            ConcernItem(escalation_id=each.id, raised_at=each.raised_at, acknowledged_at=each.acknowledged_at)
            for each in seen.escalations
        ],
        history=[HistoryOut(at=each.at, step=each.step, part=each.part, by=each.by) for each in seen.steps],
    )


def coded_out(coded: Coded, today: date) -> AuditOut:
    """An audit for a system."""
    audit = coded.record.audit

    def grades(part: str) -> list[EntryOut] | None:
        held = coded.grades.get(part)
        return None if held is None else [EntryOut.graded(held[code]) for code in sorted(held)]

    return AuditOut(
        **_facts(coded.record, finished=coded.is_finished),
        worker=None,
        case_number=None,
        parts=[_part(coded.record, part, today, None, grades(part.code)) for part in audit.parts.values()],
        actions=[action_out(each, today, None, None) for each in coded.actions],
        reviews=[ReviewOut(**vars(each), reviewer_name=None, changed=None) for each in audit.reviews],
        recipients=[],
        discussion=None,
        questions=[],
        concerns=[],
        history=[],
    )


def questions_out(seen: Seen, part: str | None = None) -> list[QuestionOut]:
    """The questions of the moderator that are open to the viewer, of one part or of all."""
    return [
        QuestionOut(question_id=each.id, **{name: value for name, value in vars(each).items() if name != "id"})
        for each in seen.questions
        if part is None or each.part == part
    ]


def action_out(action: KeptAction | ActionDays, today: date, owner_name: str | None, what: str | None) -> AuditActionOut:
    """An action of an audit, with how it stands."""
    plain = {name: getattr(action, name) for name in ("code", "owner", "due_on", "done_on", "status")}
    names = {"action_id": action.id, "owner_name": owner_name, "what": what, "standing": standing(action, today)}
    return AuditActionOut(**plain | names)


def _facts(record: Record, *, finished: bool) -> dict[str, Any]:
    audit = record.audit
    result: dict[str, Any] = {"overall": None, "rag": None, "themes": [], "findings": []}
    if finished:
        result = {
            "overall": record.overall,
            "rag": record.rag,
            "themes": list(record.themes),
            "findings": list(record.findings),
        }
    own = {"audit_id": audit.id, "kind": audit.kind, "state": audit.state, "moderated_on": audit.moderated_on}
    return {name: getattr(record, name) for name in _OWN} | own | result


def _part(record: Record, part: Part, today: date, name: str | None, entries: list[EntryOut] | None) -> AuditPartOut:
    return AuditPartOut(
        part=part.code,
        person=part.person,
        name=name,
        state=part.state,
        due_on=part.due_on,
        submitted_on=british_day(part.submitted_at) if part.submitted_at and part.is_submitted else None,
        late=record.audit.state in RUNNING and not part.is_submitted and part.due_on < today,
        entries=entries,
    )


def _entries(seen: Seen, part: str) -> list[EntryOut] | None:
    held = seen.entries.get(part)
    if held is None:
        return None
    return [EntryOut.of(held[form.code]) for form in forms_of(part, seen.tool) if form.code in held]
