"""Workbooks of several tables."""

import io
from datetime import date

from openpyxl import load_workbook

from chassis.spreadsheet.book import BookTable, Link, write_book

TABLES = (
    BookTable("Received", ("Area", "Q1", "Q2"), (("North", 3, "[z]"), ("=1+1", 0, None)), ("A note.",)),
    BookTable("Nothing", ("Area", "Q1"), ()),
)


def book() -> dict[str, list[tuple[object, ...]]]:
    opened = load_workbook(io.BytesIO(write_book("Report", ["Council"], TABLES)))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in opened.worksheets}


class TestWriteBook:
    def test_contents_come_first_and_name_every_sheet(self) -> None:
        sheets = book()
        assert list(sheets) == ["Contents", "1", "2"]
        assert sheets["Contents"] == [
            ("Report", None), ("Council", None), ("Table", "Sheet"), ("Received", 1), ("Nothing", 2),
        ]  # fmt: skip

    def test_a_sheet_begins_with_what_it_is_and_holds_numbers_as_numbers(self) -> None:
        assert book()["1"] == [
            ("Received", None, None), ("A note.", None, None), ("Area", "Q1", "Q2"), ("North", 3, "[z]"),
            ("'=1+1", 0, None),
        ]  # fmt: skip

    def test_each_table_has_a_name_and_its_place(self) -> None:
        opened = load_workbook(io.BytesIO(write_book("Report", ["Council"], TABLES)))
        assert [(table.displayName, table.ref) for table in opened["1"].tables.values()] == [("table_1", "A3:C5")]
        assert not opened["2"].tables

    def test_figures_stand_to_the_right_and_texts_to_the_left_of_their_columns(self) -> None:
        rows = (("North", 3, "[x]", "Green"), ("South", "[x]", "[x]", None))
        table = BookTable("Months", ("Area", "Q1", "Q2", "Judged"), rows)
        sheet = load_workbook(io.BytesIO(write_book("Report", [], [table])))["1"]
        assert [[cell.alignment.horizontal for cell in row] for row in sheet["A3:D4"]] == [[None, "right", "right", "left"]] * 2

    def test_a_day_is_one_a_figure_has_its_decimal_and_a_link_its_address(self) -> None:
        table = BookTable(
            "All", ("Area", "Due", "Mean", "Page"), (("N", date(2026, 5, 1), 2.25, Link("Page of N", "https://a/n")),)
        )
        day, mean, link = load_workbook(io.BytesIO(write_book("Report", [], [table])))["1"]["B3:D3"][0]
        assert (day.value.date(), day.number_format) == (date(2026, 5, 1), "yyyy-mm-dd")
        assert (mean.value, mean.number_format) == (2.25, "0.0")
        assert (link.value, link.hyperlink.target) == ("Page of N", "https://a/n")

    def test_it_prints_as_wide_as_the_paper_with_its_headings_on_every_page(self) -> None:
        opened = load_workbook(io.BytesIO(write_book("Report", ["Council"], TABLES)))
        assert (opened.properties.title, opened.properties.language) == ("Report", "en-GB")
        sheet = opened["1"]
        assert (sheet.page_setup.paperSize, sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (9, 1, 0)
        assert sheet.print_title_rows == "$3:$3"

    def test_a_row_is_as_tall_as_what_wraps_in_it(self) -> None:
        table = BookTable("All", ("Area", "Said"), (("North", "word " * 40),), ("note " * 30,))
        sheet = load_workbook(io.BytesIO(write_book("Report", [], [table])))["1"]
        assert sheet.row_dimensions[2].height == 60  # 150 letters in a column of 50
        assert sheet.row_dimensions[4].height == 45  # 200 letters of prose in a column of 80
