"""Reads plans: words are opened here and nowhere else."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import Row, text

from chassis import keyset
from chassis.days import british_day
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from reporting.adapters.plan_rows import Happened, KeptAction, KeptMilestone, KeptPlan, KeptTie, KeptWorkstream, WholePlan
from reporting.domain.plan import Action, Head, Milestone, Workstream
from reporting.domain.plan_tie import Tie

WORDS = "reporting/plan"
"""Purpose of the key that seals what people type into plans."""
STAFF = "reporting/staff"
"""Purpose of the key that seals the names of those who did something."""

MOST_PLANS = 500
_AREAS = "(cardinality(cast(:areas as text[])) = 0 or service_area = any(cast(:areas as text[])))"
_PLANS = text(
    f"select * from plan where org = :org and {_AREAS} order by state desc, opened_on desc, id desc limit :limit"  # noqa: S608 - constants
)
_PLAN = text(f"select * from plan where org = :org and id = :id and {_AREAS}")  # noqa: S608 - constants
_WORKSTREAMS = text("select * from plan_workstream where org = :org and plan_id = any(:ids) order by position, id")
_ACTIONS = text("select * from plan_action where org = :org and plan_id = any(:ids) order by position, id")
_MILESTONES = text("select * from plan_milestone where org = :org and plan_id = any(:ids) order by due_on, id")
_TIES = text("select *, filters::text as narrowed from plan_measure where org = :org and plan_id = any(:ids) order by id")
_STEPS = text(
    """
    select id, of_kind, of_id, step, at, by_name, words from plan_step
     where org = :org and plan_id = :id and (cast(:of as uuid) is null or of_id = :of)
       and (cast(:at as timestamptz) is null or (at, id) < (:at, :after))
     order by at desc, id desc limit :limit
    """
)


class PlanReading:
    """The plans of the transaction's organisation that somebody limited to `areas` may see (empty: all)."""

    def __init__(self, transaction: Transaction, secrets: Secrets, areas: frozenset[str]) -> None:
        self._connection = transaction.connection
        self._org = transaction.org
        self._secrets = secrets
        self._areas = sorted(areas)

    async def plans(self) -> list[KeptPlan]:
        """The plans, open ones first and of those the last that were opened."""
        names = {"org": self._org, "areas": self._areas, "limit": MOST_PLANS}
        return [self._plan(row) for row in await self._connection.execute(_PLANS, names)]

    async def plan(self, ident: UUID) -> KeptPlan | None:
        """One plan without its parts; None where there is none, or not for whoever asks."""
        row = (await self._connection.execute(_PLAN, {"org": self._org, "id": ident, "areas": self._areas})).one_or_none()
        return self._plan(row) if row else None

    async def whole(self, ident: UUID) -> WholePlan | None:
        """One plan with its parts."""
        plan = await self.plan(ident)
        return (await self.wholes([plan]))[0] if plan else None

    async def wholes(self, plans: Sequence[KeptPlan]) -> list[WholePlan]:
        """Plans with their parts, in four statements."""
        names = {"org": self._org, "ids": [each.id for each in plans]}
        workstreams = [self._workstream(row) for row in await self._connection.execute(_WORKSTREAMS, names)]
        actions = [self._action(row) for row in await self._connection.execute(_ACTIONS, names)]
        milestones = [self._milestone(row) for row in await self._connection.execute(_MILESTONES, names)]
        ties = [self._tie(row) for row in await self._connection.execute(_TIES, names)]
        return [
            WholePlan(
                each,
                tuple(part for part in workstreams if part.plan_id == each.id),
                tuple(part for part in actions if part.plan_id == each.id),
                tuple(part for part in milestones if part.plan_id == each.id),
                tuple(part for part in ties if part.plan_id == each.id),
            )
            for each in plans
        ]

    async def history(self, plan: UUID, limit: int, of: UUID | None = None, after: str | None = None) -> list[Happened]:
        """What was done, the newest first, of the plan or one of its parts. Raises `malformed-cursor` (422)."""
        at, last = _cursor(after)
        names = {"org": self._org, "id": plan, "of": of, "at": at, "after": last, "limit": limit}
        return [self._happened(row) for row in await self._connection.execute(_STEPS, names)]

    def _open(self, purpose: str, sealed: bytes) -> str:
        return self._secrets.open(self._org, purpose, bytes(sealed))

    def _words(self, row: Row[Any]) -> dict[str, Any]:
        found: dict[str, Any] = orjson.loads(self._open(WORDS, row.words))
        return found

    def _plan(self, row: Row[Any]) -> KeptPlan:
        words = self._words(row)
        head = Head(words["title"], words["purpose"], row.service_area)
        return KeptPlan(row.id, row.revision, head, row.state, row.opened_on, row.closed_on, row.changed_at)

    def _workstream(self, row: Row[Any]) -> KeptWorkstream:
        words = self._words(row)
        return KeptWorkstream(row.id, row.plan_id, row.revision, row.position, _workstream(words))

    def _action(self, row: Row[Any]) -> KeptAction:
        words = self._words(row)
        chosen = words.get("person"), int(words.get("given", 1))
        action = Action(words["what"], words["owner"], row.state, row.rag, row.ended_on, *chosen)
        return KeptAction(
            row.id, row.plan_id, row.workstream_id, row.revision, row.position, row.set_on, row.tracked, action,
            british_day(row.changed_at),
        )  # fmt: skip

    def _milestone(self, row: Row[Any]) -> KeptMilestone:
        what = self._words(row)["what"]
        milestone = Milestone(what, row.first_due_on, row.due_on, row.met_on, row.dropped)
        return KeptMilestone(row.id, row.plan_id, row.action_id, row.revision, milestone)

    def _tie(self, row: Row[Any]) -> KeptTie:
        tie = Tie(row.kind, row.code, orjson.loads(row.narrowed), row.start, row.better, row.target)
        return KeptTie(row.id, row.plan_id, row.action_id, row.revision, tie, row.dropped)

    def _happened(self, row: Row[Any]) -> Happened:
        words = self._words(row)
        return Happened(
            row.id, row.of_kind, row.of_id, row.step, row.at, self._open(STAFF, row.by_name), words["note"], words["before"],
            words["after"],
        )  # fmt: skip


def _workstream(words: dict[str, Any]) -> Workstream:
    return Workstream(words["title"], words["lead"], words.get("person"), int(words.get("given", 1)))


def _cursor(after: str | None) -> tuple[Any, UUID | None]:
    if after is None:
        return None, None
    at, last = keyset.decode(after, 2)
    try:
        return datetime.fromisoformat(at), UUID(last)
    except (ValueError, TypeError, AttributeError):
        raise keyset.malformed() from None
