"""Whatever officers paste or type and families send on the complaints pages: something is read of it, or nothing."""

from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.requests import Request

from chassis.errors import DomainError
from chassis.pages import Form
from chassis.pages.days import day_in
from chassis.secrets import Secrets
from chassis.testing.fuzz import cursors, mutated_text, texts
from complaints.domain.finding import asked_in, keys_in, keys_of
from complaints.domain.old_rows import _place
from complaints.domain.pasted_mail import read_mail
from complaints.pages import say_visit
from complaints.pages.say import _preferred
from complaints.pages.staff_forms import number_in
from complaints.use_cases.cursor import cursor_key
from complaints.use_cases.learning_cursor import key_of

pytestmark = pytest.mark.fuzz

MAIL = (
    "From: Jo Bloggs <jo@example.org>\nSent: 03 June 2026 10:15\nTo: Customer Relations\nDate: Wed, 3 Jun 2026 10:15:00 +0100\n"
    "Subject: My son\n\nNobody rang back."
)


def request_with(name: str, value: str) -> Request:
    header = value.encode("utf-8", "surrogatepass")
    app = SimpleNamespace(state=SimpleNamespace(secure_cookies=False))
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [(name.encode(), header)], "app": app})


class TestTyped:
    @given(mutated_text(st.just(MAIL)))
    @example(MAIL.replace("Jun 2026 10", "Jun 99999999999999999999 10"))
    @example(MAIL.replace("3 Jun 2026 10:15:00 +0100", "31 Dec 9999 23:59:00 -2300"))
    @example(MAIL.replace("3 Jun 2026 10:15:00 +0100", "1 Jan 1 00:00:00 +2300"))
    def test_a_mail_that_was_pasted(self, text: str) -> None:
        assert read_mail(text) is not None

    @given(
        mutated_text(st.sampled_from(["3 June 2026", "CSC-0001", "01632 960 777", "jo@example.org", "WR5 2NP", "03/06/2026"]))
    )
    def test_what_somebody_looks_for(self, question: str) -> None:
        asked_in(question)
        for each in (*keys_in(question), *keys_of(question, question, question, question)):
            assert isinstance(each, str)

    @given(texts(), texts(), texts(), texts())
    def test_fields_of_a_form(self, number: str, day: str, month: str, year: str) -> None:
        form = Form([("revision", number), ("on-day", day), ("on-month", month), ("on-year", year)])
        assert number_in(form) >= -1
        assert day_in(form, "on") is None or isinstance(day_in(form, "on"), date)

    @given(cursors())
    def test_a_cursor_is_ours_or_malformed(self, cursor: str) -> None:
        for read in (cursor_key, key_of):
            try:
                read(cursor)
            except DomainError as error:
                assert error.slug == "malformed-cursor"

    @given(st.text("ABCXYZ", min_size=1, max_size=3))
    def test_letters_of_a_column(self, letters: str) -> None:
        assert _place(letters) >= 0

    @given(st.one_of(texts(), mutated_text(st.just("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"))))
    def test_a_cookie_of_a_visit_is_ours_or_none(self, value: str) -> None:
        assert say_visit.read(request_with("cookie", f"{say_visit.COOKIE}={value}"), Secrets(b"k" * 32), "north") is None

    @given(mutated_text(st.just("cy-GB,ur;q=0.8,en;q=0.5")))
    def test_the_language_of_a_browser(self, header: str) -> None:
        assert len(_preferred(request_with("accept-language", header))) < 10
