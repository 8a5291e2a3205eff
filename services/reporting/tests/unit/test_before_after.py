"""Before and after an action: spans of one length, and words that claim no more than the numbers."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reporting_records import document

from reporting.domain import before_after
from reporting.domain.before_after import LEAST, YEAR, spans
from reporting.domain.evaluation import Scope
from reporting.domain.measures import Collection
from reporting.domain.periods import parse
from reporting.domain.profile import Profile
from reporting.domain.tallies import Answers, Count
from reporting.domain.themes import ANSWERS, POINTS, SECTIONS
from reporting.domain.triangulation import Kind

DONE, TODAY = date(2022, 6, 1), date(2024, 1, 1)
PROFILE = Profile.model_validate(document("worcestershire"))
BEGUN = dict.fromkeys(Collection, date(2020, 1, 1))


class TestSpans:
    @given(st.dates(date(2015, 1, 1), date(2030, 1, 1)), st.integers(-10, 2000))
    def test_are_of_one_length_and_over_by_yesterday(self, done: date, passed: int) -> None:
        today = done + timedelta(days=passed)
        at = spans(done, today)
        assert (at is None) == (passed - 1 < LEAST)
        if at is not None:
            (a, b), (c, d) = at.before, at.after
            assert (b - a).days == (d - c).days == at.days - 1 < YEAR
            assert b < done < c
            assert d < today

    @pytest.mark.parametrize(("short", "expected"), [(0, 299), (1, 299), (20, 280), (120, 299)])
    def test_end_with_the_last_complaint_where_records_go_on(self, short: int, expected: int) -> None:
        today = DONE + timedelta(days=300)
        at = spans(DONE, today, today - timedelta(days=short))
        assert at is not None
        assert at.days == expected

    def test_say_from_when_something_can_be_told(self) -> None:
        told = before_after.first_told(DONE)
        assert spans(DONE, told) is not None
        assert spans(DONE, told - timedelta(days=1)) is None


def said(
    before: Count, after: Count, kind: Kind, begun: dict[Collection, date] = BEGUN, latest: date = TODAY
) -> before_after.Compared:
    """What is said of one kind of evidence."""
    at = spans(DONE, TODAY)
    assert at is not None
    scope = Scope(PROFILE, parse("2022-23-q1"), TODAY, begun=begun)
    asked = before_after.tallies("communication", "send", at)
    of_kind = {Kind.AUDITS: SECTIONS, Kind.FEEDBACK: ANSWERS, Kind.COMPLAINTS: POINTS}[kind]
    counts: Answers = {
        each: {"communication": before if each.last < DONE else after} for each in asked if each.measure == of_kind
    }
    found = before_after.compared(scope, "communication", "send", at, counts, dict.fromkeys(Collection, latest))
    return next(each for each in found if each.kind is kind)


class TestWords:
    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            (Count(40, 100, 50), Count(80, 100, 50), "This went up by 40 percentage points; likely by between "),
            (Count(80, 100, 50), Count(40, 100, 50), "This went down by 40 percentage points; likely by between "),
            (Count(50, 100, 50), Count(55, 100, 50), "These figures do not show that this changed"),
            (Count(40, 100, 29), Count(80, 100, 50), "Fewer than 30 audits before or after"),
            (Count(), Count(80, 100, 50), "There is nothing to compare."),
        ],
    )
    def test_of_a_share(self, before: Count, after: Count, expected: str) -> None:
        assert said(before, after, Kind.AUDITS).words.startswith(expected)

    def test_of_complaints_go_by_how_many_complained(self) -> None:
        assert said(Count(30, 0, 20), Count(8, 0, 6), Kind.COMPLAINTS).words == (
            "There were fewer complaints after it than chance would make."
        )
        assert said(Count(6, 0, 6), Count(20, 0, 20), Kind.COMPLAINTS).words.startswith("There were more complaints")
        assert said(Count(9, 0, 9), Count(6, 0, 6), Kind.COMPLAINTS).words.startswith("The figures do not show a change")

    def test_where_nothing_was_recorded_any_more_fewer_complaints_are_not_claimed(self) -> None:
        stopped = DONE + timedelta(days=30)
        found = said(Count(30, 0, 20), Count(), Kind.COMPLAINTS, latest=stopped)
        assert found.words == "The time before or after was not recorded as a whole, so the numbers cannot be compared."
        more = said(Count(6, 0, 6), Count(20, 0, 20), Kind.COMPLAINTS, latest=stopped)
        assert more.words.startswith("There were more complaints")

    def test_a_time_after_that_is_not_recorded_to_its_last_day_is_not_compared(self) -> None:
        end = DONE + timedelta(days=YEAR)
        assert said(Count(30, 0, 20), Count(8, 0, 6), Kind.COMPLAINTS, latest=end).words.startswith("There were fewer")
        short = said(Count(30, 0, 20), Count(8, 0, 6), Kind.COMPLAINTS, latest=end - timedelta(days=1))
        assert short.words == "The time before or after was not recorded as a whole, so the numbers cannot be compared."

    def test_of_no_complaints_nothing_is_compared(self) -> None:
        assert said(Count(), Count(), Kind.COMPLAINTS).words.endswith("so there is nothing to compare.")

    def test_of_complaints_before_they_were_recorded_compare_nothing(self) -> None:
        late = {**BEGUN, Collection.COMPLAINTS: date(2022, 1, 1)}
        found = said(Count(30, 0, 20), Count(8, 0, 6), Kind.COMPLAINTS, late)
        assert found.words == "The time before or after was not recorded as a whole, so the numbers cannot be compared."
        assert (found.before, found.after) == ("30 points from 20 complaints", "8 points from 6 complaints")

    def test_never_say_why(self) -> None:
        for kind in Kind:
            for after in (Count(90, 100, 50), Count(10, 100, 50), Count()):
                words = said(Count(50, 100, 50), after, kind).words
                assert not [each for each in ("because", "caused", "thanks", "led to", "worked") if each in words]
