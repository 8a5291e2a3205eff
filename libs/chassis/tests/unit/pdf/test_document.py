"""What a document may consist of."""

from datetime import date

import pytest

from chassis.pdf.document import Block, Column, Document, Heading, Picture, Table, Text


def document(*blocks: Block) -> Document:
    return Document("Title", "Organisation", date(2026, 11, 25), blocks)


class TestDocument:
    @pytest.mark.parametrize("levels", [(3,), (2, 4), (1,), (2, 3, 5)])
    def test_a_heading_that_skips_a_level_or_is_a_second_title_is_refused(self, levels: tuple[int, ...]) -> None:
        with pytest.raises(ValueError, match="a heading of level"):
            document(*(Heading("x", level) for level in levels))

    def test_a_heading_may_go_back_up_by_several(self) -> None:
        assert len(document(*(Heading("x", level) for level in (2, 3, 4, 2))).blocks) == 4

    def test_a_row_has_a_cell_for_each_column(self) -> None:
        with pytest.raises(ValueError, match="a cell for each column"):
            Table("t", (Column("a"), Column("b")), (("1",),))

    def test_a_picture_says_in_words_what_it_is(self) -> None:
        with pytest.raises(ValueError, match="says in words"):
            Picture("<svg/>", " ")

    def test_the_data_are_words_and_no_markup(self) -> None:
        (block,) = document(Text("*a* #b")).data()["blocks"]
        assert block["words"] == [{"lines": ["*a* #b"], "rtl": False}]
