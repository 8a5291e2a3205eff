"""A family answers a survey, from the link to the confirmation."""

import asyncio
import json
from typing import Any

import asyncpg
import pytest

QUESTIONS = 8
RESPONSES = "select count(*) from feedback.response"
TOLD = "select count(*) from feedback.outbox where subject = 'loop.feedback.v1.response_submitted'"
EVENT = "select data::text from feedback.outbox where subject = 'loop.feedback.v1.response_submitted'"


class TestAnsweringALetter:
    async def test_the_answers_are_stored_once_and_told_by_code(self, family: Any, issue: Any, sql: Any) -> None:
        letter = await issue(about_on="2022-05-12", reference="EHCP-1", team="send-north")
        await family.open(letter["url"])
        start = await family.get("/s/start")
        assert all(words in start.text for words in ("New EHCP", "not fully anonymous", "0800 1111", "01632 960 101"))
        await family.answer_all()
        assert (await family.get("/s/check")).text.count("Change<") == QUESTIONS
        assert await family.send() == "/s/done"
        assert "Your answers are sent" in (await family.get("/s/done")).text
        [response] = await sql.rows("select * from feedback.response")
        assert (response["channel"], str(response["about_on"]), response["team"]) == ("link", "2022-05-12", "send-north")
        event = json.loads(await sql.value(EVENT))
        assert event["invitation_id"] == letter["invitation_id"]
        assert event["about_on"] == "2022-05-12"
        assert event["answers"][0] == {
            "question": "involved-in-assessment", "state": "answered", "choices": ["yes"], "score": None,
        }  # fmt: skip

    async def test_without_a_day_it_is_about_the_answers_count_on_the_day_of_answering(
        self, family: Any, issue: Any, sql: Any
    ) -> None:
        await family.open((await issue())["url"])
        await family.answer_all()
        await family.send()
        [response] = await sql.rows("select about_on, answered_on from feedback.response")
        assert response["about_on"] == response["answered_on"]

    async def test_opening_a_link_uses_nothing_up(self, family: Any, other_phone: Any, issue: Any) -> None:
        url = (await issue())["url"]
        for _ in range(3):
            await other_phone.open(url)
            assert (await other_phone.http.head(url)).status_code == 303
        await family.open(url)
        await family.answer_all()
        assert await family.send() == "/s/done"

    async def test_sending_without_a_single_answer_is_an_answer_too(self, family: Any, issue: Any, sql: Any) -> None:
        await family.open((await issue())["url"])
        assert await family.send() == "/s/done"
        event = json.loads(await sql.value(EVENT))
        assert {answer["state"] for answer in event["answers"]} == {"skipped"}

    async def test_skipping_takes_an_answer_back(self, family: Any, issue: Any, sql: Any) -> None:
        await family.open((await issue())["url"])
        await family.answer_all()
        assert await family.answer(2, answer="yes", skip="yes") == "/s/question/3"
        await family.send()
        states = [answer["state"] for answer in json.loads(await sql.value(EVENT))["answers"]]
        assert states == ["answered", "skipped", *["answered"] * 6]

    async def test_a_change_leads_back_to_the_check(self, family: Any, issue: Any) -> None:
        await family.open((await issue())["url"])
        await family.answer_all()
        page = await family.get("/s/question/4?from=check")
        assert 'href="/s/check"' in page.text
        sent = await family.post("/s/question/4?from=check", answer="no")
        assert sent.headers["location"] == "/s/check"
        assert '<dd class="govuk-summary-list__value"><p dir="auto">No</p>' in (await family.get("/s/check")).text

    async def test_a_letter_that_was_answered_says_so(self, family: Any, other_phone: Any, issue: Any) -> None:
        url = (await issue())["url"]
        await family.open(url)
        await family.answer_all()
        await family.send()
        for phone in (family, other_phone):
            page = await phone.get(url)
            assert page.status_code == 410
            assert "Your answers are with us" in page.text
        for path in ("/s/start", "/s/question/1", "/s/check"):
            assert (await family.get(path)).headers["location"] == "/s/done"


