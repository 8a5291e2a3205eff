"""Whether a share changed: against statsmodels, a published example, and what must hold for any two shares."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.domain.change import Share, Verdict, difference, in_words, verdict
from reporting.domain.statistics import wilson

REFERENCE = json.loads((Path(__file__).parent / "reference" / "intervals.json").read_text())
shares = st.integers(1, 5_000).flatmap(lambda of: st.builds(Share, st.integers(0, of), st.just(of)))


class TestOtherPrograms:
    """Figures of statsmodels and scipy; reference/make_intervals.py made them."""

    @pytest.mark.parametrize(("n", "of", "low", "high"), REFERENCE["wilson"])
    def test_the_interval_of_a_share_is_theirs(self, n: int, of: int, low: float, high: float) -> None:
        found = wilson(n, of)
        assert (found.low, found.high) == pytest.approx((low, high), abs=1e-12)

    @pytest.mark.parametrize("entry", REFERENCE["newcombe"], ids=range(len(REFERENCE["newcombe"])))
    def test_the_interval_of_a_difference_is_theirs(self, entry: list[float]) -> None:
        n, of, later, of_later, low, high = entry
        found = difference(Share(int(n), int(of)), Share(int(later), int(of_later)))
        assert (found.low, found.high) == pytest.approx((max(-1, low), min(1, high)), abs=1e-12)


class TestDifference:
    def test_is_that_of_newcombes_own_example(self) -> None:
        # Newcombe 1998, table II: 56 of 70 less 48 of 80 by method 10 is 0.0524 to 0.3339.
        found = difference(Share(48, 80), Share(56, 70))
        assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)

    @given(shares, shares)
    def test_the_other_way_round_it_is_the_same_with_the_other_sign(self, before: Share, after: Share) -> None:
        found, turned = difference(before, after), difference(after, before)
        assert (found.value, found.low, found.high) == pytest.approx((-turned.value, -turned.high, -turned.low))

    @given(shares, shares)
    def test_lies_within_its_interval_and_that_within_what_is_possible(self, before: Share, after: Share) -> None:
        found = difference(before, after)
        assert -1 <= found.low <= found.value + 1e-12
        assert found.value - 1e-12 <= found.high <= 1

    def test_a_share_is_no_more_than_the_whole(self) -> None:
        with pytest.raises(ValueError, match="n <= of"):
            Share(3, 2)


class TestVerdict:
    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            (Share(0, 0), Share(30, 60), Verdict.NOTHING),
            (Share(1, 29), Share(29, 30), Verdict.TOO_FEW),  # however far apart they are
            (Share(1, 30), Share(29, 30), Verdict.ROSE),
            (Share(29, 30), Share(1, 30), Verdict.FELL),
            (Share(20, 40), Share(24, 40), Verdict.NO_EVIDENCE),
        ],
    )
    def test_says_no_more_than_the_numbers(self, before: Share, after: Share, expected: Verdict) -> None:
        assert verdict(before, after) is expected

    @given(shares)
    def test_a_share_beside_itself_never_changed(self, share: Share) -> None:
        assert verdict(share, share) in {Verdict.NO_EVIDENCE, Verdict.TOO_FEW}

    @pytest.mark.parametrize(
        ("before", "after", "words"),
        [
            (Share(48, 80), Share(56, 70), "This went up by 20 percentage points; likely by between 5 and 33."),
            (Share(56, 70), Share(48, 80), "This went down by 20 percentage points; likely by between 5 and 33."),
            (Share(0, 0), Share(1, 40), "There is nothing to compare with."),
            (Share(3, 9), Share(1, 40), "There are too few to say whether this changed."),
            (
                Share(20, 40),
                Share(22, 40),
                "These figures do not show that this changed: a difference like this one can be chance.",
            ),
        ],
    )
    def test_is_said_in_plain_words(self, before: Share, after: Share, words: str) -> None:
        assert in_words(before, after) == words

    @given(shares, shares)
    def test_words_name_a_least_and_a_most_around_the_difference(self, before: Share, after: Share) -> None:
        said = in_words(before, after)
        if "percentage point" in said:
            size, least, most = (int(part) for part in said.replace(";", "").replace(".", "").split() if part.isdigit())
            assert 0 <= least <= size <= most <= 100
