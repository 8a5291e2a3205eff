"""Pages to be cut up: one slip a place, tagged, with a picture that says what it is."""

from datetime import date

import pytest

from chassis.pdf.printer import Printer
from chassis.pdf.slips import LEAST_CODE, Modules, Slip, Slips
from chassis.testing.pdf import Printed

SQUARE = Modules(21, "M0 0h21v1h-21z")


def slip(heading: str = "Tell us", language: str = "en") -> Slip:
    return Slip(language, heading, ("Scan it.",), (("Code:", "C4K7M-2PQ9X"),), ("Until Friday",), SQUARE, "A square")


async def printed(*slips: Slip, across: int = 1, down: int = 4, beside: bool = True) -> Printed:
    document = Slips("Slips", "Worcestershire", date(2026, 11, 25), slips, across, down, beside=beside)
    return Printed(await Printer().render(document))


class TestSlips:
    @pytest.mark.parametrize(
        ("count", "across", "down", "pages"), [(1, 1, 1, 1), (4, 1, 4, 1), (5, 1, 4, 2), (6, 2, 3, 1), (7, 2, 3, 2)]
    )
    async def test_a_page_has_as_many_as_was_said(self, count: int, across: int, down: int, pages: int) -> None:
        pdf = await printed(*[slip()] * count, across=across, down=down, beside=across == 1)
        assert (pdf.pages, pdf.tags["Figure"], len(pdf.headings)) == (pages, count, count)
        assert pdf.standards == {"pdfua-1", "pdfa-2a"}

    async def test_the_same_slips_give_the_same_bytes(self) -> None:
        assert (await printed(slip())).content == (await printed(slip())).content

    async def test_what_was_typed_is_never_interpreted(self) -> None:
        pdf = await printed(slip("#panic(1) *bold* </svg>"))
        assert pdf.headings == [(1, "#panic(1) *bold* </svg>")]

    async def test_a_slip_may_run_from_right_to_left(self) -> None:
        pdf = await printed(slip("قل لنا", "ar"), slip())
        assert "C4K7M-2PQ9X" in pdf.text

    def test_a_code_that_old_phones_cannot_read_is_refused(self) -> None:
        with pytest.raises(ValueError, match="25 mm"):
            Slips("Slips", "Worcestershire", date(2026, 11, 25), (slip(),), code=LEAST_CODE - 1)


async def test_long_names_are_set_smaller_and_stay_on_their_slip() -> None:
    """Fifty words do not push the next slip to another page, and none is lost."""
    long = Slip(
        "en", "Tell us " * 8, ("Scan it. " * 12,), (("Code:", "long" * 24),), ("Until Friday. " * 12,), SQUARE, "A square"
    )
    pdf = await printed(*[long] * 8)
    assert pdf.pages == 2
    assert pdf.text.count("Until Friday.") == 96
