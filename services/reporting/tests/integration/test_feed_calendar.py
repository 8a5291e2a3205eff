"""The day of the feed: what the mere passing of a day changes is told by delta links, as everything else is."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from reporting_plans import officer_of
from reporting_pulling import FEED, Numbers, Puller, Writer
from reporting_records import Sources, document
from reporting_tracked import DAY, audited, later, of_audits, of_complaints, of_feedback
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.days import british_today
from chassis.testing.fixtures import ServiceClient, caller
from chassis.unit_of_work import UnitOfWork
from reporting.adapters import feed_calendar
from reporting.use_cases.turn_feed_days import FeedDays

ORG = "worcestershire"
ACTIONS = f"{FEED}/LearningActions"


@pytest.fixture
async def records(sources: Sources, profile: dict[str, Any]) -> None:
    """What three services told of actions, each on its day."""
    for on, events in sorted([*of_audits(), *of_complaints(), *of_feedback()], key=lambda each: each[0]):
        await sources.record(*events, on=on)


async def turned(engine: AsyncEngine, day: date) -> int:
    """Turn the feed to a day; how many records look different."""
    async with UnitOfWork(engine).begin(ORG) as transaction:
        return await feed_calendar.turn(transaction, day)


def limited_to(client: ServiceClient, *areas: str) -> ServiceClient:
    """A client of some service areas only."""
    identity = caller("reporting:read")
    return client.acting_as(type(identity)(**{**identity.__dict__, "areas": frozenset(areas)}))


@pytest.mark.usefixtures("records")
class TestTurning:
    async def test_rows_stand_as_the_learning_tracker_says_on_every_day(self, app: FastAPI, worker_engine: AsyncEngine) -> None:
        function = (
            "select key as action_key, source, record_id, code, reference, service_area, team, "
            "array_to_string(theme_codes, ';') as themes, set_on, first_due_on, due_on, status, standing, done_on, evidence, "
            "reviewed_on, review_result, difference, occurred_at, changed_at, changed_sequence from learning_on(:day)"
        )
        columns = function.split("select ")[1].split(" from", maxsplit=1)[0].replace("key as ", "")
        columns = columns.replace("array_to_string(theme_codes, ';') as themes", "themes")
        by_record = "(select array_agg(record_id) from learning_on(:day))"
        for days in (0, 6, 20, 35, 56, 80):
            await turned(worker_engine, later(days))
            async with app.state.uow.begin(ORG) as transaction:
                answers = [
                    sorted(map(repr, await transaction.connection.execute(text(sql), {"day": later(days)})))
                    for sql in (
                        function,
                        f"select {columns} from feed_tracked_action where cast(:day as date) is not null",
                        f"select {columns} from feed_tracked_of({by_record})",
                    )
                ]
            assert answers[0] == answers[1] == answers[2] != []

    async def test_a_link_tells_what_a_day_changed_and_nothing_else(
        self, client: ServiceClient, worker_engine: AsyncEngine
    ) -> None:
        await turned(worker_engine, later(20))
        puller, limited = Puller(client, "LearningActions"), Puller(limited_to(client, "send"), "LearningActions")
        for each in (puller, limited):
            await each.to_the_end()
            assert len(each.copy) > 1
        before = dict(puller.copy)
        for days in (21, 28, 80):
            differ = await turned(worker_engine, later(days))
            assert await turned(worker_engine, later(days)) == 0  # once a day
            for each in (puller, limited):
                await each.to_the_end()
                assert each.copy == await each.table()
            assert bool(differ) == (puller.copy != before)
            before = dict(puller.copy)
        assert {row["standing"] for row in puller.copy.values()} >= {"missed", "completed"}

    async def test_a_clock_that_goes_back_turns_nothing_back(self, worker_engine: AsyncEngine) -> None:
        assert await turned(worker_engine, later(80)) > 0
        assert await turned(worker_engine, later(20)) == 0

    async def test_another_profile_is_told_of_when_it_counts(
        self, client: ServiceClient, operator: ServiceClient, worker_engine: AsyncEngine
    ) -> None:
        await turned(worker_engine, later(10))
        puller = Puller(client, "LearningActions")
        await puller.to_the_end()
        body = document(ORG)
        body["reports"]["tracker"] = {"may_miss_days": 60}
        assert (await operator.put("/reporting/v1/profile", json={**body, "version": "other"})).is_success
        assert await turned(worker_engine, later(10)) > 0
        await puller.to_the_end()
        assert puller.copy == await puller.table()
        assert "on-track" not in {row["standing"] for row in puller.copy.values()}

    async def test_what_leaves_by_another_services_fact_is_told(self, client: ServiceClient, sources: Sources) -> None:
        puller = Puller(client, "LearningActions")
        await puller.to_the_end()
        await sources.record(
            audited("theirs", ("x", 10, 5), service_area="send", team=None, themes=(), version=2), on=later(90)
        )
        await puller.to_the_end()
        assert puller.copy == await puller.table()
        assert [key for key in puller.told_removed if key[0].endswith(":y")]

    async def test_a_tag_holds_for_a_day(self, client: ServiceClient, worker_engine: AsyncEngine) -> None:
        await turned(worker_engine, later(20))
        held = {"If-None-Match": (await client.get(ACTIONS)).headers["etag"]}
        assert (await client.get(ACTIONS, headers=held)).status_code == 304
        await turned(worker_engine, later(21))
        assert (await client.get(ACTIONS, headers=held)).status_code == 200

    async def test_it_waits_for_who_writes_a_record_and_misses_nothing(
        self, client: ServiceClient, sources: Sources, worker_engine: AsyncEngine
    ) -> None:
        await turned(worker_engine, later(20))
        puller = Puller(client, "LearningActions")
        await puller.to_the_end()
        writer = await Writer.begin(worker_engine, ORG)
        gone = audited("theirs", ("x", 10, 5), service_area="send", team=None, themes=(), version=2)
        await writer.apply(list(Numbers(ORG).record([gone])))
        turning = asyncio.create_task(turned(worker_engine, later(40)))
        async with worker_engine.connect() as looking:
            found = 0
            while not found:
                found = (await looking.execute(text("select count(*) from pg_locks where not granted"))).scalar_one()
        await puller.to_the_end()
        await writer.commit()
        await turning
        await puller.to_the_end()
        assert puller.copy == await puller.table()


class TestPlans:
    async def test_a_milestone_whose_day_is_over_is_told(
        self, client: ServiceClient, worker_engine: AsyncEngine, profile: dict[str, Any]
    ) -> None:
        officer = officer_of(client)
        await officer.add_action(await officer.open_plan(), british_today() + timedelta(days=3))
        await turned(worker_engine, british_today())
        puller = Puller(client, "PlanActions")
        await puller.to_the_end()
        assert {row["rag"] for row in puller.copy.values()} == {"on-track"}
        await turned(worker_engine, british_today() + timedelta(days=3))
        await puller.to_the_end()
        assert {row["rag"] for row in puller.copy.values()} == {"on-track"}
        assert await turned(worker_engine, british_today() + timedelta(days=4)) == 1
        await puller.to_the_end()
        assert {row["rag"] for row in puller.copy.values()} == {"missed"}


class TestTheWorkersRound:
    async def test_turns_every_organisation_once(
        self, worker_engine: AsyncEngine, telford: ServiceClient, profile: dict[str, Any], sources: Sources
    ) -> None:
        await sources.record(*of_audits()[1][1], on=DAY)
        days = FeedDays(UnitOfWork(worker_engine))
        assert (await days.once(), await days.once()) == (1, 0)
        for org in (ORG, "telford-wrekin"):
            async with UnitOfWork(worker_engine).begin(org) as transaction:
                day = (await transaction.connection.execute(text("select day from feed_day"))).scalar_one()
                assert british_today() - day <= timedelta(days=1)
