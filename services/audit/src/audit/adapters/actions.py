"""Actions of audits in PostgreSQL, with the history of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, text

from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction

WORDS = "audit/action"
"""Purpose of the key that seals what is to be done, and the evidence that it was."""

Status = Literal["open", "done", "dropped"]

_COLUMNS = "id, audit_id, code, what_sealed, owner, team, due_on, status, done_on, evidence_sealed, revision"
_OF_AUDIT = text(f"select {_COLUMNS} from action where audit_id = :id order by created_at, id")  # noqa: S608 - constants
_DAYS_OF_AUDIT = text(
    "select id, code, owner, team, due_on, status, done_on from action where audit_id = :id order by created_at, id"
)
_ONE = text(f"select {_COLUMNS} from action where id = :id")  # noqa: S608 - constants
_HELD = text(f"select {_COLUMNS} from action where id = :id for no key update")  # noqa: S608 - constants
_INSERT = text(
    """
    insert into action (org, id, audit_id, code, what_sealed, owner, team, due_on, set_by)
    select :org, :id, :audit_id, 'a' || (1 + count(*)), :what, :owner, :team, :due_on, :by
      from action where audit_id = :audit_id
    returning code
    """
)
_UPDATE = text(
    """
    update action
       set what_sealed = :what, owner = :owner, due_on = :due_on, status = :status, done_on = :done_on,
           evidence_sealed = :evidence, revision = revision + 1, changed_at = now()
     where org = :org and id = :id
    """
)
_STEP = text(
    """
    insert into action_step (org, id, action_id, step, by, due_on, note_sealed)
    values (:org, :step_id, :id, :step, :by, :due_on, :note)
    """
)
_STEPS = text("select step, at, by, due_on, note_sealed from action_step where action_id = :id order by at, id")


@dataclass(frozen=True)
class KeptAction:
    """An action with its words. `owner` is a code of the directory."""

    id: UUID
    audit_id: UUID
    code: str
    what: str
    owner: str
    team: str | None
    due_on: date
    status: Status
    done_on: date | None
    evidence: str
    revision: int


@dataclass(frozen=True)
class ActionDays:
    """An action by its codes and days."""

    id: UUID
    code: str
    owner: str
    team: str | None
    due_on: date
    status: Status
    done_on: date | None


@dataclass(frozen=True)
class ActionStep:
    """One line of an action's history: set, moved, changed, noted, done, reopened, dropped."""

    step: str
    at: datetime
    by: str
    due_on: date | None
    note: str


class ActionRepository:
    """Reads and writes actions within the transaction that was given."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._connection = transaction.connection
        self._org = transaction.org
        self._secrets = secrets

    async def of_audit(self, audit_id: UUID) -> list[KeptAction]:
        """The actions of an audit in the order in which they were set."""
        return [self._action(row) for row in await self._connection.execute(_OF_AUDIT, {"id": audit_id})]

    async def days(self, audit_id: UUID) -> list[ActionDays]:
        """The actions of an audit without their words, those that were dropped too."""
        return [ActionDays(**row._asdict()) for row in await self._connection.execute(_DAYS_OF_AUDIT, {"id": audit_id})]

    async def read(self, action_id: UUID) -> KeptAction | None:
        """One action as it stands."""
        row = (await self._connection.execute(_ONE, {"id": action_id})).one_or_none()
        return self._action(row) if row else None

    async def hold(self, action_id: UUID) -> KeptAction | None:
        """One action that nobody else changes until this transaction ends. Its audit is held before it, never after."""
        row = (await self._connection.execute(_HELD, {"id": action_id})).one_or_none()
        return self._action(row) if row else None

    async def add(self, audit_id: UUID, *, what: str, owner: str, team: str | None, due_on: date, by: str) -> UUID:
        """Set a new action; its audit is held, so that codes (a1, a2, …) stay unique."""
        action_id = new_id()
        names = {
            "org": self._org,
            "id": action_id,
            "audit_id": audit_id,
            "owner": owner,
            "team": team,
            "due_on": due_on,
            "by": by,
        }
        await self._connection.execute(_INSERT, {**names, "what": self._seal(what)})
        await self.add_step(action_id, "set", by, due_on)
        return action_id

    async def save(self, action: KeptAction) -> None:
        """Write an action that is held."""
        await self._connection.execute(
            _UPDATE,
            {
                "org": self._org,
                "id": action.id,
                "what": self._seal(action.what),
                "owner": action.owner,
                "due_on": action.due_on,
                "status": action.status,
                "done_on": action.done_on,
                "evidence": self._seal(action.evidence) if action.evidence else None,
            },
        )

    async def add_step(self, action_id: UUID, step: str, by: str, due_on: date | None = None, note: str = "") -> None:
        """Add a line to an action's history."""
        names = {"org": self._org, "step_id": new_id(), "id": action_id, "step": step, "by": by, "due_on": due_on}
        await self._connection.execute(_STEP, {**names, "note": self._seal(note) if note else None})

    async def steps(self, action_id: UUID) -> Sequence[ActionStep]:
        """The history of an action, the oldest first."""
        rows = await self._connection.execute(_STEPS, {"id": action_id})
        return [ActionStep(row.step, row.at, row.by, row.due_on, self._open(row.note_sealed)) for row in rows]

    def _seal(self, words: str) -> bytes:
        return self._secrets.seal(self._org, WORDS, words)

    def _open(self, sealed: bytes | None) -> str:
        return self._secrets.open(self._org, WORDS, sealed) if sealed else ""

    def _action(self, row: Row[Any]) -> KeptAction:
        return KeptAction(
            id=row.id,
            audit_id=row.audit_id,
            code=row.code,
            what=self._open(row.what_sealed),
            owner=row.owner,
            team=row.team,
            due_on=row.due_on,
            status=row.status,
            done_on=row.done_on,
            evidence=self._open(row.evidence_sealed),
            revision=row.revision,
        )
