"""Old answers go, young ones stay."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from chassis.housekeeping import Housekeeping
from chassis.idempotency import Answer, fingerprint, once
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
