"""Hand in an auditor's part, or take it back to correct a slip."""

from uuid import UUID

from audit.adapters.audits import AuditRepository, Record
from audit.adapters.entries import EntryRepository
from audit.context import Context
from audit.domain import steps
from audit.domain.audit import State
from audit.domain.judgement import missing
from audit.use_cases.finish_audit import finish_audit
from audit.use_cases.see_audit import see_audit
from chassis.errors import DomainError, Kind
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from contracts.audit import AuditSubmitted


async def submit_part(transaction: Transaction, context: Context, identity: Identity, audit_id: UUID, part: str) -> Record:
    """Submit a part that is whole. Raises `incomplete` with everything that it lacks, and what `steps.submit` says.

    Submitting again what is submitted already changes nothing and is no error: the second click of a slow page.
    """
    viewer, record = await see_audit(transaction, context, identity, audit_id, hold=True)
    person = viewer.code or ""
    held = record.audit.parts.get(part)
    if held is not None and held.person == person and held.is_submitted:
        return record
    after = steps.submit(record.audit, part, person, context.now())
    tool, scale = await context.tool_of(transaction, record)
    entries = EntryRepository(transaction, context.secrets)
    if errors := missing(part, tool, scale, (await entries.of(audit_id, [part]))[part]):
        detail = "This is not whole yet. Everything that you wrote is kept."
        raise DomainError("incomplete", detail, Kind.MALFORMED, tuple(errors))
    repository = AuditRepository(transaction)
    await repository.save(record.audit, after)
    if not record.audit.is_shown(context.now()):
        await entries.keep_first_grades(audit_id, part)
    await repository.add_step(audit_id, identity.subject, "submitted", part)
    due_on = record.audit.parts[part].due_on
    transaction.record(AuditSubmitted(audit_id=audit_id, part=part, submitted_on=context.today, due_on=due_on))
    if after.state is State.MODERATED:
        await finish_audit(transaction, context, identity, record, after, judged_in=part)
    return record


async def take_back_part(transaction: Transaction, context: Context, identity: Identity, audit_id: UUID, part: str) -> None:
    """Open a submitted part again, while nobody else has been shown it."""
    viewer, record = await see_audit(transaction, context, identity, audit_id, hold=True)
    after = steps.take_back(record.audit, part, viewer.code or "", context.now())
    repository = AuditRepository(transaction)
    await repository.save(record.audit, after)
    await repository.add_step(audit_id, identity.subject, "taken-back", part)
