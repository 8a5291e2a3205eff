"""The audits of rounds in PostgreSQL: made when they are allocated, sent out together, and counted for progress."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from audit.domain.allocation import Loads, count
from audit.domain.audit import MODERATION
from audit.domain.conflicts import REVIEW
from audit.domain.round import Round
from chassis.ids import new_id
from chassis.unit_of_work import Transaction, whole_organisation

_ADD = text(
    """
    insert into audit (org, id, reference, kind, tool, tool_version, scale, round_id, programme, case_key, case_sealed,
                       service_area, team, worker, reviewer, state, rules, allocated_on, submit_by, moderate_by, calendar)
    select :org, n.id, n.reference, :kind, :tool, :tool_version, :scale, :round_id, :programme, n.case_key, c.case_sealed,
           c.service_area, c.team, c.worker, n.reviewer, 'planned', cast(:rules as jsonb), :allocated_on, n.submit_by,
           n.moderate_by, :calendar
      from unnest(cast(:id as uuid[]), cast(:reference as text[]), cast(:case_key as text[]), cast(:reviewer as text[]),
                  cast(:submit_by as date[]), cast(:moderate_by as date[]))
        as n (id, reference, case_key, reviewer, submit_by, moderate_by)
      join round_case c on c.org = :org and c.round_id = :round_id and c.case_key = n.case_key
    """
)
_ADD_PARTS = text(
    """
    insert into part (org, audit_id, part, person, due_on)
    select :org, n.*
      from unnest(cast(:audit_id as uuid[]), cast(:part as text[]), cast(:person as text[]), cast(:due_on as date[]))
        as n (audit_id, part, person, due_on)
    """
)
_OF_ROUND = text(
    """
    select a.id, a.reference, a.case_key, a.case_sealed, a.service_area, a.team, a.worker, a.reviewer, a.state, a.submit_by,
           a.moderate_by, a.allocated_on, a.withdrawal_reason, a.kind, a.tool, a.tool_version, a.programme, a.revision,
           a.moderated_on, a.submitted_at,
           (select jsonb_object_agg(p.part, jsonb_build_object('person', p.person, 'state', p.state, 'due_on', p.due_on))::text
              from part p where p.org = a.org and p.audit_id = a.id) as parts,
           (select min(v.due_on) from review v where v.org = a.org and v.audit_id = a.id and v.result is null) as review_due_on
      from audit a
     where a.round_id = :id
     order by a.reference
    """
)
_CIRCULATE = text(
    """
    update audit set state = 'auditing', allocated_on = :on, revision = revision + 1, changed_at = now()
     where org = :org and id = any(cast(:ids as uuid[])) and state = 'planned'
    """
)
_STEPS = text(
    """
    insert into step (org, id, audit_id, by, step, detail)
    select :org, n.id, n.audit_id, :by, :step, cast(:detail as jsonb)
      from unnest(cast(:step_id as uuid[]), cast(:audit_id as uuid[])) as n (id, audit_id)
    """
)
_GIVEN = text(
    """
    select p.part, p.person, a.round_id = :round_id as here,
           date_trunc('month', a.submit_by) = date_trunc('month', cast(:submit_by as date)) as same_month, count(*) as number
      from audit a join part p on p.org = a.org and p.audit_id = a.id
     where a.state <> 'withdrawn' and a.submit_by > :since
     group by 1, 2, 3, 4
     union all
    select 'review', a.reviewer, a.round_id = :round_id, false, count(*)
      from audit a
     where a.state <> 'withdrawn' and a.submit_by > :since and a.reviewer is not null
     group by 1, 2, 3
    """
)
_PROGRESS = text(
    """
    select a.round_id, a.team, a.service_area,
           count(*) filter (where a.state <> 'withdrawn') as allocated,
           count(*) filter (where a.state in ('submitted', 'moderated', 'closed')) as submitted,
           count(*) filter (where a.state in ('moderated', 'closed')) as moderated,
           count(*) filter (where a.state = 'closed') as reviewed,
           count(*) filter (where a.state = 'withdrawn') as withdrawn,
           count(*) filter (where (a.state = 'auditing' and a.submit_by < :today)
                               or (a.state = 'submitted' and a.moderate_by < :today)
                               or (a.state = 'moderated' and exists (
                                       select from review v
                                        where v.org = a.org and v.audit_id = a.id and v.result is null and v.due_on < :today)))
               as late
      from audit a
     where a.round_id = any(cast(:rounds as uuid[]))
     group by 1, 2, 3
    """
)
_WITHDRAW = text(
    """
    update audit set state = 'withdrawn', withdrawn_on = :on, withdrawal_reason = :reason, withdrawal_sealed = :words,
                     revision = revision + 1, changed_at = now()
     where org = :org and id = :id
    """
)
_SET_OPEN_REVIEW = text("update review set reviewer = :person where org = :org and audit_id = :id and result is null")
_SET_REVIEWER = text(
    "update audit set reviewer = :person, revision = revision + 1, changed_at = now() where org = :org and id = :id"
)


@dataclass(frozen=True, slots=True)
class PartRow:
    """A part of an audit of the round."""

    person: str
    state: str
    due_on: date


@dataclass(frozen=True, slots=True)
class AuditRow:
    """An audit of a round. `parts` by code, in no order."""

    id: UUID
    reference: str
    case_key: str
    case_sealed: bytes
    service_area: str
    team: str | None
    worker: str | None
    reviewer: str | None
    state: str
    submit_by: date
    moderate_by: date | None
    allocated_on: date
    withdrawal_reason: str | None
    kind: str
    tool: str
    tool_version: int
    programme: str | None
    revision: int
    moderated_on: date | None
    submitted_at: datetime | None
    parts: Mapping[str, PartRow]
    review_due_on: date | None

    @property
    def people(self) -> dict[str, str]:
        """Who has which part, the reviewer among them."""
        held = {part: row.person for part, row in self.parts.items()}
        return held | ({REVIEW: self.reviewer} if self.reviewer is not None else {})


@dataclass(frozen=True, slots=True)
class NewAudit:
    """An audit that is to be made of a picked case."""

    id: UUID
    reference: str
    case_key: str
    parts: Mapping[str, str]
    reviewer: str | None
    submit_by: date
    moderate_by: date | None

    def due_on(self, part: str) -> date:
        """By when a part of it is to be done."""
        return self.moderate_by if part == MODERATION and self.moderate_by is not None else self.submit_by


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the audits of a round in one team are. `allocated` are all that were not withdrawn."""

    round_id: UUID
    team: str | None
    service_area: str
    allocated: int
    submitted: int
    moderated: int
    reviewed: int
    withdrawn: int
    late: int


