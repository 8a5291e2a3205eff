"""Documents as they come out of the printer's own process."""

import asyncio
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chassis.errors import DomainError, Kind
from chassis.pdf.document import (
    Block,
    Bullets,
    Callout,
    Choices,
    Column,
    Document,
    Facts,
    FigureRow,
    Figures,
    Heading,
    Landscape,
    Lines,
    Picture,
    Table,
    Text,
)
from chassis.pdf.printer import PdfError, Printer
from chassis.pdf.response import pdf_response
from chassis.pdf.typesetter import typeset
from chassis.testing.pdf import Printed

MARKUP = (
    '*bold* _em_ #panic("out") $x^2$ <label> @ref \\ // comment /* more */ = heading - item [b] {c} "q" `raw` ~ https://a.test'
)
EVERYTHING: tuple[Block, ...] = (
    Heading("Sections"),
    Heading("Voice of the Child", 3),
    Facts((("Lead auditor", "محمد بن علي"), ("Peer auditor", "יוסף כהן"), ("Empty", ""))),
    Facts((("Evidence", f"{MARKUP}\n\nSecond paragraph 😀"),), stacked=True),
    Text("Running text."),
    Text("Small print.", quiet=True),
    Bullets(("First", "Second\n\nin two")),
    Callout("This could not wait", "The team manager was told."),
    Heading("Actions"),
    Table("Actions of the audit", (Column("What", 3), Column("By when")), (("Visit", "3 January 2027"), ("নাম", ""))),
    Choices("Grade", ("Good", "Not applicable")),
    Lines("Notes", 3),
    Picture(
        "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20'><rect width='30' height='9'/></svg>", "A bar", "One."
    ),
)


def document(*blocks: Block, title: str = "Audit SC-2026-11-004") -> Document:
    return Document(title, "Worcestershire", date(2026, 11, 25), blocks, "Case file audit", "Confidential", "SC-2026-11-004")


@pytest.fixture
async def printed() -> Printed:
    return Printed(await Printer().render(document(*EVERYTHING)))


