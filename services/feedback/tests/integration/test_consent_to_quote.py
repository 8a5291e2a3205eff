"""May we use your words without your name? Asked where there are words, never answered for anybody."""

import asyncio
from typing import Any, ClassVar
from uuid import uuid4

import pytest

ASKED = "May we use your words without your name?"
STORED = "select may_quote from feedback.response"


@pytest.fixture
async def poster(family: Any, issue: Any) -> dict[str, Any]:
    """A family in the open form."""
    issued: dict[str, Any] = await issue(questionnaire="have-your-say", channel="poster", reusable=True)
    await family.open(issued["url"])
    return issued


class TestTheCheckPage:
    async def test_who_wrote_nothing_is_not_asked(self, poster: Any, family: Any, sql: Any) -> None:
        await family.answer(1, answer="4")
        assert ASKED not in (await family.get("/s/check")).text
        await family.post("/s/check", may_quote="yes")
        assert await sql.value(STORED) is None

    async def test_who_wrote_something_is_asked_with_nothing_chosen(self, poster: Any, family: Any) -> None:
        await family.answer(3, answer="You rang back. Thank you.")
        page = (await family.get("/s/check")).text
        assert ASKED in page
        assert "checked" not in page

    @pytest.mark.parametrize(("said", "stored"), [("yes", True), ("no", False), ("", False), ("perhaps", False)])
    async def test_not_answering_means_no(self, poster: Any, family: Any, sql: Any, said: str, stored: bool) -> None:
        await family.answer(3, answer="You rang back. Thank you.")
        await family.post("/s/check", **({"may_quote": said} if said else {}))
        assert await sql.value(STORED) is stored
        assert [row["may_quote"] for row in await sql.rows("select may_quote from feedback.draft")] == [None]

    async def test_words_that_were_taken_back_are_not_asked_about(self, poster: Any, family: Any, sql: Any) -> None:
        await family.answer(3, answer="You rang back. Thank you.")
        await family.answer(3, answer="", skip="yes")
        assert ASKED not in (await family.get("/s/check")).text
        await family.post("/s/check", may_quote="yes")
        assert await sql.value(STORED) is None

    async def test_a_page_that_was_open_too_long_keeps_what_was_chosen(self, poster: Any, family: Any, sql: Any) -> None:
        await family.answer(3, answer="You rang back. Thank you.")
        page = await family.http.post("/s/check", data={"csrf": "old", "may_quote": "yes"})
        assert page.status_code == 403
        assert 'value="yes" checked' in page.text
        assert await sql.value("select count(*) from feedback.response") == 0

    async def test_two_clicks_at_once_keep_the_first(self, poster: Any, family: Any, sql: Any) -> None:
        await family.answer(3, answer="You rang back. Thank you.")
        data = {"csrf": await family.token("/s/check"), "may_quote": "yes"}
        await asyncio.gather(*(family.http.post("/s/check", data=data) for _ in range(3)))
        assert [row["may_quote"] for row in await sql.rows(STORED)] == [True]

    async def test_a_child_is_asked_in_words_of_their_own(self, family: Any, issue: Any, sql: Any) -> None:
        issued = await issue(questionnaire="living-where-i-live", service_area="through-care")
        await family.open(issued["url"])
        await family.answer(4, answer="yes")
        await family.answer(5, answer="I like my room")
        page = (await family.get("/s/check")).text
        assert "Can we show your words to other people?" in page
        assert ASKED not in page
        await family.post("/s/check", may_quote="yes")
        assert await sql.value(STORED) is True

    async def test_a_required_question_that_is_missing_loses_no_choice(
        self, family: Any, issue: Any, sql: Any, operator: Any, documents: Any
    ) -> None:
        document = documents("worcestershire")
        [ours] = [each for each in document["questionnaires"] if each["code"] == "have-your-say"]
        ours["versions"][-1]["questions"][0]["required"] = True
        document["questionnaires"].append({**ours, "code": "have-your-say-2"})
        document["questionnaires"].remove(ours)
        assert (await operator.put("/feedback/v1/profile", json={**document, "version": "2"})).status_code == 200
        issued = await issue(questionnaire="have-your-say-2", channel="poster", reusable=True)
        await family.open(issued["url"])
        await family.answer(3, answer="You rang back. Thank you.")
        sent = await family.post("/s/check", may_quote="yes")
        assert sent.headers["location"].startswith("/s/question/1")
        await family.answer(1, answer="4")
        assert 'value="yes" checked' in (await family.get("/s/check")).text
        await family.post("/s/check", may_quote="yes")
        assert await sql.value(STORED) is True


class TestAssistedEntry:
    BODY: ClassVar[dict[str, Any]] = {
        "reference": "CALL-1", "questionnaire": "have-your-say", "channel": "call", "language": "en",
        "service_area": "send", "about_on": "2022-05-12", "answered_on": "2022-05-30",
        "answers": {"in-your-words": {"text": "Nobody rang back."}},
    }  # fmt: skip

    async def enter(self, client: Any, **more: Any) -> Any:
        return await client.post(
            "/feedback/v1/responses", json={**self.BODY, **more}, headers={"Idempotency-Key": str(uuid4())}
        )

    @pytest.mark.parametrize("said", [True, False, None])
    async def test_what_was_said_on_the_telephone_is_stored(self, client: Any, sql: Any, said: bool | None) -> None:
        assert (await self.enter(client, may_quote=said)).status_code == 201
        assert await sql.value(STORED) is said

    async def test_left_out_is_not_asked_and_the_same_request_as_before(self, client: Any, sql: Any) -> None:
        await self.enter(client)
        again = await self.enter(client, may_quote=None)
        assert (again.status_code, again.json()["status"]) == (200, "unchanged")
        assert (await self.enter(client, may_quote=True)).status_code == 409
        assert await sql.value(STORED) is None

    async def test_anything_else_is_refused(self, client: Any, sql: Any) -> None:
        answer = await self.enter(client, may_quote="yes")
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["pointer"] == "/may_quote"
