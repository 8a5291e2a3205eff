"""Everything of one audit that somebody may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from audit.adapters.actions import ActionRepository, KeptAction
from audit.adapters.audits import AuditRepository, Record, Step
from audit.adapters.directory import Directory
from audit.adapters.entries import WORDS, EntryRepository
from audit.context import Context
from audit.domain.audit import RUNNING, Part, State, is_auditor_part
from audit.domain.judgement import Entry
from audit.domain.profile import Scale, Tool
from audit.use_cases.escalate import Escalation, escalations_of
from audit.use_cases.see_audit import Viewer, see_audit
from chassis.errors import not_found
from chassis.identity import Identity
from chassis.unit_of_work import Transaction

_RECIPIENTS = text(
    """
    select person, capacity, circulated_at, due_on, acknowledged_at
      from recipient where audit_id = :id order by circulated_at, person
    """
)
_REVIEWS = text("select number, words_sealed from review where audit_id = :id and words_sealed is not null")
_QUESTIONS = text(
    """
    select id, part, asked_by, asked_at, asked_sealed, answered_at, answer_sealed
      from question where audit_id = :id order by asked_at
    """
)


@dataclass(frozen=True)
class Recipient:
    """Somebody to whom the result went."""

    person: str
    capacity: str
    circulated_at: datetime
    due_on: date
    acknowledged_at: datetime | None


@dataclass(frozen=True)
class Question:
    """What a moderator asked an auditor when returning a part, and the answer."""

    id: UUID
    part: str
    asked_by: str
    asked_at: datetime
    asked: str
    answered_at: datetime | None
    answer: str


@dataclass(frozen=True)
class Seen:
    """One audit as somebody sees it: `entries` holds the parts that are open to them, and no other."""

    viewer: Viewer
    record: Record
    tool: Tool
    scale: Scale | None
    case: str
    entries: Mapping[str, Mapping[str, Entry]]
    actions: Sequence[KeptAction]
    recipients: Sequence[Recipient]
    reviews: Mapping[int, Mapping[str, str]]
    questions: Sequence[Question]
    escalations: Sequence[Escalation]
    discussion: str
    steps: Sequence[Step]
    names: Mapping[str, str]

    @property
    def is_finished(self) -> bool:
        """Whether grades are fixed."""
        return self.record.audit.state in {State.MODERATED, State.CLOSED}

    def own_part(self, code: str) -> Part:
        """The part of an auditor, if it is the viewer's; to anybody else it looks as if it were not there: `not-found`."""
        held = self.record.audit.parts.get(code)
        if held is None or not is_auditor_part(code) or held.person != self.viewer.code:
            raise not_found("part of an audit for you")
        return held

    def own_moderation(self) -> Part:
        """The moderation, if it is the viewer's. Raises `not-found`."""
        held = self.record.audit.moderation
        if held is None or held.person != self.viewer.code:
            raise not_found("moderation for you")
        return held

    def name(self, code: str | None) -> str:
        """The name of a person, or who they are called by."""
        return self.names.get(code or "", code or "Nobody")


async def read_audit(transaction: Transaction, context: Context, identity: Identity, audit_id: UUID) -> Seen:
    """An audit, with what of it is open to whoever asks. Raises `not-found`."""
    viewer, record = await see_audit(transaction, context, identity, audit_id)
    tool, scale = await context.tool_of(transaction, record)
    now = context.now()
    audit = record.audit
    open_parts = [part for part in audit.parts if viewer.may_read(record, part, now)]
    moderates = audit.deciding.person == viewer.code
    finished = audit.state in {State.MODERATED, State.CLOSED}
    if finished:  # whoever the result went to learns from all of it
        open_parts = list(audit.parts)
    actions = await ActionRepository(transaction, context.secrets).of_audit(audit_id) if finished or moderates else []
    execute = transaction.connection.execute
    recipients = [Recipient(*row) for row in await execute(_RECIPIENTS, {"id": audit_id})] if finished else []
    held = {part.code for part in audit.parts.values() if part.person == viewer.code}
    questions = [
        question
        for row in await execute(_QUESTIONS, {"id": audit_id})
        if (question := _question(transaction.org, context, row)).part in held or moderates or (viewer.is_overseer and finished)
    ]
    involved = viewer.is_officer or bool(held)
    knows_case = involved or viewer.manages(record.team)
    escalations = await escalations_of(transaction, context, audit_id) if knows_case else []
    steps = await AuditRepository(transaction).steps(audit_id)
    see_all = viewer.is_overseer or audit.state not in RUNNING
    people = {
        *(part.person for part in audit.parts.values()),
        *(review.reviewer for review in audit.reviews),
        *(action.owner for action in actions),
        *(each.person for each in recipients),
        *(each.raised_by for each in escalations),
        *(each.manager for each in escalations),
        record.worker,
        record.discussed_by,
    }
    return Seen(
        viewer=viewer,
        record=record,
        tool=tool,
        scale=scale,
        case=context.case_number(transaction.org, record.case_sealed)
        if held or viewer.is_officer or viewer.manages(record.team)
        else "",
        entries=await EntryRepository(transaction, context.secrets).of(audit_id, open_parts) if open_parts else {},
        actions=[action for action in actions if action.status != "dropped" or finished],
        recipients=recipients,
        reviews={row.number: _words(transaction.org, context, row) for row in await execute(_REVIEWS, {"id": audit_id})},
        questions=questions,
        escalations=escalations,
        discussion=_text(transaction.org, context, record.discussion_sealed) if finished else "",
        steps=[each for each in steps if see_all or each.part in {None, *held}],
        names=await Directory(transaction, context.secrets).names(people),
    )


def _text(org: str, context: Context, sealed: bytes | None) -> str:
    return context.secrets.open(org, WORDS, sealed) if sealed else ""


def _words(org: str, context: Context, row: Row[Any]) -> Mapping[str, str]:
    words: dict[str, str] = orjson.loads(_text(org, context, row.words_sealed))
    return words


def _question(org: str, context: Context, row: Row[Any]) -> Question:
    asked, answer = _text(org, context, row.asked_sealed), _text(org, context, row.answer_sealed)
    return Question(row.id, row.part, row.asked_by, row.asked_at, asked, row.answered_at, answer)
