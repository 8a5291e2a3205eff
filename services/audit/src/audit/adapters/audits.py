"""Audits in PostgreSQL: one at a time, held while a step is taken, with its parts and reviews in one round trip."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from audit.domain.audit import Audit, Part, PartState, Review, Rules, State
from chassis.ids import new_id
from chassis.unit_of_work import Transaction

_LOCK = text("select id from audit where id = :id for no key update")
_ONE = text(
    """
    select a.*, (
               select jsonb_agg(jsonb_build_object(
                          'code', p.part, 'person', p.person, 'state', p.state, 'due_on', p.due_on,
                          'submitted_at', p.submitted_at, 'submissions', p.submissions))::text
                 from part p where p.org = a.org and p.audit_id = a.id) as parts,
           (
               select jsonb_agg(jsonb_build_object(
                          'number', v.number, 'reviewer', v.reviewer, 'due_on', v.due_on, 'held_on', v.held_on,
                          'result', v.result, 'difference', v.difference) order by v.number)::text
                 from review v where v.org = a.org and v.audit_id = a.id) as reviews
      from audit a
     where a.id = :id
    """
)
_UPDATE = text(
    """
    update audit
       set state = :state, submitted_at = :submitted_at, shown_from = :shown_from, moderated_at = :moderated_at,
           moderated_on = :moderated_on, revision = revision + 1, changed_at = now()
     where org = :org and id = :id
    """
)
_PART = text(
    """
    update part set person = :person, state = :state, due_on = :due_on, submitted_at = :submitted_at, submissions = :submissions
     where org = :org and audit_id = :id and part = :part
    """
)
_REVIEW = text(
    """
    insert into review (org, audit_id, number, reviewer, due_on, held_on, result, difference)
    values (:org, :id, :number, :reviewer, :due_on, :held_on, :result, :difference)
    on conflict (org, audit_id, number)
    do update set reviewer = excluded.reviewer, due_on = excluded.due_on, held_on = excluded.held_on, result = excluded.result,
                  difference = excluded.difference
    """
)
_STEP = text(
    """
    insert into step (org, id, audit_id, by, step, part, detail)
    values (:org, :step_id, :id, :by, :step, :part, cast(:detail as jsonb))
    """
)
_STEPS = text("select at, by, step, part, detail::text as detail from step where audit_id = :id order by at, id")


@dataclass(frozen=True, slots=True)
class Record:
    """An audit with what its rules do not need to know. `case_sealed` is the case's own number, encrypted."""

    audit: Audit
    position: int
    reference: str
    tool: str
    tool_version: int
    scale: str | None
    programme: str | None
    round_id: UUID | None
    case_key: str | None
    case_sealed: bytes | None
    service_area: str
    team: str | None
    worker: str | None
    allocated_on: date
    submit_by: date
    moderate_by: date | None
    overall: str | None
    suggested: str | None
    rag: str | None
    themes: tuple[str, ...]
    findings: tuple[str, ...]
    discuss_by: date | None
    discussed_on: date | None
    discussed_by: str | None
    discussion_sealed: bytes | None
    outcome_version: int
    withdrawn_on: date | None
    withdrawal_reason: str | None
    calendar: str
    revision: int


@dataclass(frozen=True, slots=True)
class Step:
    """One line of an audit's history; `by` is the subject of whoever did it, `detail` codes and days."""

    at: datetime
    by: str
    step: str
    part: str | None
    detail: Mapping[str, Any]


