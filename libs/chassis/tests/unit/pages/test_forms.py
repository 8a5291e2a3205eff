"""Reading a form within limits."""

from contextlib import suppress
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import DomainError, Kind
from chassis.pages import csrf_token
from chassis.pages.forms import parse_form, require_token

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"))


class TestParseForm:
    @given(fields=st.lists(st.tuples(words, words), max_size=20))
    def test_returns_what_a_browser_was_given(self, fields: list[tuple[str, str]]) -> None:
        form = parse_form(urlencode(fields).encode())
        for name, _ in fields:
            assert form.all(name) == tuple(value for other, value in fields if other == name and value)

    def test_lines_end_in_one_character_and_text_has_no_space_around_it(self) -> None:
        form = parse_form(b"words=+one%0D%0Atwo%0Dthree+")
        assert form["words"] == " one\ntwo\nthree "
        assert form.text("words") == "one\ntwo\nthree"

    def test_a_field_that_is_missing_is_empty(self) -> None:
        form = parse_form(b"answer=a&answer=b&answer=")
        assert form["answer"] == "a"
        assert form.all("answer") == ("a", "b")
        assert form.text("other") == ""
        assert form.all("other") == ()
        assert parse_form(b"") == {}

    @pytest.mark.parametrize("body", [b"a=%00", b"%00=a", b"a=%FF", b"\xff=a", b"a=\xc3\xbc"])
    def test_what_cannot_be_stored_or_read_is_refused(self, body: bytes) -> None:
        with pytest.raises(DomainError) as refused:
            parse_form(body)
        assert (refused.value.slug, refused.value.kind) == ("malformed-form", Kind.MALFORMED)

    def test_too_many_fields_are_refused_before_they_are_parsed(self) -> None:
        assert len(parse_form(b"&".join(b"f%d=1" % i for i in range(5)), max_fields=5)) == 5
        with pytest.raises(DomainError) as refused:
            parse_form(b"&" * 1_000_000, max_fields=5)
        assert refused.value.kind is Kind.TOO_LARGE

    @given(body=st.binary())
    def test_anything_else_is_a_form_or_refused(self, body: bytes) -> None:
        with suppress(DomainError):
            parse_form(body)


class TestRequireToken:
    def test_a_form_of_this_session_passes(self) -> None:
        token = csrf_token(b"secret", "session")
        require_token(parse_form(urlencode({"csrf": token}).encode()), b"secret", "session")

    @pytest.mark.parametrize("body", [b"", b"csrf=", b"csrf=made+up"])
    def test_a_form_of_somebody_else_is_refused(self, body: bytes) -> None:
        with pytest.raises(DomainError) as refused:
            require_token(parse_form(body), b"secret", "session")
        assert (refused.value.slug, refused.value.kind) == ("form-expired", Kind.FORBIDDEN)
