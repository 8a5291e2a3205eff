"""Pages of changes of an entity set: what changed from one mark to the next, then what left (`feed_marks`).

Items follow one another by transaction, record and key, so that a page begins where the last ended and costs the same wherever
that is. What changes again meanwhile leaves the interval and comes with the next.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import text

from chassis.unit_of_work import Transaction
from reporting.adapters import feed_marks
from reporting.adapters.feed_sql import Parameters, condition, in_areas, json_of
from reporting.domain.odata import delta
from reporting.domain.odata.delta import Position
from reporting.domain.odata.model import SQL_TYPES
from reporting.domain.odata.query import Query
from reporting.domain.odata.tracking import Root

Item = tuple[Position, str]

_ROOTS = text(
    f"""
    select t.xid::text::bigint as xid, t.root_id from feed_touched t
     where t.org = :org and t.kind = :kind and {feed_marks.BETWEEN.format("t")}
       and (t.xid, t.root_id) >= ({feed_marks.XID.format("after")}, cast(:of as uuid))
     order by t.xid, t.root_id limit :most
    """  # noqa: S608 - constants
)
RECORDS = 500  # are looked at together: of some a page holds few, since each has many rows; of others many have none
_FIRST = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class DeltaPage:
    """Items as JSON text, and the position of the last where there are more."""

    items: str
    more: Position | None


class DeltaRepository:
    """Changes of entity sets, for one organisation and the service areas that its reader is limited to."""

    def __init__(self, transaction: Transaction, areas: frozenset[str]) -> None:
        self._connection = transaction.connection
        self._org = transaction.org
        self._areas = areas

    async def page(self, query: Query, since: int, until: int, after: Position | None) -> DeltaPage:
        """What comes after a position (None: from the beginning), up to as many items as a page holds."""
        items: list[Item] = []
        stage = after.stage if after else 0
        while len(items) <= query.size and stage <= len(query.entities.roots):
            wanted = query.size + 1 - len(items)
            if stage == len(query.entities.roots):
                items += await self._removed(query, since, until, after, wanted)
                break
            found, more = await self._changed(query, stage, since, until, after, wanted)
            items += found
            if more is None:
                stage, after = stage + 1, None
            else:
                after = more
        page = items[: query.size]
        return DeltaPage(",".join([each[1] for each in page]), page[-1][0] if len(items) > query.size else None)

    async def _changed(
        self, query: Query, stage: int, since: int, until: int, after: Position | None, wanted: int
    ) -> tuple[list[Item], Position | None]:
        """Rows of the next records that changed, and where to go on; None where there are no more records."""
        root = query.entities.roots[stage]
        values = {"org": self._org, "kind": root.kind, "since": since, "until": until, "most": RECORDS + 1}
        start = {"after": after.xid, "of": after.of} if after else {"after": 0, "of": _FIRST}
        records = (await self._connection.execute(_ROOTS, values | start)).all()
        if not records:
            return [], None
        xids = {str(row.root_id): row.xid for row in records[:RECORDS]}
        rows = await self._rows(query, stage, since, until, list(xids), after, wanted)
        items = [
            (Position(stage, xids[row.root], row.root, tuple(row.key)), row.line or _removed_line(query, row.key, "changed"))
            for row in rows
        ]
        if len(items) == wanted:
            return items, items[-1][0]
        if len(records) <= RECORDS:
            return items, None
        # The records that were looked at have no more; go on behind the last of them.
        last = str(records[RECORDS - 1].root_id)
        return items, Position(stage, xids[last], last, ())

    async def _rows(
        self, query: Query, stage: int, since: int, until: int, ids: list[str], after: Position | None, wanted: int
    ) -> Sequence[Any]:
        entities, root = query.entities, query.entities.roots[stage]
        parameters = Parameters()
        parameters.values |= {"since": since, "until": until}
        bound = parameters.bind("uuid[]", ids)
        where = in_areas(entities, self._areas, parameters)
        if earlier := entities.roots[:stage]:
            where += f" and not {feed_marks.changed(entities, earlier)}"
        if after is not None and after.of == ids[0]:
            where += f" and {_behind(query, root, after, parameters)}"
        line = json_of(query.columns, parameters)
        if query.filter is not None:
            line = f"case when {condition(query.filter, parameters)} then {line} end"
        key = ", ".join(f"f.{name}" for name in entities.key)
        keys = ", ".join(f"cast(f.{name} as text)" for name in entities.key)
        columns = ", ".join(f"f.{each.name}" for each in entities.properties)
        statement = f"""
            select cast(f.record as text) as root, array[{keys}] as key, {line} as line
              from (select u.place, u.id as record, {columns}
                      from {entities.rows_of(bound)} f
                      join unnest({bound}) with ordinality u (id, place) on u.id = {root.of("f")}
                     where {root.of("f")} = any({bound}) and {where}
                     order by u.place, {key} limit {parameters.bind("bigint", wanted)}) f
             order by f.place, {key}
        """  # noqa: S608 - constants of declared sets; values are bound
        return (await self._connection.execute(text(statement), parameters.values)).all()

    async def _removed(self, query: Query, since: int, until: int, after: Position | None, wanted: int) -> list[Item]:
        entities = query.entities
        parameters = Parameters()
        parameters.values |= {"org": self._org, "since": since, "until": until, "areas": sorted(self._areas)}
        gone = feed_marks.removed(entities, self._areas, in_areas(entities, self._areas, parameters))
        beyond = "true"
        if after is not None and after.key:
            beyond = f"(g.xid, g.key, g.area) > ({feed_marks.XID.format('after')}, cast(:key as text[]), cast(:area as text))"
            parameters.values |= {"after": after.xid, "key": list(after.key), "area": after.of}
        statement = f"""
            select cast(cast(g.xid as text) as bigint) as xid, g.key, g.area from ({gone}) g
             where {beyond} order by g.xid, g.key, g.area limit {parameters.bind("bigint", wanted)}
        """  # noqa: S608 - as above
        rows = await self._connection.execute(text(statement), parameters.values)
        stage = len(entities.roots)
        return [(Position(stage, row.xid, row.area, tuple(row.key)), _removed_line(query, row.key, "deleted")) for row in rows]


def _behind(query: Query, root: Root, after: Position, parameters: Parameters) -> str:
    """Rows of other records than the first, and of the first those behind the key that was given last."""
    first = parameters.bind("uuid", after.of)
    if not after.key:
        return f"{root.of('f')} <> {first}"
    names = ", ".join(f"f.{name}" for name in query.entities.key)
    key = ", ".join(
        parameters.bind(SQL_TYPES[each.type], each.read(part))
        for each, part in zip(map(query.entities.property, query.entities.key), after.key, strict=True)
    )
    return f"({root.of('f')} <> {first} or ({names}) > ({key}))"


def _removed_line(query: Query, key: Sequence[str], reason: str) -> str:
    return orjson.dumps(delta.removed(query.entities, key, reason)).decode()
