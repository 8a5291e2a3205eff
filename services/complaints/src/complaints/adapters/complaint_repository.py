"""Complaints in PostgreSQL: how one is read as a whole, locked, created and changed. Plain SQL, few round trips."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text

from chassis.calendar import WorkingDays
from chassis.unit_of_work import Transaction
from complaints.adapters.complaint_record import PLAIN, Change, Record, record_of
from complaints.domain import clock
from complaints.domain.case import Case, Phase, Stage
from complaints.domain.clock import Facts, Terms

_LOCK = text("select version, service_area from complaint where id = :id for update")

_READ = """
    select c.id, c.reference, c.procedure, c.formality, c.received_on, c.service_area, c.team, c.need, c.route, c.raised_by,
           c.version, c.content_hash,
           (select jsonb_agg(jsonb_build_array(p.id, p.reference, p.category, p.service_area) order by p.position)
              from complaint_point p where p.org = c.org and p.complaint_id = c.id)::text as points,
           (select jsonb_agg(to_jsonb(s) - 'org' order by s.number)
              from stage s where s.org = c.org and s.complaint_id = c.id)::text as stages,
           (select jsonb_agg(jsonb_build_array(f.stage, f.point_id, f.finding))
              from finding f where f.org = c.org and f.complaint_id = c.id)::text as findings,
           (select jsonb_agg(to_jsonb(r) - 'org' order by r.stage)
              from stage_request r where r.org = c.org and r.complaint_id = c.id)::text as requests,
           (select jsonb_agg(jsonb_build_array(o.id, o.reference, o.service_area, o.accepted_on, o.outcome_on, o.outcome,
                   o.actions) order by o.accepted_on, o.id)
              from ombudsman_case o where o.org = c.org and o.complaint_id = c.id)::text as ombudsman
      from complaint c
"""
_BY_ID = text(f"{_READ} where c.id = :value")
_BY_REFERENCE = text(f"{_READ} where c.reference = :value")

_CHANGES = text(
    """
    select version, step, stage, dated_on, recorded_at, recorded_by, reason
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
_CREATE_POINTS = text(
    """
    insert into complaint_point (org, id, complaint_id, position, reference, category, service_area)
    values (:org, :id, :complaint_id, :position, :reference, :category, :service_area)
    """
)
_UPDATE = text("update complaint set phase = :phase, stage = :stage, due_on = :due_on, version = :version where id = :id")
_SAVE_STAGE = text(
    """
    insert into stage (org, complaint_id, number, limit_days, extension_to, counts_from, acknowledge_within, started_on,
                       opened_on, acknowledged_on, extended_on, responded_on, due_on, due_unacknowledged_on, working_days,
                       calendar)
    values (:org, :complaint_id, :number, :limit_days, :extension_to, :counts_from, :acknowledge_within, :started_on,
            :opened_on, :acknowledged_on, :extended_on, :responded_on, :due_on, :due_unacknowledged_on, :working_days,
            :calendar)
    on conflict on constraint stage_once do update
       set acknowledged_on = excluded.acknowledged_on, extended_on = excluded.extended_on,
           responded_on = excluded.responded_on, due_on = excluded.due_on,
           due_unacknowledged_on = excluded.due_unacknowledged_on, working_days = excluded.working_days,
           calendar = excluded.calendar
    """
)
_SAVE_FINDINGS = text(
    """
    insert into finding (org, complaint_id, stage, point_id, finding)
    values (:org, :complaint_id, :stage, :point_id, :finding)
    """
)
_SAVE_REQUEST = text(
    """
    insert into stage_request (org, complaint_id, stage, requested_on, late, decided_on, decision)
    values (:org, :complaint_id, :stage, :requested_on, :late, :decided_on, :decision)
    on conflict on constraint request_once do update set decided_on = excluded.decided_on, decision = excluded.decision
    """
)
_SAVE_CHANGE = text(
    """
    insert into complaint_change (org, complaint_id, version, step, stage, dated_on, reason, recorded_by)
    values (:org, :complaint_id, :version, :step, :stage, :dated_on, :reason, :by)
    """
)


