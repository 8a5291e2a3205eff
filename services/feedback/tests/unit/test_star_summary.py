"""What many stars add up to, and what of it may be shown."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from feedback.domain.star_summary import (
    BYS,
    Moved,
    by_quarter,
    by_scale,
    by_team,
    only_start,
    protected,
    quarter_code,
    quarters,
)
from feedback.domain.stars import Point, Range, Reading

SCALES = {"happy": Range(1, 5), "safe": Range(1, 5)}
Q3, Q4, Q1 = date(2025, 11, 3), date(2026, 2, 2), date(2026, 4, 6)
TODAY = date(2026, 5, 1)


def course(*steps: tuple[date, int | None], team: str | None = None, end: bool = False) -> list[Reading]:
    """A course of the scale `happy`; None is a reading that did not answer it."""
    last = len(steps) - 1
    return [
        Reading(uuid4(), Point.START if n == 0 else Point.END if end and n == last else Point.MID, day,
                {"safe": 3} if score is None else {"happy": score}, team)
        for n, (day, score) in enumerate(steps)
    ]  # fmt: skip


class TestCounting:
    def test_only_those_with_a_start_and_a_later_one_of_the_scale_count(self) -> None:
        courses = [course((Q3, 2), (Q4, 4)), course((Q3, 5), (Q4, 5)), course((Q3, 1)), course((Q3, 2), (Q4, None))]
        [happy, safe] = by_scale(courses, SCALES, None, TODAY)
        assert happy == Moved("happy", improved=1, same=1, worse=0, at_top=1, change=2)
        assert safe.people == 0
        assert only_start(courses) == 1

    def test_a_quarter_stands_as_it_was_when_later_readings_come(self) -> None:
        one = course((Q3, 2), (Q4, 4), (Q1, 1), end=True)
        found = {line.group: line for line in by_quarter([one], SCALES, "happy", TODAY)}
        assert found["2025-26-q4"].improved == 1
        assert found["2026-27-q1"].worse == 1
        assert found["2025-26-q3"].people == 0
        before = {line.group: line for line in by_quarter([one[:2]], SCALES, "happy", TODAY)}
        assert before["2025-26-q4"] == found["2025-26-q4"]

    def test_a_person_counts_with_the_team_of_the_last_reading(self) -> None:
        moved = course((Q3, 2), team="a") + course((Q4, 3), team="b")
        moved[1] = Reading(uuid4(), Point.MID, Q4, {"happy": 3}, "b")
        lines = by_team([moved, course((Q3, 2), (Q4, 1))], SCALES, "happy", None, TODAY)
        assert [(line.group, line.people) for line in lines] == [("", 1), ("b", 1), ("total", 2)]

    def test_quarters_are_of_the_financial_year(self) -> None:
        assert quarters(date(2026, 2, 28), 2) == [
            (date(2026, 1, 1), date(2026, 3, 31)),
            (date(2025, 10, 1), date(2025, 12, 31)),
        ]
        assert [quarter_code(date(2026, month, 1)) for month in (1, 4, 7, 10)] == [
            "2025-26-q4", "2026-27-q1", "2026-27-q2", "2026-27-q3",
        ]  # fmt: skip
        assert quarter_code(date(1999, 4, 1)) == "1999-00-q1"
        assert BYS == ("scale", "team", "quarter")


counts = st.integers(0, 25)
lines = st.builds(Moved, st.just("x"), counts, counts, counts, st.just(0), st.integers(-9, 9))


class TestProtection:
    @given(found=st.lists(lines, min_size=1, max_size=5), total=st.booleans())
    def test_no_small_count_and_none_that_could_be_worked_out(self, found: list[Moved], total: bool) -> None:
        rows = list(found)
        if total:
            rows.append(Moved("total", *(sum(getattr(row, name) for row in found) for name in ("improved", "same", "worse"))))
        for row, shown in zip(rows, protected(rows, total=total), strict=True):
            hidden = [value for value, seen in zip(row.counts(), shown.counts, strict=True) if seen is None]
            assert not any(seen is not None and 0 < seen <= 5 for seen in shown.counts)
            assert not hidden or len(hidden) == len(row.counts()) or (len(hidden) > 1 and sum(hidden) > 5)
            if hidden or row.people < 10:
                assert (shown.improved_share, shown.mean, shown.at_top) == (None, None, None)

    def test_a_mean_is_to_one_decimal_half_away_from_zero(self) -> None:
        [up] = protected([Moved("x", 10, 10, 0, 10, 5)], total=False)
        [down] = protected([Moved("x", 0, 10, 10, 0, -5)], total=False)
        assert (up.mean, up.improved_share, up.at_top) == (Decimal("0.3"), 50, 10)
        assert down.mean == Decimal("-0.3")
