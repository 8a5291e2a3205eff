"""Months in sheets: read as their first day, from what people and Excel write."""

from datetime import date

import pytest

from chassis.spreadsheet import CellRefusal, Column, Limits
from chassis.spreadsheet.cells import Shown, value_of

MONTH = Column(name="month", help="The month.", kind="month")
OCTOBER = date(2026, 10, 1)


class TestMonths:
    @pytest.mark.parametrize(
        "text", ["2026-10", "2026/10", "10/2026", "October 2026", "oct 26", "Oct-26", "OCT 2026", "2026-10-31", "31/10/2026"]
    )
    def test_are_their_first_day(self, text: str) -> None:
        assert value_of(Shown(text), MONTH, Limits()) == OCTOBER

    def test_are_taken_from_what_excel_made_a_day(self) -> None:
        assert value_of(Shown("Oct-26", day=date(2026, 10, 15)), MONTH, Limits()) == OCTOBER

    @pytest.mark.parametrize("text", ["June", "2026", "2026-13", "13/2026", "Octember 2026", "2026-1o", "46296x"])
    def test_that_are_none_are_refused_in_words(self, text: str) -> None:
        with pytest.raises(CellRefusal, match="like 2026-10 or October 2026"):
            value_of(Shown(text), MONTH, Limits())

    def test_as_a_bare_number_are_refused(self) -> None:
        with pytest.raises(CellRefusal, match="not a month"):
            value_of(Shown("202610", number=True), MONTH, Limits())
