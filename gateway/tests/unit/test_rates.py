"""Rates, with time as an argument."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.rates import Limiter, Rate, retry_after


class TestRate:
    @pytest.mark.parametrize(("text", "rate"), [("500/1000", Rate(500, 1000)), ("0.5/1", Rate(0.5, 1))])
    def test_reads_a_second_and_at_once(self, text: str, rate: Rate) -> None:
        assert Rate.parse(text) == rate

    @pytest.mark.parametrize("text", ["", "5", "0/5", "5/0", "-1/5", "5/5/5", "five/5", "5 / 5"])
    def test_refuses_what_is_none(self, text: str) -> None:
        with pytest.raises(ValueError, match="requests a second"):
            Rate.parse(text)


class TestLimiter:
    def test_burst_passes_and_the_next_waits_one_step(self) -> None:
        limiter = Limiter(Rate(2, 3))
        assert [limiter.take("a", 10.0) for _ in range(3)] == [0, 0, 0]
        assert limiter.take("a", 10.0) == pytest.approx(0.5)
        assert limiter.take("a", 10.4) == pytest.approx(0.1)
        assert limiter.take("a", 10.5) == 0

    def test_refused_request_costs_nothing(self) -> None:
        limiter = Limiter(Rate(1, 1))
        limiter.take("a", 0.0)
        for _ in range(100):
            limiter.take("a", 0.5)
        assert limiter.take("a", 1.0) == 0

    def test_asking_counts_nothing(self) -> None:
        limiter = Limiter(Rate(1, 2))
        assert [limiter.wait("a", 0.0) for _ in range(5)] == [0] * 5
        assert len(limiter) == 0

    @given(st.lists(st.floats(0, 100), min_size=1, max_size=200), st.integers(1, 20), st.integers(1, 20))
    def test_never_more_than_burst_and_rate_allow(self, times: list[float], per_second: int, burst: int) -> None:
        limiter = Limiter(Rate(per_second, burst))
        passed = [now for now in sorted(times) if limiter.take("a", now) == 0]
        for start, first in enumerate(passed):
            for count, last in enumerate(passed[start:], 1):
                assert count <= burst + (last - first) * per_second + 1e-6

    @given(st.integers(1, 50), st.integers(1, 20))
    def test_caller_who_waits_as_told_passes(self, per_second: int, burst: int) -> None:
        limiter, now = Limiter(Rate(per_second, burst)), 0.0
        for _ in range(burst + 20):
            now += limiter.take("a", now)
            limiter.take("a", now)
        assert limiter.take("a", now + 1 / per_second + 1e-6) == 0

    def test_memory_is_bounded_and_forgets_the_idle_first(self) -> None:
        limiter = Limiter(Rate(1, 1), keys=100)
        limiter.take("busy", 0.0)
        for number in range(1000):
            limiter.take(number.to_bytes(2, "big"), number * 0.02)
            assert len(limiter) <= 100
        for _ in range(3):
            limiter.take("busy", 19.99)
        assert limiter.take("busy", 19.99) > 0

    def test_flood_of_callers_at_once_cannot_grow_it(self) -> None:
        limiter = Limiter(Rate(1, 1), keys=100)
        for number in range(5000):
            assert limiter.take(str(number), 0.0) == 0
        assert len(limiter) <= 100


def test_retry_after_is_whole_seconds_and_at_least_one() -> None:
    assert [retry_after(seconds) for seconds in (0.001, 1.0, 1.2, 60.0)] == [1, 1, 2, 60]
