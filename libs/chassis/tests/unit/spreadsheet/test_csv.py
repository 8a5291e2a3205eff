"""CSV as programs write it: letters, delimiters, line ends, quotation marks."""

import io

import pytest

from chassis.errors import DomainError
from chassis.spreadsheet import Column, Layout, Sheet, read

LAYOUT = Layout("Notes", (Column(name="reference", help="", required=True), Column(name="note", help="")))
PLAIN = "reference,note\r\n1,naïve – “quoted”\r\n"


def sheet_of(content: bytes) -> Sheet:
    return read(io.BytesIO(content), LAYOUT)


def refusal_of(content: bytes) -> DomainError:
    with pytest.raises(DomainError) as caught:
        sheet_of(content)
    return caught.value


class TestLetters:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
    def test_every_way_in_which_programs_write_them_is_read(self, encoding: str) -> None:
        assert sheet_of(PLAIN.encode(encoding)).rows[0].text("note") == "naïve – “quoted”"

    def test_utf_16_big_endian_with_a_mark_is_read(self) -> None:
        assert sheet_of(b"\xfe\xff" + PLAIN.encode("utf-16-be")).rows[0].text("note") == "naïve – “quoted”"

    @pytest.mark.parametrize("content", [b"reference\n\x81\x8d\n", b"\xff\xfer\0e\0f", b"\xef\xbb\xbf\xff"])
    def test_what_is_none_of_them_is_refused_with_what_to_do(self, content: bytes) -> None:
        refusal = refusal_of(content)
        assert refusal.slug == "unreadable-spreadsheet"
        assert "Save it as “CSV UTF-8”" in refusal.detail


class TestDelimiters:
    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    def test_comma_semicolon_and_tab_are_told_apart_by_the_headings(self, mark: str) -> None:
        sheet = sheet_of(f"reference{mark}note\n1{mark}a b\n".encode())
        assert sheet.rows[0].text("note") == "a b"

    def test_commas_inside_of_cells_mislead_nobody(self) -> None:
        sheet = sheet_of(b"note;reference\na,b,c,d;1\n")
        assert sheet.rows[0].text("note") == "a,b,c,d"

    def test_a_line_that_tells_excel_the_delimiter_is_no_row(self) -> None:
        sheet = sheet_of(b"sep=|\r\nreference|note\r\n1|a\r\n")
        assert (sheet.rows[0].text("note"), sheet.rows[0].number) == ("a", 2)

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_every_line_end_is_read(self, end: str) -> None:
        assert len(sheet_of(end.join(["reference", "1", "2", ""]).encode()).rows) == 2


class TestRows:
    def test_their_numbers_are_those_that_the_program_shows(self) -> None:
        sheet = sheet_of(b'reference,note\n1,"two\nlines"\n\n,,\n2,\n')
        assert [(row.number, row.text("reference")) for row in sheet.rows] == [(2, "1"), (5, "2")]
        assert sheet.rows[0].text("note") == "two\nlines"

    def test_a_formula_is_refused_in_its_cell_and_other_rows_are_read(self) -> None:
        sheet = sheet_of(b"reference,note\n1,=A1\n2, =cmd|x\n3,-\n")
        assert [len(row.errors) for row in sheet.rows] == [1, 1, 0]
        assert "paste it as values" in sheet.rows[0].errors[0].detail

    def test_the_example_row_of_the_template_is_passed_over(self) -> None:
        sheet = sheet_of(b"reference,note\nexample -  this row is not read,x\nEXAMPLE-1,y\n")
        assert ([row.text("note") for row in sheet.rows], sheet.examples) == (["y"], (2,))

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b'reference,note\n1,"open\n2,x\n', "The quotation marks of row 2 do not fit"),
            (b'reference,note\n1,"a"b\n', "The quotation marks of row 2 do not fit"),
            (b'reference,note\n1,"' + b"x" * 140_000 + b'"\n', "Row 2 has a cell that is too long"),
        ],
    )
    def test_quotation_marks_that_do_not_fit_are_said_with_their_row(self, content: bytes, words: str) -> None:
        assert words in refusal_of(content).detail


class TestOtherFiles:
    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "Save it as .xlsx without a password"),
            (b"%PDF-1.7\n", "It is a PDF"),
            (b"\x89PNG\r\n\x1a\n\0\0", "It is a picture"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "It is a picture"),
            (b"{\\rtf1", "It is a text document"),
            (b"\xef\xbb\xbf\n<html><table>", "It is a web page"),
            (b"<?xml version='1.0'?>", "It is a web page"),
            (b"abc\0def", "neither CSV nor an Excel workbook"),
        ],
    )
    def test_they_are_refused_by_what_is_in_them_with_what_to_do(self, content: bytes, words: str) -> None:
        refusal = refusal_of(content)
        assert refusal.slug == "not-a-spreadsheet"
        assert words in refusal.detail
        assert "nothing was stored" in refusal.detail
