"""Which records are due: over, and kept for as long as the organisation keeps them.

What the page shows and what the worker does are the same question.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text

from chassis.retention.holding import InForce, against, in_force
from chassis.retention.kinds import Kind
from chassis.retention.periods import months_before
from chassis.secrets import Secrets
from chassis.unit_of_work import Transaction

BATCH = 500
_DONE = (
    "exists (select from retention_reduced d where d.org = r.org and d.kind = :kind and d.record_id = r.id "
    "and d.reduced_on >= s.since)"
)


@dataclass(frozen=True, slots=True)
class Record:
    """A record as far as retention asks. `since` is the day from which its time counts, None where it is not over."""

    id: UUID
    reference: str | None
    area: str | None
    since: date | None
    names: tuple[str, ...]
    covers: tuple[UUID, ...]
    reduced: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """How a kind stands: records by the year since which they are over, and how many of the due ones are held."""

    kind: Kind
    months: int | None
    kept: int = 0
    reduced: int = 0
    due: dict[int, int] = field(default_factory=dict)
    held: int = 0

    @property
    def due_in_all(self) -> int:
        """Records whose time is over, held ones too."""
        return sum(self.due.values())


@cache
def _columns(kind: Kind) -> str:
    return (
        f"r.id, {kind.reference} as reference, {kind.area} as area, s.since, {kind.names} as names, {kind.covers} as covers, "
        f"{_DONE} as reduced"
    )


@cache
def _source(kind: Kind) -> str:
    # A record that is not over has no day since when.
    since = f"select case when {kind.over} then {kind.since} end as since"
    return f"from {kind.table} r join lateral ({since}) s on {kind.only}"


@cache
def _due(kind: Kind) -> TextClause:
    return text(
        f"select {_columns(kind)} {_source(kind)} where s.since <= :before and not {_DONE} "
        "and (cast(:after as uuid) is null or r.id > :after) order by r.id limit :limit"
    )


@cache
def _one(kind: Kind, *, lock: bool) -> TextClause:
    return text(f"select {_columns(kind)} {_source(kind)} where r.id = :id{' for update of r' if lock else ''}")


@cache
def _counts(kind: Kind) -> TextClause:
    return text(
        f"""
        select extract(year from s.since)::int as year, count(*) as records,
               count(*) filter (where {_DONE}) as reduced,
               count(*) filter (where s.since <= cast(:before as date) and not {_DONE}) as due
          {_source(kind)} group by 1 order by 1
        """  # noqa: S608 - constants that services declare
    )


def _record(row: Any) -> Record:
    return Record(row.id, row.reference, row.area, row.since, tuple(row.names or ()), tuple(row.covers or ()), row.reduced)


async def due(
    transaction: Transaction, kind: Kind, months: int, today: date, *, after: UUID | None = None, limit: int = BATCH
) -> Sequence[Record]:
    """Records of a kind whose time is over, held ones too, in the order of their ids."""
    names = {"kind": kind.code, "before": months_before(today, months), "after": after, "limit": limit}
    return [_record(row) for row in await transaction.connection.execute(_due(kind), names)]


async def one(transaction: Transaction, kind: Kind, ident: UUID, *, lock: bool = False) -> Record | None:
    """A record; with `lock` nobody else changes it until the transaction ends. None where it is not there."""
    row = (await transaction.connection.execute(_one(kind, lock=lock), {"kind": kind.code, "id": ident})).one_or_none()
    return _record(row) if row is not None else None


async def standing(transaction: Transaction, secrets: Secrets, kind: Kind, months: int | None, today: date) -> Standing:
    """How a kind stands on a day: nothing is changed by asking."""
    before = months_before(today, months) if months is not None else date.min
    rows = (await transaction.connection.execute(_counts(kind), {"kind": kind.code, "before": before})).all()
    years = {row.year: row.due for row in rows if row.due}
    reduced = sum(row.reduced for row in rows)
    kept = sum(row.records for row in rows) - reduced - sum(years.values())
    held = await _held(transaction, secrets, kind, months, today) if months is not None and years else 0
    return Standing(kind, months, kept, reduced, years, held)


async def _held(transaction: Transaction, secrets: Secrets, kind: Kind, months: int, today: date) -> int:
    holds = await in_force(transaction)
    found, after = 0, None
    while holds:
        records = await due(transaction, kind, months, today, after=after)
        found += sum(bool(held_by(holds, secrets, transaction.org, kind, each)) for each in records)
        if len(records) < BATCH:
            break
        after = records[-1].id
    return found


def held_by(holds: Sequence[InForce], secrets: Secrets, org: str, kind: Kind, record: Record) -> list[InForce]:
    """The holds that stand against reducing a record."""
    return against(holds, secrets, org, kind.code, (record.id, *record.covers), record.names)


@cache
def _named(kind: Kind) -> TextClause:
    return text(
        f"select {_columns(kind)} {_source(kind)} where r.id::text = lower(:asked) "  # noqa: S608 - constants that services declare
        f"or exists (select from unnest({kind.names}) n where lower(n) = lower(:asked)) order by r.id limit 20"
    )


async def named(transaction: Transaction, kind: Kind, asked: str) -> Sequence[Record]:
    """Records of a kind that are known by a reference, or have this id."""
    rows = await transaction.connection.execute(_named(kind), {"kind": kind.code, "asked": asked.strip()})
    return [_record(row) for row in rows]
