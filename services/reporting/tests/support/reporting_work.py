"""Events of audits at work, disputes and acknowledged practice, as the audit service would record them."""

from datetime import date, timedelta
from typing import Any

from reporting_learning import learning_of_each
from reporting_records import ident
from reporting_stars import one_star

from contracts import audit, feedback
from contracts.base import Event


def allocated(reference: str, on: date, **more: Any) -> audit.AuditAllocated:
    """A looped audit that is sent out: to be submitted after four weeks, moderated a week later."""
    fields: dict[str, Any] = {
        "kind": "looped",
        "tool": "send-new-ehcp",
        "tool_version": 1,
        "programme": "send-new-ehcp",
        "round": f"{on:%Y-%m}",
        "service_area": "send",
        "team": "send-north",
        "submit_by": on + timedelta(days=28),
        "moderate_by": on + timedelta(days=35),
        "case_key": "0" * 32,
    }
    fields = {**fields, **more}
    days = {"lead": fields["submit_by"], "moderation": fields["moderate_by"], "peer": fields["submit_by"]}
    parts = tuple(audit.AllocatedPart(part=part, due_on=day) for part, day in days.items() if day is not None)
    return audit.AuditAllocated(audit_id=ident("audit", reference), allocated_on=on, **{"parts": parts, **fields})


def submitted(reference: str, part: str, on: date, due_on: date | None = None) -> audit.AuditSubmitted:
    """A part that is handed in."""
    return audit.AuditSubmitted(audit_id=ident("audit", reference), part=part, submitted_on=on, due_on=due_on or on)


def moderated(reference: str, on: date, **more: Any) -> audit.AuditModerated:
    """Grades that are fixed."""
    key = ident("audit", reference)
    return audit.AuditModerated(audit_id=key, outcome_id=key, moderated_on=on, **more)


def reviewed(
    reference: str, number: int, on: date, due_on: date, next_due_on: date | None = None, **more: Any
) -> audit.AuditReviewed:
    """A review: with a day for the next look it opens again, else it closes the loop."""
    return audit.AuditReviewed(
        audit_id=ident("audit", reference),
        number=number,
        reviewed_on=on,
        due_on=due_on,
        result="closed" if next_due_on is None else "reopened",
        next_due_on=next_due_on,
        **more,
    )


def action(reference: str, code: str, status: Any, due_on: date, **more: Any) -> audit.ActionChanged:
    """How an action stands."""
    key = ident("audit", reference)
    fields: dict[str, Any] = {"service_area": "send", "team": "send-north", **more}
    return audit.ActionChanged(audit_id=key, action=code, status=status, due_on=due_on, **fields)


def raised(reference: str, on: date, **more: Any) -> audit.DisputeRaised:
    """A dispute of an independent reviewing officer."""
    fields: dict[str, Any] = {
        "raised_by": "iro",
        "category": "drift-and-delay",
        "service_area": "send",
        "team": "send-north",
        "stage": "team-manager",
        "answer_due_on": on + timedelta(days=7),
        "limit_in_all": 20,
    }
    return audit.DisputeRaised(dispute_id=ident("dispute", reference), raised_on=on, **{**fields, **more})


def reached(reference: str, number: int, on: date, **more: Any) -> audit.DisputeStageReached:
    """A stage of a dispute, to be answered within a week."""
    fields: dict[str, Any] = {"stage": "team-manager", "limit": 5, "answer_due_on": on + timedelta(days=7), "calendar": "c"}
    return audit.DisputeStageReached(dispute_id=ident("dispute", reference), number=number, reached_on=on, **{**fields, **more})


def acknowledged(reference: str, on: date, **more: Any) -> audit.PracticeAcknowledged:
    """Good practice that was recorded."""
    fields: dict[str, Any] = {"raised_by": "iro", "origin": "audit", "service_area": "send", "themes": ("timeliness",)}
    return audit.PracticeAcknowledged(
        acknowledgement_id=ident("acknowledgement", reference), acknowledged_on=on, **{**fields, **more}
    )


def withdrawn(reference: str, on: date) -> audit.AuditWithdrawn:
    """An audit that is taken out of its round."""
    return audit.AuditWithdrawn(audit_id=ident("audit", reference), withdrawn_on=on, ground="case-closed")


def ended(reference: str, number: int, on: date, **more: Any) -> audit.DisputeResolved:
    """A dispute that ended at a stage."""
    fields: dict[str, Any] = {"stage": "team-manager", "result": "resolved", "outcome": "explained", **more}
    return audit.DisputeResolved(dispute_id=ident("dispute", reference), number=number, resolved_on=on, **fields)


def reopened(reference: str, number: int, on: date) -> audit.DisputeReopened:
    """A dispute that goes on."""
    return audit.DisputeReopened(dispute_id=ident("dispute", reference), number=number, stage="group-manager", reopened_on=on)


def call(reference: str, due_on: date, status: Any = "due", **more: Any) -> feedback.CallChanged:
    """How a call to a foster carer stands."""
    fields: dict[str, Any] = {
        "programme": "carer-calls", "questionnaire": "carer-call", "service_area": "fostering-and-kinship", **more,
    }  # fmt: skip
    return feedback.CallChanged(call_id=ident("call", reference), due_on=due_on, status=status, **fields)


def attempt(reference: str, number: int, on: date, outcome: Any, caller: str = "kim", **more: Any) -> feedback.CallAttempted:
    """An attempt to make it."""
    fields: dict[str, Any] = {
        "programme": "carer-calls", "questionnaire": "carer-call", "service_area": "fostering-and-kinship", **more,
    }  # fmt: skip
    return feedback.CallAttempted(
        call_id=ident("call", reference), number=number, attempted_on=on, outcome=outcome, caller_key=who(caller), **fields
    )


def owes(caller: str, minimum: int | None, from_on: date, until_on: date | None = None) -> feedback.CallerAssigned:
    """What a caller owes a month."""
    return feedback.CallerAssigned(
        caller_key=who(caller), programme="carer-calls", service_area="fostering-and-kinship", from_on=from_on,
        until_on=until_on, minimum=minimum,
    )  # fmt: skip


def who(caller: str) -> str:
    """A caller as a pseudonym."""
    return ident("caller", caller).hex


def calls_of_each(reference: str, on: date) -> list[Event]:
    """At least one row of every fact of calls."""
    return [call(reference, on), attempt(reference, 1, on, "no-answer"), owes(reference, 2, on)]


def one_of_each(reference: str, on: date) -> list[Event]:
    """At least one row of every fact of audits at work, and of every view of them."""
    other = f"{reference}-withdrawn"
    return [
        allocated(reference, on),
        submitted(reference, "lead", on),
        audit.AuditEscalated(audit_id=ident("audit", reference), escalation_id=ident("escalation", reference), raised_on=on),
        moderated(reference, on, review_due_on=on),
        action(reference, "a1", "open", on),
        reviewed(reference, 1, on, on, next_due_on=on),
        allocated(other, on),
        withdrawn(other, on),
        raised(reference, on),
        reached(reference, 1, on),
        ended(reference, 1, on),
        reopened(reference, 2, on),
        acknowledged(reference, on),
        *one_star(reference, on),
        *calls_of_each(reference, on),
        *learning_of_each(reference, on),
    ]
