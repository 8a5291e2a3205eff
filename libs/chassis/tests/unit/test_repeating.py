"""A task that looks again and again: also after a failure, and not after it is to stop."""

import asyncio

from chassis.repeating import repeat


async def test_it_goes_on_after_a_failure_and_ends_when_it_is_to_stop() -> None:
    stopping, times = asyncio.Event(), 0

    async def once() -> None:
        nonlocal times
        times += 1
        if times == 1:
            raise ValueError("the first time")
        if times == 3:
            stopping.set()

    async with asyncio.timeout(60):
        await repeat(once, 0.001, stopping, put_off="test.put_off")
    assert times == 3
