"""Letters as they come out of the printer's own process."""

from datetime import date

import pytest

from chassis.pdf.letter import Letter
from chassis.pdf.markup import fill, parse
from chassis.pdf.printer import Printer
from chassis.testing.pdf import Printed

FIELDS = {"name", "reason"}
TEXT = """Dear {name},

# What we **found**

You said that nobody called. *We* are sorry: #panic("out") $x$.

- one **thing**
- {reason}

## Next

محمد

Yours sincerely"""


def letter(**values: str) -> Letter:
    return Letter(
        title="Your complaint",
        organisation="Worcestershire",
        made_on=date(2026, 11, 25),
        sender=("County Hall, Worcester", "01632 960 110"),
        to=("Jo Hill", "1 High Street", "Worcester"),
        facts=(("Date", "25 November 2026"), ("Our reference", "C-2026-0001")),
        blocks=fill(parse(TEXT, FIELDS), values),
        marking="Draft",
    )


@pytest.fixture
async def printed() -> Printed:
    return Printed(await Printer().render(letter(name="Jo **Hill**")))


class TestLetter:
    def test_it_is_accessible_and_says_what_it_is(self, printed: Printed) -> None:
        assert (printed.title, printed.language, printed.tagged) == ("Your complaint", "en-GB", True)
        assert printed.standards == {"pdfua-1", "pdfa-2a"}
        assert [level for level, _ in printed.headings] == [1, 2, 3]
        assert (printed.tags["L"], printed.tags["LI"]) == (1, 2)

    def test_it_holds_who_and_what_in_order_and_interprets_nothing(self, printed: Printed) -> None:
        order = [
            "01632 960 110",
            "Jo Hill",
            "1 High Street",
            "C-2026-0001",
            "Your complaint",
            "Dear Jo **Hill**",
            '#panic("out")',
        ]
        places = [printed.text.index(each) for each in order]
        assert places == sorted(places)
        assert "[reason]" in printed.text

    async def test_the_same_letter_gives_the_same_bytes(self, printed: Printed) -> None:
        assert await Printer().render(letter(name="Jo **Hill**")) == printed.content

    async def test_a_long_one_goes_on_with_whose_it_is_on_each_page(self) -> None:
        printed = Printed(await Printer().render(letter(name="x", reason="\n".join("word " * 60 for _ in range(40)))))
        assert printed.pages > 1
        assert printed.text.count("Worcestershire") >= printed.pages
