"""Disputes in PostgreSQL: how one is read as a whole, held, created and changed. Plain SQL, few round trips."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from audit.adapters.histories import Histories
from audit.adapters.sealing import Sealing
from audit.domain.dispute import Answer, Dispute, Ending, Phase, Stage, differences
from audit.domain.dispute_access import Parties
from audit.domain.dispute_clock import taken
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction, whole_organisation

DISPUTE = "dispute"
"""Purpose of the key with which the words of disputes are sealed."""
CASE = "case"
"""Purpose of the pseudonym under which a child's case stands, the same as that of posted outcomes."""

_LOCK = text("select 1 from dispute where id = :id for update")
_READ = text(
    """
    select id, reference, source, source_reference, content_hash, raised_person, raised_on, raised_by, category, service_area,
           team, limit_in_all, case_sealed, concern_sealed, informal_on, informal_sealed, revision, recorded_at
      from dispute where id = :id
    """
)
# Two that send the same at once wait for one another, so that the second finds what the first stored.
_LOCK_REFERENCE = text(
    "select pg_advisory_xact_lock(hashtextextended('dispute ' || :org || chr(31) || :source || chr(31) || :reference, 0))"
)
_FIND = text("select id from dispute where source = :source and source_reference = :reference")
_STAGES = text("select * from dispute_stage where dispute_id = :id order by number")
_CREATE = text(
    """
    insert into dispute (org, id, reference, source, source_reference, content_hash, raised_person, raised_on, raised_by,
                         category, service_area, team, limit_in_all, case_key, case_sealed, concern_sealed, informal_on,
                         informal_sealed, phase, stage, stage_number, due_on, ended_on, revision)
    values (:org, :id, :reference, :source, :source_reference, :content_hash, :raised_person, :raised_on, :raised_by,
            :category, :service_area, :team, :limit_in_all, :case_key, :case_sealed, :concern_sealed, :informal_on,
            :informal_sealed, :phase, :stage, :stage_number, :due_on, :ended_on, :revision)
    """
)
_UPDATE = text(
    """
    update dispute
       set raised_on = :raised_on, raised_by = :raised_by, category = :category, service_area = :service_area, team = :team,
           case_key = :case_key, case_sealed = :case_sealed, concern_sealed = :concern_sealed, informal_on = :informal_on,
           informal_sealed = :informal_sealed, phase = :phase, stage = :stage, stage_number = :stage_number, due_on = :due_on,
           ended_on = :ended_on, revision = :revision
     where id = :id
    """
)
_OF_STAGE = (
    *("number", "code", "begun_by", "reached_on", "limit_days", "due_on", "calendar", "person", "role_sealed", "to_team"),
    *("reason_sealed", "answered_on", "answered_by", "answer_sealed", "left_on", "working_days", "result", "ended_on"),
    *("outcome", "informal", "ending_sealed"),
)
_SAVE_STAGE = text(
    f"""
    insert into dispute_stage (org, dispute_id, {", ".join(_OF_STAGE)})
    values (:org, :dispute_id, {", ".join(f":{name}" for name in _OF_STAGE)})
    on conflict on constraint dispute_stage_once
    do update set {", ".join(f"{name} = excluded.{name}" for name in _OF_STAGE[3:])}
    """  # noqa: S608 - constants
)


@dataclass(frozen=True)
class Record:
    """A dispute as it is stored. `source` is the subject of whoever recorded it, `raised_person` who raised it if known."""

    id: UUID
    reference: str
    source: str
    source_reference: str | None
    content_hash: bytes
    raised_person: str | None
    revision: int
    recorded_at: datetime | None
    dispute: Dispute

    @property
    def parties(self) -> Parties:
        """Who has to do with it."""
        dispute = self.dispute
        addressed = frozenset(stage.person for stage in dispute.stages if stage.person is not None)
        return Parties(dispute.service_area, dispute.team, self.source, self.raised_person, addressed)


