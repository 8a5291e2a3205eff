"""The steps of a version, the two people that they take, and what a text has to be like."""

from datetime import UTC, datetime

import pytest

from chassis.errors import DomainError
from reporting.domain.commentary import MOST, Saved, checked, sections, words_changed
from reporting.domain.frozen_report import WordsChanged, Written
from reporting.domain.issuing import State, Step, after, is_repetition, possible, reason_of
from reporting.domain.report_key import assert_may_see, may_see
from reporting.domain.tables import Cell, ColumnHead, Row, TableView
from reporting.domain.tables import State as CellState

AT = datetime(2022, 7, 4, 9, tzinfo=UTC)


class TestSteps:
    def test_whoever_prepared_it_does_not_check_it(self) -> None:
        assert possible(State.PREPARED, "alex", "alex") == (Step.SEND_BACK,)
        with pytest.raises(DomainError, match="second-person"):
            after(State.PREPARED, Step.CHECK, "alex", "alex")
        assert after(State.PREPARED, Step.CHECK, "sam", "alex") is State.CHECKED

    def test_nothing_is_issued_that_nobody_checked(self) -> None:
        with pytest.raises(DomainError, match="Somebody else has to check it first"):
            after(State.PREPARED, Step.ISSUE, "sam", "alex")
        assert after(State.CHECKED, Step.ISSUE, "alex", "alex") is State.ISSUED

    @pytest.mark.parametrize("state", [State.SENT_BACK, State.WITHDRAWN])
    @pytest.mark.parametrize("step", list(Step))
    def test_what_ended_has_ended(self, state: State, step: Step) -> None:
        with pytest.raises(DomainError, match="step-not-possible"):
            after(state, step, "sam", "alex")

    def test_the_second_click_is_known(self) -> None:
        assert is_repetition(State.ISSUED, Step.ISSUE)
        assert not is_repetition(State.CHECKED, Step.ISSUE)

    def test_a_reason_is_wanted(self) -> None:
        assert reason_of(" late ", "why") == "late"
        for words in (" ", "x" * 1001):
            with pytest.raises(DomainError, match="reason-missing"):
                reason_of(words, "why it is issued again")


class TestWhoSees:
    def test_limited_people_see_their_areas_and_not_the_whole(self) -> None:
        assert may_see((), "")
        assert may_see((), "send")
        assert may_see({"send"}, "send")
        assert not may_see({"send"}, "")
        with pytest.raises(DomainError, match="all service areas"):
            assert_may_see({"send"}, "")


class TestTexts:
    def test_what_may_name_somebody_is_asked_about_once(self) -> None:
        with pytest.raises(DomainError, match="unfit-text") as refused:
            checked("Ring 01905 555123", looked=False)
        assert [each.pointer for each in refused.value.errors] == ["/looked"]
        assert checked("Ring 01905 555123 ", looked=True) == "Ring 01905 555123"
        with pytest.raises(DomainError, match="Shorten it"):
            checked("x" * (MOST + 1), looked=True)

    def test_sections_stand_around_the_tables(self) -> None:
        found = [each.code for each in sections([("grades", "Grades")])]
        assert found == ["key-messages", "works-well", "to-learn", "table-grades", "response"]

    def test_a_text_knows_the_figures_that_it_was_written_beside(self) -> None:
        head = ColumnHead("n", "Audits", "audits", "count")
        table = TableView("grades", "Grades", "Grade", (head,), (Row("good", "Good", (Cell(CellState.VALUE, 3),)),))
        later = TableView("grades", "Grades", "Grade", (head,), (Row("good", "Good", (Cell(CellState.VALUE, 4),)),))
        other = TableView("other", "Other", "Grade", (head,), (Row("good", "Good", (Cell(CellState.VALUE, 9),)),))
        saved = Saved("table-grades", 1, "Words", "alex", "Alex", AT, (table,))
        assert saved.changed_since((table, other)) == ()
        assert [(each.before, each.after) for each in saved.changed_since((later, other))] == [("3", "4")]
        assert Saved("table-grades", 2, "", "alex", "Alex", AT, (table,)).changed_since((later,)) == ()

    def test_texts_that_differ_are_listed(self) -> None:
        def text(section: str, words: str) -> Written:
            return Written(section, section.title(), words)

        before = [text("a", "same"), text("b", "old"), text("c", "gone")]
        after_ = [text("a", "same"), text("b", "new"), text("d", "added")]
        assert words_changed(before, after_) == (
            WordsChanged("b", "B", "changed"), WordsChanged("d", "D", "added"), WordsChanged("c", "C", "left out"),
        )  # fmt: skip
