"""Which records changed since when, and what left a feed."""

import importlib
import pkgutil
import re
from datetime import date
from typing import Any
from uuid import UUID

from reporting_records import Sources, complaint, point_now, points_changed
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

import reporting.adapters
from reporting.adapters import fact_roots, facts, feed_marks
from reporting.domain import dimension_tables
from reporting.domain.odata.entity_sets import COMPLAINT_POINTS, ENTITY_SETS
from reporting.domain.odata.tracking import DIMENSIONS, by

DAY = date(2022, 4, 4)
# What is no fact: dimensions, and records of reporting's own.
OWN = {**{each.table: DIMENSIONS for each in dimension_tables.ALL}, "kpi_observation": by("observation_id")}
OWN |= dict.fromkeys(("plan", "plan_action", "plan_milestone"), by("plan_id"))
# What changes rows through no record, but when the day of the feed is turned (`test_feed_calendar`).
CALENDAR = {"feed_day", "profile"}
_TABLES_OF_VIEW = text(
    """
    with recursive made_of (oid) as (
        select to_regclass(:view)::oid
        union
        select d.refobjid from made_of m join pg_rewrite r on r.ev_class = m.oid
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
    )
    select c.relname from made_of m join pg_class c on c.oid = m.oid where c.relkind in ('r', 'p')
    """
)


def every_fact() -> dict[str, facts.Fact]:
    """The declared facts by table."""
    found = {}
    for module in pkgutil.iter_modules(reporting.adapters.__path__):
        if module.name.endswith("facts"):
            for each in vars(importlib.import_module(f"reporting.adapters.{module.name}")).values():
                if isinstance(each, facts.Fact):
                    found[each.table] = each
    return found


class TestDeclarations:
    async def test_every_set_follows_the_records_of_every_table_that_it_is_made_of(self, worker_engine: AsyncEngine) -> None:
        declared = every_fact()
        async with worker_engine.connect() as connection:
            for each in filter(lambda held: held.roots, ENTITY_SETS.values()):
                tables = (await connection.execute(_TABLES_OF_VIEW, {"view": each.view})).scalars().all()
                assert tables, each.name
                assert bool(CALENDAR & set(tables)) == each.by_calendar, each.name
                roots = {OWN.get(table) or fact_roots.root_of(declared[table]) for table in tables if table not in CALENDAR}
                assert None not in roots, each.name
                assert {root.kind for root in roots if root} == {root.kind for root in each.roots}, (each.name, tables)

    async def test_the_records_of_a_set_are_found_by_an_index(self, worker_engine: AsyncEngine) -> None:
        async with worker_engine.connect() as connection:
            await connection.execute(text("set local enable_seqscan = off"))
            for each in ENTITY_SETS.values():
                for root in filter(lambda root: root.column, each.roots):
                    plan = (
                        await connection.execute(
                            text(
                                f"explain select * from {each.rows_of('cast(:ids as uuid[])')} f "
                                f"where {root.of('f')} = any(cast(:ids as uuid[]))"
                            ),
                            {"ids": [UUID(int=1)]},
                        )
                    ).scalars()
                    # Of the profile there is a row a version, and nothing else to find it by.
                    scans = [line for line in plan if "Seq Scan" in line and not set(re.findall(r"\w+", line)) & CALENDAR]
                    assert not scans, each.name


async def at(engine: AsyncEngine) -> feed_marks.Mark:
    async with engine.connect() as connection:
        return await feed_marks.current(connection)


async def between(
    engine: AsyncEngine, since: feed_marks.Mark, until: feed_marks.Mark, areas: Any = ()
) -> tuple[set[str], set[str]]:
    """Points that changed, and that left, as somebody limited to areas is told."""
    limited = frozenset(areas)
    seen = "f.service_area = any(cast(:areas as text[]))" if limited else "true"
    values = {"org": "worcestershire", "since": since.xid, "until": until.xid, "areas": sorted(limited)}
    async with engine.connect() as connection:
        await connection.execute(
            text("select set_config('app.areas', '*', true), set_config('app.org', 'worcestershire', true)")
        )
        rows = text(f"select f.point_id from feed_complaint_point f where {feed_marks.changed(COMPLAINT_POINTS)} and {seen}")
        changed = (await connection.execute(rows, values)).scalars()
        gone = await connection.execute(text(feed_marks.removed(COMPLAINT_POINTS, limited, seen)), values)
        return {str(each) for each in changed}, {row.key[0] for row in gone}


class TestMarks:
    async def test_a_change_is_in_one_interval(self, worker_engine: AsyncEngine, sources: Sources) -> None:
        before = await at(worker_engine)
        await sources.record(complaint("a", DAY, categories=["send-other", "send-transport"]))
        after = await at(worker_engine)
        changed, gone = await between(worker_engine, before, after)
        assert (len(changed), gone) == (2, set())
        assert await between(worker_engine, after, await at(worker_engine)) == (set(), set())

    async def test_who_is_told_what_of_a_point_that_moves_to_another_area_and_then_goes(
        self, worker_engine: AsyncEngine, sources: Sources
    ) -> None:
        moved_point = point_now("a", 1, service_area="safeguarding")
        gone_point = point_now("a", 1, service_area="safeguarding", became="taken-back")
        await sources.record(complaint("a", DAY, categories=["send-other"]))
        await sources.record(points_changed("a", 2, "point-add", point_now("a", 1), point_now("a", 2)))
        first = await at(worker_engine)
        await sources.record(points_changed("a", 3, "point-move", moved_point, point_now("a", 2)))
        second = await at(worker_engine)
        changed, gone = await between(worker_engine, first, second, ["send"])
        assert (len(changed), len(gone)) == (1, 1)
        moved = next(iter(gone))
        assert await between(worker_engine, first, second, ["safeguarding"]) == ({moved}, set())
        assert (await between(worker_engine, first, second))[1] == set()
        await sources.record(
            points_changed(
                "a",
                4,
                "point-take-back",
                gone_point,
                point_now("a", 2),
            )
        )
        third = await at(worker_engine)
        assert (await between(worker_engine, second, third))[1] == {moved}
        assert (await between(worker_engine, second, third, ["safeguarding"]))[1] == {moved}
        assert (await between(worker_engine, second, third, ["send"]))[1] == set()
        # who was away for both is told once
        assert (await between(worker_engine, first, third))[1] == {moved}

    async def test_a_rebuild_begins_another_epoch(self, worker_engine: AsyncEngine, sources: Sources) -> None:
        first = await at(worker_engine)
        assert (await at(worker_engine)).epoch == first.epoch
        await next(iter(sources.appliers.values())).clear()
        assert (await at(worker_engine)).epoch != first.epoch
