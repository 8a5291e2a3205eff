"""The database itself limits a reader to service areas (docs/decisions/0027), and figures of an area stay what they were."""

import re
from datetime import date
from typing import Any

import pytest
from reporting_everything import everything
from reporting_records import Sources
from reporting_stories import mixed, story
from services.reporting.tests.integration.test_access import ACCESS, EVERYBODY

from chassis.access import PUBLIC
from chassis.testing.areas import OF_SECOND, acting_within, fill, not_kept_apart, rows, seen, undeclared, unit_of_work
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.testing.strangers import told_apart
from chassis.testing.written_areas import written_elsewhere
from chassis.unit_of_work import Transaction
from contracts.base import Event
from reporting.adapters.limits import LIMITED, NOT_LIMITED
from reporting.adapters.sources import SOURCES
from reporting.adapters.tally_repository import TallyRepository
from reporting.domain.meanings import Meanings
from reporting.domain.odata.entity_sets import ENTITY_SETS
from reporting.domain.tallies import Tally

ORG = "worcestershire"
AREAS = ("send", "safeguarding", "fostering")
SETS = sorted(each.name for each in ENTITY_SETS.values() if each.limited_by)
FACTS = sorted(table for table in LIMITED if table.startswith("fact_"))


def scattered(events: list[Event]) -> list[Event]:
    """The events, each telling of another area than the last, as if everything were moved with every step."""
    found = []
    for place, event in enumerate(events):
        told: dict[str, Any] = {"service_area": AREAS[place % 3]} if getattr(event, "service_area", None) else {}
        if points := getattr(event, "points", ()):
            moved = [
                each.model_copy(update={"service_area": AREAS[(place + at) % 3]}) if hasattr(each, "service_area") else each
                for at, each in enumerate(points)
            ]
            told["points"] = tuple(moved)
        found.append(event.model_copy(update=told))
    return found


@pytest.fixture
async def told(sources: Sources) -> None:
    """Most kinds of records, told of in one area after the other."""
    events: list[Event] = [*everything("a"), *everything("b"), *everything("c"), *story(), *mixed()]
    await sources.record(*scattered(events))


async def feeds(transaction: Transaction, area: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that each set has of an area."""
    found = {}
    for name in SETS:
        entities = ENTITY_SETS[name]
        columns = ", ".join(f"{each.name}::text" for each in entities.properties)
        query = f"select {columns} from {entities.view} where {entities.limited_by} = '{area}' order by 1, 2"
        found[name] = await rows(transaction, query)
    return found


async def figures(transaction: Transaction, area: str) -> dict[str, Any]:
    """What each measure counts of an area, over all days."""
    asked = {
        name: Tally(name, date(2020, 1, 1), date(2030, 12, 31), filters=(("service_area", (area,)),))
        for name, source in SOURCES.items()
        if "service_area" in source.dimensions
    }
    answers = await TallyRepository(transaction).answer(list(asked.values()), Meanings())
    return {name: answers[tally] for name, tally in asked.items()}


VALUES = {"step": "check", "plan": OF_SECOND, "ident": OF_SECOND}


def routes() -> list[tuple[str, str]]:
    """Every route that names a record that people write."""
    named = {each: set(re.findall(r"{(\w+)}", each[1])) for each, to in ACCESS.items() if PUBLIC not in to}
    return [each for each, names in named.items() if names & {"plan", "ident"}]


class TestLimitedAreas:
    async def test_every_table_is_declared_to_be_limited_or_not(self, database: Database) -> None:
        assert await undeclared(database, LIMITED, NOT_LIMITED) == []

    @pytest.mark.usefixtures("told")
    async def test_a_reader_of_an_area_sees_of_it_what_everybody_sees(self, database: Database) -> None:
        async with unit_of_work(database) as uow:
            compared = 0
            for area in AREAS:
                async with uow.begin(ORG) as transaction:
                    every, counted = await feeds(transaction, area), await figures(transaction, area)
                with acting_within(area):
                    async with uow.begin(ORG) as transaction:
                        assert await feeds(transaction, area) == every, area
                        assert await figures(transaction, area) == counted, area
                compared += sum(bool(found) for found in every.values()) + sum(bool(found) for found in counted.values())
            assert compared > len(SETS) + len(SOURCES), "too little was told to compare"
        whole, nothing = await seen(database, FACTS, ORG), await seen(database, FACTS, ORG, "elsewhere")
        two, one = await seen(database, FACTS, ORG, "send", "fostering"), await seen(database, FACTS, ORG, "send")
        assert all(whole.values())
        assert not any(nothing.values())
        assert all(one[table] <= two[table] <= whole[table] for table in FACTS)
        assert sum(one.values()) < sum(two.values()) < sum(whole.values())

    @pytest.mark.usefixtures("told")
    async def test_where_nothing_was_said_of_areas_nothing_is_seen(self, database: Database) -> None:
        async with unit_of_work(database) as uow, uow.begin(ORG) as transaction:
            await rows(transaction, "select set_config('app.areas', '', true)")
            for table in sorted(LIMITED - {"feed_left"}):
                assert await rows(transaction, f"select count(*) from {table}") == [(0,)], table

    async def test_what_people_write_is_seen_by_its_area(self, database: Database) -> None:
        written = {table for table in LIMITED if not table.startswith("fact_")}
        await fill(database, written, ORG, ("send", "fostering"))
        assert await seen(database, written, ORG) == dict.fromkeys(written, 2)
        assert await seen(database, written, ORG, "send") == dict.fromkeys(written, 1)
        assert await seen(database, written, ORG, "send", "fostering") == dict.fromkeys(written, 2)
        assert await seen(database, written, ORG, "elsewhere") == dict.fromkeys(written, 0)

    async def test_nothing_of_another_area_is_written_whatever_code_forgets(self, database: Database) -> None:
        await fill(database, LIMITED - set(FACTS), ORG, ("send", "fostering"))
        faults, tried = await written_elsewhere(database, LIMITED, ORG, ("send", "fostering"))
        assert faults == []
        assert tried == LIMITED - set(FACTS), "facts are written by nobody who serves requests"

    async def test_no_record_of_another_area_is_there_on_any_route(
        self, client: ServiceClient, profile: Any, database: Database
    ) -> None:
        await fill(database, LIMITED - set(FACTS), ORG, ("send", "fostering"))
        assert await not_kept_apart(client, caller(*EVERYBODY, org=ORG), "send", routes(), VALUES) == []

    @pytest.mark.usefixtures("profile")
    async def test_one_of_another_organisation_and_none_are_the_same_work(
        self, client: ServiceClient, database: Database
    ) -> None:
        await fill(database, LIMITED - set(FACTS), "telford-wrekin", ("send", "fostering"))
        assert await told_apart(client, caller(*EVERYBODY, org=ORG), routes(), VALUES, ("plan", "ident")) == []