class TestPrinter:
    def test_it_says_what_it_is(self, printed: Printed) -> None:
        assert (printed.title, printed.language, printed.tagged) == ("Audit SC-2026-11-004", "en-GB", True)
        assert printed.standards == {"pdfua-1", "pdfa-2a"}

    def test_every_block_is_tagged_as_what_it_is(self, printed: Printed) -> None:
        assert printed.headings == [
            (1, "Audit SC-2026-11-004"),
            (2, "Sections"),
            (3, "Voice of the Child"),
            (2, "Actions"),
        ]
        tags = printed.tags
        assert (tags["Table"], tags["Caption"], tags["TH"], tags["TD"]) == (1, 1, 2, 4)
        # Two lists of definitions and one of items, each entry with its label and its words.
        assert (tags["L"], tags["LI"], tags["Lbl"], tags["LBody"]) == (3, 6, 6, 6)
        assert tags["Figure"] == 1

    def test_what_a_person_typed_is_shown_and_never_interpreted(self, printed: Printed) -> None:
        assert MARKUP in printed.text

    def test_what_no_font_has_is_said_in_words(self, printed: Printed) -> None:
        assert "Second paragraph [grinning face]" in printed.text
        assert "[text in Bengali script]" in printed.text

    def test_every_page_says_whose_it_is_and_how_it_is_to_be_handled(self, printed: Printed) -> None:
        for words in ("Worcestershire", "Confidential", "SC-2026-11-004", f"Page 1 of {printed.pages}"):
            assert words in printed.text

    async def test_the_same_document_gives_the_same_bytes(self, printed: Printed) -> None:
        assert await Printer().render(document(*EVERYTHING)) == printed.content

    async def test_a_heading_of_a_table_is_repeated_where_it_goes_on(self) -> None:
        rows = tuple((f"Action {number}", "3 January 2027") for number in range(80))
        table = Table("Actions", (Column("What"), Column("By when")), rows)
        printed = Printed(await Printer().render(document(table)))
        assert printed.pages > 2
        assert printed.text.count("What By when") == printed.pages
        # For a screen reader it stands once.
        assert printed.tags["TH"] == 2

    async def test_figures_stand_in_a_table_and_many_columns_on_a_page_that_lies_on_its_side(self) -> None:
        rows = tuple(FigureRow(f"Area {n}", ("85%\n11 of 13", "[z]"), total=n == 9) for n in range(10))
        figures = Figures("Numbers of complaints", "Service area", ("In time", "Open"), rows)
        blocks = (Heading("Upright"), figures, Landscape((Heading("On its side"), figures, Text("A note.", quiet=True))))
        printed = Printed(await Printer().render(document(*blocks)))
        assert printed.headings[1:] == [(2, "Upright"), (2, "On its side")]
        assert (printed.tags["Table"], printed.tags["TH"], printed.tags["TD"]) == (2, 6, 60)
        assert printed.standards == {"pdfua-1", "pdfa-2a"}
        assert printed.text.count(["85%", "11 of 13"][0]) == 20
        with pytest.raises(ValueError, match="a cell for each column"):
            Figures("", "", ("One",), (FigureRow("a", ("1", "2")),))
        with pytest.raises(ValueError, match="level 4"):
            document(Landscape((Heading("Too deep", 4),)))

    async def test_one_that_takes_too_long_is_given_up_and_its_process_ended(self) -> None:
        blocks = [Text("word " * 2000)] * 400
        with pytest.raises(DomainError) as refused:
            await Printer(seconds=0.3).render(document(*blocks))
        assert (refused.value.slug, refused.value.kind) == ("document-not-made", Kind.UNAVAILABLE)

    async def test_one_that_takes_too_much_memory_fails_without_telling_what_was_in_it(self) -> None:
        blocks = [Text("Jo Bloggs " * 2000)] * 300
        with pytest.raises(PdfError) as failed:
            await Printer(megabytes=256, seconds=120).render(document(*blocks))
        assert "Bloggs" not in str(failed.value)

    async def test_many_at_once_take_turns(self) -> None:
        printer = Printer(at_once=1)
        made = await asyncio.gather(*(printer.render(document(title=f"Audit {number}")) for number in range(4)))
        assert [Printed(each).title for each in made] == [f"Audit {number}" for number in range(4)]

    async def test_who_goes_away_leaves_a_free_turn(self) -> None:
        printer = Printer(at_once=1)
        waiting = asyncio.create_task(printer.render(document(*[Text("word " * 2000)] * 200)))
        await asyncio.sleep(0.1)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert Printed(await printer.render(document())).pages == 1

    @settings(max_examples=150, deadline=None)
    @given(st.text(min_size=1, max_size=60), st.text(max_size=40))
    def test_whatever_is_typed_a_document_comes_out(self, words: str, title: str) -> None:
        blocks = (Heading(words), Facts(((words, words),)), Table(words, (Column(words),), ((words,),)), Bullets((words,)))
        content = typeset(document(*blocks, title=title).data())
        assert content.startswith(b"%PDF-")


class TestResponse:
    def test_a_pdf_is_saved_under_its_name_and_kept_nowhere_else(self) -> None:
        answer = pdf_response(b"%PDF-", "audit-SC-2026-11-004.pdf")
        assert answer.headers["content-type"] == "application/pdf"
        assert answer.headers["content-disposition"] == 'attachment; filename="audit-SC-2026-11-004.pdf"'
        assert answer.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("name", ['a"b.pdf', "a/b.pdf", "a\nb.pdf", "é.pdf", ""])
    def test_a_name_that_could_say_more_is_refused(self, name: str) -> None:
        with pytest.raises(ValueError, match="file's name"):
            pdf_response(b"", name)
