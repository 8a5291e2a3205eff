"""Actions and reasons for none in PostgreSQL, with the history of each; words and people sealed."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from complaints.domain.case import Finding
from complaints.domain.learning import Action, Found, Owner, Plan

WORDS = "complaints/learning"
"""Purpose of the key that seals what is to be done, what shows it, and notes."""

OWNER = "complaints/learning-owner"
"""Whoever sees to an action: sealed by it, found by the keyed hash of the sign-in."""

COLUMNS = """
    id, complaint_id, point_id, code, reference, stage, finding, service_area, team, what_sealed, owner_sealed, due_on,
    first_due_on, themes, status, done_on, evidence_sealed, reviewed_on, difference, recorded_on, revision
"""
_ONE = text(f"select {COLUMNS} from learning_action where id = :id")  # noqa: S608 - constants
_HELD = text(f"select {COLUMNS} from learning_action where id = :id for no key update")  # noqa: S608 - constants
_IS_OF = text("select 1 from learning_action where id = :id and owner_key = :owner")
_OF_COMPLAINT = text(f"select {COLUMNS} from learning_action where complaint_id = :id order by created_at, id")  # noqa: S608
_NONES = text(
    """
    select id, point_id, stage, finding, reason_sealed, decided_on, decided_by, replaced_on
      from learning_none where complaint_id = :id order by created_at, id
    """
)
_INSERT = text(
    """
    insert into learning_action (org, id, complaint_id, point_id, code, reference, stage, finding, service_area, team,
                                 what_sealed, owner_sealed, owner_key, owner_name_key, due_on, first_due_on, themes,
                                 recorded_on, created_by)
    select :org, :id, :complaint_id, :point_id, 'a' || (1 + count(*)), :reference, :stage, :finding, :service_area, :team,
           :what, :owner, :owner_key, :owner_name_key, :due_on, :due_on, cast(:themes as text[]), :recorded_on, :by
      from learning_action where complaint_id = :complaint_id
    """
)
_UPDATE = text(
    """
    update learning_action
       set service_area = :service_area, team = :team, what_sealed = :what, owner_sealed = :owner, owner_key = :owner_key,
           owner_name_key = :owner_name_key, due_on = :due_on, themes = cast(:themes as text[]), status = :status,
           done_on = :done_on, evidence_sealed = :evidence, reviewed_on = :reviewed_on, difference = :difference,
           revision = :revision
     where org = :org and id = :id
    """
)
_STEP = text(
    """
    insert into learning_step (org, id, action_id, revision, step, due_on, note_sealed, by)
    values (:org, :step_id, :id, :revision, :step, :due_on, :note, :by)
    """
)
_STEPS = text("select step, at, by, due_on, note_sealed from learning_step where action_id = :id order by revision")
_DECLINE = text(
    """
    insert into learning_none (org, id, complaint_id, point_id, stage, finding, service_area, reason_sealed, decided_on,
                               decided_by)
    values (:org, :id, :complaint_id, :point_id, :stage, :finding, :service_area, :reason, :decided_on, :by)
    """
)
_REPLACE = text("update learning_none set replaced_on = :on where org = :org and point_id = :point_id and replaced_on is null")


@dataclass(frozen=True)
class KeptAction:
    """An action with its words, and where it came from: `found` is the finding that asked for it."""

    id: UUID
    complaint_id: UUID
    point_id: UUID
    code: str
    reference: str
    found: Found
    action: Action
    first_due_on: date
    recorded_on: date
    revision: int

    @property
    def name(self) -> str:
        """How people call it: the complaint's reference and the action's code."""
        return f"{self.reference} {self.code.upper()}"


@dataclass(frozen=True)
class KeptNone:
    """A reason for no action. `replaced_on`: an action followed all the same."""

    id: UUID
    point_id: UUID
    found: Found
    reason: str
    decided_on: date
    decided_by: str
    replaced_on: date | None


@dataclass(frozen=True)
class KeptStep:
    """A line of an action's history; `due_on` where it set or moved the day."""

    step: str
    at: datetime
    by: str
    due_on: date | None
    note: str


@dataclass(frozen=True)
class Origin:
    """The point that an action or a reason belongs to."""

    complaint_id: UUID
    point_id: UUID
    reference: str
    found: Found


def plain_name(name: str) -> str:
    """A name as it is looked for: without case, and white space as it comes."""
    return " ".join(name.split()).casefold()


