"""Answer what the moderator asked when returning a part."""

from uuid import UUID

from sqlalchemy import text

from audit.adapters.audits import AuditRepository
from audit.adapters.entries import WORDS
from audit.context import Context
from audit.domain.judgement import MOST_LETTERS
from audit.domain.steps import may_write
from audit.use_cases.see_audit import see_audit
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction

_ANSWER = text(
    """
    update question set answer_sealed = :answer, answered_at = :now
     where org = :org and id = :id and audit_id = :audit_id and part = :part
    returning id
    """
)


async def answer_question(
    transaction: Transaction, context: Context, identity: Identity, audit_id: UUID, part: str, question_id: UUID, answer: str
) -> None:
    """Answer a question about one's own part, before submitting it again; a second answer replaces the first."""
    viewer, record = await see_audit(transaction, context, identity, audit_id, hold=True)
    may_write(record.audit, part, viewer.code or "", context.now())
    if not 0 < len(answer.strip()) <= MOST_LETTERS:
        error = FieldError("/answer", "Answer the moderator's question")
        raise DomainError("invalid-answer", "Nothing was recorded. See `errors`.", Kind.MALFORMED, (error,))
    names = {"org": transaction.org, "id": question_id, "audit_id": audit_id, "part": part, "now": context.now()}
    sealed = context.secrets.seal(transaction.org, WORDS, answer.strip())
    if (await transaction.connection.execute(_ANSWER, {**names, "answer": sealed})).one_or_none() is None:
        raise not_found("question")
    await AuditRepository(transaction).add_step(audit_id, identity.subject, "answered", part)
