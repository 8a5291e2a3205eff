"""A family sends twice, comes back, or two open the same letter."""

import asyncio
import json
import re
from typing import Any

QUESTIONS = 8
RESPONSES = "select count(*) from feedback.response"
TOLD = "select count(*) from feedback.outbox where subject = 'loop.feedback.v1.response_submitted'"
EVENT = "select data::text from feedback.outbox where subject = 'loop.feedback.v1.response_submitted'"


class TestSendingTwice:
    async def test_five_clicks_at_once_count_once_and_all_are_confirmed(self, family: Any, issue: Any, sql: Any) -> None:
        await family.open((await issue())["url"])
        await family.answer_all()
        token = await family.token("/s/check")
        answers = await asyncio.gather(*(family.http.post("/s/check", data={"csrf": token}) for _ in range(5)))
        assert {(each.status_code, each.headers["location"]) for each in answers} == {(303, "/s/done")}
        assert await sql.value(RESPONSES) == await sql.value(TOLD) == 1

    async def test_two_phones_with_one_letter_give_one_response(
        self, family: Any, other_phone: Any, issue: Any, sql: Any
    ) -> None:
        url = (await issue())["url"]
        for phone in (family, other_phone):
            await phone.open(url)
            await phone.answer_all()
        first, second = await asyncio.gather(family.token("/s/check"), other_phone.token("/s/check"))
        sent = await asyncio.gather(
            family.http.post("/s/check", data={"csrf": first}), other_phone.http.post("/s/check", data={"csrf": second})
        )
        assert sorted(each.status_code for each in sent) == [303, 410]
        [late] = [each for each in sent if each.status_code == 410]
        assert "If it was not you who sent them" in late.text
        assert await sql.value(RESPONSES) == await sql.value(TOLD) == 1
        assert await sql.value("select count(*) from feedback.draft where answers <> '{}'") == 0

    async def test_an_answer_after_somebody_else_has_sent_changes_nothing_and_is_told_kindly(
        self, family: Any, other_phone: Any, issue: Any, sql: Any
    ) -> None:
        url = (await issue())["url"]
        await family.open(url)
        await other_phone.open(url)
        await other_phone.answer(2, answer="no")
        late = await other_phone.token("/s/question/1")
        await family.answer_all()
        await family.send()
        sent = await other_phone.http.post("/s/question/1", data={"csrf": late, "answer": "no"})
        assert sent.status_code == 410
        assert "they have been sent" in sent.text
        [response] = await sql.rows("select answers::text as answers from feedback.response")
        assert json.loads(response["answers"])["involved-in-assessment"]["choices"] == ["yes"]
        assert [row["submitted"] for row in await sql.rows("select submitted from feedback.draft")] == [True]


class TestComingBack:
    async def test_the_same_letter_goes_on_where_it_stopped_on_the_same_phone(self, family: Any, issue: Any) -> None:
        url = (await issue())["url"]
        await family.open(url)
        await family.answer(1, answer="partly")
        await family.open(url)
        start = await family.get("/s/start")
        assert "Carry on" in start.text
        assert 'href="/s/question/2"' in start.text
        assert 'value="partly" checked' in (await family.get("/s/question/1")).text

    async def test_whoever_else_opens_the_letter_sees_nothing_of_what_was_begun(
        self, family: Any, other_phone: Any, issue: Any
    ) -> None:
        issued = await issue(questionnaire="living-where-i-live", service_area="through-care", channel="handed-over")
        await family.open(issued["url"])
        await family.answer(4, answer="yes")
        await family.answer(5, answer="He comes at night")
        await other_phone.open(issued["url"])
        start = await other_phone.get("/s/start")
        assert "Carry on" not in start.text
        assert 'href="/s/question/1"' in start.text
        assert (await other_phone.get("/s/question/5")).status_code == 303
        check = await other_phone.get("/s/check")
        assert "night" not in check.text
        assert check.text.count("No answer") == 4
        await other_phone.answer(1, answer="3")
        assert "night" in (await family.get("/s/check")).text
        assert 'value="3" checked' not in (await family.get("/s/question/1")).text

    async def test_a_browser_without_cookies_gets_no_further_and_sees_nothing(self, family: Any, issue: Any) -> None:
        url = (await issue())["url"]
        await family.open(url)
        await family.answer(1, answer="partly")
        family.http.cookies.clear()
        page = await family.get("/s/question/1")
        assert page.status_code == 403
        assert "partly" not in page.text

    async def test_a_shared_phone_can_forget_what_was_begun(self, family: Any, issue: Any, sql: Any) -> None:
        url = (await issue())["url"]
        await family.open(url)
        assert "/s/again" not in (await family.get("/s/start")).text
        assert (await family.get("/s/again")).headers["location"] == "/s/start"
        await family.answer(1, answer="partly")
        assert "/s/again" in (await family.get("/s/start")).text
        page = await family.get("/s/again")
        assert "partly" not in page.text.lower()
        stale = await family.http.post("/s/again", data={"csrf": "old"})
        assert (stale.status_code, await sql.value("select count(*) from feedback.draft")) == (403, 1)
        assert (await family.post("/s/again")).headers["location"] == "/s/start"
        assert await sql.value("select count(*) from feedback.draft") == 0
        assert "checked" not in (await family.get("/s/question/1")).text
        await family.answer_all()
        assert await family.send() == "/s/done"
        assert (await family.http.post("/s/again", data={"csrf": "old"})).headers["location"] == "/s/done"

    async def test_a_letter_is_remembered_as_long_as_its_link_works(self, family: Any, issue: Any) -> None:
        answer = await family.get((await issue())["url"])
        [age] = re.findall(r"loop-survey=[^;]+;.*?Max-Age=(\d+)", answer.headers["set-cookie"])
        assert 89 * 24 * 3600 < int(age) <= 91 * 24 * 3600

    async def test_a_browser_that_forgot_its_survey_is_led_back_to_its_link(self, family: Any, issue: Any) -> None:
        for path in ("/s/start", "/s/question/1", "/s/check", "/s/done"):
            page = await family.get(path)
            assert page.status_code == 403
            assert "Open your link again" in page.text
