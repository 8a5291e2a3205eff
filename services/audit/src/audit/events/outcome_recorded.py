"""From a recorded outcome to the event that tells of it."""

from typing import Any
from uuid import UUID

from audit.domain.outcome import Outcome, SectionOutcome
from audit.domain.profile import Tool
from contracts.audit import OutcomeRecorded


def outcome_recorded(
    outcome_id: UUID, outcome: Outcome, tool: Tool, case_key: str | None, *, ours: bool = False
) -> OutcomeRecorded:
    """The event: codes, dates and the case's pseudonym. It names every section of the tool, also those nobody graded.

    `ours` is an audit that was done here: its reference is told, so that reports can lead to it. What another system calls its
    audit may be the number of a case, and stays here.
    """
    posted = {section.section: section for section in outcome.sections}
    # Validated once as a whole, not part by part: a batch has seven thousand sections.
    return OutcomeRecorded.model_validate(
        {
            "outcome_id": outcome_id,
            "version": outcome.version,
            "kind": outcome.kind,
            "tool": tool.code,
            "tool_version": tool.version,
            "service_area": outcome.service_area,
            "team": outcome.team,
            "completed_on": outcome.completed_on,
            "allocated_on": outcome.allocated_on,
            "submitted_on": outcome.submitted_on,
            "moderated_on": outcome.moderated_on,
            "scale": tool.scale,
            "overall": outcome.overall,
            "rag": outcome.rag,
            "findings": outcome.findings,
            "sections": [_section(code, posted.get(code)) for code in tool.section_codes],
            "activity": outcome.activity.model_dump(),
            "cases": outcome.cases,
            "themes": outcome.themes,
            "actions": [
                {"action": action.reference, "due_on": action.due_on, "done_on": action.done_on} for action in outcome.actions
            ],
            "case_key": case_key,
            "reference": outcome.reference if ours else None,
        }
    )


def _section(code: str, posted: SectionOutcome | None) -> dict[str, Any]:
    if posted is None:
        return {"section": code, "state": "not-graded"}
    state = "not-applicable" if posted.not_applicable else "graded" if posted.grade is not None else "not-graded"
    return {"section": code, "state": state, "grade": posted.grade, "lead": posted.lead, "peer": posted.peer}
