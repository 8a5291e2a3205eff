"""Pages as a service serves them: valid, with headers, with forms, with kind errors."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from chassis.identity import HEADER, TokenVerifier
from chassis.middleware import Frame
from chassis.pages import CONTENT_SECURITY_POLICY, Pages, csrf_token, install
from chassis.testing.page_client import PageClient

SECRET, SESSION = b"s" * 32, "session-1"
EVERY_PAGE = ["/staff", "/s/question", "/s/question?language=ar", "/s/question?large=on", "/s/faces", "/s/check", "/s/done"]


class TestLayouts:
    @pytest.mark.parametrize("path", EVERY_PAGE)
    async def test_a_page_is_valid_and_has_its_headers(self, client: PageClient, path: str) -> None:
        answer = await client.get(path)
        assert answer.status_code == 200
        assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY

    async def test_staff_see_where_they_are_and_who_they_are(self, client: PageClient) -> None:
        html = (await client.get("/staff")).text
        for words in ("Worcestershire Children First", "Alex Morgan", "Sign out", 'href="/staff" aria-current="page"'):
            assert words in html

    async def test_a_survey_has_no_navigation_and_no_account(self, client: PageClient) -> None:
        html = (await client.get("/s/question")).text
        assert "<nav" not in html
        assert "Alex Morgan" not in html

    async def test_a_survey_in_arabic_runs_from_right_to_left(self, client: PageClient) -> None:
        html = (await client.get("/s/question?language=ar")).text
        assert '<html lang="ar" dir="rtl"' in html
        assert "السؤال 2 من 8" in html

    async def test_five_kinds_of_cell_look_different(self, client: PageClient) -> None:
        html = (await client.get("/staff")).text
        assert "68%<span" in html
        for sign, words in (("[c]", "left out"), ("[x]", "not collected"), ("[z]", "not in use")):
            assert f'<span aria-hidden="true">{sign}</span><span class="govuk-visually-hidden">{words}' in html
        assert '<td class="govuk-table__cell govuk-table__cell--numeric">0</td>' in html

    async def test_what_a_person_wrote_is_never_markup(self, tmp_path: Path) -> None:
        (tmp_path / "x.html").write_text(
            '{% extends "chassis/staff.html" %}{% block content %}<h1>{{ words }}</h1>{% endblock %}'
        )
        html = Pages(tmp_path, static_path="/static").render("x.html", title="<b>", words="<script>alert(1)</script>")
        assert "<script>" not in html
        assert "<b>" not in html


class TestStatic:
    async def test_the_style_sheet_of_a_page_is_served(self, client: PageClient) -> None:
        html = (await client.get("/s/question")).text
        address = html.partition('rel="stylesheet" href="')[2].partition('"')[0]
        answer = await client.get(address)
        assert answer.headers["content-type"].startswith("text/css")
        assert "immutable" in answer.headers["cache-control"]
        assert (await client.get("/static/other.css")).status_code == 404


class TestForms:
    async def test_a_form_with_its_token_is_taken_and_leads_on(self, client: PageClient) -> None:
        answer = await client.post("/staff", data={"csrf": csrf_token(SECRET, SESSION), "name": "Call back"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff")

    async def test_what_is_missing_is_said_beside_the_field_and_in_the_title(self, client: PageClient) -> None:
        answer = await client.post("/staff", data={"csrf": csrf_token(SECRET, SESSION)})
        assert answer.status_code == 422
        assert "<title>Error: " in answer.text
        assert '<a href="#name">Enter a name</a>' in answer.text

    @pytest.mark.parametrize(
        ("options", "status", "words"),
        [
            ({"data": {"name": "x"}}, 403, "Please open the page again"),
            ({"json": {"name": "x"}}, 422, "could not be read"),
            (
                {"content": b"a=" + b"x" * 70_000, "headers": {"content-type": "application/x-www-form-urlencoded"}},
                413,
                "more than fits",
            ),
            ({"files": {"name": b"x"}}, 422, "could not be read"),
        ],
    )
    async def test_other_posts_are_refused_with_a_page(
        self, client: PageClient, options: dict[str, Any], status: int, words: str
    ) -> None:
        answer = await client.post("/staff", **options)
        assert answer.status_code == status
        assert words in answer.text


class TestErrorPages:
    @pytest.mark.parametrize(
        ("path", "status", "words"),
        [
            ("/nowhere", 404, ["Page not found", "Nothing was changed"]),
            ("/s/wrong", 409, ["This was already done", "Your answers are safe"]),
            ("/s/nowhere/at/all", 404, ["We cannot find this page", "Nothing you wrote is lost"]),
            ("/complaints-officers-only", 403, ["This page is not part of your role", "ask your administrator"]),
            ("/broken", 500, ["Something went wrong on our side", "What you saved before is safe"]),
        ],
    )
    async def test_a_person_gets_kind_words_in_the_right_layout(
        self, client: PageClient, path: str, status: int, words: list[str]
    ) -> None:
        answer = await client.get(path)
        assert answer.status_code == status
        assert ('class="survey"' in answer.text) is path.startswith("/s/")
        for each in words:
            assert each in answer.text

    async def test_nothing_of_the_inside_is_told(self, client: PageClient) -> None:
        assert "secret" not in (await client.get("/broken")).text
        assert "English words" not in (await client.get("/s/wrong")).text
        assert "role:" not in (await client.get("/complaints-officers-only")).text

    async def test_words_that_are_not_translated_say_that_they_are_english(self, client: PageClient) -> None:
        html = (await client.get("/s/wrong?language=fa")).text
        assert '<html lang="fa" dir="rtl"' in html
        assert '<div class="survey-card" lang="en" dir="ltr">' in html

    async def test_a_program_still_gets_a_problem_document(self, app: FastAPI) -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as program:
            answer = await program.get("/s/wrong")
            machine = await program.get("/v1/nowhere", headers={"accept": "text/html"})
        for each in (answer, machine):
            assert each.headers["content-type"] == "application/problem+json"
        assert json.loads(answer.text)["type"].endswith(":conflict")

    async def test_what_the_frame_refuses_is_a_page_too(self, tmp_path: Path) -> None:
        app = FastAPI(openapi_url=None)
        app.add_middleware(Frame, service="sample", verifier=TokenVerifier("sample", {}), default_limit=10)
        install(app, Pages(tmp_path, static_path="/static"))

        @app.get("/broken")
        async def broken() -> None:
            raise RuntimeError("once more")

        async with PageClient(app) as client:
            forged = await client.get("/", headers={HEADER: "forged"})
            large = await client.post("/", content=b"x" * 11)
            failed = await client.get("/broken", headers={"x-request-id": "request-0001"})
        assert (forged.status_code, large.status_code, failed.status_code) == (401, 413, 500)
        assert "You are signed out" in forged.text
        assert "That is too much at once" in large.text
        assert failed.headers["x-request-id"] == "request-0001"
        assert "<code>request-0001</code>" in failed.text

    async def test_an_error_page_stands_when_what_is_around_it_fails(self, tmp_path: Path) -> None:
        app = FastAPI(openapi_url=None)

        def broken_chrome(_: object) -> dict[str, str]:
            raise RuntimeError("no identity")

        install(app, Pages(tmp_path, static_path="/static", chrome=broken_chrome))

        @app.get("/broken")
        async def broken() -> None:
            raise RuntimeError("once more")

        async with PageClient(app) as client:
            answer = await client.get("/broken")
        assert answer.status_code == 500
        assert "Something went wrong on our side" in answer.text
