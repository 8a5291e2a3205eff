"""Whose batch is next."""

import asyncio

import pytest

from audit.web.turns import Turns
from chassis.errors import DomainError, Kind


class TestTurns:
    async def test_batches_of_a_client_go_one_after_the_other(self) -> None:
        turns, order = Turns(3), []

        async def batch(number: int) -> None:
            async with turns.take("north", "a"):
                order.append(number)
                await asyncio.sleep(0)
                order.append(number)

        await asyncio.gather(*(batch(number) for number in range(3)))
        assert order == [0, 0, 1, 1, 2, 2]

    async def test_another_client_does_not_wait(self) -> None:
        turns = Turns(1)
        async with turns.take("north", "a"), turns.take("north", "b"), turns.take("south", "a"):
            pass

    async def test_too_many_are_told_to_wait_and_may_come_again(self) -> None:
        turns = Turns(1)
        async with turns.take("north", "a"):
            with pytest.raises(DomainError) as caught:
                async with turns.take("north", "a"):
                    pytest.fail("it got in")
        assert (caught.value.slug, caught.value.kind) == ("too-many-batches", Kind.TOO_MANY)
        async with turns.take("north", "a"):
            pass

    async def test_nothing_is_kept_of_who_is_gone_or_gave_up(self) -> None:
        turns = Turns(2)
        async with turns.take("north", "a"):
            waiting = asyncio.create_task(turns.take("north", "a").__aenter__())
            await asyncio.sleep(0)
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        assert not turns._here
        assert not turns._locks
