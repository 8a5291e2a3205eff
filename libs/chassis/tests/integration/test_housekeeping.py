"""Old answers go, young ones stay; and all while it is in doubt what time it is."""

import time
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.housekeeping import Housekeeping
from chassis.idempotency import Answer, fingerprint, once
from chassis.same_time import TimeInDoubtError
from chassis.unit_of_work import UnitOfWork


async def answer(uow: UnitOfWork, org: str, key: str) -> bool:
    async def work() -> Answer:
        return Answer(201, {})

    async with uow.begin(org) as transaction:
        return (await once(transaction, "c", key, fingerprint("x", "{}"), work)).replayed


class TestHousekeeping:
    async def test_answers_of_all_organisations_are_cleared_when_they_are_old(
        self, uow: UnitOfWork, worker_engine: AsyncEngine
    ) -> None:
        for org in ("north", "south"):
            assert await answer(uow, org, "k") is False
        keeper = Housekeeping(worker_engine)
        assert await keeper.clear() == 0
        assert await answer(uow, "north", "k") is True
        assert await keeper.clear(timedelta(0)) == 2
        assert await answer(uow, "north", "k") is False

    @pytest.mark.parametrize(("ahead", "words"), [(120, "behind"), (-86_400 * 365, "ahead of")])
    async def test_nothing_goes_where_the_database_has_another_time(
        self, uow: UnitOfWork, worker_engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, ahead: int, words: str
    ) -> None:
        assert await answer(uow, "north", "k") is False
        now = time.time
        with monkeypatch.context() as here:
            here.setattr(time, "time", lambda: now() + ahead)
            with pytest.raises(TimeInDoubtError, match=f"s {words} this one"):
                await Housekeeping(worker_engine).clear(timedelta(0))
        assert await answer(uow, "north", "k") is True
        assert await Housekeeping(worker_engine).clear(timedelta(0)) == 1
