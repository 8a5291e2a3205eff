"""The trail of a service ends by a line of its profile: said where retention is shown, done by the worker, checked after."""

from typing import Any

import pytest
from fastapi import FastAPI
from services.audit.tests.conftest import profile_document, rows
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from audit.adapters.profiles import Profiles
from audit.use_cases.retain import retention
from chassis.retention.running import Running
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.testing.page_client import assert_page
from chassis.trail.chaining import Chainer
from chassis.trail.checking import Checker, Found
from chassis.unit_of_work import UnitOfWork

ORG = "worcestershire"


@pytest.fixture
def worker_url(database: Database) -> str:
    return database.url("worker").replace("postgresql:", "postgresql+asyncpg:")


@pytest.fixture
def task(app: FastAPI, worker_url: str) -> Running:
    return retention(UnitOfWork(create_async_engine(worker_url, poolclass=NullPool)), Profiles(), app.state.secrets)


async def apply(call_as: Any, version: str, period: dict[str, int]) -> Any:
    document = {**profile_document(ORG), "version": version * 64, "retention": {"audit": {"trail": period}}}
    async with call_as(caller("operator")) as operator:
        return await operator.put("/audit/v1/profile", json=document)


async def test_it_ends_by_the_profile_and_what_remains_holds(
    app: FastAPI, client: ServiceClient, call_as: Any, database: Database, task: Running, worker_url: str
) -> None:
    refused = await apply(call_as, "8", {"months": 11})
    assert refused.status_code == 422
    assert "expected at least 1 year" in refused.text
    assert (await apply(call_as, "9", {"years": 2})).status_code == 200
    engine = create_async_engine(worker_url, poolclass=NullPool)
    chainer = Chainer("audit", engine, app.state.secrets)
    aged = "at = now() - interval '25 months' where number is null returning org"
    await rows(database, "alter table audit.trail disable trigger trail_stays")
    old = [row["org"] for row in await rows(database, f"update audit.trail set {aged}")].count(ORG)
    assert old > 0
    await rows(database, "alter table audit.trail enable trigger trail_stays")
    await chainer.join_all()
    async with call_as(caller("operator")) as operator:
        before = (await operator.get("/audit/v1/retention")).json()["trail"]
        assert before == {"months": 24, "at_least": 12, "begins_after": 0, "since": None, "held": False, "due": True}
        tally = await task.serve(ORG)
        assert (dict(tally.reduced), tally.failed) == ({"trail": old}, 0)
        joined = await chainer.join_all()
        assert joined > 0
        after = (await operator.get("/audit/v1/retention")).json()
    assert after["trail"]["begins_after"] == old
    assert (after["trail"]["since"] is not None, after["trail"]["due"]) == (True, False)
    assert after["runs"][0]["reduced"] == {"trail": old}
    assert (await Checker("audit", engine, app.state.secrets).check_all())[ORG] == Found(old + joined)
    async with call_as(caller("role:data-protection", subject="staff:dpo")) as officer:
        page = await officer.get("/audit/retention")
        assert_page(page)
        assert f"after number {old}, sealed on" in page.text
        assert f"entries of the trail: {old}" in page.text
        assert "It begins after number" in (await officer.get("/audit/trail")).text


async def test_without_a_line_it_is_kept(app: FastAPI, call_as: Any, task: Running) -> None:
    document = {**profile_document(ORG), "version": "7" * 64, "retention": {"audit": {}}}
    async with call_as(caller("operator")) as operator:
        assert (await operator.put("/audit/v1/profile", json=document)).status_code == 200
        assert (await operator.get("/audit/v1/retention")).json()["trail"]["months"] is None
    assert not (await task.serve(ORG)).reduced
