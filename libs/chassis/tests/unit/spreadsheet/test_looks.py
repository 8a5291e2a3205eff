"""Widths and heights, and long lists that are written while they are read."""

import io
from collections.abc import AsyncIterator
from datetime import date

import pytest
from openpyxl import load_workbook

from chassis.spreadsheet import looks
from chassis.spreadsheet.streaming import Rows, sheet_download


class TestLines:
    @pytest.mark.parametrize(
        ("text", "number"),
        [("", 1), ("short", 1), ("exactly te", 1), ("exactly ten", 2), ("one\ntwo", 2), ("x" * 25, 3), ("a b c d e f g", 2)],
    )
    def test_words_wrap_and_one_that_is_too_long_is_broken(self, text: str, number: int) -> None:
        assert looks.lines(text, 11) == number


class TestWideEnough:
    def test_a_day_and_the_longest_word_of_the_heading_fit(self) -> None:
        assert looks.wide_enough([date(2026, 5, 1)], "Due") == looks.DAY_WIDE
        assert looks.wide_enough([], "Acknowledgements sent") == 18
        assert looks.wide_enough(["x" * 300, None, 7], "Said") == 40


class TestStreamed:
    async def test_no_day_and_no_text_is_cut_off(self) -> None:
        async def pages() -> AsyncIterator[Rows]:
            for _ in range(2):
                yield [("A1", date(2027, 2, 2), "Talk " * 30)]

        answer = await sheet_download("xlsx", "learning", ["Action", "Due", "What is to be done"], pages())
        content = b"".join([chunk async for chunk in answer.body_iterator if isinstance(chunk, bytes)])
        sheet = load_workbook(io.BytesIO(content))["learning"]
        assert sheet.column_dimensions["B"].width >= looks.DAY_WIDE
        assert [sheet.row_dimensions[row].height for row in (1, 2, 3)] == [15, 45, 45]
        assert sheet["A1"].font.bold
        assert sheet["C3"].alignment.wrap_text
        assert sheet.print_title_rows == "$1:$1"
