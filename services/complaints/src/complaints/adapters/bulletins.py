"""Bulletins in PostgreSQL, sealed, with every version that was saved; and the counts that they are drafted from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text

from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction
from complaints.adapters.learning import COLUMNS, KeptAction, LearningRepository
from complaints.domain.bulletin import Bulletin, Content, Month, State

TEXTS = "complaints/bulletin"
"""Purpose of the key that seals what people wrote."""

_COLUMNS = "month, state, revision, content_sealed, approved_sealed, published_sealed, edition, published_on"
_ONE = text(f"select {_COLUMNS} from bulletin where month = :month")  # noqa: S608 - constants
_HELD = text(f"select {_COLUMNS} from bulletin where month = :month for no key update")  # noqa: S608 - constants
_ALL = text("select month, state, edition, published_on from bulletin order by month desc")
_INSERT = text(
    """
    insert into bulletin (org, month, content_sealed) values (:org, :month, :content)
    on conflict on constraint bulletin_key do nothing
    """
)
_UPDATE = text(
    """
    update bulletin set state = :state, revision = :revision, content_sealed = :content, approved_sealed = :approved,
           published_sealed = :published, edition = :edition, published_on = :published_on
     where org = :org and month = :month
    """
)
_STEP = text(
    """
    insert into bulletin_step (org, month, revision, step, content_sealed, by)
    values (:org, :month, :revision, :step, :content, :by)
    """
)
_STEPS = text("select revision, step, at, by from bulletin_step where month = :month order by revision desc")

_COUNTS: Mapping[str, str] = {
    "received": """
        select procedure, count(*) from complaint where received_on between :first and :last and not in_error group by 1
    """,
    "categories": """
        select p.category, count(*)
          from complaint c join complaint_point p on p.org = c.org and p.complaint_id = c.id and p.live
         where c.received_on between :first and :last and not c.in_error group by 1
    """,
    "findings": """
        select finding, count(*) from (
            select distinct p.id, s.number, f.finding from stage s
              join finding f on f.org = s.org and f.complaint_id = s.complaint_id and f.stage = s.number and f.void_from is null
              join complaint_point p
                on p.org = f.org and p.complaint_id = f.complaint_id and p.live and f.point_id = any(p.id || p.ancestors)
             where s.responded_on between :first and :last) found
         group by 1
    """,
    "compliments": """
        select case when external then source else 'internal' end, count(*) from compliment
         where received_on between :first and :last group by 1
    """,
    "actions": """
        select 'recorded', count(*) from learning_action where recorded_on between :first and :last and status <> 'dropped'
        union all select 'done', count(*) from learning_action where done_on between :first and :last
        union all select 'none', count(*) from learning_none where decided_on between :first and :last
    """,
    "themes": """
        select theme, count(*) from learning_action cross join lateral unnest(themes) as theme
         where recorded_on between :first and :last and status <> 'dropped' group by 1
    """,
}
_MENTIONED = text(
    f"""
    select {COLUMNS} from learning_action
     where status <> 'dropped' and (recorded_on between :first and :last or done_on between :first and :last)
     order by service_area, due_on, id limit :most
    """  # noqa: S608 - constants
)
MOST_ACTIONS = 200


@dataclass(frozen=True)
class KeptBulletin:
    """A bulletin: what people wrote, what was approved, what staff see."""

    month: Month
    state: State
    revision: int
    content: Content
    approved: Bulletin | None
    published: Bulletin | None
    edition: int
    published_on: date | None


@dataclass(frozen=True)
class Listed:
    """A bulletin in the list; without an edition staff see none."""

    month: Month
    state: State
    edition: int
    published_on: date | None


@dataclass(frozen=True)
class KeptStep:
    """A line of a bulletin's history."""

    revision: int
    step: str
    at: datetime
    by: str


class BulletinRepository:
    """Bulletins of the transaction's organisation."""

    def __init__(self, transaction: Transaction, secrets: Secrets) -> None:
        self._org = transaction.org
        self._transaction = transaction
        self._connection = transaction.connection
        self._secrets = secrets
        self._learning = LearningRepository(transaction, secrets)

    async def read(self, month: Month, *, hold: bool = False) -> KeptBulletin | None:
        """The bulletin of a month; with `hold` nobody else changes it until this transaction ends."""
        row = (await self._connection.execute(_HELD if hold else _ONE, {"month": month.first})).one_or_none()
        return self._bulletin(row) if row else None

    async def listed(self) -> Sequence[Listed]:
        """All bulletins, the newest first."""
        return [Listed(Month(row.month), *tuple(row)[1:]) for row in await self._connection.execute(_ALL)]

    async def begin(self, month: Month, by: str) -> None:
        """Begin a draft, unless there is one."""
        content = self._seal(Content().dump())
        names = {"org": self._org, "month": month.first, "content": content}
        if (await self._connection.execute(_INSERT, names)).rowcount:
            await self._connection.execute(_STEP, {**names, "revision": 1, "step": "drafted", "by": by})

    async def save(self, bulletin: KeptBulletin, step: str, by: str) -> None:
        """Write a bulletin that is held, with the line of its history."""
        content = self._seal(bulletin.content.dump())
        names = {"org": self._org, "month": bulletin.month.first, "revision": bulletin.revision, "content": content}
        values = {
            "state": bulletin.state,
            "approved": self._seal(bulletin.approved.dump()) if bulletin.approved else None,
            "published": self._seal(bulletin.published.dump()) if bulletin.published else None,
            "edition": bulletin.edition,
            "published_on": bulletin.published_on,
        }
        await self._connection.execute(_UPDATE, {**names, **values})
        await self._connection.execute(_STEP, {**names, "step": step, "by": by})

    async def steps(self, month: Month) -> Sequence[KeptStep]:
        """The history of a bulletin, the newest first."""
        return [KeptStep(*row) for row in await self._connection.execute(_STEPS, {"month": month.first})]

    async def counts(self, month: Month) -> dict[str, dict[str, int]]:
        """Counts of a month, of the whole organisation: by kind, then by code."""
        days = {"first": month.first, "last": month.last}
        async with self._transaction.whole_organisation():
            return {
                name: {code: count for code, count in await self._connection.execute(text(statement), days)}  # noqa: C416 - rows
                for name, statement in _COUNTS.items()
            }

    async def mentioned(self, month: Month) -> Sequence[KeptAction]:
        """Actions that were recorded or done in a month, of the whole organisation, at most MOST_ACTIONS."""
        names = {"first": month.first, "last": month.last, "most": MOST_ACTIONS}
        async with self._transaction.whole_organisation():
            rows = await self._connection.execute(_MENTIONED, names)
        return [self._learning.action_of(row) for row in rows]

    def _bulletin(self, row: Row[Any]) -> KeptBulletin:
        approved, published = (
            Bulletin.load(self._open(sealed)) if sealed else None for sealed in (row.approved_sealed, row.published_sealed)
        )
        content = Content.load(self._open(row.content_sealed))
        return KeptBulletin(
            Month(row.month), row.state, row.revision, content, approved, published, row.edition, row.published_on
        )

    def _seal(self, words: str) -> bytes:
        return self._secrets.seal(self._org, TEXTS, words)

    def _open(self, sealed: bytes) -> str:
        return self._secrets.open(self._org, TEXTS, sealed)
