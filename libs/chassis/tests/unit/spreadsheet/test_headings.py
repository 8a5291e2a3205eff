"""How the columns of a sheet are found by their headings."""

import io

import pytest

from chassis.errors import DomainError
from chassis.spreadsheet import Column, Layout, Limits, Sheet, read

LAYOUT = Layout(
    "People",
    (
        Column(name="staff number", help="", required=True),
        Column(name="team code", help="", aliases=("Team",)),
        Column(name="starts on", help="", kind="day"),
    ),
)


def sheet_of(text: str, limits: Limits | None = None) -> Sheet:
    return read(io.BytesIO(text.encode()), LAYOUT, limits or Limits())


def refusal_of(text: str, limits: Limits | None = None) -> DomainError:
    with pytest.raises(DomainError) as caught:
        sheet_of(text, limits)
    return caught.value


class TestHeadings:
    @pytest.mark.parametrize(
        "heading",
        ["staff number", "Staff Number", " STAFF  number ", "staff_number", "StaffNumber", "staff\u00a0number", "ſtaff number"],
    )
    def test_case_and_spaces_do_not_matter(self, heading: str) -> None:
        assert sheet_of(f"{heading}\n17\n").rows[0].text("staff number") == "17"

    def test_their_order_does_not_matter_and_a_column_may_be_left_out(self) -> None:
        sheet = sheet_of("team code,staff number\nA,1\n")
        assert (sheet.rows[0].text("team code"), sheet.rows[0].text("staff number")) == ("A", "1")
        assert (sheet.rows[0].day("starts on"), sheet.letters) == (None, {"team code": "A", "staff number": "B"})

    def test_an_alias_is_found_too(self) -> None:
        assert sheet_of("staff number,TEAM\n1,A\n").rows[0].text("team code") == "A"

    def test_blank_rows_above_them_are_passed_over(self) -> None:
        assert sheet_of("\n,,\nstaff number\n\n17\n").rows[0].number == 5

    def test_every_wrong_heading_is_named_at_once_with_those_that_are_expected(self) -> None:
        refusal = refusal_of("team code,nonsense,Team,starts on\nA,B,C,D\n")
        assert refusal.slug == "wrong-columns"
        assert "Column B has the heading 'nonsense', which is not known." in refusal.detail
        assert "Column 'team code' stands twice, in A and C." in refusal.detail
        assert "Column 'staff number' is missing." in refusal.detail
        assert refusal.extra["expected"] == ["staff number (required)", "team code", "starts on"]

    def test_a_sheet_of_something_else_names_ten_headings_and_no_more(self) -> None:
        refusal = refusal_of(",".join(f"x{number}" for number in range(60)) + "\n1\n")
        assert "'x9', which is not known. … and 51 more. Nothing was stored." in refusal.detail
        assert "'x10'" not in refusal.detail

    def test_a_column_without_heading_may_be_empty_and_what_stands_in_it_is_an_error(self) -> None:
        sheet = sheet_of("staff number,,team code,\n1,,A,\n2,x,A,y\n")
        assert sheet.rows[0].errors == ()
        assert [(error.letter, error.row) for error in sheet.rows[1].errors] == [("B", 3), ("D", 3)]
        assert "column without a heading" in sheet.rows[1].errors[0].detail

    def test_two_columns_of_a_layout_cannot_have_one_name(self) -> None:
        layout = Layout("X", (Column(name="a b", help=""), Column(name="A_B", help="")))
        with pytest.raises(ValueError, match="two columns are named 'A_B'"):
            layout.find("a b")


class TestLimits:
    def test_more_rows_are_refused_as_a_whole(self) -> None:
        limits = Limits(rows=2)
        assert len(sheet_of("staff number\n1\n2\n\n", limits).rows) == 2
        assert refusal_of("staff number\n1\n2\n3\n", limits).slug == "too-many-rows"

    def test_more_columns_are_refused_as_a_whole(self) -> None:
        limits = Limits(columns=3)
        assert sheet_of("staff number\n1,,,,,,,\n", limits).rows[0].errors == ()
        assert refusal_of("staff number,a,b,c\n1\n", limits).slug == "too-many-columns"
        assert refusal_of("staff number\n1,,,,,,x\n", limits).slug == "too-many-columns"

    def test_a_larger_file_is_refused_unread(self) -> None:
        assert refusal_of("staff number\n1\n", Limits(file_bytes=10)).slug == "spreadsheet-too-large"

    def test_a_longer_cell_is_an_error_in_its_row(self) -> None:
        (row,) = sheet_of("staff number\n12345\n", Limits(cell=4)).rows
        assert row.errors[0].detail == "This has 5 characters; at most 4 are taken."
        assert row.texts == ("1234",)

    def test_a_row_names_so_many_wrong_cells_and_no_more(self) -> None:
        (row,) = sheet_of("staff number" + "\n1" + ",x" * 30 + "\n").rows
        assert len(row.errors) == 21
        assert row.errors[-1].detail == "… and 10 more cells of this row."

    @pytest.mark.parametrize("text", ["", "\n\n", "staff number\n", "staff number\n,,\n \n"])
    def test_a_sheet_without_rows_is_refused(self, text: str) -> None:
        assert refusal_of(text).slug == "empty-spreadsheet"
