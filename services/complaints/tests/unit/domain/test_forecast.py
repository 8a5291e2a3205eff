"""Who will be late, counted from what was."""

from hypothesis import given
from hypothesis import strategies as st

from complaints.domain.forecast import ENOUGH, Answered, Forecast, History

rows = st.lists(st.tuples(st.just("send"), st.just(1), st.integers(0, 30), st.booleans(), st.integers(1, 5)))


class TestForecast:
    def test_counts_those_that_were_still_open(self) -> None:
        history = History([("send", 1, 5, False, 20), ("send", 1, 9, False, 6), ("send", 1, 14, True, 6)])
        assert history.forecast("send", 1, 4) == Forecast(6, 32)
        assert history.forecast("send", 1, 8) == Forecast(6, 12)
        assert history.forecast("send", 1, 5) == Forecast(6, 12)

    def test_says_nothing_of_too_few_and_of_others(self) -> None:
        history = History([("send", 1, 5, False, 20), ("send", 1, 14, True, ENOUGH - 1)])
        assert history.forecast("send", 1, 9) is None
        assert history.forecast("send", 2, 0) is None
        assert history.forecast("corporate", 1, 0) is None

    def test_says_it_in_words(self) -> None:
        assert Forecast(7, 12).words == "7 of 12 like it, still open on this day, were answered late"
        assert (Forecast(7, 12).likely, Forecast(6, 12).likely) == (True, False)

    @given(rows, st.integers(0, 30))
    def test_agrees_with_counting_one_by_one(self, answered: list[Answered], day: int) -> None:
        each = [(days, late) for _, _, days, late, count in answered for _ in range(count) if days > day]
        found = History(answered).forecast("send", 1, day)
        assert (found is None) == (len(each) < ENOUGH)
        assert found is None or (found.late, found.of) == (sum(late for _, late in each), len(each))
