"""Something that cannot wait for the end of the audit: raised the same day, the team's manager alerted, acknowledged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from audit.adapters.audits import AuditRepository
from audit.adapters.deadline_reader import DeadlineReader
from audit.adapters.directory import Directory
from audit.adapters.entries import WORDS
from audit.context import Context
from audit.domain.audit import RUNNING
from audit.domain.judgement import MOST_LETTERS
from audit.domain.notices import Notice, NoticeKind
from audit.use_cases.notify import notify
from audit.use_cases.see_audit import Viewer, see_audit, viewer_of
from chassis.days import british_day
from chassis.errors import DomainError, FieldError, Kind, not_found
from chassis.identity import Identity
from chassis.ids import new_id
from chassis.unit_of_work import Transaction
from contracts.audit import AuditEscalated

_INSERT = text(
    """
    insert into escalation (org, id, audit_id, raised_by, words_sealed, manager, raised_at)
    values (:org, :escalation_id, :id, :by, :words, :manager, :now)
    """
)
_COLUMNS = """
    e.id, e.audit_id, a.reference, a.service_area, a.team, a.case_sealed, e.raised_by, e.raised_at, e.words_sealed, e.manager,
    e.acknowledged_at, e.acknowledged_by, e.answer_sealed
"""
_FROM = "from escalation e join audit a on a.org = e.org and a.id = e.audit_id"
_ONE = text(f"select {_COLUMNS} {_FROM} where e.id = :id for no key update of e")
_OF_AUDIT = text(f"select {_COLUMNS} {_FROM} where e.audit_id = :id order by e.raised_at")
_ANSWER = text(
    """
    update escalation set acknowledged_at = :now, acknowledged_by = :by, answer_sealed = :answer
     where org = :org and id = :id
    """
)


@dataclass(frozen=True)
class Escalation:
    """An escalation in words; `case` is the child's case number, for whoever must act."""

    id: UUID
    audit_id: UUID
    reference: str
    service_area: str
    team: str | None
    case: str
    raised_by: str
    raised_at: datetime
    words: str
    manager: str | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    answer: str


async def escalate(transaction: Transaction, context: Context, identity: Identity, audit_id: UUID, words: str) -> UUID:
    """Raise something the same day. The manager of the team is alerted; where there is none, the QA officer must act."""
    viewer, record = await see_audit(transaction, context, identity, audit_id, hold=True)
    if record.audit.state not in RUNNING or not (viewer.code and record.audit.parts_of(viewer.code)):
        raise DomainError("not-at-work", "Whoever audits or moderates raises a concern, while the audit runs.", Kind.FORBIDDEN)
    if not 0 < len(words.strip()) <= MOST_LETTERS:
        error = FieldError("/words", "Say what cannot wait")
        raise DomainError("invalid-escalation", "Nothing was raised. See `errors`.", Kind.MALFORMED, (error,))
    managers = await Directory(transaction, context.secrets).managers_of(record.team)
    manager = next((each.code for each in managers if each.code != viewer.code), None)
    escalation_id, now = new_id(), context.now()
    names = {"org": transaction.org, "escalation_id": escalation_id, "id": audit_id, "by": viewer.code, "manager": manager}
    sealed = context.secrets.seal(transaction.org, WORDS, words.strip())
    await transaction.connection.execute(_INSERT, {**names, "words": sealed, "now": now})
    await AuditRepository(transaction).add_step(audit_id, identity.subject, "escalated")
    alerted = {*([manager] if manager else []), *(await DeadlineReader(transaction.connection).officers())} - {viewer.code}
    path = f"/audit/concerns/{escalation_id}"
    notices = [Notice(NoticeKind.CONCERN, record.reference, person, path, escalation_id) for person in sorted(alerted)]
    await notify(transaction, context, notices)
    transaction.record(AuditEscalated(audit_id=audit_id, escalation_id=escalation_id, raised_on=context.today))
    return escalation_id


async def see_escalation(
    transaction: Transaction, context: Context, identity: Identity, escalation_id: UUID
) -> tuple[Viewer, Escalation]:
    """An escalation for whoever must act on it: the team's manager, the QA officer, whoever raised it."""
    viewer = await viewer_of(transaction, context, identity)
    row = (await transaction.connection.execute(_ONE, {"id": escalation_id})).one_or_none()
    if row is None:
        raise not_found("concern")
    concern = _escalation(transaction.org, context, row)
    if not (may_act(viewer, concern) or (viewer.code is not None and viewer.code == concern.raised_by)):
        raise not_found("concern")
    return viewer, concern


async def escalations_of(transaction: Transaction, context: Context, audit_id: UUID) -> list[Escalation]:
    """What was raised in an audit, the oldest first."""
    rows = await transaction.connection.execute(_OF_AUDIT, {"id": audit_id})
    return [_escalation(transaction.org, context, row) for row in rows]


def may_act(viewer: Viewer, concern: Escalation) -> bool:
    """Whether somebody answers for the team, or for all of it."""
    alerted = viewer.code is not None and viewer.code == concern.manager
    return alerted or viewer.manages(concern.team) or (viewer.is_officer and viewer.sees_area(concern.service_area))


async def acknowledge_escalation(
    transaction: Transaction, context: Context, identity: Identity, escalation_id: UUID, answer: str
) -> None:
    """Take it over, and say what is being done."""
    viewer, concern = await see_escalation(transaction, context, identity, escalation_id)
    if not may_act(viewer, concern):
        raise DomainError("not-yours", "The manager of the team or the QA officer acknowledges this.", Kind.FORBIDDEN)
    if concern.acknowledged_at is not None:
        raise DomainError("already-acknowledged", "This was acknowledged already. Nothing was changed.")
    if not 0 < len(answer.strip()) <= MOST_LETTERS:
        error = FieldError("/answer", "Say what is being done")
        raise DomainError("invalid-answer", "Nothing was recorded. See `errors`.", Kind.MALFORMED, (error,))
    sealed = context.secrets.seal(transaction.org, WORDS, answer.strip())
    names = {"org": transaction.org, "id": escalation_id, "by": viewer.code or identity.subject, "now": context.now()}
    await transaction.connection.execute(_ANSWER, {**names, "answer": sealed})
    await AuditRepository(transaction).add_step(concern.audit_id, identity.subject, "escalation-acknowledged")
    transaction.record(
        AuditEscalated(
            audit_id=concern.audit_id,
            escalation_id=escalation_id,
            raised_on=british_day(concern.raised_at),
            acknowledged_on=context.today,
        )
    )


def _escalation(org: str, context: Context, row: Row[Any]) -> Escalation:
    def words(sealed: bytes | None) -> str:
        return context.secrets.open(org, WORDS, sealed) if sealed else ""

    return Escalation(
        id=row.id,
        audit_id=row.audit_id,
        reference=row.reference,
        service_area=row.service_area,
        team=row.team,
        case=context.case_number(org, row.case_sealed),
        raised_by=row.raised_by,
        raised_at=row.raised_at,
        words=words(row.words_sealed),
        manager=row.manager,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        answer=words(row.answer_sealed),
    )