class LearningRepository:
    """Learning of the transaction's organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._org = transaction.org
        self._connection = transaction.connection
        self._secrets = secrets

    async def read(self, action_id: UUID, *, hold: bool = False) -> KeptAction | None:
        """One action; with `hold` nobody else changes it until this transaction ends."""
        row = (await self._connection.execute(_HELD if hold else _ONE, {"id": action_id})).one_or_none()
        return self.action_of(row) if row else None

    async def is_of(self, action_id: UUID, sign_in: str) -> bool:
        """Whether somebody sees to an action, by their sign-in."""
        names = {"id": action_id, "owner": self.owner_key(sign_in)}
        return (await self._connection.execute(_IS_OF, names)).one_or_none() is not None

    async def of_complaint(self, complaint_id: UUID) -> Sequence[KeptAction]:
        """The actions of a complaint, the oldest first."""
        rows = await self._connection.execute(_OF_COMPLAINT, {"id": complaint_id})
        return [self.action_of(row) for row in rows]

    async def nones_of(self, complaint_id: UUID) -> Sequence[KeptNone]:
        """The reasons for no action of a complaint, the oldest first."""
        rows = await self._connection.execute(_NONES, {"id": complaint_id})
        return [
            KeptNone(
                row.id, row.point_id, Found(row.stage, row.finding), self._open(WORDS, row.reason_sealed), row.decided_on,
                row.decided_by, row.replaced_on,
            )
            for row in rows
        ]  # fmt: skip

    async def steps(self, action_id: UUID) -> Sequence[KeptStep]:
        """The history of an action, the oldest first."""
        rows = await self._connection.execute(_STEPS, {"id": action_id})
        return [KeptStep(row.step, row.at, row.by, row.due_on, self._open(WORDS, row.note_sealed)) for row in rows]

    async def add(self, action_id: UUID, origin: Origin, plan: Plan, on: date, by: str) -> None:
        """Store a new action; its complaint is held, so that codes (a1, a2, …) stay unique. A reason for none is replaced."""
        values = {
            "id": action_id,
            "complaint_id": origin.complaint_id,
            "point_id": origin.point_id,
            "reference": origin.reference,
            "stage": origin.found.stage,
            "finding": origin.found.finding,
            "recorded_on": on,
            "by": by,
        }
        await self._connection.execute(_INSERT, {"org": self._org, **values, **self._plan(plan)})
        await self._connection.execute(_REPLACE, {"org": self._org, "point_id": origin.point_id, "on": on})
        await self._add_step(action_id, 1, "set", by, plan.due_on, "")

    async def save(self, kept: KeptAction, after: Action, step: str, by: str, due_on: date | None, note: str) -> None:
        """Write an action that is held, with the line of its history; its revision rises by one.

        What its complaint still asks for is worked out at once, while whoever calls sees the whole complaint.
        """
        revision = kept.revision + 1
        values = {
            "id": kept.id,
            "status": after.status,
            "done_on": after.done_on,
            "evidence": self._seal(WORDS, after.evidence) if after.evidence else None,
            "reviewed_on": after.reviewed_on,
            "difference": after.difference,
            "revision": revision,
        }
        await self._connection.execute(_UPDATE, {"org": self._org, **values, **self._plan(after.plan)})
        for when in ("immediate", "deferred"):
            await self._connection.execute(text(f"set constraints learning_action_asks {when}"))
        await self._add_step(kept.id, revision, step, by, due_on, note)

    async def decline(self, decision_id: UUID, origin: Origin, service_area: str, reason: str, on: date, by: str) -> None:
        """Store a reason for no action."""
        values = {
            "org": self._org,
            "id": decision_id,
            "complaint_id": origin.complaint_id,
            "point_id": origin.point_id,
            "stage": origin.found.stage,
            "finding": origin.found.finding,
            "service_area": service_area,
            "reason": self._seal(WORDS, reason),
            "decided_on": on,
            "by": by,
        }
        await self._connection.execute(_DECLINE, values)

    def owner_key(self, sign_in: str) -> str:
        """What stands for a sign-in, or a name, in the column by which somebody's actions are found."""
        return self._secrets.pseudonym(self._org, OWNER, sign_in)

    def action_of(self, row: Row[Any]) -> KeptAction:
        """An action of its row."""
        plan = Plan(
            self._open(WORDS, row.what_sealed), self._owner(row.owner_sealed), row.service_area, row.team, row.due_on,
            tuple(row.themes),
        )  # fmt: skip
        evidence = self._open(WORDS, row.evidence_sealed)
        action = Action(plan, row.status, row.done_on, evidence, row.reviewed_on, row.difference)
        finding: Finding = row.finding
        return KeptAction(
            row.id, row.complaint_id, row.point_id, row.code, row.reference, Found(row.stage, finding), action,
            row.first_due_on, row.recorded_on, row.revision,
        )  # fmt: skip

    async def _add_step(self, action_id: UUID, revision: int, step: str, by: str, due_on: date | None, note: str) -> None:
        values = {"org": self._org, "step_id": new_id(), "id": action_id, "revision": revision, "step": step, "due_on": due_on}
        await self._connection.execute(_STEP, {**values, "by": by, "note": self._seal(WORDS, note) if note else None})

    def _plan(self, plan: Plan) -> dict[str, Any]:
        owner = plan.owner
        sealed = self._seal(OWNER, json.dumps(vars(owner))) if owner.name else None
        return {
            "service_area": plan.service_area,
            "team": plan.team,
            "what": self._seal(WORDS, plan.what),
            "owner": sealed,
            "owner_key": self.owner_key(owner.sign_in) if owner.sign_in else None,
            "owner_name_key": self.owner_key(plain_name(owner.name)) if owner.name else None,
            "due_on": plan.due_on,
            "themes": list(plan.themes),
        }

    def _owner(self, sealed: bytes | None) -> Owner:
        return Owner(**json.loads(self._open(OWNER, sealed))) if sealed else Owner()

    def _seal(self, purpose: str, words: str) -> bytes:
        return self._secrets.seal(self._org, purpose, words)

    def _open(self, purpose: str, sealed: bytes | None) -> str:
        return self._secrets.open(self._org, purpose, sealed) if sealed else ""
