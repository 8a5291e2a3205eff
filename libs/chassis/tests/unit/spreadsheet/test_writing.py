"""Templates, and rows that are given back."""

import csv
import io
from datetime import date

from openpyxl import load_workbook

from chassis.spreadsheet import Choice, Column, Layout, read, refused_csv, template_csv, template_xlsx, write_csv, write_xlsx

LAYOUT = Layout(
    "Notes",
    (
        Column(name="reference", help="Your number.", required=True, example="N-1"),
        Column(name="day", help="The day.", kind="day", example="2022-07-06"),
        Column(name="grade", help="The grade.", choices=(Choice("good", "Good"), Choice("bad", "=Bad"))),
        Column(name="themes", help="Themes.", several=True, choices=(Choice("a", "A"),)),
        Column(name="old name", help="", in_template=False),
    ),
)
NAMES = ["reference", "day", "grade", "themes"]


class TestRows:
    def test_a_long_text_wraps_in_a_row_that_is_tall_enough(self) -> None:
        long = "Think of the last year, and of everybody who asked you what you thought. " * 3
        book = load_workbook(io.BytesIO(write_xlsx(LAYOUT, [(long, None, "good", ""), ("N-2", None, "", "")])))
        sheet = book["Notes"]
        assert sheet.column_dimensions["A"].width == 50
        assert sheet["A2"].alignment.wrap_text
        assert sheet.row_dimensions[2].height >= 15 * len(long) / 50
        assert sheet.row_dimensions[3].height is None


class TestTemplates:
    def test_csv_has_headings_and_an_example_that_is_not_read(self) -> None:
        content = template_csv(LAYOUT)
        assert content.startswith(b"\xef\xbb\xbf")
        headings, example = csv.reader(io.StringIO(content.decode("utf-8-sig")))
        assert headings == NAMES
        assert example == ["EXAMPLE - this row is not read", "2022-07-06", "", ""]
        sheet = read(io.BytesIO(content + b"N-2,,,\n"), LAYOUT)
        assert ([row.text("reference") for row in sheet.rows], sheet.examples) == (["N-2"], (2,))

    def test_a_workbook_explains_each_column_and_lists_its_codes(self) -> None:
        book = load_workbook(io.BytesIO(template_xlsx(LAYOUT)))
        assert book.sheetnames == ["Notes", "How to fill this in", "Known codes"]
        assert [cell.value for cell in book["Notes"][1]] == NAMES
        explained = list(book["How to fill this in"].values)
        assert explained[1] == ("reference", "yes", "Your number.", "N-1", None)
        assert explained[3] == ("grade", "no", "The grade.", None, "good, bad")
        assert list(book["Known codes"].values)[1:] == [("good", "Good", "a", "A"), ("bad", "'=Bad", None, None)]

    def test_a_workbook_offers_the_codes_and_takes_no_day_that_is_none(self) -> None:
        book = load_workbook(io.BytesIO(template_xlsx(LAYOUT)))
        rules = {rule.type: rule for rule in book["Notes"].data_validations.dataValidation}
        assert rules["list"].formula1 == "'Known codes'!$A$2:$A$3"
        assert (str(rules["list"].sqref), str(rules["date"].sqref)) == ("C2:C1001", "B2:B1001")

    def test_a_column_of_text_is_one_for_the_program_too_so_that_zeros_stay(self) -> None:
        book = load_workbook(io.BytesIO(template_xlsx(LAYOUT)))
        assert book["Notes"].column_dimensions["A"].number_format == "@"

    def test_a_row_that_is_filled_into_a_template_is_read(self) -> None:
        book = load_workbook(io.BytesIO(template_xlsx(LAYOUT)))
        book["Notes"].append(["N-1", date(2022, 7, 6), "good", "a"])
        target = io.BytesIO()
        book.save(target)
        (row,) = read(io.BytesIO(target.getvalue()), LAYOUT).rows
        assert (row.text("reference"), row.day("day"), row.text("grade"), row.several("themes")) == (
            "N-1",
            date(2022, 7, 6),
            "good",
            ("a",),
        )


class TestGivenBack:
    def test_rows_come_as_they_stood_with_the_reason_last_and_are_read_again(self) -> None:
        given = write_csv(["Grade", "REFERENCE"], [["god", "=1+1"], ["good", "2"]])
        sheet = read(io.BytesIO(given), LAYOUT)
        content = refused_csv(sheet.headings, [(sheet.rows[0].texts, "-1 is not known\nsecond")])
        assert list(csv.reader(io.StringIO(content.decode("utf-8-sig")))) == [
            ["Grade", "REFERENCE", "why it was refused"],
            ["god", "'=1+1", "'-1 is not known\nsecond"],
        ]
        again = read(io.BytesIO(content), LAYOUT)
        assert again.rows[0].texts[:2] == sheet.rows[0].texts
        assert refused_csv(again.headings, [(again.rows[0].texts, "-1 is not known\nsecond")]) == content

    def test_nothing_in_a_workbook_is_a_formula(self) -> None:
        book = load_workbook(io.BytesIO(write_xlsx(LAYOUT, [["=1+1", date(2022, 7, 6), "@x", "\x07"]])))
        assert (book["Notes"]["A2"].value, book["Notes"]["A2"].data_type) == ("'=1+1", "s")
        assert {cell.data_type for sheet in book for row in sheet for cell in row} <= {"s", "n", "d"}
