"""What the worker does by itself: it reminds of actions by mail, each once, as the role that it has."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from fastapi import FastAPI
from services.complaints.tests.integration.test_learning_pages import officer
from services.complaints.tests.learning import Officer, upheld
from services.complaints.tests.support import Desk, fetch, profile_document
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.mail_queue import unseal
from chassis.profile_store import ProfileStore
from chassis.rounds import Daily, in_transaction
from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.unit_of_work import UnitOfWork
from complaints.domain.profile import Profile, check
from complaints.use_cases.remind_of_clocks import remind_of_clocks
from complaints.use_cases.remind_of_learning import remind_of_learning

__all__ = ["officer"]
LEARNING = {
    "complaints_unit_email": "unit@council.example",
    "heads_of_service": [{"service_areas": ["send"], "email": "head@council.example"}],
}


class Clock:
    """What the worker takes for now: noon of a day that is set."""

    def __init__(self) -> None:
        self.now = datetime(2022, 8, 31, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def today(self) -> date:
        """The day of it."""
        return self.now.date()


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def failing(_: str) -> int:
    """A round of somebody else's that does not work."""
    raise RuntimeError("not today")


@pytest.fixture
async def daily(app: FastAPI, client: ServiceClient, database: Database, clock: Clock) -> AsyncIterator[Daily]:
    """The worker's task, as the role that the worker has."""
    document: dict[str, Any] = {**profile_document("worcestershire"), "version": "1" * 64}
    document["complaints"]["learning"] = LEARNING
    async with client.acting_as(caller("operator")) as operator:
        assert (await operator.put("/complaints/v1/profile", json=document)).status_code == 200
    engine = create_async_engine(database.url("worker").replace("postgresql:", "postgresql+asyncpg:"))
    setup = replace(app.state.setup, profiles=ProfileStore(Profile, check), today=clock.today)
    uow = UnitOfWork(engine)
    clocks = in_transaction(uow, remind_of_clocks(setup, "https://loop.example/"))
    rounds = {
        "failing": failing,
        "clocks": clocks,
        "learning": in_transaction(uow, remind_of_learning(setup, "https://loop.example/")),
    }
    yield Daily(uow, rounds, clock)
    await engine.dispose()


class TestDaily:
    async def test_reminds_each_of_an_action_once_and_not_when_it_is_done(
        self, app: FastAPI, desk: Desk, officer: Officer, daily: Daily, clock: Clock, database: Database
    ) -> None:
        ident, (first, _) = await upheld(desk)
        action = await officer.record(ident, first)
        assert await daily.once() == 1
        assert await daily.once() == 0
        clock.now = datetime(2022, 9, 7, 5, tzinfo=UTC)  # 6 o'clock in the morning
        assert await daily.once() == 0
        clock.now = datetime(2022, 9, 7, 12, tzinfo=UTC)
        assert await daily.once() == 2  # the owner, and up to the head of service
        clock.now = datetime(2022, 9, 12, 12, tzinfo=UTC)  # a Monday: the unit is told of everything
        assert await daily.once() == 1
        rows = fetch(database.url("admin"), "select recipient, content from complaints.mail order by created_at, key")
        mails = [unseal(app.state.setup.secrets, "worcestershire", *(bytes(each) for each in row)) for row in rows]
        assert [mail.to for mail in mails] == [f"{who}@council.example" for who in ("sam", "head", "sam", "unit")]
        assert f"https://loop.example/complaints/learning/{action}" in mails[0].body
        await officer.step(action, "done", "All letters went out.")
        clock.now = datetime(2022, 9, 19, 12, tzinfo=UTC)
        assert await daily.once() == 0

    async def test_reminds_the_unit_of_a_limit_once(
        self, app: FastAPI, desk: Desk, daily: Daily, clock: Clock, database: Database
    ) -> None:
        ident = (await desk.receive(received_on="2022-07-29"))["complaint_id"]
        clock.now = datetime(2022, 8, 8, 12, tzinfo=UTC)  # due on the 12th, a Friday
        assert await daily.once() == 0
        clock.now = datetime(2022, 8, 10, 12, tzinfo=UTC)
        assert await daily.once() == 1
        assert await daily.once() == 0
        [row] = fetch(database.url("admin"), "select recipient, content from complaints.mail")
        mail = unseal(app.state.setup.secrets, "worcestershire", *(bytes(each) for each in row))
        assert (mail.to, mail.subject) == ("unit@council.example", "Due 12 August: complaint SEND-22-001, stage 1")
        assert f"https://loop.example/complaints/{ident}" in mail.body
