"""One cell at a time: days, numbers, codes, and what a spreadsheet program made of them."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.spreadsheet import CellRefusal, Choice, Column, Limits, parse_day
from chassis.spreadsheet.cells import Shown, cleaned, neutral, value_of

DAY = Column(name="day", help="", kind="day")
TEXT = Column(name="text", help="", required=True)
WHOLE = Column(name="number", help="", kind="whole")
GRADES = (Choice("good", "Good", ("G",)), Choice("requires-improvement", "Requires Improvement", ("RI",)))
GRADE = Column(name="grade", help="", choices=GRADES)
THEMES = Column(
    name="themes", help="", several=True, choices=(Choice("panel", "Approval, Panel & ADM"), Choice("plans", "Plans"))
)


def refused(shown: Shown | str, column: Column) -> str:
    with pytest.raises(CellRefusal) as caught:
        value_of(Shown(shown) if isinstance(shown, str) else shown, column, Limits())
    return str(caught.value)


def value(text: str, column: Column) -> object:
    return value_of(Shown(text), column, Limits())


class TestDays:
    @pytest.mark.parametrize(
        "text",
        ["2022-07-06", "06/07/2022", "2022-07-06 00:00:00", "2022-07-06T14:05:09.123", "06/07/2022 14:05"],
    )
    def test_both_ways_of_writing_one_are_read_with_or_without_a_time(self, text: str) -> None:
        assert parse_day(text) == date(2022, 7, 6)

    @pytest.mark.parametrize(("text", "day"), [("13/7/2022", date(2022, 7, 13)), ("7/7/2022", date(2022, 7, 7))])
    def test_without_zeros_it_is_read_where_it_can_mean_one_day_only(self, text: str, day: date) -> None:
        assert parse_day(text) == day

    def test_without_zeros_it_is_refused_where_it_could_be_american_and_both_are_named(self) -> None:
        assert "could be 2022-07-06 or 2022-06-07" in refused("6/7/2022", DAY)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("31/02/2022", "There is no day '31/02/2022'"),
            ("07/13/2022", "the month comes second"),
            ("2022-02-30", "There is no day"),
            ("0000-01-01", "There is no day"),
            ("06/07/22", "a year of two digits"),
            ("6 July 2022", "This is not a day. Type the day like 2022-07-06 or 06/07/2022."),
            ("2022-7-6", "This is not a day"),
            ("٢٠٢٢-٠٧-٠٦", "This is not a day"),
        ],
    )
    def test_what_is_no_day_is_refused_with_what_to_type(self, text: str, words: str) -> None:
        assert words in refused(text, DAY)
        assert "Type the day like" in refused(text, DAY)

    def test_a_bare_number_in_a_column_of_days_is_refused(self) -> None:
        assert "This is a number, not a day" in refused(Shown("44748", number=True), DAY)

    @given(st.dates())
    def test_every_day_is_read_as_it_was_written(self, day: date) -> None:
        assert parse_day(day.isoformat()) == day
        assert parse_day(f"{day.day:02}/{day.month:02}/{day.year:04}") == day

    @given(st.text(max_size=30))
    def test_any_other_text_is_refused_and_breaks_nothing(self, text: str) -> None:
        with contextlib.suppress(CellRefusal):
            assert isinstance(parse_day(text), date)


class TestText:
    def test_leading_zeros_are_kept(self) -> None:
        assert value("00417", TEXT) == "00417"

    def test_a_day_that_the_program_made_of_a_reference_is_refused(self) -> None:
        assert "Give the cell the format Text" in refused(Shown("2022-02-01", day=date(2022, 2, 1)), TEXT)

    def test_a_number_that_the_program_shortened_is_refused(self) -> None:
        assert "shortened this number (1.23457E+11)" in refused("1.23457E+11", TEXT)

    @pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\ud800", "\uffff"])
    def test_a_character_that_cannot_be_stored_is_refused(self, character: str) -> None:
        assert "cannot be stored" in refused(f"a{character}b", TEXT)

    def test_an_empty_cell_is_nothing_unless_it_must_be_filled_in(self) -> None:
        assert value("", GRADE) is None
        assert refused("", TEXT) == "This must be filled in."


class TestNumbers:
    @pytest.mark.parametrize(("text", "number"), [("12", 12), ("-3", -3), ("+4", 4), ("007", 7)])
    def test_whole_ones_are_read(self, text: str, number: int) -> None:
        assert value(text, WHOLE) == number

    @pytest.mark.parametrize("text", ["1.5", "one", "1,000", "1e3", "9" * 16, "٣"])
    def test_others_are_refused(self, text: str) -> None:
        assert "not a whole number" in refused(text, WHOLE)


class TestChoices:
    @pytest.mark.parametrize("text", ["requires-improvement", "Requires  improvement", "ri", "RI"])
    def test_code_label_and_what_else_is_written_are_taken(self, text: str) -> None:
        assert value(text, GRADE) == "requires-improvement"

    def test_an_unknown_one_is_refused_with_those_that_are_known(self) -> None:
        assert refused("god", GRADE) == "'god' is not known. Write one of: good, requires-improvement."

    def test_a_label_of_several_is_refused_and_a_code_wins_over_a_label(self) -> None:
        column = Column(name="team", help="", choices=(Choice("a", "East"), Choice("b", "East"), Choice("east", "West")))
        assert value("east", column) == "east"
        twice = Column(name="team", help="", choices=column.choices[:2])
        assert "the name of several" in refused("East", twice)

    @pytest.mark.parametrize(
        "text", ["panel;plans", "panel, plans", "Approval, Panel & ADM; Plans", "panel;;plans;", "panel\nplans"]
    )
    def test_several_stand_between_semicolons_commas_or_lines(self, text: str) -> None:
        assert value(text, THEMES) == ("panel", "plans")

    def test_a_label_with_a_comma_is_one_label(self) -> None:
        assert value("Approval, Panel & ADM", THEMES) == ("panel",)

    def test_one_unknown_of_several_is_named(self) -> None:
        assert "'moon' is not known" in refused("panel, moon", THEMES)


class TestFormulas:
    @pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "'=1", "＝1"])
    def test_what_could_be_taken_for_one_is_written_behind_an_apostrophe(self, text: str) -> None:
        assert neutral(text) == f"'{text}"

    @pytest.mark.parametrize("text", ["", "a=1", "O'Brien", "'quoted'", "2022-07-06", "AUD-1"])
    def test_what_could_not_is_written_as_it_is(self, text: str) -> None:
        assert neutral(text) == text

    @given(st.text(alphabet="'=+-@\t\r\n＝a1 ", max_size=8))
    def test_what_was_written_is_read_back(self, text: str) -> None:
        clean = cleaned(neutral(text.strip().replace("\r\n", "\n").replace("\r", "\n")))
        assert clean == text.strip().replace("\r\n", "\n").replace("\r", "\n")
