"""Workbooks of several tables."""

import io

from openpyxl import load_workbook

from chassis.spreadsheet.book import BookTable, write_book

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
            ("Report", None), ("Council", None), ("Sheet", "Table"), (1, "Received"), (2, "Nothing"),
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
