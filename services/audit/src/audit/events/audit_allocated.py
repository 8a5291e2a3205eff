"""From an audit that is sent out to the event that tells of it."""

from datetime import date

from audit.adapters.round_audits import AuditRow
from audit.domain.round import Round
from contracts.audit import AllocatedPart, AuditAllocated


def audit_allocated(audit: AuditRow, of: Round, on: date) -> AuditAllocated:
    """The event: codes, days and the case's pseudonym; no person."""
    return AuditAllocated(
        audit_id=audit.id,
        kind=of.kind,
        tool=audit.tool,
        tool_version=audit.tool_version,
        programme=of.programme,
        round=of.code,
        service_area=audit.service_area,
        team=audit.team,
        allocated_on=on,
        submit_by=audit.submit_by,
        moderate_by=audit.moderate_by,
        case_key=audit.case_key,
        parts=tuple(AllocatedPart(part=code, due_on=part.due_on) for code, part in sorted(audit.parts.items())),
    )
