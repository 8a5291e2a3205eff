"""The bulletin's months, states and texts; the register's periods and limits."""

from datetime import date
from typing import get_args

import pytest

from chassis.errors import DomainError
from complaints.domain.bulletin import Bulletin, Content, Figures, Month, Section, State, Step, Words, after, possible
from complaints.domain.register import Entry, Span, Stage

TODAY = date(2022, 7, 29)


def stage(number: int, due_on: date, responded_on: date | None) -> Stage:
    """A stage with one limit."""
    return Stage(number, TODAY, due_on, responded_on, None, lambda today: (responded_on or today) <= due_on)


class TestMonth:
    def test_is_read_from_its_code_and_knows_its_days(self) -> None:
        month = Month.parse("2024-02")
        assert (month.first, month.last) == (date(2024, 2, 1), date(2024, 2, 29))
        assert (month.name, month.before().code) == ("February 2024", "2024-01")
        assert Month.of(date(2022, 12, 31)).last == date(2022, 12, 31)

    @pytest.mark.parametrize("code", ["2024-13", "2024-1", "24-01", "", "2024-02-01", "1999-01"])
    def test_others_are_not_there(self, code: str) -> None:
        with pytest.raises(DomainError, match="not-found"):
            Month.parse(code)


class TestContent:
    def test_a_text_belongs_to_whoever_changed_it_last(self) -> None:
        first = Content().changed({"intro": "Hello.", "learned": "Write more."}, ("a",), "Alex")
        second = first.changed({"intro": "Hello.", "learned": "Call more."}, (), "Sam")
        assert second.words["intro"] == Words("Hello.", "Alex")
        assert second.words["learned"] == Words("Call more.", "Sam")
        assert second.words["praise"] == Words()
        assert Content.load(second.dump()) == second

    def test_a_text_too_long_is_refused_at_its_place(self) -> None:
        with pytest.raises(DomainError, match="invalid-bulletin") as refusal:
            Content().changed({"praise": "x" * 10_001}, (), "Alex")
        assert [error.pointer for error in refusal.value.errors] == ["/praise"]

    def test_a_bulletin_is_read_as_it_was_kept(self) -> None:
        section = Section("What came in", Words("a", "b"), (Figures("Of", (("x", "1"),)),), ("item",))
        bulletin = Bulletin("July", "Council", (section,), ("note",), "Alex")
        assert Bulletin.load(bulletin.dump()) == bulletin


class TestStates:
    @pytest.mark.parametrize("state", get_args(State))
    @pytest.mark.parametrize("step", get_args(Step))
    @pytest.mark.parametrize("published", [True, False])
    def test_every_step_from_every_state(self, state: State, step: Step, *, published: bool) -> None:
        if step == "save" or step in possible(state, published=published):
            after(state, step, published=published)
            return
        with pytest.raises(DomainError, match="wrong-state"):
            after(state, step, published=published)

    def test_nothing_is_published_that_was_changed_after_its_approval(self) -> None:
        assert after("approved", "save", published=False) == "draft"
        assert "publish" not in possible("draft", published=True)


class TestRegister:
    @pytest.mark.parametrize(
        ("code", "first", "last"),
        [("2022-23", date(2022, 4, 1), date(2023, 3, 31)), ("2022-23-q4", date(2023, 1, 1), date(2023, 3, 31))],
    )
    def test_a_period_is_a_financial_year_or_a_quarter(self, code: str, first: date, last: date) -> None:
        span = Span.parse(code)
        assert (span.code, span.first, span.last) == (code, first, last)

    @pytest.mark.parametrize("code", ["2022", "2022-24", "2022-23-q5", "", "x"])
    def test_others_are_refused(self, code: str) -> None:
        with pytest.raises(DomainError, match="malformed-period"):
            Span.parse(code)

    @pytest.mark.parametrize(
        ("stages", "kept"),
        [
            ((stage(1, TODAY, TODAY),), "yes"),
            ((stage(1, date(2022, 7, 1), TODAY),), "no"),
            ((stage(1, TODAY, None),), "running"),
            ((stage(1, date(2022, 7, 28), None),), "no"),
            ((stage(1, date(2022, 7, 1), TODAY), stage(2, TODAY, None)), "no"),
        ],
    )
    def test_limits_are_kept_when_each_was(self, stages: tuple[Stage, ...], kept: str) -> None:
        assert Entry("r", "p", "a", TODAY, (), {}, stages, 0, 0, 0, 0).limits(TODAY) == kept