class TestPosters:
    @pytest.fixture
    async def poster(self, issue: Any) -> str:
        issued = await issue(questionnaire="have-your-say", channel="poster", reusable=True)
        return str(issued["url"])

    async def test_many_answer_by_one_poster_and_nothing_ties_an_answer_to_a_device(
        self, family: Any, other_phone: Any, poster: str, sql: Any
    ) -> None:
        for phone, stars in ((family, "5"), (other_phone, "2")):
            await phone.open(poster)
            assert "Everybody gets the same link" in (await phone.get("/s/start")).text
            await phone.answer(1, answer=stars)
            await phone.answer(2, does_not_apply="yes")
            await phone.answer(3, answer="You were kind")
            assert await phone.send() == "/s/done"
        assert await sql.value(RESPONSES) == await sql.value(TOLD) == 2
        drafts = await sql.rows("select id, answers::text as answers from feedback.draft")
        responses = {row["id"] for row in await sql.rows("select id from feedback.response")}
        assert all(draft["answers"] == "{}" for draft in drafts)
        assert responses.isdisjoint(draft["id"] for draft in drafts)

    async def test_a_poster_remembers_a_browser_until_it_has_sent(self, family: Any, other_phone: Any, poster: str) -> None:
        await family.open(poster)
        await family.answer(1, answer="4")
        await family.open(poster)
        assert 'value="4" checked' in (await family.get("/s/question/1")).text
        await other_phone.open(poster)
        assert "checked" not in (await other_phone.get("/s/question/1")).text
        await family.send()
        await family.open(poster)
        assert "checked" not in (await family.get("/s/question/1")).text

    async def test_two_clicks_on_a_poster_count_once(self, family: Any, poster: str, sql: Any) -> None:
        await family.open(poster)
        token = await family.token("/s/check")
        await asyncio.gather(*(family.http.post("/s/check", data={"csrf": token}) for _ in range(4)))
        assert await sql.value(RESPONSES) == await sql.value(TOLD) == 1


class TestBranching:
    @pytest.fixture
    async def child(self, family: Any, issue: Any) -> Any:
        issued = await issue(questionnaire="living-where-i-live", service_area="through-care", channel="handed-over")
        await family.open(issued["url"])
        return family

    async def test_the_question_behind_a_worry_is_asked_only_after_one(self, child: Any) -> None:
        assert "Question 4 of 4" in (await child.get("/s/question/4")).text
        assert await child.answer(4, answer="no") == "/s/check"
        assert (await child.get("/s/question/5")).headers["location"] == "/s/question/1"
        assert await child.answer(4, answer="yes") == "/s/question/5"
        assert "Question 5 of 5" in (await child.get("/s/question/5")).text

    async def test_what_was_written_before_the_answer_changed_is_not_asked(self, child: Any, sql: Any) -> None:
        await child.answer(4, answer="yes")
        await child.answer(5, answer="Somebody shouts")
        await child.answer(4, answer="no")
        assert await child.send() == "/s/done"
        states = {each["question"]: each["state"] for each in json.loads(await sql.value(EVENT))["answers"]}
        assert states["tell-us-more"] == "not-asked"
        assert await sql.value("select count(*) from feedback.response_text") == 0
        assert await sql.value("select count(*) from feedback.concern") == 0

    async def test_a_changed_answer_that_opens_a_question_leads_to_it(self, child: Any) -> None:
        onward = [await child.answer(number, answer=each) for number, each in enumerate(("5", "yes", "carer", "no"), 1)]
        assert onward[-1] == "/s/check"
        sent = await child.post("/s/question/4?from=check", answer="yes")
        assert sent.headers["location"] == "/s/question/5?from=check"

    async def test_the_pages_say_who_reads_a_worry_and_when_and_who_may_find_out_whose_it_is(self, child: Any) -> None:
        start, question = (await child.get("/s/start")).text, (await child.get("/s/question/4")).text
        for page in (start, question):
            assert "From Monday to Friday, 09:00 to 17:00, but not on bank holidays, somebody looks" in page
            assert "They can miss one, so do not wait for us: call." in page
        assert "can look up whose link this was" in start
        await child.answer(4, answer="no")
        await child.send()
        done = (await child.get("/s/done")).text
        assert ("a person looks at them today" in done) != ("when they are next here" in done)

    async def test_a_worry_opens_a_concern_and_an_alert_without_a_word_of_it(
        self, child: Any, sql: Any, capsys: pytest.CaptureFixture[str], secrets_of_service: Any
    ) -> None:
        await child.answer(4, answer="yes")
        await child.answer(5, answer="He comes at night")
        await child.send()
        [concern] = await sql.rows("select * from feedback.concern")
        [response] = await sql.rows("select * from feedback.response")
        assert (concern["response_id"], concern["questions"], concern["state"]) == (response["id"], ["feel-unsafe"], "open")
        assert response["worry"]
        out = capsys.readouterr().out
        assert "concern.opened" in out
        assert str(concern["id"]) in out
        assert "night" not in out
        [kept] = await sql.rows("select * from feedback.response_text")
        assert b"night" not in kept["sealed"]
        assert secrets_of_service.open("worcestershire", "feedback-text", kept["sealed"]) == "He comes at night"
        everything = await sql.rows("select data::text as data from feedback.outbox")
        assert "night" not in str(everything)


