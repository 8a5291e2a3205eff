"""Whatever a family types or their browser sends, on the survey's pages: an answer, a kind word, or nothing."""

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from chassis.errors import DomainError
from chassis.pages import Form
from chassis.secrets import Secrets
from chassis.testing.fuzz import cursors, mutated_text, texts
from feedback.domain import links
from feedback.domain.comments import by_number, period
from feedback.domain.contact import Details, wrong_details
from feedback.domain.link_list import month_of
from feedback.domain.questionnaire import Question
from feedback.pages import comments, visit, you_said
from feedback.pages.answer_form import read_answer
from feedback.pages.calls_rota import _month
from feedback.pages.kind import browser_language
from feedback.pages.publish_pages import _asked
from feedback.pages.rushes import _hour
from feedback.pages.step_form import revision_in

pytestmark = pytest.mark.fuzz

TODAY = date(2026, 11, 30)
SECRETS = Secrets(b"k" * 32)
PLAIN: dict[str, Any] = {
    "code": "q", "text": {"en": "Why?"}, "hint": None, "required": True, "options": [], "does_not_apply": None, "positive": [],
    "scale": None, "worry": [], "themes": [], "show_if": None,
}  # fmt: skip
OPTIONS = [{"code": "yes", "label": {"en": "Yes"}}, {"code": "no", "label": {"en": "No"}}]
SCALE: dict[str, Any] = {"min": 1, "max": 5, "faces": False, "positive_from": None, "labels": []}
SHAPES: dict[str, dict[str, Any]] = {
    "one": {"options": OPTIONS}, "several": {"options": OPTIONS}, "scale": {"scale": SCALE}, "text": {}, "date": {},
}  # fmt: skip
QUESTIONS = [Question.model_validate({**PLAIN, "kind": kind, **more}) for kind, more in SHAPES.items()]


def request_with(name: str, value: str) -> Request:
    strings = SimpleNamespace(spoken=lambda language, key: language if language in {"cy", "ur"} else "en")
    app = SimpleNamespace(state=SimpleNamespace(pages=SimpleNamespace(strings=strings), feedback=SimpleNamespace(secure=False)))
    header = value.encode("utf-8", "surrogatepass")
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [(name.encode(), header)], "app": app})


class TestLinks:
    @given(mutated_text(st.sampled_from([links.new_token(), links.new_token(short=True)])) | texts())
    def test_a_token_is_one_or_not(self, text: str) -> None:
        if links.is_token(text):
            assert len(links.token_hash(text)) == 64
        if links.is_no_token(text):
            links.no_hash(b"k" * 32, text)

    @given(mutated_text(st.just("ABCDE-FGHJK")) | texts())
    def test_a_short_code_is_read_or_none(self, typed: str) -> None:
        plain = links.read_code(typed)
        if plain is not None:
            assert len(links.code_hash(b"k" * 32, plain)) == 64
            assert links.read_code(plain) == plain

    @given(st.one_of(texts(), mutated_text(st.just("QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"))))
    def test_a_cookie_of_a_visit_is_ours_or_none(self, value: str) -> None:
        assert visit.read(request_with("cookie", f"{visit.COOKIE}={value}"), SECRETS) is None

    @given(mutated_text(st.just("cy-GB,ur;q=0.8,en;q=0.5,*;q=0")))
    def test_the_language_of_a_browser(self, header: str) -> None:
        assert browser_language(request_with("accept-language", header)) in {"en", "cy", "ur"}

    @given(cursors())
    def test_a_cursor_is_ours_or_malformed(self, cursor: str) -> None:
        for read in (comments._after, you_said._after):
            try:
                read(cursor)
            except DomainError as error:
                assert error.slug == "malformed-cursor"


class TestTyped:
    @given(
        st.sampled_from(QUESTIONS),
        st.lists(texts(st.sampled_from(["yes", "no", "3", "5"])), max_size=3),
        texts(),
        texts(),
        texts(),
    )
    def test_an_answer_is_one_or_is_said_to_be_none(
        self, question: Question, typed: list[str], day: str, month: str, year: str
    ) -> None:
        fields = [*(("answer", each) for each in typed), ("answer-day", day), ("answer-month", month), ("answer-year", year)]
        read_answer(question, Form(fields))

    @given(st.lists(texts(st.sampled_from(["01632 960 777", "jo@example.org", "Jo"])), min_size=5, max_size=5))
    def test_details_of_somebody_to_call_are_right_or_named_as_wrong(self, typed: list[str]) -> None:
        name, phone, email, best, about = typed
        wrong = wrong_details(Details(name=name, phone=phone, email=email, best=best, about=about))
        assert set(wrong) <= {"name", "phone", "email", "best", "about"}

    @given(texts(), texts(st.sampled_from(["2026-11", "30", "2026-11-30T10:00:00+00:00", "1,2,3"])))
    def test_fields_of_staff(self, revision: str, text: str) -> None:
        assert revision_in(Form([("revision", revision)])) >= -1
        assert month_of(text) is None or cast("date", month_of(text)).day == 1
        assert _month(text, TODAY).day == 1
        _hour(text)
        _asked(Form([("revision", revision), ("copy", text)]))
        try:
            assert by_number(text, [], ["a", "b"]) <= {"a", "b"}
        except DomainError as error:
            assert error.slug == "unknown-theme"

    @given(texts(st.sampled_from(["30", "90", "365", "all"])))
    def test_a_period_that_was_chosen(self, chosen: str) -> None:
        first, last = period(chosen, TODAY)
        assert first is None or first <= TODAY
        assert last is None or last >= date.min
