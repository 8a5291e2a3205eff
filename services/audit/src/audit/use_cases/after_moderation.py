"""What people do once an audit is moderated: say that they have read it, discuss it in supervision, review its actions."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import orjson
from sqlalchemy import text

from audit.adapters.actions import ActionRepository
from audit.adapters.audits import AuditRepository
from audit.adapters.entries import WORDS
from audit.context import Context
from audit.domain import steps
from audit.domain.actions import open_number
from audit.domain.audit import Difference, ReviewResult, State
from audit.domain.judgement import MOST_LETTERS
from audit.use_cases.see_audit import see_audit
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction
from contracts.audit import AuditReviewed

_ACKNOWLEDGE = text(
    """
    update recipient set acknowledged_at = coalesce(acknowledged_at, :now)
     where org = :org and audit_id = :id and person = :person
    returning person
    """
)
_REVIEW_WORDS = text("update review set words_sealed = :words where org = :org and audit_id = :id and number = :number")


@dataclass(frozen=True)
class Looked:
    """What a reviewer found: what changed for the child, and whether the loop is closed; `next_due_on` when it is not.

    `difference` says whether the actions made one, where that can be said.
    """

    result: ReviewResult
    changed: str
    notes: str = ""
    next_due_on: date | None = None
    difference: Difference | None = None


async def acknowledge(transaction: Transaction, context: Context, identity: Identity, audit_id: UUID) -> None:
    """Say that one has read the result that was circulated to one. Saying so again changes nothing."""
    viewer, _ = await see_audit(transaction, context, identity, audit_id)
    names = {"org": transaction.org, "id": audit_id, "person": viewer.code or "", "now": context.now()}
    if (await transaction.connection.execute(_ACKNOWLEDGE, names)).one_or_none() is None:
        raise not_found("audit that was circulated to you")


async def discuss(transaction: Transaction, context: Context, identity: Identity, audit_id: UUID, on: date, note: str) -> None:
    """Record that the team manager discussed the result with the worker in supervision."""
    viewer, record = await see_audit(transaction, context, identity, audit_id, hold=True)
    if not viewer.manages(record.team):
        raise DomainError("not-yours", "The manager of the team records the discussion in supervision.", Kind.FORBIDDEN)
    if record.audit.state not in {State.MODERATED, State.CLOSED} or record.audit.moderated_on is None:
        raise DomainError("wrong-state", "There is no result to discuss yet. Nothing was recorded.")
    errors = []
    if not record.audit.moderated_on <= on <= context.today:
        errors.append(FieldError("/on", "Give the day of the supervision: from the moderation until today"))
    if len(note) > MOST_LETTERS:
        errors.append(FieldError("/note", f"{MOST_LETTERS:,} letters at most"))
    if errors:
        raise DomainError("invalid-discussion", "Nothing was recorded. See `errors`.", Kind.MALFORMED, tuple(errors))
    sealed = context.secrets.seal(transaction.org, WORDS, note.strip()) if note.strip() else None
    repository = AuditRepository(transaction)
    await repository.set(audit_id, discussed_on=on, discussed_by=viewer.code, discussion_sealed=sealed)
    await repository.add_step(audit_id, identity.subject, "discussed", on=on.isoformat())


async def hold_review(transaction: Transaction, context: Context, identity: Identity, audit_id: UUID, looked: Looked) -> None:
    """Hold the review: close the loop, or reopen with the day of the next look. Says what changed for the child."""
    viewer, record = await see_audit(transaction, context, identity, audit_id, hold=True)
    actions = await ActionRepository(transaction, context.secrets).of_audit(audit_id)
    if not 0 < len(looked.changed.strip()) <= MOST_LETTERS or len(looked.notes) > MOST_LETTERS:
        error = FieldError("/changed", "Say what changed for the child, or that nothing did and why")
        raise DomainError("invalid-review", "Nothing was recorded. See `errors`.", Kind.MALFORMED, (error,))
    review = record.audit.open_review
    after = steps.hold_review(
        record.audit,
        viewer.code or "",
        looked.result,
        open_number(actions),
        context.today,
        looked.next_due_on,
        looked.difference,
    )
    if review is None:  # the step has refused it
        raise not_found("review")
    repository = AuditRepository(transaction)
    await repository.save(record.audit, after)
    said = orjson.dumps({"changed": looked.changed.strip(), "notes": looked.notes.strip()}).decode()
    names = {"org": transaction.org, "id": audit_id, "number": review.number}
    await transaction.connection.execute(_REVIEW_WORDS, {**names, "words": context.secrets.seal(transaction.org, WORDS, said)})
    await repository.add_step(audit_id, identity.subject, f"review-{looked.result}", number=review.number)
    transaction.record(
        AuditReviewed(
            audit_id=audit_id,
            number=review.number,
            reviewed_on=context.today,
            due_on=review.due_on,
            result=looked.result,
            next_due_on=looked.next_due_on if looked.result == "reopened" else None,
            difference=looked.difference,
        )
    )
