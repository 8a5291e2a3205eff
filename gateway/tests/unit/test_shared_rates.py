"""Rates that several processes keep together: how much more may pass than one would let pass, and that it is paid back."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.rates import Rate, SharedLimiter


class Meeting:
    """Where processes tell what passed: the arithmetic of `gateway.adapters.rates`, by the same clock."""

    def __init__(self) -> None:
        self.full_at: dict[bytes | str, float] = {}

    def tell(self, limiter: SharedLimiter, now: float) -> None:
        for key, count in limiter.to_tell().items():
            self.full_at[key] = max(self.full_at.get(key, 0.0), now) + count * limiter.step
        keys = list(limiter._telling)
        limiter.told()
        for key in keys:
            limiter.hear(key, self.full_at[key])


def processes(number: int, rate: Rate) -> list[SharedLimiter]:
    made = [SharedLimiter(rate) for _ in range(number)]
    for each in made:
        each.together = True
    return made


def ask(limiter: SharedLimiter, meeting: Meeting, now: float) -> bool:
    """One request, as `Admission` counts it."""
    if limiter.is_due("a"):
        meeting.tell(limiter, now)
    return limiter.take("a", now) == 0


class TestSeveralProcesses:
    @given(
        st.integers(2, 5),
        st.integers(1, 40),
        st.integers(1, 200),
        st.lists(st.tuples(st.integers(0, 4), st.floats(0, 0.2), st.booleans()), max_size=600),
    )
    def test_at_most_one_share_each_above_the_rate(
        self, number: int, per_second: int, burst: int, asked: list[tuple[int, float, bool]]
    ) -> None:
        rate, meeting, now = Rate(per_second, burst), Meeting(), 0.0
        limiters, passed = processes(number, rate), 0
        for who, later, settles in asked:
            now += later
            limiter = limiters[who % number]
            passed += ask(limiter, meeting, now)
            if settles:
                meeting.tell(limiter, now)
            assert passed <= burst + per_second * now + number * limiter.share + 1e-6

    def test_what_passed_too_much_is_paid_back(self) -> None:
        rate, meeting = Rate(10, 80), Meeting()
        limiters = processes(4, rate)
        passed = sum(ask(limiters[number % 4], meeting, 0.0) for number in range(1000))
        assert 80 <= passed <= 80 + 4 * 10
        # Asking without end for a minute: the rate alone decides how much passes in the long run.
        for step in range(1, 6001):
            passed += sum(ask(limiter, meeting, step / 100) for limiter in limiters)
        assert passed <= 80 + 600 + 4 * 10
        assert passed >= 80 + 600 - 4 * 10

    def test_one_alone_is_as_exact_as_a_limiter(self) -> None:
        (limiter,), meeting = processes(1, Rate(2, 20)), Meeting()
        assert sum(ask(limiter, meeting, 0.0) for _ in range(100)) == 20
        assert [ask(limiter, meeting, 0.4), ask(limiter, meeting, 0.5), ask(limiter, meeting, 0.5)] == [False, True, False]

    def test_where_it_cannot_be_told_each_keeps_the_whole_rate_and_tells_later(self) -> None:
        first, second = processes(2, Rate(1, 16))
        for limiter in (first, second):
            assert sum(limiter.take("a", 0.0) == 0 for _ in range(100)) == 16
            limiter.to_tell()
            limiter.not_told()
        meeting = Meeting()
        meeting.tell(first, 0.0)
        meeting.tell(second, 0.0)
        assert meeting.full_at["a"] == 32.0
        assert second.wait("a", 16.0) == pytest.approx(1.0)

    async def test_who_has_used_up_a_share_waits_until_it_is_told(self) -> None:
        limiter = SharedLimiter(Rate(1, 16))
        limiter.together = True
        told = asyncio.Event()

        async def tell() -> bool:
            await told.wait()
            limiter.to_tell()
            limiter.told()
            return True

        limiter.tell = tell
        assert [limiter.take("a", 0.0) for _ in range(limiter.share)] == [0, 0]
        waiting = asyncio.create_task(limiter.make_room("a"))
        await asyncio.sleep(0)
        assert not waiting.done()
        told.set()
        await waiting
        assert not limiter.is_due("a")

    async def test_nobody_waits_where_it_cannot_be_told(self) -> None:
        limiter = SharedLimiter(Rate(1, 8))
        limiter.together = True

        async def away() -> bool:
            return False

        limiter.tell = away
        limiter.take("a", 0.0)
        assert limiter.is_due("a")
        await limiter.make_room("a")
