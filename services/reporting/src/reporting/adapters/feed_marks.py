"""Which records changed since when, for those who pull only what is new (ADR 0014).

Whoever writes facts names the records first (`touch`), which notes the writing transaction with each and makes writers of the
same record wait for one another; and says afterwards which rows have left a feed (`Touched.settle`). Whoever reads takes a mark
(`current`): the oldest transaction that is still open. What changed from one mark (inclusive) to the next (exclusive) has
committed and is seen by every later statement, and all that commits later is at or after the next mark; so every change is in
one interval and only one, in whatever order writers commit.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from uuid import UUID

import orjson
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.odata.model import SQL_TYPES, EntitySet
from reporting.domain.odata.tracking import Root

TABLES = ("feed_touched", "feed_left")

# What a mark is worth nothing after: a rebuild; a dump that was read back (another table, or another installation of
# PostgreSQL); a copy of the database that was put in its place (another database); a restore to a past moment or a standby that
# took over (another timeline), which may have lost what was told.
_EPOCH = """
    md5(concat_ws(':', (select system_identifier from pg_control_system()), 'feed_touched'::regclass::oid,
                  (select oid from pg_database where datname = current_database()),
                  substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8), (select number from feed_epoch)))
"""
_CURRENT = text(f"select pg_snapshot_xmin(pg_current_snapshot())::text::bigint as xid, {_EPOCH} as epoch")
# A change that commits later was either begun before the last one that is seen, and is told of here as open, or makes another
# the last. Who has begun since, and who stays open, changes nothing.
_STANDING = """
    select pg_snapshot_xmin(s.seen)::text::bigint as xid, s.epoch,
           concat_ws(' ', m.xid::text, (select string_agg(o.xid::text, ' ' order by o.xid)
                                          from pg_snapshot_xip(s.seen) o (xid) where o.xid < m.xid)) as state
      from (select pg_current_snapshot() as seen, {epoch} as epoch) s
      left join lateral (
           select max(l.xid) as xid from (values {kinds}) k (kind) cross join lateral (
                  select t.xid from feed_touched t where t.org = :org and t.kind = k.kind order by t.xid desc limit 1) l) m
        on true
