"""Complaints in PostgreSQL: how one is read as a whole, locked, created and changed. Plain SQL, few round trips."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from chassis.calendar import WorkingDays
from chassis.unit_of_work import Transaction
from complaints.adapters import case_snapshot
from complaints.adapters.complaint_record import PLAIN, Change, Record, Told, record_of
from complaints.adapters.point_rows import POINTS, NewPoints, create_points, save_points
from complaints.adapters.stage_rows import SAVE_SPANS, SAVE_STAGE, span_row, stage_row
from complaints.domain import clock
from complaints.domain.case import Case, Phase, Stage

_LOCK = text("select version, service_area from complaint where id = :id for update")

_READ = f"""
    select c.id, c.reference, c.procedure, c.formality, c.received_on, c.service_area, c.team, c.need, c.route, c.raised_by,
           c.version, c.content_hash, c.referred_on,
           {POINTS},
           (select jsonb_agg(to_jsonb(s) - 'org' order by s.number)
              from stage s where s.org = c.org and s.complaint_id = c.id)::text as stages,
           (select jsonb_agg(jsonb_build_array(f.stage, f.point_id, f.finding, encode(f.reason, 'hex'), f.remedies))
              from finding f where f.org = c.org and f.complaint_id = c.id and f.void_from is null)::text as findings,
           (select jsonb_agg(to_jsonb(r) - 'org' order by r.stage)
              from stage_request r where r.org = c.org and r.complaint_id = c.id)::text as requests,
           (select jsonb_agg(jsonb_build_array(o.id, o.reference, o.service_area, o.accepted_on, o.outcome_on, o.outcome,
                   o.actions) order by o.accepted_on, o.id)
              from ombudsman_case o where o.org = c.org and o.complaint_id = c.id)::text as ombudsman
      from complaint c
