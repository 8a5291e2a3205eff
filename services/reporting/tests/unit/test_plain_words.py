"""What people write is paragraphs and lists, and nothing else."""

from reporting.domain.plain_words import Passage, passages


class TestPassages:
    def test_an_empty_line_ends_a_paragraph_and_hyphens_are_a_list(self) -> None:
        text = "First line\nsecond line\n\n\nNext.\n- one\n• two\n* three\nAfter."
        assert passages(text) == (
            Passage(("First line", "second line")),
            Passage(("Next.",)),
            Passage(("one", "two", "three"), is_list=True),
            Passage(("After.",)),
        )

    def test_markup_is_text(self) -> None:
        assert passages("<b>not bold</b>\n-no item, **nothing**") == (Passage(("<b>not bold</b>", "-no item, **nothing**")),)

    def test_nothing_is_nothing(self) -> None:
        assert passages(" \n \n") == ()
