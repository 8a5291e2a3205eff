"""A report as a PDF and as a workbook: the same figures as on its page."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook
from reporting_records import Sources

from chassis.testing.fixtures import ServiceClient, caller
from chassis.testing.pdf import Printed

STAFF = caller("role:senior-reader", subject="staff:alex")
PERIOD = {"period": "2022-23-q1"}
PATH = "/reporting/reports/social-care-complaints"


@pytest.fixture
def staff(client: ServiceClient, printed_year: Sources) -> ServiceClient:
    """A senior reader, when Worcestershire's year has been told."""
    return client.acting_as(STAFF)


class TestPdf:
    async def test_holds_every_table_below_its_heading(self, staff: ServiceClient, client: ServiceClient) -> None:
        answer = await staff.get(f"{PATH}/pdf", params=PERIOD)
        assert answer.headers["content-disposition"] == 'attachment; filename="social-care-complaints-2022-23-q1.pdf"'
        printed = Printed(answer.content)
        told = (await client.get("/reporting/v1/reports/social-care-complaints", params=PERIOD)).json()
        assert printed.standards == {"pdfua-1", "pdfa-2a"}
        assert [text for level, text in printed.headings if level == 2] == [table["title"] for table in told["tables"]]
        assert printed.tags["Table"] == len([table for table in told["tables"] if table["rows"]])
        assert "[z] Not in use" in printed.text
        assert "Quarter 1 of 2022/23" in printed.text


class TestWorkbook:
    async def test_has_a_sheet_a_table_with_the_figures_of_the_page(self, staff: ServiceClient, client: ServiceClient) -> None:
        answer = await staff.get(f"{PATH}/workbook", params=PERIOD)
        assert answer.headers["content-disposition"] == 'attachment; filename="social-care-complaints-2022-23-q1.xlsx"'
        book = load_workbook(io.BytesIO(answer.content))
        told = (await client.get("/reporting/v1/reports/social-care-complaints", params=PERIOD)).json()
        assert len(book.worksheets) == len(told["tables"]) + 1
        received = [row for row in book["1"].iter_rows(values_only=True) if row[0] == "Total"]
        assert received == [("Total", 59, 64, 44, 52, 47)]
        assert ("QA & Independent Review", 5, "[z]", "[z]", "[z]", "[z]") in list(book["1"].iter_rows(values_only=True))

    async def test_of_a_period_without_anything_says_so_in_every_cell(self, staff: ServiceClient) -> None:
        answer = await staff.get(f"{PATH}/workbook", params={"period": "2018-19-q1"})
        book = load_workbook(io.BytesIO(answer.content))
        cells = {value for row in book["1"].iter_rows(min_row=3, min_col=2, values_only=True) for value in row}
        assert cells <= {"[x]", "[z]"}
        assert (await staff.get(f"{PATH}/pdf", params={"period": "2018-19-q1"})).status_code == 200

    async def test_a_period_that_is_none_is_refused(self, staff: ServiceClient) -> None:
        for kind in ("pdf", "workbook"):
            assert (await staff.get(f"{PATH}/{kind}", params={"period": "2022-23"})).status_code == 422
            assert (await staff.get(f"/reporting/reports/nothing/{kind}")).status_code == 404


class TestPublic:
    async def test_a_published_year_holds_no_small_count_and_names_nobody(self, staff: ServiceClient) -> None:
        params = {"period": "2021-22"}
        book = load_workbook(
            io.BytesIO((await staff.get("/reporting/reports/complaints-annual-public/workbook", params=params)).content)
        )
        for sheet in book.worksheets[1:]:
            heads: tuple[Any, ...] = ()
            for row in sheet.iter_rows(values_only=True):
                if any(str(value).endswith(("(complaints)", "(points)", "(compliments)")) for value in row):
                    heads = row
                small = [
                    value
                    for head, value in zip(heads, row, strict=False)
                    if "(" in str(head) and "%" not in str(head) and isinstance(value, int) and 0 < value < 6
                ]
                assert small == [], (sheet.title, row)
        printed = Printed((await staff.get("/reporting/reports/complaints-annual-public/pdf", params=params)).content)
        assert "[c] Left out" in printed.text
        assert "Internal" not in printed.text
