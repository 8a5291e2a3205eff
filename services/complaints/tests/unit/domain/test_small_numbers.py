"""Small counts are not said, and nobody can work them out from what is."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.domain import small_numbers

COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 12))


class TestHidden:
    @given(COUNTS, st.integers(0, 6))
    def test_every_small_count_is_hidden_and_never_one_alone_while_there_are_others(
        self, counts: dict[str, int], threshold: int
    ) -> None:
        hidden = small_numbers.hidden(counts, threshold)
        small = {code for code, count in counts.items() if 0 < count < threshold}
        assert small <= hidden
        assert not any(counts[code] == 0 for code in hidden)
        if not small:
            assert not hidden
        elif hidden != {code for code, count in counts.items() if count}:
            assert len(hidden) > 1
            assert sum(counts[code] for code in hidden) >= threshold

    def test_what_is_hidden_could_be_several_things(self) -> None:
        counts = {"a": 1, "b": 1, "c": 5, "d": 9}
        hidden = small_numbers.hidden(counts, 3)
        total = sum(counts[code] for code in hidden)
        ways = [each for each in product(range(1, total), repeat=len(hidden)) if sum(each) == total]
        assert hidden == {"a", "b", "c"}
        assert len(ways) > 1

    def test_a_threshold_of_nought_hides_nothing(self) -> None:
        assert small_numbers.rows({"a": 1, "b": 2}, 0) == [("a", "1"), ("b", "2")]

    @pytest.mark.parametrize(
        ("count", "words"), [(0, "0"), (1, "fewer than 3"), (2, "fewer than 3"), (3, "3"), (1200, "1,200")]
    )
    def test_a_count_by_itself_is_said_in_words_where_it_is_small(self, count: int, words: str) -> None:
        assert small_numbers.said(count, 3) == words
