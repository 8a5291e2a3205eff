from datetime import UTC, datetime, timedelta

from complaints.domain.form_rush import MARKED, WITHIN, in_a_rush

START = datetime(2026, 11, 30, 9, tzinfo=UTC)


def every(seconds: float, count: int, begin: datetime = START) -> list[datetime]:
    return [begin + timedelta(seconds=seconds * number) for number in range(count)]


class TestRush:
    def test_forms_of_a_usual_day_are_none(self) -> None:
        assert in_a_rush([]) == frozenset()
        assert in_a_rush(every(60, 200)) == frozenset()
        assert in_a_rush(every(1, MARKED - 1)) == frozenset()

    def test_all_of_a_rush_are_marked_and_those_before_and_after_are_not(self) -> None:
        before, after = START - 2 * WITHIN, START + 3 * WITHIN
        rush = every(5, MARKED)
        assert in_a_rush([after, before, *rush]) == frozenset(rush)
        # The edge of the window counts as within.
        assert in_a_rush(every(WITHIN.total_seconds() / (MARKED - 1), MARKED)) != frozenset()
