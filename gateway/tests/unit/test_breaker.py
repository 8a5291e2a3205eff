"""The breaker, with time as an argument."""

from gateway.domain.breaker import LONGEST, WINDOW, Breaker


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker(3, 5.0)
    assert [breaker.failed(now) for _ in range(3)] == [False, False, True]
    return breaker


class TestBreaker:
    def test_opens_after_so_many_failures_one_after_another(self) -> None:
        breaker = opened()
        assert (breaker.is_open, breaker.state) == (True, "open")
        assert breaker.wait(1.0) == 4.0

    def test_an_answer_between_begins_the_count_anew(self) -> None:
        breaker = Breaker(3, 5.0)
        for _ in range(10):
            assert not breaker.failed(0.0)
            assert not breaker.failed(0.0)
            assert not breaker.answered()
        assert breaker.wait(0.0) == 0

    def test_failures_far_apart_are_not_one_after_another(self) -> None:
        breaker = Breaker(3, 5.0)
        for number in range(10):
            assert not breaker.failed(number * (WINDOW + 1))

    def test_one_may_try_and_an_answer_closes(self) -> None:
        breaker = opened()
        assert breaker.wait(5.0) == 0
        assert breaker.state == "half-open"
        assert breaker.wait(5.0) == 1.0
        assert breaker.answered()
        assert (breaker.wait(5.0), breaker.state) == (0, "closed")

    def test_a_try_that_fails_doubles_the_time_up_to_a_bound(self) -> None:
        breaker, now, waits = opened(), 5.0, []
        for _ in range(6):
            assert breaker.wait(now) == 0
            assert breaker.failed(now)
            waits.append(breaker.wait(now))
            now += waits[-1]
        assert waits == [10.0, 20.0, 30.0, 30.0, 30.0, LONGEST]
        assert breaker.wait(now) == 0
        assert breaker.answered()
        # After that it begins with the short time again.
        assert [breaker.failed(now) for _ in range(3)][-1]
        assert breaker.wait(now) == 5.0

    def test_a_try_that_tells_nothing_leaves_it_to_the_next(self) -> None:
        breaker = opened()
        assert breaker.wait(5.0) == 0
        breaker.undecided()
        assert breaker.wait(5.0) == 0

    def test_requests_that_began_before_it_opened_do_not_prolong_it(self) -> None:
        breaker = opened()
        assert not breaker.failed(1.0)
        assert breaker.wait(1.0) == 4.0