"""
# The worker that turns the day of the feed waits for writers of records, and they for it (`feed_calendar`).
_DAY_LOCK = "pg_advisory_xact_lock{0}(hashtextextended('day of the feed ' || :org, 0))"
_KEEP_DAY, _HOLD_DAY = (text(f"select {_DAY_LOCK.format(each)}") for each in ("_shared", ""))
_DAY = text("select day || ' ' || may_miss_days from feed_today")
_NEXT_EPOCH = text("update feed_epoch set number = number + 1")
# Sorted, so that two writers of several records never wait for each other.
_TOUCH = text(
    """
    insert into feed_touched as held (org, kind, root_id, xid)
    select :org, t.kind, t.root_id, pg_current_xact_id()
      from unnest(cast(:kinds as text[]), cast(:ids as uuid[])) as t (kind, root_id)
    on conflict (org, kind, root_id) do update set xid = excluded.xid
    returning held.kind, held.root_id, old.root_id is not null as known
    """
)
_LEFT = text(
    """
    insert into feed_left (org, name, key, area, xid)
    select :org, l.name, l.key, l.area, pg_current_xact_id()
      from jsonb_to_recordset(cast(:rows as jsonb)) as l (name text, key text[], area text)
    on conflict (org, name, key, area) do update set xid = excluded.xid, left_at = now()
    """
)

XID = "cast(cast(cast(:{0} as bigint) as text) as xid8)"
BETWEEN = f"{{0}}.xid >= {XID.format('since')} and {{0}}.xid < {XID.format('until')}"

Roots = Mapping[str, Iterable[UUID]]
"""Records by kind."""

Row = tuple[str, tuple[str, ...], str]  # set, key, service area


@dataclass(frozen=True)
class Mark:
    """Up to where a puller has been told: everything of a smaller transaction, in this epoch."""

    epoch: str
    xid: int


@dataclass(frozen=True)
class Standing:
    """Where a set stands: the mark, and what is another whenever its rows are (None where changes are not followed)."""

    mark: Mark
    state: str | None


@dataclass(frozen=True)
class Touched:
    """The records that a transaction is about to write, and the rows that feeds had of those that were there before."""

    org: str
    known: Mapping[str, list[UUID]]
    before: frozenset[Row]

    async def settle(self, connection: AsyncConnection) -> None:
        """Note the rows that stand in a feed no more, or in another service area; after everything was written."""
        if not self.before:
            return
        await leave(connection, self.org, self.before - await _shown(connection, self.known))


async def current(connection: AsyncConnection) -> Mark:
    """The mark that holds for everything that later statements of this transaction read."""
    row = (await connection.execute(_CURRENT)).one()
    return Mark(row.epoch, row.xid)


async def standing(connection: AsyncConnection, org: str, entities: EntitySet) -> Standing:
    """The mark, and the state of a set."""
    if not entities.roots:
        return Standing(await current(connection), None)
    row = (await connection.execute(_standing_of(entities.roots), {"org": org})).one()
    # Until somebody has turned the day for the first time, the views go by the clock.
    day = f" {(await connection.execute(_DAY)).scalar_one()}" if entities.by_calendar else ""
    return Standing(Mark(row.epoch, row.xid), f"{row.epoch} {row.state}{day}")


@cache
def _standing_of(roots: tuple[Root, ...]) -> TextClause:
    return text(_STANDING.format(epoch=_EPOCH, kinds=", ".join(f"('{each.kind}')" for each in roots)))


async def touch(connection: AsyncConnection, org: str, roots: Roots) -> Touched:
    """Name the records that are about to be written, before any of it is; the tenant is set."""
    await connection.execute(_KEEP_DAY, {"org": org})
    known = await name(connection, org, roots)
    return Touched(org, known, await _shown(connection, known))


async def name(connection: AsyncConnection, org: str, roots: Roots) -> dict[str, list[UUID]]:
    """Note that this transaction writes these records; answers those that were there before.

    Enough by itself where no row of a feed can leave it, or its service area, by what is written.
    """
    named = sorted((kind, root) for kind, ids in roots.items() for root in set(ids))
    known: dict[str, list[UUID]] = defaultdict(list)
    if not named:
        return known
    kinds, ids = zip(*named, strict=True)
    for row in await connection.execute(_TOUCH, {"org": org, "kinds": list(kinds), "ids": list(ids)}):
        if row.known:
            known[row.kind].append(row.root_id)
    return known


async def leave(connection: AsyncConnection, org: str, left: Iterable[Row]) -> None:
    """Note rows that stand in a feed no more, or in another service area."""
    rows = [{"name": name_, "key": key, "area": area} for name_, key, area in sorted(left)]
    if rows:
        await connection.execute(_LEFT, {"org": org, "rows": orjson.dumps(rows).decode()})


async def hold_day(connection: AsyncConnection, org: str) -> None:
    """Let nobody write records of the organisation while the day of its feed is turned."""
    await connection.execute(_HOLD_DAY, {"org": org})


async def begin_epoch(connection: AsyncConnection) -> None:
    """Make every mark that was given out worthless, because everything is written anew."""
    await connection.execute(_NEXT_EPOCH)


async def _shown(connection: AsyncConnection, known: Mapping[str, list[UUID]]) -> frozenset[Row]:
    found: set[Row] = set()
    for kind, ids in known.items():
        statement = _rows_of(kind)
        if statement is not None:
            rows = await connection.execute(statement, {"ids": ids})
            found.update((row.name, tuple(row.key), row.area) for row in rows)
    return frozenset(found)


def changed(entities: EntitySet, roots: Sequence[Root] | None = None) -> str:
    """The condition on rows `f` of a set's view that they changed from :since (inclusive) to :until (exclusive).

    Both are numbers of marks of one epoch. A row counts as changed with everything of its record.
    """
    kinds = " or ".join(f"(t.kind = '{each.kind}' and t.root_id = {each.of('f')})" for each in roots or entities.roots)
    return f"exists (select from feed_touched t where t.org = f.org and ({kinds}) and {BETWEEN.format('t')})"


def removed(entities: EntitySet, areas: frozenset[str], visible: str = "true") -> str:
    """A statement for the keys that left a set from :since to :until, for whoever is limited to :areas (none: sees all).

    Answers `xid`, `area` and `key` (text[]), each key once. `visible` is the condition under which a reader sees a row `f`; a
    key whose row is seen again is not among them, nor one that left again since. Its service area must have been one of the
    reader's: nobody is told of what they never saw.
    """
    allowed = "{0}.area = any(cast(:areas as text[]))" if areas and entities.limited_by else "true"
    key = " and ".join(
        f"f.{name} = cast(l.key[{at}] as {SQL_TYPES[entities.property(name).type]})" for at, name in enumerate(entities.key, 1)
    )
    return f"""
        select l.xid, l.area, l.key from feed_left l
         where l.org = :org and l.name = '{entities.name}' and {BETWEEN.format("l")} and {allowed.format("l")}
           and not exists (select from feed_left o
                            where o.org = l.org and o.name = l.name and o.key = l.key and {allowed.format("o")}
                              and (o.xid, o.area) > (l.xid, l.area))
           and not exists (select from {entities.view} f where f.org = l.org and {key} and {visible})
    """  # noqa: S608 - constants of declared sets


@cache
def _rows_of(kind: str) -> TextClause | None:
    """Which rows the sets have of records of a kind."""
    ids = "cast(:ids as uuid[])"
    parts = [
        f"select {place(each)} from {each.rows_of(ids)} f where {root.of('f')} = any({ids})"  # noqa: S608 - constants
        for each in ENTITY_SETS.values()
        for root in each.roots
        if root.kind == kind
    ]
    return text(" union all ".join(parts)) if parts else None


def place(entities: EntitySet) -> str:
    """The columns that say where a row `f` of a set stands: `name`, `key` (text[]) and `area`."""
    key = ", ".join(f"cast(f.{each} as text)" for each in entities.key)
    area = f"coalesce(f.{entities.limited_by}, '')" if entities.limited_by else "''"
    return f"'{entities.name}' as name, array[{key}] as key, {area} as area"
