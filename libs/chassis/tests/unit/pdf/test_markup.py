"""What people type into a letter, and what is made of it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.pdf.markup import Items, MarkupError, Paragraph, Run, Title, fields_in, fill, parse, plain

FIELDS = {"complainant", "reference", "points", "address"}


class TestParse:
    def test_paragraphs_headings_lists_and_bold_are_found(self) -> None:
        blocks = parse("Dear {complainant},\nand all\n\n# What we found\n- one **thing**\n- two\nThe end", FIELDS)
        assert blocks == (
            Paragraph(((Run("Dear "), Run("", field="complainant"), Run(",")), (Run("and all"),))),
            Title((Run("What we found"),)),
            Items(((Run("one "), Run("thing", bold=True)), (Run("two"),))),
            Paragraph(((Run("The end"),),)),
        )
        assert fields_in(blocks) == ("complainant",)

    @pytest.mark.parametrize(
        ("text", "line", "detail"),
        [
            ("One\n{complaynant}", 2, "did you mean {complainant}?"),
            ("{xyzzy}", 1, "there is no field {xyzzy}: address, complainant"),
            ("\n\nA { brace", 3, "between { and }"),
            ("A } brace", 1, "between { and }"),
            ("**open", 1, "a second '**'"),
            ("### Three", 1, "there are two levels"),
            ("## Two", 1, "stands below a larger one"),
            ("See {points} here", 1, "on a line of its own"),
            ("{points}\n\n{points}", 1, "on a line of its own"),
        ],
    )
    def test_what_is_none_is_refused_with_its_line(self, text: str, line: int, detail: str) -> None:
        with pytest.raises(MarkupError, match=f"line {line}: ") as caught:
            parse(text, FIELDS, {"points"})
        assert detail in caught.value.detail

    @pytest.mark.parametrize("text", ["#1 is text", "5 * 3 and a*b", "-5 degrees", "a - b", ""])
    def test_what_only_looks_like_markup_is_text(self, text: str) -> None:
        assert plain(parse(text, FIELDS)) == text

    @given(st.text())
    def test_any_text_is_read_or_refused(self, text: str) -> None:
        with contextlib.suppress(MarkupError):
            parse(text, FIELDS, {"points"})


class TestFill:
    def test_words_of_fields_are_never_read_as_markup(self) -> None:
        blocks = fill(parse("Dear **{complainant}**", FIELDS), {"complainant": "**# {reference}"})
        assert blocks == (Paragraph(((Run("Dear "), Run("**# {reference}", bold=True)),)),)

    def test_lines_of_a_field_are_lines_of_the_paragraph_and_one_line_elsewhere(self) -> None:
        (paragraph, items) = fill(parse("At {address}.\n\n- {address}", FIELDS), {"address": "County Hall\nWorcester"})
        assert paragraph == Paragraph(((Run("At "), Run("County Hall")), (Run("Worcester"), Run("."))))
        assert plain([items]) == "County Hall Worcester"

    def test_blocks_take_the_place_of_a_field_that_stands_alone(self) -> None:
        found = (Title((Run("Point 1"),)), Paragraph(((Run("Upheld"),),)))
        assert fill(parse("Above\n\n{points}\n\nBelow", FIELDS, {"points"}), {"points": found})[1:3] == found

    def test_a_field_without_a_value_stays_and_one_that_is_empty_goes_with_its_line(self) -> None:
        blocks = fill(parse("{reference}\n\n{address}\n\n- {address}", FIELDS), {"address": ""})
        assert fields_in(blocks) == ("reference",)
        assert len(blocks) == 1
