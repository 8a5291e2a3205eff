"""Days as people wrote them in old lists."""

from datetime import date
from io import BytesIO

import pytest

from chassis.spreadsheet import Column, Layout, read, read_several
from chassis.spreadsheet.lenient_days import day_of_number, day_of_words
from chassis.spreadsheet.writing import write_book, write_csv

DAY = date(2022, 4, 28)
LAYOUT = Layout("Notes", (Column(name="on", help="", kind="day", lenient=True, required=True),))
OTHER = Layout("Other", (Column(name="what", help="", required=True),))


class TestLenientDays:
    @pytest.mark.parametrize(
        "text",
        ["28 April 2022", "28 Apr 22", "28-Apr-22", "28th April, 2022", "Thursday 28 April 2022", "28.4.2022", "28-04-2022",
         "28/04/22", "28.04.22", "thu 28 apr 2022"],
    )  # fmt: skip
    def test_the_usual_ways_are_one_day(self, text: str) -> None:
        assert day_of_words(text) == DAY

    @pytest.mark.parametrize(
        "text", ["", "28 Avril 2022", "31 April 2022", "28/4/22", "soon", "April 2022", "2022", "٢٨.٤.٢٠٢٢"]
    )
    def test_anything_else_is_none(self, text: str) -> None:
        assert day_of_words(text) is None

    def test_the_number_that_excel_counts_days_by(self) -> None:
        assert day_of_number("44679") == DAY
        assert [day_of_number(text) for text in ("20", "12345", "99999", "446790")] == [None] * 4

    @pytest.mark.parametrize("text", ["44679", "28 Apr 22", "28/04/2022", "2022-04-28"])
    def test_a_column_of_old_days_takes_them(self, text: str) -> None:
        sheet = read(BytesIO(write_csv(["On"], [[text]])), LAYOUT)
        assert sheet.rows[0].day("on") == DAY

    def test_what_can_be_read_in_two_ways_stays_refused(self) -> None:
        sheet = read(BytesIO(write_csv(["On"], [["6/7/2022"]])), LAYOUT)
        assert "could be 2022-07-06 or 2022-06-07" in sheet.rows[0].errors[0].detail


class TestSeveralSheets:
    def test_each_sheet_is_read_by_its_title_and_an_empty_one_left_out(self) -> None:
        both = read_several(BytesIO(write_book([(LAYOUT, [[DAY]]), (OTHER, [["x"]])])), [LAYOUT, OTHER])
        assert {title: len(sheet.rows) for title, sheet in both.items()} == {"Notes": 1, "Other": 1}
        one = read_several(BytesIO(write_book([(LAYOUT, []), (OTHER, [["x"]])])), [LAYOUT, OTHER])
        assert list(one) == ["Other"]

    def test_a_csv_file_is_read_as_what_knows_its_headings(self) -> None:
        assert list(read_several(BytesIO(write_csv(["What"], [["x"]])), [LAYOUT, OTHER])) == ["Other"]
