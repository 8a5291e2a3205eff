"""Places at a service and the queue for them."""

import asyncio
from itertools import count

import pytest

from gateway.domain.breaker import Breaker
from gateway.proxy.answers import Refusal
from gateway.proxy.guard import Guard, Places

_names = count()


def guard(places: int = 2, queue: int = 2, turn: float = 60.0, uploads: int = 1) -> Guard:
    return Guard(f"test-{next(_names)}", Places(places, queue, turn, uploads), Breaker(2, 5.0))


async def waiting(guard: Guard, number: int) -> list[asyncio.Task[None]]:
    tasks = []
    for each in range(number):
        tasks.append(asyncio.create_task(guard.enter()))
        await asyncio.sleep(0)
        assert guard.waiting == each + 1
    return tasks


class TestPlaces:
    async def test_who_has_waited_longest_is_next(self) -> None:
        gate = guard()
        await gate.enter()
        await gate.enter()
        first, second = await waiting(gate, 2)
        gate.leave()
        await first
        assert not second.done()
        gate.leave()
        await second
        gate.leave()
        gate.leave()
        assert (gate.under_way, gate.waiting) == (0, 0)

    async def test_more_than_the_queue_holds_are_told_to_come_back(self) -> None:
        gate = guard()
        await gate.enter()
        await gate.enter()
        tasks = await waiting(gate, 2)
        with pytest.raises(Refusal) as refused:
            await gate.enter()
        assert (refused.value.status, refused.value.slug) == (503, "service-busy")
        assert refused.value.headers == {"Retry-After": "2"}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (gate.under_way, gate.waiting, gate.shed) == (2, 0, 1)

    async def test_whoever_comes_when_others_wait_does_not_overtake(self) -> None:
        gate = guard(places=1)
        await gate.enter()
        (first,) = await waiting(gate, 1)
        gate.leave()
        # The place is the first one's, though its task has not run yet.
        later = asyncio.create_task(gate.enter())
        await first
        assert not later.done()
        gate.leave()
        await later

    async def test_wait_that_is_too_long_ends_and_holds_no_place(self) -> None:
        gate = guard(places=1, turn=0.01)
        await gate.enter()
        with pytest.raises(Refusal):
            await gate.enter()
        gate.leave()
        assert (gate.under_way, gate.waiting) == (0, 0)

    async def test_place_that_is_given_to_somebody_who_has_just_gone_is_handed_on(self) -> None:
        gate = guard(places=1)
        await gate.enter()
        gone, next_one = await waiting(gate, 2)
        gate.leave()
        gone.cancel()
        await next_one
        assert gone.cancelled()
        gate.leave()
        assert gate.under_way == 0

    async def test_large_bodies_leave_places_for_others(self) -> None:
        gate = guard()
        await gate.enter(upload=True)
        with pytest.raises(Refusal):
            await gate.enter(upload=True)
        await gate.enter()
        gate.leave(upload=True)
        gate.leave()
        await gate.enter(upload=True)
        assert (gate.under_way, gate.uploads) == (1, 1)


class TestBreakerOfAService:
    def test_opens_tells_when_to_come_back_and_lets_one_try(self) -> None:
        now = 100.0
        gate = Guard(f"test-{next(_names)}", Places(1, 1, 1.0, 1), Breaker(2, 5.0), clock=lambda: now)
        gate.failed("X")
        assert not gate.ask_breaker()
        gate.failed("X")
        with pytest.raises(Refusal) as refused:
            gate.ask_breaker()
        assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "5"})
        now += 5
        assert gate.ask_breaker()
        gate.answered()
        assert not gate.ask_breaker()
