"""Delta links that come too late, or from a future that a restore has taken back: told to begin again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta

import pytest
from reporting_pulling import FEED, OUTSIDE, Puller
from reporting_records import Sources, complaint, point_now, points_changed
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.testing.fixtures import Database, Databases, Keys, ServiceClient, caller
from chassis.unit_of_work import UnitOfWork
from reporting.adapters import feed_horizon
from reporting.bootstrap import build_app
from reporting.settings import ReportingSettings

ORG = "worcestershire"
DAY = date(2022, 4, 4)
POINTS, COMPLAINTS = (f"{FEED}/{name}" for name in ("ComplaintPoints", "Complaints"))
TRACK = {"Prefer": "odata.track-changes"}


async def begun(client: ServiceClient, table: str) -> str:
    """The delta link of a table that was pulled whole."""
    link: str = (await client.get(table, headers=TRACK)).json()["@odata.deltaLink"]
    return link.removeprefix(OUTSIDE)


async def cleared(engine: AsyncEngine, days: int) -> int:
    """Let everything that left have left so many days ago, and clear away; how much that was."""
    async with UnitOfWork(engine).begin(ORG) as transaction:
        aged = text("update feed_left set left_at = left_at - cast(:age as interval) where org = :org")
        await transaction.connection.execute(aged, {"age": timedelta(days=days), "org": ORG})
        return await feed_horizon.clear(transaction)


class TestWhatLeft:
    async def test_is_told_for_ninety_days_and_who_asks_later_is_told_to_begin_again(
        self, client: ServiceClient, sources: Sources, worker_engine: AsyncEngine
    ) -> None:
        await sources.record(complaint("a", DAY, categories=["send-other", "send-transport"]))
        early, other = await begun(client, POINTS), await begun(client, COMPLAINTS)
        export = "/reporting/exports/ComplaintPoints.csv"
        mark = (await client.get(export)).headers["loop-mark"]
        taken = points_changed("a", 2, "point-take-back", point_now("a", 1, became="taken-back"), point_now("a", 2))
        await sources.record(taken)
        late = await begun(client, POINTS)
        assert await cleared(worker_engine, 89) == 0
        assert [each for each in (await client.get(early)).json()["value"] if "@removed" in each]
        assert await cleared(worker_engine, 2) > 0
        answer = await client.get(early)
        assert (answer.status_code, answer.json()["error"]["code"]) == (410, "delta-expired")
        assert "older than 90 days" in answer.json()["error"]["message"]
        answer = await client.get(export, params={"since": mark})
        assert (answer.status_code, answer.json()["type"].split(":")[-1]) == (410, "mark-too-old")
        # What begins after it, and tables that nothing left, go on.
        assert (await client.get(late)).json()["value"] == []
        assert (await client.get(other)).status_code == 200
        await sources.record(points_changed("a", 3, "point-add", *(point_now("a", n) for n in (2, 3))))
        assert len((await client.get(late)).json()["value"]) > 0


@asynccontextmanager
async def served(database: Database, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ServiceClient]:
    """The application on a database, for as long as it is asked something."""
    for name, value in keys.environment(database.url()).items():
        monkeypatch.setenv(name, value)
    app = build_app(ReportingSettings.load())
    async with app.router.lifespan_context(app):
        yield ServiceClient(app, keys, "reporting", caller("reporting:read"))


class TestRestore:
    async def test_a_link_of_what_a_restore_took_back_begins_again(
        self, database: Database, databases: Databases, keys: Keys, sources: Sources, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        await sources.record(complaint("a", DAY, categories=["send-other"]))
        backup = f"{database.name}_backup"
        databases.execute("postgres", f"create database {backup} template {database.name}")
        await sources.record(complaint("b", DAY, categories=["send-other"]))
        async with served(database, keys, monkeypatch) as client:
            puller = Puller(client, "ComplaintPoints")
            await puller.to_the_end()
            link = await begun(client, POINTS)
            mark = (await client.get("/reporting/exports/ComplaintPoints.csv")).headers["loop-mark"]
        assert len(puller.copy) == 2
        databases.execute(
            "postgres", f"drop database {database.name} with (force)", f"alter database {backup} rename to {database.name}"
        )
        async with served(database, keys, monkeypatch) as client:
            # The server's transactions went on, so by its number alone the link would pass for one of the past.
            answer = await client.get(link)
            assert (answer.status_code, answer.json()["error"]["code"]) == (410, "delta-expired")
            answer = await client.get("/reporting/exports/ComplaintPoints.csv", params={"since": mark})
            assert answer.status_code == 410
            again = Puller(client, "ComplaintPoints")
            await again.to_the_end()
            assert len(again.copy) == 1
            await sources.project()  # the logs of the services still have what the backup had not
            await again.to_the_end()
            assert again.copy == await again.table() == puller.copy
