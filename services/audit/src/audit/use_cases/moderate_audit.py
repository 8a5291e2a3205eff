"""The moderator's work: return a part with a question, choose the learning, fix the grades."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from audit.adapters.audits import AuditRepository, Record
from audit.adapters.entries import WORDS, EntryRepository
from audit.context import Context
from audit.domain import steps
from audit.domain.audit import MODERATION
from audit.domain.judgement import MOST_LETTERS, missing_in_moderation
from audit.domain.notices import Notice, NoticeKind
from audit.use_cases.finish_audit import finish_audit
from audit.use_cases.notify import notify
from audit.use_cases.see_audit import see_audit
from chassis.errors import DomainError, FieldError, Kind, unknown_code
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.unit_of_work import Transaction

_ASK = text(
    """
    insert into question (org, id, audit_id, part, asked_by, asked_sealed)
    values (:org, :question_id, :id, :part, :by, :asked)
    """
)


async def return_part(
    transaction: Transaction, context: Context, identity: Identity, audit_id: UUID, part: str, question: str
) -> None:
    """Give a part back to its auditor with a question, so that they add what is missing."""
    viewer, record = await see_audit(transaction, context, identity, audit_id, hold=True)
    after = steps.return_part(record.audit, part, viewer.code or "", context.now())
    if not question.strip() or len(question) > MOST_LETTERS:
        error = FieldError("/question", f"Write the question that the auditor is to answer, {MOST_LETTERS:,} letters at most")
        raise DomainError("invalid-question", "The part was not returned. See `errors`.", Kind.MALFORMED, (error,))
    repository = AuditRepository(transaction)
    await repository.save(record.audit, after)
    await repository.add_step(audit_id, identity.subject, "returned", part)
    sealed = context.secrets.seal(transaction.org, WORDS, question.strip())
    question_id = new_id()
    names = {"org": transaction.org, "question_id": question_id, "id": audit_id, "part": part, "by": viewer.code}
    await transaction.connection.execute(_ASK, {**names, "asked": sealed})
    path = f"/audit/audits/{audit_id}/parts/{part}"
    asked = Notice(NoticeKind.RETURNED, record.reference, record.audit.parts[part].person, path, question_id)
    await notify(transaction, context, [asked])


async def choose_learning(
    transaction: Transaction,
    context: Context,
    identity: Identity,
    audit_id: UUID,
    themes: Sequence[str],
    findings: Sequence[str] = (),
) -> None:
    """Set the themes of what an audit teaches, and findings where the tool has them; for whoever fixes the grades."""
    viewer, record = await see_audit(transaction, context, identity, audit_id, hold=True)
    steps.may_write(record.audit, record.audit.deciding.code, viewer.code or "", context.now())
    tool, _ = await context.tool_of(transaction, record)
    known = (await context.profiles.current(transaction)).profile.themes
    errors = [unknown_code(f"/themes/{at}", code, [*known]) for at, code in enumerate(themes) if code not in known]
    errors += [
        unknown_code(f"/findings/{at}", code, tool.findings) for at, code in enumerate(findings) if code not in tool.findings
    ]
    if errors:
        raise DomainError("invalid-learning", "Nothing was changed. See `errors`.", Kind.MALFORMED, tuple(errors))
    await AuditRepository(transaction).set(audit_id, themes=sorted({*themes}), findings=sorted({*findings}))


async def moderate_audit(transaction: Transaction, context: Context, identity: Identity, audit_id: UUID) -> Record:
    """Fix the final grades as they stand in the moderation. Raises `incomplete` with everything that is lacking.

    Moderating again what this moderator has moderated changes nothing and is no error.
    """
    viewer, record = await see_audit(transaction, context, identity, audit_id, hold=True)
    held = record.audit.moderation
    if held is not None and held.person == viewer.code and held.is_submitted:
        return record
    after = steps.moderate(record.audit, viewer.code or "", context.now())
    tool, scale = await context.tool_of(transaction, record)
    parts = await EntryRepository(transaction, context.secrets).of(audit_id, list(record.audit.parts))
    others = [entries for code, entries in parts.items() if code != MODERATION]
    if errors := missing_in_moderation(tool, scale, parts[MODERATION], others):
        detail = "The moderation is not whole yet. Everything that you wrote is kept."
        raise DomainError("incomplete", detail, Kind.MALFORMED, tuple(errors))
    await AuditRepository(transaction).save(record.audit, after)
    await finish_audit(transaction, context, identity, record, after, judged_in=MODERATION)
    return record
