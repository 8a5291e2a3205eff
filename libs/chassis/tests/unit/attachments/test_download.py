"""Names under which files are saved, and what may be handed out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.attachments.download import content_disposition, safe_name, sent_name

PDF = ("pdf",)


class TestSafeName:
    @pytest.mark.parametrize(
        ("name", "saved"),
        [
            ("letter.pdf", "letter.pdf"),
            ("Letter of May.PDF", "Letter of May.pdf"),
            ("letter.exe", "letter.exe.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\Users\\a\\scan.pdf", "scan.pdf"),
            ("", "file.pdf"),
            (".pdf", "pdf.pdf"),
            ("con.pdf", "file con.pdf"),
            ("invoice\u202efdp.exe", "invoice fdp.exe.pdf"),
            ('a"b;c\r\nx: y.pdf', "a_b;c x_ y.pdf"),
            ("Füchse ﻋ.pdf", "Füchse ﻋ.pdf"),
            ("x" * 300 + ".pdf", "x" * 120 + ".pdf"),
        ],
    )
    def test_it_can_be_saved_anywhere_and_ends_as_its_kind(self, name: str, saved: str) -> None:
        assert safe_name(name, PDF) == saved

    @given(st.text(max_size=200))
    def test_whatever_it_was_called_the_header_is_one_safe_line(self, name: str) -> None:
        saved = safe_name(name, PDF)
        assert saved.endswith(".pdf")
        assert not set(saved) & set('\\/:*?"<>|\r\n\0')
        header = content_disposition(saved)
        assert header.isascii()
        assert "\n" not in header
        assert sent_name(header) == saved


class TestSentName:
    @pytest.mark.parametrize(
        ("header", "name"),
        [
            (None, ""),
            ("attachment", ""),
            ('attachment; filename="a b.pdf"', "a b.pdf"),
            ("attachment; filename*=UTF-8''F%C3%BCchse.pdf", "Füchse.pdf"),
            ("x\r\nfilename=a", ""),
        ],
    )
    def test_it_is_read_as_it_was_sent(self, header: str | None, name: str) -> None:
        assert sent_name(header) == name
