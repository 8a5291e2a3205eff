"""Easy read: one tap beside language and large print, kept for the visit, on every page."""

import base64
import re
from typing import Any

import orjson
import pytest

from chassis.secrets import Secrets
from chassis.tenancy import INSTALLATION

LATER_PAGE = 15_000
PICTURE = 'class="survey-picture"'


async def tap(family: Any, back: str, easy_read: str) -> None:
    """Tap the button of a page; it leads back there."""
    fields = {"csrf": await family.token(f"/s/{back}"), "easy_read": easy_read}
    answer = await family.http.post(f"/s/language?back={back}", data=fields)
    assert answer.headers["location"] == f"/s/{back}"


async def easily(family: Any, issued: dict[str, Any]) -> None:
    """Open a link and choose easy words."""
    await family.open(issued["url"])
    await tap(family, "start", "on")


class TestOneTap:
    async def test_it_stays_for_the_visit_and_can_be_taken_back(self, family: Any, issue: Any) -> None:
        await family.open((await issue())["url"])
        before = (await family.get("/s/question/1")).text
        assert "opportunities to be involved" in before
        assert PICTURE not in before
        assert 'name="easy_read" value="on"' in before
        await tap(family, "question/1", "on")
        easy = (await family.get("/s/question/1")).text
        assert re.search(r'<html lang="en" dir="ltr" class="survey\s+easy-read">', easy)
        assert "Could you join in and say what you think?" in easy
        assert "opportunities to be involved" not in easy
        assert PICTURE in easy
        assert "easy-read" in (await family.get("/s/check")).text
        await tap(family, "question/1", "off")
        assert "opportunities to be involved" in (await family.get("/s/question/1")).text

    async def test_one_idea_stands_on_a_line(self, family: Any, issue: Any) -> None:
        await easily(family, await issue())
        start = (await family.get("/s/start")).text
        for idea in (
            "Your child has a new plan.",
            "It is called an EHCP.",
            "So somebody here could find out which answers are yours.",
        ):
            assert f'<span class="survey-line">{idea}</span>' in start
        question = (await family.get("/s/question/2")).text
        assert '<span class="survey-line">Did we ask what you hope for your child?</span>' in question

    async def test_it_is_said_in_the_language_of_the_page(self, family: Any, issue: Any) -> None:
        await easily(family, await issue(language="ar"))
        page = (await family.get("/s/question/4")).text
        assert "هل تذكر الخطة كل ما يحتاج إليه طفلكم؟" in page

    async def test_ordinary_words_stand_in_where_a_language_has_no_easy_ones(
        self, family: Any, issue: Any, operator: Any, documents: Any
    ) -> None:
        document = documents("worcestershire")
        survey = next(each for each in document["questionnaires"] if each["code"] == "care-leavers")
        for question in survey["versions"][0]["questions"]:
            del question["easy"]["pl"]
        assert (await operator.put("/feedback/v1/profile", json={**document, "version": "plain"})).status_code == 200
        letter = await issue(questionnaire="care-leavers", service_area="through-care", language="pl")
        await easily(family, letter)
        page = (await family.get("/s/question/2")).text
        assert "Czy twój plan (pathway plan) powstał z twoim udziałem?" in page
        assert PICTURE in page

    async def test_a_survey_without_easy_words_does_not_offer_them(
        self, family: Any, issue: Any, operator: Any, documents: Any
    ) -> None:
        document = documents("worcestershire")
        survey = next(each for each in document["questionnaires"] if each["code"] == "new-ehcp")
        survey["easy_intro"] = None
        for question in survey["versions"][0]["questions"]:
            question["easy"] = None
        assert (await operator.put("/feedback/v1/profile", json={**document, "version": "plain"})).status_code == 200
        await easily(family, await issue())
        page = (await family.get("/s/question/1")).text
        assert "easy-read" not in page
        assert 'name="easy_read"' not in page
        assert "opportunities to be involved" in page

    async def test_the_answers_are_the_same_answers(self, family: Any, issue: Any, sql: Any) -> None:
        await easily(family, await issue())
        await family.answer_all("partly")
        check = (await family.get("/s/check")).text
        assert "Does the plan say everything that your child needs?" in check
        await family.send()
        event = orjson.loads(await sql.value("select data::text from feedback.outbox where subject like '%response_submitted'"))
        assert {(answer["question"], *answer["choices"]) for answer in event["answers"]} >= {("needs-understood", "partly")}
        assert not [key for key in event if "easy" in key]

    async def test_a_visit_from_before_there_was_easy_read_goes_on(
        self, family: Any, issue: Any, secrets_of_service: Secrets
    ) -> None:
        await family.open((await issue())["url"])
        cookie = family.http.cookies["loop-survey"]
        content = orjson.loads(
            secrets_of_service.open(INSTALLATION, "feedback-visit", base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)))
        )
        older = secrets_of_service.seal(INSTALLATION, "feedback-visit", orjson.dumps(content[:-1]).decode())
        family.http.cookies.set("loop-survey", base64.urlsafe_b64encode(older).decode().rstrip("="), path="/s")
        assert (await family.get("/s/question/1")).status_code == 200


class TestSize:
    @pytest.mark.parametrize("language", ["en", "ur"])
    async def test_every_page_stays_small(self, family: Any, issue: Any, language: str) -> None:
        await easily(family, await issue(questionnaire="annual-review", language=language))
        paths = ["/s/start", *(f"/s/question/{number}" for number in range(1, 13)), "/s/check"]
        sizes = {path: len((await family.get(path)).content) for path in paths}
        assert {path: size for path, size in sizes.items() if size >= LATER_PAGE} == {}


class TestFaces:
    async def test_younger_children_see_faces_beside_the_words(self, family: Any, issue: Any) -> None:
        await family.open((await issue(questionnaire="living-where-i-live", service_area="through-care"))["url"])
        page = (await family.get("/s/question/2")).text
        assert page.count('class="survey-face"') == 3
        assert "Sometimes" in page
        assert 'class="survey-face"' not in (await family.get("/s/question/4")).text