class TestLanguages:
    async def test_one_tap_changes_the_language_and_the_page_says_so(self, family: Any, issue: Any, sql: Any) -> None:
        await family.open((await issue())["url"])
        token = await family.token("/s/question/2")
        changed = await family.http.post("/s/language?back=question/2", data={"csrf": token, "language": "cy"})
        assert changed.headers["location"] == "/s/question/2"
        page = await family.get("/s/question/2")
        assert '<html lang="cy" dir="ltr"' in page.text
        assert "Cwestiwn 2 o 8" in page.text
        await family.answer_all()
        await family.send()
        assert "Diolch" in (await family.get("/s/done")).text
        assert json.loads(await sql.value(EVENT))["language"] == "cy"

    async def test_what_was_ticked_and_not_sent_is_there_in_the_other_language(self, family: Any, issue: Any) -> None:
        await family.open((await issue())["url"])
        page = await family.switch("question/2", answer="partly", language="cy")
        assert page.headers["location"] == "/s/question/2"
        assert 'value="partly" checked' in (await family.get("/s/question/2")).text
        await family.switch("question/3", language="pl")
        # A question that nothing was said to is not skipped by that: the way on still leads there.
        await family.answer(1, answer="yes")
        assert 'href="/s/question/3"' in (await family.get("/s/start")).text

    async def test_nothing_that_stood_on_a_page_is_lost_with_another_language(self, family: Any, issue: Any) -> None:
        issued = await issue(questionnaire="have-your-say", channel="poster", reusable=True)
        await family.open(issued["url"])
        # A day that is none is shown again as it was typed, and nobody is told off: they asked for another language.
        parts = {"answer-day": "31", "answer-month": "2", "answer-year": "2022"}
        shown = await family.switch("question/2", language="ur", **parts)
        assert shown.status_code == 200
        assert '<html lang="ur" dir="rtl"' in shown.text
        assert 'value="31"' in shown.text
        assert "govuk-error-summary" not in shown.text
        assert '<html lang="ur"' in (await family.get("/s/start")).text
        assert (await family.get("/s/language?back=question/2")).headers["location"] == "/s/question/2"
        long = "word " * 900
        shown = await family.switch("question/3?from=check", easy_read="on", answer=long)
        assert "word word" in shown.text
        assert 'action="/s/question/3?from=check"' in shown.text
        await family.answer(3, answer="You were kind")
        await family.switch("question/3", answer="", large_print="on")
        assert "You were kind" not in (await family.get("/s/question/3")).text
        await family.answer(3, answer="You were kind")
        await family.switch("check", may_quote="no", language="en")
        check = await family.get("/s/check")
        assert 'value="no" checked' in check.text
        forged = await family.http.post("/s/language?back=check", data={"csrf": "old", "may_quote": "yes", "language": "ur"})
        assert (forged.status_code, 'value="yes" checked' in forged.text) == (403, True)
        assert '<html lang="en"' in forged.text
        forged = await family.http.post("/s/language?back=question/3", data={"csrf": "old", "answer": "Kept"})
        assert (forged.status_code, "Kept" in forged.text) == (403, True)
        await family.send()
        late = await family.http.post("/s/language?back=check", data={"csrf": "old"})
        assert late.headers["location"] == "/s/done"

    async def test_a_language_that_the_survey_does_not_have_is_passed_over(self, family: Any, issue: Any, sql: Any) -> None:
        await family.open((await issue())["url"])
        token = await family.token("/s/start")
        await family.http.post("/s/language", data={"csrf": token, "language": "so"})
        assert '<html lang="en"' in (await family.get("/s/start")).text
        await family.send()
        assert json.loads(await sql.value(EVENT))["language"] == "en"

    @pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "../feedback/", "done", "question/x", ""])
    async def test_the_way_back_leads_nowhere_else(self, family: Any, issue: Any, back: str) -> None:
        await family.open((await issue())["url"])
        token = await family.token("/s/start")
        changed = await family.http.post("/s/language", params={"back": back}, data={"csrf": token, "large_print": "on"})
        assert changed.headers["location"] == "/s/start"
        assert "large-print" in (await family.get("/s/start")).text

    async def test_a_forged_switch_changes_nothing(self, family: Any, issue: Any) -> None:
        await family.open((await issue())["url"])
        assert (await family.http.post("/s/language", data={"csrf": "x", "language": "cy"})).status_code == 303
        assert '<html lang="en"' in (await family.get("/s/start")).text


