"""Which tallies by theme one statement answers, and how its rows are read."""

from datetime import date
from types import SimpleNamespace

import pytest

from reporting.adapters.tally_sql import UnknownDimensionError
from reporting.adapters.theme_counts import MOST, answers, questions
from reporting.domain.tallies import Count, Tally

A, B = (date(2022, 4, 1), date(2022, 6, 30)), (date(2022, 7, 1), date(2022, 9, 30))
YEAR = (A[0], B[1])


def tally(days: tuple[date, date] = A, *, cut: bool = False, measure: str = "complaint_points", **more: object) -> Tally:
    across = {"across": "service_area", "across_members": ("send",)} if cut else {}
    fields = {"by": "theme", "members": ("x", "y"), "with_sources": True, "listed_only": True, **across, **more}
    return Tally(measure, *days, **fields)  # type: ignore[arg-type]


def row(span: int, across: str | None, whole: int, bits: int, **counts: int) -> SimpleNamespace:
    return SimpleNamespace(span=span, across=across, whole=whole, bits=bits, **{"n": 0, "of": 0, "sources": 0, **counts})


class TestQuestions:
    def test_tallies_that_differ_in_days_and_cut_are_one_question(self) -> None:
        asked = [tally(), tally(B), tally(cut=True), tally(B, cut=True)]
        (found,) = questions(asked)
        assert found.days == (A, B)
        assert set(found.tallies.values()) == set(asked)

    def test_spans_with_a_day_in_common_are_asked_apart(self) -> None:
        assert [each.days for each in questions([tally(B), tally(YEAR), tally()])] == [(A, B), (YEAR,)]

    def test_other_filters_and_measures_are_asked_apart(self) -> None:
        asked = [tally(), tally(filters=(("service_area", ("send",)),)), tally(measure="points_upheld")]
        assert len(list(questions(asked))) == 3

    def test_more_themes_than_a_number_has_bits_are_asked_in_parts(self) -> None:
        themes = tuple(f"t{number}" for number in range(MOST + 3))
        assert [len(each.themes) for each in questions([tally(members=themes)])] == [MOST, 3]

    @pytest.mark.parametrize("other", [{"by": "category"}, {"listed_only": False}, {"measure": "complaints_received"}])
    def test_what_cannot_be_counted_so_is_refused(self, other: dict[str, object]) -> None:
        with pytest.raises(UnknownDimensionError):
            list(questions([tally(**other)]))  # type: ignore[arg-type]


class TestAnswers:
    def test_things_add_up_over_areas_and_sources_do_not(self) -> None:
        """One complaint with a point in each of two areas, of which the second tells of both themes."""
        crossed, whole = tally(cut=True), tally()
        (question,) = questions([crossed, whole])
        rows = [
            row(0, "send", 0, 0b01, n=1), row(0, None, 0, 0b11, n=1),  # by themes
            row(0, "send", 0, 0b01, sources=1), row(0, None, 0, 0b11, sources=1),  # by complaint and area
            row(0, None, 1, 0b11, sources=1),  # by complaint
        ]  # fmt: skip
        found = {(each, key): count for each, key, count in answers(question, rows)}
        assert found[whole, "x"] == Count(2, 0, 1)
        assert found[whole, "y"] == Count(1, 0, 1)
        assert found[crossed, ("x", "send")] == found[crossed, ("x", None)] == Count(1, 0, 1)
        assert (crossed, ("y", "send")) not in found