@dataclass(frozen=True)
class NewChange:
    """What is written about a change, beside the change itself."""

    step: str
    stage: int
    dated_on: date
    by: str
    reason: bytes | None = None


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
        return [Change(*row) for row in rows]

    async def create(self, record: Record, case: Case, calendar: WorkingDays, profile: int, by: str) -> bool:
        """Store a new complaint with its points and first stage. False, and nothing stored, if its reference is taken."""
        stage = case.current
        due_on = clock.timing(calendar, stage.terms, stage.facts).due_on
        values = {name: getattr(record, name) for name in PLAIN if name != "version"}
        values |= {"org": self._org, "due_on": due_on, "profile": profile, "by": by}
        if (await self._connection.execute(_CREATE, values)).one_or_none() is None:
            return False
        points = [
            {"org": self._org, "complaint_id": record.id, "position": position, **vars(point)}
            for position, point in enumerate(record.points, 1)
        ]
        await self._connection.execute(_CREATE_POINTS, points)
        await self._connection.execute(_SAVE_STAGE, self._stage_row(record.id, stage, calendar))
        await self._save_change(record.id, 1, NewChange("receive", 1, record.received_on, by))
        return True

    async def save(self, record: Record, before: Case, after: Case, calendar: WorkingDays, change: NewChange) -> None:
        """Store what a step changed: the complaint, the stages and requests that differ, new findings, and the change."""
        running = after.current if after.phase is Phase.RUNNING else None
        due_on = clock.timing(calendar, running.terms, running.facts).due_on if running else None
        head = {"id": record.id, "phase": after.phase.value, "stage": after.current.number, "due_on": due_on}
        await self._connection.execute(_UPDATE, {**head, "version": record.version + 1})
        for stage in after.stages:
            if stage not in before.stages:
                await self._connection.execute(_SAVE_STAGE, self._stage_row(record.id, stage, calendar))
                await self._save_findings(record, before, stage)
        for request in after.requests:
            if request not in before.requests:
                own = {"org": self._org, "complaint_id": record.id}
                await self._connection.execute(_SAVE_REQUEST, {**own, **vars(request)})
        await self._save_change(record.id, record.version + 1, change)

    async def _save_findings(self, record: Record, before: Case, stage: Stage) -> None:
        begun = before.begun(stage.number)
        if not stage.findings or (begun is not None and begun.findings):
            return
        ids = {point.reference: point.id for point in record.points}
        own = {"org": self._org, "complaint_id": record.id, "stage": stage.number}
        rows = [{**own, "point_id": ids[point], "finding": finding} for point, finding in stage.findings.items()]
        await self._connection.execute(_SAVE_FINDINGS, rows)

    async def _save_change(self, complaint_id: UUID, version: int, change: NewChange) -> None:
        own = {"org": self._org, "complaint_id": complaint_id, "version": version}
        await self._connection.execute(_SAVE_CHANGE, {**own, **vars(change)})

    def _stage_row(self, complaint_id: UUID, stage: Stage, calendar: WorkingDays) -> dict[str, Any]:
        terms, facts = stage.terms, stage.facts
        when = clock.timing(calendar, terms, facts)
        days = None if facts.responded_on is None else calendar.count(when.day_zero, facts.responded_on)
        return {
            "org": self._org,
            "complaint_id": complaint_id,
            "number": stage.number,
            "limit_days": terms.limit,
            "extension_to": terms.extension_to,
            "counts_from": terms.counts_from,
            "acknowledge_within": terms.acknowledge_within,
            "opened_on": stage.opened_on,
            **vars(facts),
            "due_on": when.due_on,
            "due_unacknowledged_on": _due_unacknowledged(calendar, terms, facts),
            "working_days": days,
            "calendar": calendar.version,
        }


def _due_unacknowledged(calendar: WorkingDays, terms: Terms, facts: Facts) -> date | None:
    """The due date that a late acknowledgement moved; only then does it matter for the days in between."""
    if facts.acknowledged_on is None or terms.counts_from != "acknowledged":
        return None
    extended_by_then = facts.extended_on if facts.extended_on and facts.extended_on <= facts.acknowledged_on else None
    before = clock.timing(calendar, terms, Facts(facts.started_on, None, extended_by_then)).due_on
    return before if facts.acknowledged_on > before else None
