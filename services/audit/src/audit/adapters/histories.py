"""What a record was before each change: rows that are added and never changed. And the running numbers of records."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text

from audit.adapters.sealing import Sealing
from audit.domain.dispute import Difference
from chassis.unit_of_work import Transaction

Kind = Literal["dispute", "acknowledgement"]

_INSERT = """
    insert into {kind}_change
        (org, record_id, revision, position, step, stage, fact, was, became, was_sealed, secret, changed_by)
    values (:org, :record_id, :revision, :position, :step, :stage, :fact, :was, :became, :was_sealed, :secret, :by)
"""
_SELECT = """
    select revision, step, stage, fact, was, became, was_sealed, secret, changed_by, changed_at
      from {kind}_change where record_id = :id and revision > :after order by revision, position
"""
_NUMBER = text(
    """
    insert into record_number (org, kind, year, last) values (:org, :kind, :year, 1)
    on conflict on constraint record_number_key do update set last = record_number.last + 1
    returning last
    """
)


@dataclass(frozen=True)
class Change:
    """One fact that changed, when and by whom (subject). Of a secret one `was` is empty for who may not read words."""

    revision: int
    step: str
    stage: int
    fact: str
    was: str | None = field(repr=False)
    became: str | None = field(repr=False)
    secret: bool
    changed_by: str
    changed_at: datetime


class Histories:
    """Histories of one kind of record, and its numbers, within the transaction that was given."""

    def __init__(self, transaction: Transaction, kind: Kind, sealing: Sealing) -> None:
        self._transaction = transaction
        self._kind = kind
        self._sealing = sealing

    async def next_number(self, prefix: str, year: int) -> str:
        """The next number of a year, such as DRP-2026-014. Two who ask at once wait for one another: no gap, nothing twice."""
        names = {"org": self._transaction.org, "kind": self._kind, "year": year}
        number: int = (await self._transaction.connection.execute(_NUMBER, names)).scalar_one()
        return f"{prefix}-{year}-{number:03}"

    async def add(self, record_id: UUID, revision: int, step: str, by: str, found: Iterable[Difference]) -> None:
        """Keep what a change changed."""
        own = {"org": self._transaction.org, "record_id": record_id, "revision": revision, "step": step, "by": by}
        rows: list[dict[str, Any]] = [
            {
                **own,
                "position": position,
                "stage": each.stage,
                "fact": each.fact,
                "was": None if each.secret else each.was,
                "became": None if each.secret else each.became,
                "was_sealed": self._sealing.seal(each.was or "") if each.secret else None,
                "secret": each.secret,
            }
            for position, each in enumerate(found)
        ]
        if rows:
            await self._transaction.connection.execute(text(_INSERT.format(kind=self._kind)), rows)

    async def after(self, record_id: UUID, revision: int = 0) -> list[Change]:
        """What was changed beyond a revision, in order."""
        names = {"id": record_id, "after": revision}
        rows = await self._transaction.connection.execute(text(_SELECT.format(kind=self._kind)), names)
        return [
            Change(
                row.revision,
                row.step,
                row.stage,
                row.fact,
                (self._sealing.open(row.was_sealed) or None) if row.secret else row.was,
                row.became,
                row.secret,
                row.changed_by,
                row.changed_at,
            )
            for row in rows
        ]