class RoundAudits:
    """Reads and writes the audits of rounds within the transaction that was given."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection
        self._org = transaction.org

    async def add(self, of: Round, scale: str | None, audits: Sequence[NewAudit]) -> None:
        """Make audits of picked cases, planned until they are circulated."""
        if not audits:
            return
        shared = {
            "org": self._org,
            "kind": of.kind,
            "tool": of.tool,
            "tool_version": of.tool_version,
            "scale": scale,
            "round_id": of.id,
            "programme": of.programme,
            "rules": orjson.dumps(of.rules.of_an_audit()).decode(),
            "allocated_on": of.circulate_on,
            "calendar": of.calendar,
        }
        names = ("id", "reference", "case_key", "reviewer", "submit_by", "moderate_by")
        await self._connection.execute(_ADD, shared | {name: [getattr(audit, name) for audit in audits] for name in names})
        parts = [(audit, part, person) for audit in audits for part, person in audit.parts.items()]
        await self._connection.execute(
            _ADD_PARTS,
            {
                "org": self._org,
                "audit_id": [audit.id for audit, _, _ in parts],
                "part": [part for _, part, _ in parts],
                "person": [person for _, _, person in parts],
                "due_on": [audit.due_on(part) for audit, part, _ in parts],
            },
        )

    async def of(self, round_id: UUID) -> list[AuditRow]:
        """The audits of a round, the withdrawn ones too, in the order of their references."""
        return [_audit(row) for row in await self._connection.execute(_OF_ROUND, {"id": round_id})]

    async def circulate(self, audits: Sequence[UUID], on: date) -> None:
        """Send planned audits out."""
        await self._connection.execute(_CIRCULATE, {"org": self._org, "ids": list(audits), "on": on})

    async def add_steps(self, audits: Sequence[UUID], by: str, step: str, **detail: Any) -> None:
        """Add the same line to the history of many audits; `detail` holds codes and days."""
        names = {"org": self._org, "by": by, "step": step, "detail": orjson.dumps(detail).decode()}
        ids = {"step_id": [new_id() for _ in audits], "audit_id": list(audits)}
        if audits:
            await self._connection.execute(_STEPS, names | ids)

    async def loads(self, of: Round, since: date) -> Loads:
        """What people have: in this round, in the month in which it is submitted, and since a day (a year ago)."""
        names = {"round_id": of.id, "submit_by": of.submit_by, "since": since}
        async with whole_organisation(self._connection):  # nobody is given more for being asked by several areas
            rows = (await self._connection.execute(_GIVEN, names)).all()
        month: dict[str, int] = {}
        for row in rows:
            if row.same_month and row.part not in {MODERATION, REVIEW}:
                month[row.person] = month.get(row.person, 0) + row.number
        return Loads(
            round=count((row.part, row.person) for row in rows if row.here for _ in range(row.number)),
            year=count((row.part, row.person) for row in rows for _ in range(row.number)),
            month=month,
        )

    async def progress(self, rounds: Sequence[UUID], today: date) -> list[Progress]:
        """How far rounds are, by team; rounds without audits are missing."""
        rows = await self._connection.execute(_PROGRESS, {"rounds": list(rounds), "today": today})
        return [Progress(**row._asdict()) for row in rows]

    async def set_reviewer(self, audit_id: UUID, person: str) -> None:
        """Give an audit another reviewer, also for the review that is still to be held."""
        names = {"org": self._org, "id": audit_id, "person": person}
        await self._connection.execute(_SET_REVIEWER, names)
        await self._connection.execute(_SET_OPEN_REVIEW, names)

    async def withdraw(self, audit_id: UUID, on: date, reason: str, words: bytes | None) -> None:
        """Take an audit out of its round; `words` are sealed."""
        names = {"org": self._org, "id": audit_id, "on": on, "reason": reason, "words": words}
        await self._connection.execute(_WITHDRAW, names)


def _audit(row: Row[Any]) -> AuditRow:
    parts = orjson.loads(row.parts or "{}")
    read = {code: PartRow(part["person"], part["state"], date.fromisoformat(part["due_on"])) for code, part in parts.items()}
    # Of one that was reduced there is no case any more.
    case = {"case_key": row.case_key or "", "case_sealed": bytes(row.case_sealed or b"")}
    return AuditRow(**row._asdict() | {"parts": read, **case})