class TestVersions:
    async def test_a_link_keeps_the_wording_that_it_began_with(
        self, family: Any, other_phone: Any, issue: Any, client: Any, documents: Any, operator: Any
    ) -> None:
        old = await issue()
        document = documents("worcestershire")
        [survey] = [each for each in document["questionnaires"] if each["code"] == "new-ehcp"]
        newer = json.loads(json.dumps(survey["versions"][0]))
        newer |= {"version": 2, "from": "2026-01-01"}
        newer["questions"][0]["text"]["en"] = "Were you heard?"
        newer["questions"] = newer["questions"][:3]
        survey["versions"].append(newer)
        assert (await operator.put("/feedback/v1/profile", json={**document, "version": "2"})).status_code == 200
        await family.open(old["url"])
        page = await family.get("/s/question/1")
        assert "Question 1 of 8" in page.text
        assert "Were you heard?" not in page.text
        await other_phone.open((await issue())["url"])
        page = await other_phone.get("/s/question/1")
        assert "Question 1 of 3" in page.text
        assert "Were you heard?" in page.text

    async def test_a_link_still_works_when_its_questionnaire_has_left_the_profile(
        self, family: Any, issue: Any, documents: Any, operator: Any, sql: Any
    ) -> None:
        old = await issue()
        document = documents("worcestershire")
        document["questionnaires"] = [each for each in document["questionnaires"] if each["code"] != "new-ehcp"]
        assert (await operator.put("/feedback/v1/profile", json={**document, "version": "2"})).status_code == 200
        await family.open(old["url"])
        await family.answer_all()
        assert await family.send() == "/s/done"
        assert await sql.value("select version from feedback.response") == 1


class TestDatabaseAway:
    async def test_a_connection_that_breaks_while_sending_is_told_kindly_and_a_second_try_counts_once(
        self, family: Any, issue: Any, sql: Any, database: Any
    ) -> None:
        await family.open((await issue())["url"])
        await family.answer_all()
        token = await family.token("/s/check")
        holding = await asyncpg.connect(database.url("admin"))
        try:
            transaction = holding.transaction()
            await transaction.start()
            await holding.execute("select 1 from feedback.draft for update")
            sending = asyncio.create_task(family.http.post("/s/check", data={"csrf": token}))
            waiting = (
                "select pg_terminate_backend(pid) from pg_stat_activity "
                "where datname = current_database() and wait_event_type = 'Lock'"
            )
            while not await holding.fetch(waiting):  # noqa: ASYNC110 - the database tells nobody that somebody waits
                await asyncio.sleep(0.01)
            broken = await sending
            await transaction.rollback()
        finally:
            await holding.close()
        assert broken.status_code == 503
        assert "This page is having a short rest" in broken.text
        sent = await family.http.post("/s/check", data={"csrf": token})
        assert sent.headers["location"] == "/s/done"
        assert await sql.value(RESPONSES) == await sql.value(TOLD) == 1
