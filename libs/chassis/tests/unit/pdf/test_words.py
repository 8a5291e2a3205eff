"""What people typed, made fit for print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.pdf.words import paragraphs, runs_from_right, spoken, tidied, with_words_for


def lines(text: str) -> list[list[str]]:
    return [each["lines"] for each in paragraphs(text)]


class TestParagraphs:
    def test_an_empty_line_parts_paragraphs_and_a_break_lines(self) -> None:
        assert lines("one\ntwo\n\nthree") == [["one", "two"], ["three"]]

    @pytest.mark.parametrize("ending", ["\r\n", "\r", "\x85", "\u2028", "\v"])
    def test_every_kind_of_break_is_one(self, ending: str) -> None:
        assert lines(f"one{ending}two") == [["one", "two"]]

    @pytest.mark.parametrize("empty", ["", "\n\n", "  \n \n", "\t"])
    def test_nothing_is_no_paragraph(self, empty: str) -> None:
        assert lines(empty) == []

    def test_several_empty_lines_part_no_more_than_one_does(self) -> None:
        assert lines("one\n\n \n\n\ntwo") == [["one"], ["two"]]

    def test_each_paragraph_has_a_direction_of_its_own(self) -> None:
        assert [each["rtl"] for each in paragraphs("محمد\n\nSam\n\n12 יוסף")] == [True, False, True]

    def test_a_long_word_may_be_broken_and_is_otherwise_what_was_typed(self) -> None:
        address = "https://example.test/" + "a" * 200
        assert max(map(len, tidied(address).split("\N{ZERO WIDTH SPACE}"))) == 12
        assert tidied(address).replace("\N{ZERO WIDTH SPACE}", "") == address

    @given(st.text())
    def test_no_control_character_gets_through(self, text: str) -> None:
        shown = "".join(line for paragraph in lines(text) for line in paragraph)
        assert not [each for each in shown if ord(each) < 32 or 0x202A <= ord(each) <= 0x202E or 0xD800 <= ord(each) <= 0xDFFF]

    @given(st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]), max_size=20))
    def test_what_is_written_without_breaks_is_kept(self, text: str) -> None:
        assert "".join(line for paragraph in lines(text) for line in paragraph) == text


class TestDirection:
    @pytest.mark.parametrize(
        ("text", "expected"), [("محمد", True), ("(12) יוסף", True), ("Sam محمد", False), ("12", False), ("", False)]
    )
    def test_the_first_letter_decides(self, text: str, *, expected: bool) -> None:
        assert runs_from_right(text) is expected

    def test_an_override_that_was_pasted_is_taken_out(self) -> None:
        assert tidied("a\u202eb\u202c \u2066c\u2069") == "ab c"


class TestSpoken:
    @pytest.mark.parametrize(
        ("absent", "words"),
        [
            ("😀", "[grinning face]"),
            ("👍🏽", "[thumbs up sign]"),
            ("👩\u200d👧", "[woman, girl]"),
            ("🏽", ""),
            ("ক", "[text in Bengali script]"),
            ("中文", "[text in Chinese, Japanese or Korean script]"),
            ("ਸਿੰਘ", "[text in Gurmukhi script]"),
            ("রহিম 👩\u200d👧", "[text in Bengali script, woman, girl]"),
            ("\uffff", "[unknown character]"),
        ],
    )
    def test_what_cannot_be_shown_is_said(self, absent: str, words: str) -> None:
        assert spoken(absent) == words

    def test_words_beside_one_another_are_said_once(self) -> None:
        data = {"a": ["নাম কি", {"b": "ok নাম!"}], "c": 1}
        expected = {"a": ["[text in Bengali script]", {"b": "ok [text in Bengali script]!"}], "c": 1}
        assert with_words_for(data, set("নামকি") | {"কি"}) == expected