class DisputeRepository:
    """Disputes of the transaction's organisation; with `readable` False their words come back empty."""

    def __init__(self, transaction: Transaction, secrets: Secrets, *, readable: bool = True) -> None:
        self._org = transaction.org
        self._connection = transaction.connection
        self._secrets = secrets
        self._words = Sealing(secrets, transaction.org, DISPUTE, readable)
        self.histories = Histories(transaction, "dispute", self._words)

    async def hold(self, dispute_id: UUID) -> Record | None:
        """A dispute, held until the transaction ends so that two changes follow one another. None if there is none."""
        if (await self._connection.execute(_LOCK, {"id": dispute_id})).one_or_none() is None:
            return None
        # A statement of its own, whose snapshot is younger than the lock: it sees what the last holder committed.
        return await self.by_id(dispute_id)

    async def by_id(self, dispute_id: UUID) -> Record | None:
        """A dispute as a whole."""
        row = (await self._connection.execute(_READ, {"id": dispute_id})).one_or_none()
        if row is None:
            return None
        stages = await self._connection.execute(_STAGES, {"id": dispute_id})
        return self._record(row, tuple(self._stage(stage) for stage in stages))

    async def by_source(self, source: str, reference: str) -> Record | None:
        """A dispute by the number that the system which sent it has for it."""
        names = {"source": source, "reference": reference}
        await self._connection.execute(_LOCK_REFERENCE, names | {"org": self._org})
        async with whole_organisation(self._connection):  # a reference is used once, in whatever service area
            found = (await self._connection.execute(_FIND, names)).scalar_one_or_none()
            return None if found is None else await self.by_id(found)

    async def create(self, record: Record, by: str) -> None:
        """Store a new dispute with its first stage."""
        own = {
            "source": record.source,
            "source_reference": record.source_reference,
            "content_hash": record.content_hash,
            "raised_person": record.raised_person,
            "reference": record.reference,
            "limit_in_all": record.dispute.limit_in_all,
        }
        await self._connection.execute(_CREATE, self._head(record) | own)
        await self._save_stages(record.id, None, record.dispute)
        await self.histories.add(record.id, record.revision, "raise", by, differences(None, record.dispute))

    async def save(self, before: Record, after: Record, step: str, by: str) -> None:
        """Store what a step changed: the dispute, the stages that differ, and what they were before."""
        await self._connection.execute(_UPDATE, self._head(after))
        await self._save_stages(after.id, before.dispute, after.dispute)
        await self.histories.add(after.id, after.revision, step, by, differences(before.dispute, after.dispute))

    async def _save_stages(self, dispute_id: UUID, before: Dispute | None, after: Dispute) -> None:
        rows = [self._stage_row(after, stage) for stage in after.stages]
        if before is not None:
            # A stage that was left by this step differs too: in when it was left.
            same = [self._plain(before, number) == self._plain(after, number) for number in range(1, len(after.stages) + 1)]
            rows = [row for row, unchanged in zip(rows, same, strict=True) if not unchanged]
        if rows:
            await self._connection.execute(_SAVE_STAGE, [{"org": self._org, "dispute_id": dispute_id, **row} for row in rows])

    @staticmethod
    def _plain(dispute: Dispute, number: int) -> object:
        return (dispute.stages[number - 1], dispute.left_on(number)) if number <= len(dispute.stages) else None

    def _head(self, record: Record) -> dict[str, Any]:
        dispute = record.dispute
        current, seal = dispute.current, self._words.seal_always
        names = ("raised_on", "raised_by", "category", "service_area", "team", "informal_on")
        return {name: getattr(dispute, name) for name in names} | {
            "org": self._org,
            "id": record.id,
            "case_key": self._secrets.pseudonym(self._org, CASE, dispute.case_number),
            "case_sealed": seal(dispute.case_number),
            "concern_sealed": seal(dispute.concern),
            "informal_sealed": self._words.seal(dispute.informal),
            "phase": dispute.phase.value,
            "stage": current.code,
            "stage_number": current.number,
            "due_on": current.due_on if dispute.phase is Phase.WAITING else None,
            "ended_on": current.ending.on if current.ending is not None else None,
            "revision": record.revision,
        }

    def _stage_row(self, dispute: Dispute, stage: Stage) -> dict[str, Any]:
        answer, ending, seal = stage.answer, stage.ending, self._words.seal_always
        names = ("number", "code", "begun_by", "reached_on", "due_on", "calendar", "person", "to_team")
        return {name: getattr(stage, name) for name in names} | {
            "limit_days": stage.limit,
            "role_sealed": self._words.seal(stage.role),
            "reason_sealed": None if stage.begun_by == "raise" else seal(stage.reason),
            "answered_on": answer and answer.on,
            "answered_by": answer and answer.by,
            "answer_sealed": seal(answer.words) if answer is not None else None,
            "left_on": dispute.left_on(stage.number),
            "working_days": taken(dispute, stage.number),
            "result": ending and ending.result,
            "ended_on": ending and ending.on,
            "outcome": ending and ending.outcome,
            "informal": ending and ending.informal,
            "ending_sealed": seal(ending.words) if ending is not None else None,
        }

    def _record(self, row: Row[Any], stages: tuple[Stage, ...]) -> Record:
        read = self._words.open
        names = ("raised_on", "raised_by", "category", "service_area", "team", "limit_in_all", "informal_on")
        dispute = Dispute(
            **{name: getattr(row, name) for name in names},
            stages=stages,
            case_number=read(row.case_sealed),
            concern=read(row.concern_sealed),
            informal=read(row.informal_sealed),
        )
        plain = ("id", "reference", "source", "source_reference", "raised_person", "revision", "recorded_at")
        own = {name: getattr(row, name) for name in plain}
        return Record(**own, content_hash=bytes(row.content_hash), dispute=dispute)

    def _stage(self, row: Row[Any]) -> Stage:
        read = self._words.open
        names = ("number", "code", "begun_by", "reached_on", "due_on", "calendar", "person", "to_team")
        answer = None
        if row.answered_on is not None:
            answer = Answer(row.answered_on, row.answered_by, read(row.answer_sealed))
        ending = None
        if row.result is not None:
            ending = Ending(row.result, row.ended_on, row.outcome, row.informal, read(row.ending_sealed))
        return Stage(
            **{name: getattr(row, name) for name in names},
            limit=row.limit_days,
            role=read(row.role_sealed),
            reason=read(row.reason_sealed),
            answer=answer,
            ending=ending,
        )