"""  # noqa: S608 - constants
_BY_ID = text(f"{_READ} where c.id = :value")
_BY_REFERENCE = text(f"{_READ} where c.reference = :value")

_CHANGES = text(
    """
    select version, step, stage, dated_on, recorded_at, recorded_by, by_name, reason, code, facts::text
      from complaint_change where complaint_id = :id and version > :after order by version
    """
)

_CREATE = text(
    """
    insert into complaint (org, id, reference, procedure, formality, received_on, service_area, team, need, route, raised_by,
                           due_on, content_hash, profile, created_by)
    values (:org, :id, :reference, :procedure, :formality, :received_on, :service_area, :team, :need, :route, :raised_by,
            :due_on, :content_hash, :profile, :by)
    on conflict on constraint complaint_reference_once do nothing
    returning id
    """
)
_UPDATE = text(
    """
    update complaint
       set phase = :phase, stage = :stage, due_on = :due_on, suspended = :suspended, received_on = :received_on,
           referred_on = :referred_on, in_error = :in_error, version = :version
     where id = :id
    """
)
_SAVE_FINDINGS = text(
    """
    insert into finding (org, complaint_id, stage, point_id, finding, version, reason, remedies)
    values (:org, :complaint_id, :stage, :point_id, :finding, :version, :reason, :remedies)
    """
)
_SAVE_REQUEST = text(
    """
    insert into stage_request (org, complaint_id, stage, requested_on, late, decided_on, decision, recounted)
    values (:org, :complaint_id, :stage, :requested_on, :late, :decided_on, :decision, :recounted)
    on conflict on constraint request_once do update
       set requested_on = excluded.requested_on, late = excluded.late,
           decided_on = excluded.decided_on, decision = excluded.decision,
           recounted = stage_request.recounted or excluded.recounted
    """
)
_SAVE_CHANGE = text(
    """
    insert into complaint_change (org, complaint_id, version, step, stage, dated_on, reason, code, facts, recorded_by, by_name)
    values (:org, :complaint_id, :version, :step, :stage, :dated_on, :reason, :code, cast(:facts as jsonb), :by, :by_name)
    """
)
_VOID_FINDINGS = text(
    "update finding set void_from = :version where complaint_id = :id and stage = :stage and void_from is null"
)
# The decision that began it was taken back. What was known of it stays in the changes; accepted again, it begins anew.
_VOID_STAGE = text("update stage set void = true, recounted = true where complaint_id = :id and number = :stage")
_FORGET_REQUEST = text("delete from stage_request where complaint_id = :id and stage = :stage")
_FORGET_SPANS = text("delete from overdue_span where complaint_id = :id and stage = :stage")


@dataclass(frozen=True)
class NewChange:
    """What is written about a change, beside the change itself.

    `recounts`: reporting is told of the stage as a whole. `told` is said of findings, by the reference of the point. `points`
    are the ids and words of points that it makes or corrects.
    """

    step: str
    stage: int
    dated_on: date
    by: str
    reason: bytes | None = None
    code: str | None = None
    recounts: bool = False
    told: Mapping[str, Told] = field(default_factory=dict)
    by_name: bytes | None = field(default=None, repr=False)
    """Sealed: the name of whoever signed in, for those who read the record."""
    points: NewPoints = field(default_factory=NewPoints)


class ComplaintRepository:
    """Complaints of the transaction's organisation."""

    def __init__(self, transaction: Transaction) -> None:
        self._org = transaction.org
        self._connection = transaction.connection

    async def lock(self, complaint_id: UUID) -> bool:
        """Hold a complaint until the transaction ends, so that two changes follow one another. False if there is none."""
        return (await self._connection.execute(_LOCK, {"id": complaint_id})).one_or_none() is not None

    async def by_id(self, complaint_id: UUID) -> Record | None:
        """A complaint as a whole."""
        row = (await self._connection.execute(_BY_ID, {"value": complaint_id})).one_or_none()
        return None if row is None else record_of(row)

    async def by_reference(self, reference: str) -> Record | None:
        """A complaint as a whole, by the organisation's own reference."""
        row = (await self._connection.execute(_BY_REFERENCE, {"value": reference})).one_or_none()
        return None if row is None else record_of(row)

    async def changes(self, complaint_id: UUID, after: int = 0) -> list[Change]:
        """The changes of a complaint beyond a version, in order."""
        rows = await self._connection.execute(_CHANGES, {"id": complaint_id, "after": after})
        return [
            Change(
                row.version,
                row.step,
                row.stage,
                row.dated_on,
                row.recorded_at,
                row.recorded_by,
                row.reason,
                row.code,
                orjson.loads(row.facts) if row.facts else None,
                row.by_name,
            )
            for row in rows
        ]

    async def create(
        self, record: Record, case: Case, calendar: WorkingDays, profile: int, by: str, by_name: bytes | None
    ) -> bool:
        """Store a new complaint with its points and first stage. False, and nothing stored, if its reference is taken."""
        due_on = _answer_by(case, calendar)
        values = {name: getattr(record, name) for name in PLAIN if name != "version"}
        values |= {"org": self._org, "due_on": due_on, "profile": profile, "by": by}
        if (await self._connection.execute(_CREATE, values)).one_or_none() is None:
            return False
        await create_points(self._connection, self._org, record.id, record.points, record.history)
        await self._save_stage(record.id, case.current, calendar, recounted=False)
        await self._save_change(record.id, 1, NewChange("receive", 1, record.received_on, by, by_name=by_name), case)
        return True

    async def save(self, record: Record, before: Case, after: Case, calendar: WorkingDays, change: NewChange) -> None:
        """Store what a step changed: the complaint, the stages and requests that differ, their findings, and the change."""
        head = {
            "id": record.id,
            "phase": after.phase.value,
            "stage": after.current.number,
            "due_on": _answer_by(after, calendar),
            "suspended": after.current.facts.suspended is not None,
            "received_on": after.received_on,
            "referred_on": after.referred_on,
            "in_error": after.current.ending == "made-in-error",
        }
        await self._connection.execute(_UPDATE, {**head, "version": record.version + 1})
        for stage in after.stages:
            if stage not in before.stages:
                await self._connection.execute(_FORGET_SPANS, {"id": record.id, "stage": stage.number})
                await self._save_stage(record.id, stage, calendar, recounted=change.recounts)
                await self._save_findings(record, before.begun(stage.number), stage, change.told)
        for request in after.requests:
            if request not in before.requests:
                own = {"org": self._org, "complaint_id": record.id}
                await self._connection.execute(_SAVE_REQUEST, {**own, **vars(request), "recounted": change.recounts})
        for request in before.requests:
            if after.request_of(request.stage) is None:
                await self._connection.execute(_FORGET_REQUEST, {"id": record.id, "stage": request.stage})
        for stage in before.stages:
            if after.begun(stage.number) is None:
                which = {"id": record.id, "stage": stage.number}
                await self._connection.execute(_FORGET_SPANS, which)
                await self._connection.execute(_VOID_STAGE, which)
        await self._save_change(record.id, record.version + 1, change, after)
        if before.changes != after.changes:
            ids = {point.reference: point.id for point in record.points}
            version = record.version + 1
            await save_points(self._connection, self._org, record.id, version, ids, before, after, change.points)

    async def _save_stage(self, complaint_id: UUID, stage: Stage, calendar: WorkingDays, *, recounted: bool) -> None:
        row = stage_row(self._org, complaint_id, stage, calendar, recounted=recounted)
        await self._connection.execute(SAVE_STAGE, row)
        spans = span_row(self._org, complaint_id, stage, calendar)
        if spans is not None:
            await self._connection.execute(SAVE_SPANS, spans)

    async def _save_findings(self, record: Record, before: Stage | None, stage: Stage, told: Mapping[str, Told]) -> None:
        held = before.findings if before else {}
        if held == stage.findings:
            return
        own = {"org": self._org, "complaint_id": record.id, "stage": stage.number, "version": record.version + 1}
        if held:
            which = {"id": record.id, "stage": stage.number, "version": record.version + 1}
            await self._connection.execute(_VOID_FINDINGS, which)
        ids = {point.reference: point.id for point in record.points}
        rows = [
            {**own, "point_id": ids[point], "finding": finding, **_told(told.get(point, Told()))}
            for point, finding in stage.findings.items()
        ]
        if rows:
            await self._connection.execute(_SAVE_FINDINGS, rows)

    async def _save_change(self, complaint_id: UUID, version: int, change: NewChange, case: Case) -> None:
        own = {"org": self._org, "complaint_id": complaint_id, "version": version}
        told = {name: value for name, value in vars(change).items() if name not in {"recounts", "told", "points"}}
        facts = orjson.dumps(case_snapshot.dump(case)).decode()
        await self._connection.execute(_SAVE_CHANGE, {**own, **told, "facts": facts})


def _told(told: Told) -> dict[str, Any]:
    return {"reason": told.reason, "remedies": list(told.remedies)}


def _answer_by(case: Case, calendar: WorkingDays) -> date | None:
    """The day to answer by of the stage that runs: what lists are ordered by."""
    if case.phase is not Phase.RUNNING:
        return None
    return clock.timing(calendar, case.current.terms, case.current.facts).answer_by