class AuditRepository:
    """Reads and writes audits within the transaction that was given, and so within its organisation."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection
        self._org = transaction.org

    async def read(self, audit_id: UUID) -> Record | None:
        """An audit as it stands."""
        row = (await self._connection.execute(_ONE, {"id": audit_id})).one_or_none()
        return _record(row) if row else None

    async def hold(self, audit_id: UUID) -> Record | None:
        """An audit that nobody else changes until this transaction ends.

        Locked first and read by a second statement, whose snapshot is younger: it sees what the last holder committed.
        """
        if (await self._connection.execute(_LOCK, {"id": audit_id})).one_or_none() is None:
            return None
        return await self.read(audit_id)

    async def save(self, before: Audit, after: Audit) -> None:
        """Write what a step changed of an audit that is held."""
        names = {"org": self._org, "id": after.id}
        changed = {name: getattr(after, name) for name in ("submitted_at", "shown_from", "moderated_at", "moderated_on")}
        await self._connection.execute(_UPDATE, {**names, **changed, "state": after.state.value})
        for code, part in after.parts.items():
            if part != before.parts.get(code):
                await self._connection.execute(
                    _PART,
                    {
                        **names,
                        "part": code,
                        "person": part.person,
                        "state": part.state.value,
                        "due_on": part.due_on,
                        "submitted_at": part.submitted_at,
                        "submissions": part.submissions,
                    },
                )
        for review in after.reviews:
            if review not in before.reviews:
                await self._connection.execute(
                    _REVIEW,
                    {
                        **names,
                        "number": review.number,
                        "reviewer": review.reviewer,
                        "due_on": review.due_on,
                        "held_on": review.held_on,
                        "result": review.result,
                        "difference": review.difference,
                    },
                )

    async def set(self, audit_id: UUID, **columns: Any) -> None:
        """Set columns of an audit that the state machine knows nothing of (overall, themes, discussion, …)."""
        assignments = ", ".join(f"{name} = :{name}" for name in columns)
        statement = text(f"update audit set {assignments}, changed_at = now() where org = :org and id = :id")  # noqa: S608 - names of our own
        await self._connection.execute(statement, {"org": self._org, "id": audit_id, **columns})

    async def add_step(self, audit_id: UUID, by: str, step: str, part: str | None = None, **detail: Any) -> None:
        """Add a line to an audit's history; `detail` holds codes and days, never words."""
        names = {"org": self._org, "step_id": new_id(), "id": audit_id, "by": by, "step": step, "part": part}
        await self._connection.execute(_STEP, {**names, "detail": orjson.dumps(detail).decode()})

    async def steps(self, audit_id: UUID) -> list[Step]:
        """The history, the oldest first."""
        rows = await self._connection.execute(_STEPS, {"id": audit_id})
        return [Step(row.at, row.by, row.step, row.part, orjson.loads(row.detail)) for row in rows]


_ORDER = {"lead": 0, "peer": 1, "single": 2, "moderation": 9}


def _record(row: Row[Any]) -> Record:
    parts = sorted(
        (_part(each) for each in orjson.loads(row.parts or "[]")), key=lambda part: (_ORDER.get(part.code, 5), part.code)
    )
    audit = Audit(
        id=row.id,
        kind=row.kind,
        state=State(row.state),
        parts={part.code: part for part in parts},
        rules=Rules.from_json(row.rules if isinstance(row.rules, dict) else orjson.loads(row.rules)),
        reviewer=row.reviewer,
        submitted_at=row.submitted_at,
        shown_from=row.shown_from,
        moderated_at=row.moderated_at,
        moderated_on=row.moderated_on,
        reviews=tuple(_review(each) for each in orjson.loads(row.reviews or "[]")),
    )
    plain = {name: getattr(row, name) for name in Record.__dataclass_fields__ if name not in {"audit", "themes", "findings"}}
    return Record(audit=audit, themes=tuple(row.themes), findings=tuple(row.findings), **plain)


def _part(each: dict[str, Any]) -> Part:
    submitted_at = each["submitted_at"]
    return Part(
        each["code"],
        each["person"],
        date.fromisoformat(each["due_on"]),
        PartState(each["state"]),
        datetime.fromisoformat(submitted_at) if submitted_at else None,
        each["submissions"],
    )


def _review(each: dict[str, Any]) -> Review:
    held_on = date.fromisoformat(each["held_on"]) if each["held_on"] else None
    return Review(
        each["number"], each["reviewer"], date.fromisoformat(each["due_on"]), held_on, each["result"], each["difference"]
    )
