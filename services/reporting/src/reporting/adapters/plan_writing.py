"""Writes plans: a part with the line of its history, or neither."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from chassis.identity import Identity
from chassis.ids import new_id
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from reporting.adapters import feed_marks
from reporting.adapters.plan_reading import STAFF, WORDS
from reporting.adapters.plan_rows import KeptAction, KeptMilestone, KeptPlan, KeptTie, KeptWorkstream, Part
from reporting.domain.plan import Action, Head, Milestone, Workstream, stale
from reporting.domain.plan_tie import Tie

_TABLES: dict[Part, str] = {
    "plan": "plan", "workstream": "plan_workstream", "action": "plan_action", "milestone": "plan_milestone",
    "measure": "plan_measure",
}  # fmt: skip
_JSON = {"filters"}
_NUMBER = "nextval('plan_change')"
_STEP = text(
    """
    insert into plan_step (org, id, plan_id, of_kind, of_id, revision, step, at, by_subject, by_name, words)
    values (:org, :id, :plan_id, :of_kind, :of_id, :revision, :step, :at, :by_subject, :by_name, :words)
    """
)
# People write plans, and seldom at the same moment: one after the other in an organisation. So nothing is completed while a
# part of it is added, and the numbers of the feed become visible in their order.
_HOLD = text("select pg_advisory_xact_lock(hashtextextended('improvement plans ' || :org, 0))")
_NEXT = {
    "workstream": "select coalesce(max(position), 0) + 1 from plan_workstream where org = :org and plan_id = :of",
    "action": "select coalesce(max(position), 0) + 1 from plan_action where org = :org and workstream_id = :of",
}


@dataclass(frozen=True)
class Done:
    """What the history says of a change: the step, the reason, and what was there before and after (only what differs)."""

    step: str
    note: str = ""
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None


class PlanWriting:
    """Plans of the transaction's organisation, written by one person now."""

    def __init__(self, transaction: Transaction, secrets: Secrets, identity: Identity, now: datetime) -> None:
        self._connection = transaction.connection
        self._org = transaction.org
        self._secrets = secrets
        self._identity = identity
        self._now = now

    async def hold(self) -> None:
        """Let nobody else write plans of the organisation until the transaction ends. Before anything is read."""
        await self._connection.execute(_HOLD, {"org": self._org})

    async def add_plan(self, ident: UUID, head: Head, on: date) -> bool:
        """A new plan; False where this id is there already: a second click."""
        row = {"service_area": head.service_area, "state": "open", "opened_on": on, "closed_on": None}
        return await self._add("plan", ident, ident, row, _words(head), Done("opened"))

    async def save_plan(self, kept: KeptPlan, head: Head, state: str, closed_on: date | None, done: Done) -> None:
        """A plan as it is from now on. Raises `stale` where it was changed meanwhile."""
        row = {"service_area": head.service_area, "state": state, "closed_on": closed_on}
        await self._save("plan", kept.id, kept.id, kept.revision, row, _words(head), done)

    async def add_workstream(self, ident: UUID, plan: UUID, workstream: Workstream) -> bool:
        """A new workstream at the end of its plan, which is held alone."""
        row = {"plan_id": plan, "position": await self._next("workstream", plan)}
        return await self._add("workstream", ident, plan, row, _words(workstream), Done("added"))

    async def save_workstream(self, kept: KeptWorkstream, workstream: Workstream, done: Done) -> None:
        """A workstream as it is from now on. Raises `stale`."""
        await self._save("workstream", kept.id, kept.plan_id, kept.revision, {}, _words(workstream), done)

    async def add_action(self, ident: UUID, workstream: KeptWorkstream, action: Action, on: date, tracked: str | None) -> bool:
        """A new action at the end of its workstream; its plan is held alone."""
        row = {
            "plan_id": workstream.plan_id, "workstream_id": workstream.id, "set_on": on, "tracked": tracked,
            "position": await self._next("action", workstream.id), "state": action.state, "rag": action.rag,
            "ended_on": action.ended_on,
        }  # fmt: skip
        return await self._add("action", ident, workstream.plan_id, row, _words(action), Done("added"))

    async def save_action(self, kept: KeptAction, action: Action, done: Done) -> None:
        """An action as it is from now on. Raises `stale`."""
        row = {"state": action.state, "rag": action.rag, "ended_on": action.ended_on}
        await self._save("action", kept.id, kept.plan_id, kept.revision, row, _words(action), done)

    async def add_milestone(self, ident: UUID, action: KeptAction, milestone: Milestone) -> bool:
        """A new milestone."""
        row = {"plan_id": action.plan_id, "action_id": action.id, **_of_milestone(milestone)}
        done = Done("added", after={"due_on": milestone.due_on})
        return await self._add("milestone", ident, action.plan_id, row, {"what": milestone.what}, done)

    async def save_milestone(self, kept: KeptMilestone, milestone: Milestone, done: Done) -> None:
        """A milestone as it is from now on. Raises `stale`."""
        row = _of_milestone(milestone)
        await self._save("milestone", kept.id, kept.plan_id, kept.revision, row, {"what": milestone.what}, done)

    async def add_tie(self, ident: UUID, action: KeptAction, tie: Tie) -> bool:
        """Tie a measure to an action."""
        row = {
            "plan_id": action.plan_id, "action_id": action.id, "kind": tie.kind, "code": tie.code,
            "filters": orjson.dumps(dict(tie.filters)).decode(), "start": tie.start, "better": tie.better,
            "target": tie.target, "dropped": False,
        }  # fmt: skip
        return await self._add("measure", ident, action.plan_id, row, None, Done("added", after={"code": tie.code}))

    async def drop_tie(self, kept: KeptTie, note: str) -> None:
        """Take a measure away from its action; it stays in the history. Raises `stale`."""
        done = Done("dropped", note, before={"code": kept.tie.code})
        await self._save("measure", kept.id, kept.plan_id, kept.revision, {"dropped": True}, None, done)

    async def _next(self, part: str, of: UUID) -> int:
        found = await self._connection.execute(text(_NEXT[part]), {"org": self._org, "of": of})
        return int(found.scalar_one())

    async def _add(
        self, part: Part, ident: UUID, plan: UUID, row: dict[str, Any], words: dict[str, Any] | None, done: Done
    ) -> bool:
        await self._name(plan)
        now = {"created_at": self._now, "changed_at": self._now}
        values = {"org": self._org, "id": ident, "revision": 1, **now, **row, **self._sealed(words)}
        places = ", ".join(f"cast(:{name} as jsonb)" if name in _JSON else f":{name}" for name in values)
        names = f"changed_sequence, {', '.join(values)}"
        sql = f"insert into {_TABLES[part]} ({names}) values ({_NUMBER}, {places}) on conflict do nothing returning id"  # noqa: S608 - constants
        if (await self._connection.execute(text(sql), values)).scalar_one_or_none() is None:
            return False
        await self._add_step(part, ident, plan, 1, done)
        return True

    async def _save(
        self, part: Part, ident: UUID, plan: UUID, seen: int, row: dict[str, Any], words: dict[str, Any] | None, done: Done
    ) -> None:
        await self._name(plan)
        values = {"changed_at": self._now, **row, **self._sealed(words)}
        told = ", ".join(f"{name} = :{name}" for name in values)
        told = f"revision = revision + 1, changed_sequence = {_NUMBER}, {told}"
        sql = f"update {_TABLES[part]} set {told} where org = :org and id = :id and revision = :seen"  # noqa: S608 - constants
        changed = await self._connection.execute(text(sql), {**values, "org": self._org, "id": ident, "seen": seen})
        if changed.rowcount != 1:
            raise stale()
        await self._add_step(part, ident, plan, seen + 1, done)

    async def note(self, kept: KeptAction, note: str) -> None:
        """Add a line to an action's history without changing what it is; its revision rises all the same. Raises `stale`."""
        await self._save("action", kept.id, kept.plan_id, kept.revision, {}, _words(kept.action), Done("note", note))

    async def _name(self, plan: UUID) -> None:
        # The feed tells of a plan as a whole. Nothing of it ever leaves the feed, or its service area.
        await feed_marks.name(self._connection, self._org, {"plan": [plan]})

    async def _add_step(self, part: Part, ident: UUID, plan: UUID, revision: int, done: Done) -> None:
        words = {"note": done.note.strip(), "before": _plain(done.before), "after": _plain(done.after)}
        values = {
            "org": self._org, "id": new_id(), "plan_id": plan, "of_kind": part, "of_id": ident, "revision": revision,
            "step": done.step, "at": self._now, "by_subject": self._identity.subject,
            "by_name": self._secrets.seal(self._org, STAFF, self._identity.label or self._identity.subject),
            **self._sealed(words),
        }  # fmt: skip
        try:
            await self._connection.execute(_STEP, values)
        except IntegrityError as error:
            raise stale() from error

    def _sealed(self, words: dict[str, Any] | None) -> dict[str, bytes]:
        return {} if words is None else {"words": self._secrets.seal(self._org, WORDS, orjson.dumps(words).decode())}


def _words(of: Head | Workstream | Action) -> dict[str, Any]:
    match of:
        case Head():
            return {"title": of.title.strip(), "purpose": of.purpose.strip()}
        case Workstream():
            return {"title": of.title.strip(), "lead": of.lead.strip(), **_chosen(of)}
        case Action():
            return {"what": of.what.strip(), "owner": of.owner.strip(), **_chosen(of)}


def _chosen(of: Workstream | Action) -> dict[str, Any]:
    return {"person": of.person, "given": of.given} if of.person else {}


def _of_milestone(milestone: Milestone) -> dict[str, Any]:
    return {
        "first_due_on": milestone.first_due_on, "due_on": milestone.due_on, "met_on": milestone.met_on,
        "dropped": milestone.dropped,
    }  # fmt: skip


def _plain(held: dict[str, Any] | None) -> dict[str, str]:
    return {name: "" if value is None else str(value) for name, value in (held or {}).items()}
