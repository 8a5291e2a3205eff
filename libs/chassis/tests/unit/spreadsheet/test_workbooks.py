"""Excel workbooks: what openpyxl writes as Excel would, and what nobody should be able to do with one."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.formula import ArrayFormula

from chassis.errors import DomainError
from chassis.spreadsheet import Column, Layout, Limits, Sheet, read

LAYOUT = Layout(
    "Notes",
    (
        Column(name="reference", help="", required=True),
        Column(name="note", help=""),
        Column(name="day", help="", kind="day"),
        Column(name="number", help="", kind="whole"),
    ),
)
HEADINGS = ["reference", "note", "day", "number"]


def book_of(*rows: list[Any], title: str = "Sheet") -> Workbook:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in (HEADINGS, *rows):
        sheet.append(row)
    return book


def content_of(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def sheet_of(book: Workbook | bytes, limits: Limits | None = None) -> Sheet:
    content = book if isinstance(book, bytes) else content_of(book)
    return read(io.BytesIO(content), LAYOUT, limits or Limits())


def refusal_of(content: bytes, limits: Limits | None = None) -> DomainError:
    with pytest.raises(DomainError) as caught:
        sheet_of(content, limits)
    return caught.value


def changed(part: str, change: Callable[[bytes], bytes], book: Workbook | None = None) -> bytes:
    """A workbook with one part put differently."""
    source = zipfile.ZipFile(io.BytesIO(content_of(book or book_of(["1", "a", date(2022, 7, 6), 3]))))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            archive.writestr(name, change(source.read(name)) if name == part else source.read(name))
    return target.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


class TestValues:
    def test_texts_days_and_numbers_are_read(self) -> None:
        (row,) = sheet_of(book_of(["A-1", "naïve", date(2022, 7, 6), 3])).rows
        assert (row.text("reference"), row.text("note")) == ("A-1", "naïve")
        assert (row.day("day"), row.whole("number")) == (date(2022, 7, 6), 3)

    @pytest.mark.parametrize("typed", [datetime(2022, 7, 6, 14, 5), "2022-07-06", "06/07/2022", " 06/07/2022\n"])  # noqa: DTZ001 - Excel's
    def test_a_day_is_read_whether_the_program_knows_it_or_it_was_typed_as_text(self, typed: Any) -> None:
        assert sheet_of(book_of(["1", None, typed])).rows[0].day("day") == date(2022, 7, 6)

    def test_days_of_a_workbook_that_counts_from_1904_are_the_same(self) -> None:
        book = book_of(["1", None, date(2022, 7, 6)])
        book.epoch = CALENDAR_MAC_1904
        assert sheet_of(book).rows[0].day("day") == date(2022, 7, 6)

    def test_leading_zeros_of_texts_and_of_formats_are_kept(self) -> None:
        book = book_of(["00417", 7], [417, 8])
        book.worksheets[0]["A3"].number_format = "00000"
        assert [row.text("reference") for row in sheet_of(book).rows] == ["00417", "00417"]

    @pytest.mark.parametrize(("typed", "text"), [(17, "17"), (17.0, "17"), (1.5, "1.5"), (0.1 + 0.2, "0.3"), (True, "TRUE")])
    def test_a_number_in_a_column_of_texts_reads_as_it_shows(self, typed: Any, text: str) -> None:
        assert sheet_of(book_of([typed])).rows[0].text("reference") == text

    def test_a_number_with_more_digits_than_the_program_keeps_is_refused(self) -> None:
        (row,) = sheet_of(book_of([1234567890123456789])).rows
        assert "keeps 15 digits" in row.errors[0].detail

    @pytest.mark.parametrize("typed", [time(14, 5), "#N/A"])
    def test_times_and_failed_computations_are_refused_in_their_cell(self, typed: Any) -> None:
        book = book_of(["1", typed])
        if isinstance(typed, str):
            book.worksheets[0]["B2"].data_type = "e"
        (row,) = sheet_of(book).rows
        assert [error.column for error in row.errors] == ["note"]

    @pytest.mark.parametrize("formula", ["=A1", ArrayFormula("B2:B2", "=A1")])
    def test_a_formula_is_refused_in_its_cell_also_where_the_program_kept_a_value(self, formula: Any) -> None:
        content = changed(
            SHEET,
            lambda part: part.replace(b"<v />", b"<v>7</v>").replace(b"<v></v>", b"<v>7</v>"),
            book_of(["1", formula], ["2", "x"]),
        )
        sheet = sheet_of(content)
        assert [[(error.letter, error.row) for error in row.errors] for row in sheet.rows] == [[("B", 2)], []]
        assert sheet.rows[0].texts[1] == "=A1"

    def test_a_text_that_begins_like_a_formula_is_a_text(self) -> None:
        book = book_of(["1", "x"])
        book.worksheets[0]["B2"].value = "=A1"
        book.worksheets[0]["B2"].data_type = "s"
        assert sheet_of(book).rows[0].text("note") == "=A1"

    def test_blank_rows_are_passed_over_and_numbers_are_those_that_the_program_shows(self) -> None:
        book = book_of(["1"])
        book.worksheets[0]["A9"] = "2"
        for column in "ABCD":
            book.worksheets[0][f"{column}5"].font = Font(bold=True)
        assert [row.number for row in sheet_of(book).rows] == [2, 9]


class TestSheets:
    def test_the_one_with_the_templates_name_is_read(self) -> None:
        book = book_of(["1", "wrong"])
        book.create_sheet("Notes").append(HEADINGS)
        book["Notes"].append(["2", "right"])
        sheet = sheet_of(book)
        assert (sheet.title, sheet.rows[0].text("note")) == ("Notes", "right")

    def test_else_the_first_that_is_not_hidden(self) -> None:
        book = book_of(["1", "wrong"])
        book.worksheets[0].sheet_state = "hidden"
        book.create_sheet("How to fill this in").append(["Column"])
        book.create_sheet("Mine").append(HEADINGS)
        book["Mine"].append(["2", "right"])
        assert sheet_of(book).title == "Mine"

    def test_one_that_says_a_wrong_size_of_itself_is_read_to_its_end(self) -> None:
        content = changed(
            SHEET, lambda part: re.sub(rb'<dimension ref="[^"]*"', b'<dimension ref="A1"', part), book_of(["1"], ["2"])
        )
        assert len(sheet_of(content).rows) == 2

    def test_what_openpyxl_does_not_know_is_passed_over_without_a_warning(self) -> None:
        extension = b'<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}"/></extLst></worksheet>'
        assert len(sheet_of(changed(SHEET, lambda part: part.replace(b"</worksheet>", extension))).rows) == 1


class TestLimits:
    def test_more_rows_or_columns_are_refused(self) -> None:
        assert refusal_of(content_of(book_of(["1"], ["2"])), Limits(rows=1)).slug == "too-many-rows"
        book = book_of(["1"])
        book.worksheets[0]["ZZ2"] = "far away"
        assert refusal_of(content_of(book)).slug == "too-many-columns"

    def test_a_row_far_below_is_one_row(self) -> None:
        book = book_of(["1"])
        book.worksheets[0]["A1048576"] = "last"
        assert [row.number for row in sheet_of(book).rows] == [2, 1048576]

    @pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/picture.bin"])
    def test_a_file_that_unpacks_to_far_more_is_refused_unopened(self, part: str) -> None:
        target = io.BytesIO(content_of(book_of(["1"])))
        with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/more.xml", "w") as more:
            for _ in range(33):
                more.write(b" " * 1024 * 1024)
        assert len(target.getvalue()) < 100_000
        assert "far more than its rows" in refusal_of(target.getvalue()).detail

    def test_a_part_that_unpacks_a_thousand_fold_is_refused(self) -> None:
        content = changed(SHEET, lambda part: part.replace(b"</worksheet>", b" " * 2_000_000 + b"</worksheet>"))
        assert "far more than its rows" in refusal_of(content).detail

    @pytest.mark.parametrize(
        ("part", "change"),
        [
            (SHEET, lambda part: part.replace(b"<sheetData>", b"<sheetData>" + b'<row r="1">' + b"<c/>" * 60_000 + b"</row>")),
            (SHEET, lambda part: part.replace(b"</sheetData>", b"<row/>" * 1_000_001 + b"</sheetData>")),
            ("xl/styles.xml", lambda part: part.replace(b"<fonts", b"<x/>" * 60_001 + b"<fonts")),
        ],
    )
    def test_elements_without_end_are_refused(self, part: str, change: Callable[[bytes], bytes]) -> None:
        limits = Limits(ratio=100_000)
        assert "far more than its rows" in refusal_of(changed(part, change), limits).detail

    def test_entities_are_refused(self) -> None:
        bomb = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
        content = changed(SHEET, lambda part: bomb + part[part.index(b"<worksheet") :])
        assert "what no spreadsheet program writes" in refusal_of(content).detail

    @pytest.mark.parametrize("number", [b"1", b"0", b"-5", b"1048577", b"9" * 30])
    def test_rows_out_of_order_are_refused_instead_of_left_out(self, number: bytes) -> None:
        content = changed(SHEET, lambda part: part.replace(b'<row r="2"', b'<row r="' + number + b'"'))
        assert "rows are out of order" in refusal_of(content).detail


class TestOtherArchives:
    @pytest.mark.parametrize(
        ("names", "slug", "words"),
        [
            (["a.txt"], "not-a-spreadsheet", "another sort of file"),
            (["mimetype", "content.xml"], "not-a-spreadsheet", "Save the sheet as an Excel workbook"),
            (["[Content_Types].xml", "xl/workbook.bin"], "not-a-spreadsheet", "binary workbook"),
            (["[Content_Types].xml", "word/document.xml"], "not-a-spreadsheet", "It is a document"),
            (["[Content_Types].xml", "xl/workbook.xml"], "unreadable-spreadsheet", "no sound Excel workbook"),
        ],
    )
    def test_they_are_refused_with_what_to_do(self, names: list[str], slug: str, words: str) -> None:
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w") as archive:
            for name in names:
                archive.writestr(name, "x")
        refusal = refusal_of(target.getvalue())
        assert (refusal.slug, words in refusal.detail) == (slug, True)

    def test_one_that_is_cut_off_is_refused(self) -> None:
        content = content_of(book_of(["1"]))
        assert refusal_of(content[: len(content) // 2]).slug == "unreadable-spreadsheet"
