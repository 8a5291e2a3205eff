"""Comments: who reads which, the search in words, themes by several people, and what is told of it."""

import asyncio
import json
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

LIST = "/feedback/comments"
TOLD = "select data::text from feedback.outbox where subject = 'loop.feedback.v1.comment_themed' order by position"
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"


async def theme(alex: Any, comment: str, **fields: Any) -> Any:
    """Send the form of themes of a comment as it was opened."""
    page = (await alex.get(f"{LIST}/{comment}")).text
    return await send_themes(alex, comment, page, **fields)


async def send_themes(alex: Any, comment: str, page: str, **fields: Any) -> Any:
    seen = re.search(r'name="seen" value="([^"]*)"', page)
    onward = re.search(r'name="next" value="([^"]*)"', page)
    assert seen is not None
    assert onward is not None
    return await alex.send(f"{LIST}/{comment}/themes", page, **{"seen": seen[1], "next": onward[1], **fields})


class TestReading:
    async def test_an_officer_reads_what_was_written_newest_first_and_that_is_logged(
        self, seat: Any, tell: Any, sql: Any
    ) -> None:
        old = await tell("The letter came late.", answered_on="2022-05-20")
        new = await tell("You rang back. Thank you.", answered_on="2022-05-28")
        text = (await seat().get(LIST)).text
        assert text.index("You rang back") < text.index("The letter came late.")
        looks = await sql.rows("select comment_id::text, page, by_subject from feedback.comment_look")
        assert {(row["comment_id"], row["page"]) for row in looks} == {(old, "list"), (new, "list")}
        assert {row["by_subject"] for row in looks} == {"staff:alex"}
        assert "Morgan" not in str(await sql.rows("select t::text as row from feedback.comment_look t"))
        await seat().get(f"{LIST}/{old}")
        page = (await seat("ruth").get(f"{LIST}/{old}")).text
        assert "Alex Morgan, on this page" in page
        assert "Alex Morgan, in a list" in page

    @pytest.mark.parametrize("role", ["senior-reader", "complaints-officer", "safeguarding-duty"])
    async def test_nobody_else_reads_words(self, seat: Any, tell: Any, role: str) -> None:
        comment = await tell("Only for officers.")
        for path in (LIST, f"{LIST}/{comment}", f"{LIST}/{comment}/quote"):
            answer = await seat("kim", role=role).get(path)
            assert answer.status_code == 403
            assert "Only for officers" not in answer.text

    async def test_another_council_and_another_service_area_find_nothing(self, seat: Any, tell: Any) -> None:
        comment = await tell("Only for here.")
        for stranger in (seat("kim", org="telford-wrekin"), seat("lou", areas=frozenset({"through-care"}))):
            assert "Only for here" not in (await stranger.get(LIST)).text
            assert (await stranger.get(f"{LIST}/{comment}")).status_code == 404
            assert (await stranger.get(f"{LIST}/{comment}/quote")).status_code == 404
        assert (await seat("ann", areas=frozenset({"send"})).get(f"{LIST}/{comment}")).status_code == 200
        assert (await seat().get(f"{LIST}/{UUID(int=7)}")).status_code == 404

    async def test_the_reference_of_a_letter_and_the_number_of_the_response_are_nowhere(
        self, seat: Any, family: Any, issue: Any, sql: Any
    ) -> None:
        issued = await issue(questionnaire="have-your-say", reference="EHCP-2022-0417")
        await family.open(issued["url"])
        await family.answer(3, answer="It went well.")
        await family.post("/s/check", may_quote="yes")
        comment = await sql.value("select id from feedback.response_text")
        response = str(await sql.value("select id from feedback.response"))
        pages = [(await seat().get(path)).text for path in (LIST, f"{LIST}/{comment}", f"{LIST}/{comment}/quote")]
        for page in pages:
            assert "It went well." in page
            for hidden in ("EHCP-2022-0417", issued["invitation_id"], response):
                assert hidden not in page

    async def test_words_of_a_worry_are_the_duty_teams_until_a_person_has_found_nothing(
        self, seat: Any, family: Any, issue: Any, sql: Any
    ) -> None:
        issued = await issue(questionnaire="living-where-i-live", service_area="through-care")
        await family.open(issued["url"])
        await family.answer(4, answer="yes")
        await family.answer(5, answer="He comes at night")
        await family.post("/s/check", may_quote="yes")
        comment = await sql.value("select id from feedback.response_text")
        alex = seat()

        async def seen() -> list[Any]:
            listed = "He comes at night" in (await alex.get(LIST)).text
            found = await alex.fill(LIST, f"{LIST}/search", words="night")
            return [listed, "He comes at night" in found.text, (await alex.get(f"{LIST}/{comment}")).status_code]

        assert await seen() == [False, False, 404]
        closed = "state = 'closed', acknowledged_at = now(), triaged_at = now(), closed_at = now(), looked_at_by = 'staff:dee'"
        await sql.execute(f"update feedback.concern set {closed}, finding = 'follow-up-today'")
        assert await seen() == [False, False, 404]
        await sql.execute("update feedback.concern set finding = 'no-concern'")
        assert await seen() == [True, True, 200]
        await sql.execute("update feedback.concern set state = 'acknowledged', closed_at = null")
        assert await seen() == [False, False, 404]

    async def test_the_database_shows_words_only_to_a_transaction_that_says_why(
        self, tell: Any, sql: Any, database: Any
    ) -> None:
        import asyncpg  # noqa: PLC0415 - of this test alone

        await tell("Seen by nobody who does not say why.")
        connection = await asyncpg.connect(database.url("app"))
        try:
            for reading, seen in (("", 0), ("worries", 0), ("comments", 1)):
                async with connection.transaction():
                    await connection.execute(
                        "select set_config('app.areas', '*', true), set_config('app.org', 'worcestershire', true)"
                    )
                    await connection.execute("select set_config('app.reading', $1, true)", reading)
                    assert await connection.fetchval("select count(*) from feedback.response_text") == seen
            # What one transaction said does not last into the next.
            async with connection.transaction():
                await connection.execute(
                    "select set_config('app.areas', '*', true), set_config('app.org', 'worcestershire', true)"
                )
                assert await connection.fetchval("select count(*) from feedback.response_text") == 0
        finally:
            await connection.close()


class TestTheList:
    async def test_it_is_narrowed_by_each_thing_and_by_all_together(self, seat: Any, tell: Any) -> None:
        alex = seat()
        one = await tell("First words.", team="send-north", answered_on="2022-05-20", may_quote=True)
        await tell("Second words.", answered_on="2022-06-20", may_quote=False)
        await tell("Third words.", answered_on="2022-06-21", may_quote=None)
        await theme(alex, one, themes=["timeliness"])
        for query, found in {
            "team=send-north": "1", "period=2022-05": "1", "period=2022-06": "23", "theme=timeliness": "1", "consent=yes": "1",
            "consent=no": "2", "consent=not-asked": "3", "unread=yes": "23", "questionnaire=have-your-say": "123",
            "questionnaire=new-ehcp": "", "question=have-your-say%2Fin-your-words": "123", "question=new-ehcp%2Fx": "",
            "period=2022-05&consent=yes&theme=timeliness&team=send-north": "1", "period=nonsense": "123",
        }.items():  # fmt: skip
            text = (await alex.get(f"{LIST}?{query}")).text
            shown = "".join(n for n, word in (("1", "First"), ("2", "Second"), ("3", "Third")) if f"{word} words." in text)
            assert shown == found, query

    async def test_pages_follow_one_another_without_a_gap(self, seat: Any, tell: Any) -> None:
        for number in range(31):
            await tell(f"Comment {number:03} here", answered_on=f"2022-05-{number % 4 + 10}")
        alex, seen, path = seat(), [], f"{LIST}?consent=yes"
        while path:
            text = (await alex.get(path)).text
            seen += re.findall(r"Comment (\d{3}) here", text)
            onward = re.search(r'href="([^"]+)">Earlier comments', text)
            path = onward[1].replace("&amp;", "&") if onward else ""
        assert sorted(seen) == [f"{number:03}" for number in range(31)]
        assert (await alex.get(f"{LIST}?after=nonsense")).status_code == 422

    async def test_what_is_read_is_marked_by_whoever_says_so(self, seat: Any, tell: Any, sql: Any) -> None:
        comment, strange = await tell(), str(uuid4())
        alex = seat()
        page = (await alex.get(f"{LIST}?unread=yes")).text
        sent = await alex.send(f"{LIST}/read", page, comment=[comment, strange], unread="yes")
        assert sent.headers["location"] == f"{LIST}?unread=yes"
        assert "Nobody rang back" not in (await alex.get(f"{LIST}?unread=yes")).text
        assert await sql.value("select count(*) from feedback.comment_mark") == 1
        assert (await alex.send(f"{LIST}/read", page, comment="x")).status_code == 422

    async def test_a_comment_of_few_answers_is_marked(self, seat: Any, tell: Any) -> None:
        for number in range(6):
            await tell(f"Many {number}", team="send-north")
        await tell("Of few", team="send-south")
        await tell("Of another quarter", team="send-north", about_on="2022-07-01", answered_on="2022-07-20")
        text = (await seat().get(LIST)).text
        cards = {re.search(r"Many \d|Of few|Of another", card)[0]: "Few answers" in card  # type: ignore[index]
                 for card in text.split('<div class="govuk-summary-card"')[1:]}  # fmt: skip
        assert cards.pop("Of few") is True
        assert cards.pop("Of another") is True
        assert set(cards.values()) == {False}

    async def test_a_comment_that_cannot_be_opened_says_so(self, seat: Any, tell: Any, sql: Any) -> None:
        comment = await tell()
        await sql.execute("update feedback.response_text set sealed = '\\x0200'")
        assert "These words cannot be opened" in (await seat().get(f"{LIST}/{comment}")).text


class TestSearch:
    async def test_all_words_must_stand_in_a_text_and_stand_in_no_address_and_no_log(
        self, seat: Any, tell: Any, capsys: Any, sql: Any
    ) -> None:
        await tell("Our worker Siân rang us back twice.")
        await tell("Nobody rang.")
        alex = seat()
        found = await alex.fill(LIST, f"{LIST}/search", words="SIAN ring rang")
        assert "Siân rang" not in found.text
        found = await alex.fill(LIST, f"{LIST}/search", words="sian ran")
        assert "Siân rang" in found.text
        assert "Nobody rang." not in found.text
        assert "1 found in 2 comments" in " ".join(found.text.split())
        logged = capsys.readouterr()
        assert "sian" not in (logged.out + logged.err).lower()
        assert "sian" not in str(await sql.rows("select t::text as row from feedback.comment_look t")).lower()
        [look] = await sql.rows("select comment_id from feedback.comment_look where page = 'search'")
        assert look

    async def test_filters_hold_and_nothing_to_look_for_is_said(self, seat: Any, tell: Any) -> None:
        await tell("Rang in May.", answered_on="2022-05-20")
        await tell("Rang in June.", answered_on="2022-06-20")
        alex = seat()
        found = (await alex.fill(LIST, f"{LIST}/search", words="rang", period="2022-06")).text
        assert "Rang in June." in found
        assert "Rang in May." not in found
        for words in ("", " … ", "x" * 101):
            empty = await alex.fill(LIST, f"{LIST}/search", words=words)
            assert empty.status_code == 422
            assert "Write what you look for" in empty.text
        assert (await alex.http.post(f"{LIST}/search", data={"words": "x", "csrf": "no"})).status_code == 403

    async def test_it_stops_and_goes_on(self, seat: Any, tell: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        from feedback.use_cases import read_comments  # noqa: PLC0415 - of this test alone

        monkeypatch.setattr(read_comments, "AT_ONCE", 2)
        monkeypatch.setattr(read_comments, "MOST_SCANNED", 4)
        monkeypatch.setattr(read_comments, "MOST_FOUND", 2)
        for number in range(9):
            await tell(f"Number {number} {'apple' if number % 2 else 'pear'}")
        alex, seen = seat(), []
        page = await alex.fill(LIST, f"{LIST}/search", words="apple")
        for _ in range(6):
            seen += re.findall(r"Number (\d) apple", page.text)
            after = re.search(r'name="after" value="([^"]*)"', page.text)
            if after is None:
                break
            page = await alex.send(f"{LIST}/search", page.text, words="apple", after=after[1])
        assert sorted(seen) == ["1", "3", "5", "7"]


class TestThemes:
    async def test_ticked_and_typed_themes_are_stored_told_and_lead_to_the_next(self, seat: Any, tell: Any, sql: Any) -> None:
        first = await tell("One.", answered_on="2022-05-20")
        second = await tell("Two.", answered_on="2022-05-28", team="send-north")
        alex = seat()
        sent = await theme(alex, second, themes=["timeliness"], numbers="8 1")
        assert (sent.status_code, sent.headers["location"]) == (303, f"{LIST}/{first}")
        page = (await alex.get(f"{LIST}/{second}")).text
        assert "Alex Morgan added Voice of the child and family; Communication; Timeliness" in page
        event = json.loads(await sql.value(TOLD))
        assert event["themes"] == ["voice-of-the-child", "communication", "timeliness"]
        assert (event["question"], event["team"], event["about_on"]) == ("in-your-words", "send-north", "2022-05-12")
        assert "Two." not in str(event)
        await theme(alex, second, themes=["communication", "timeliness"], numbers="-9")
        [_, event] = [json.loads(row["data"]) for row in await sql.rows(TOLD)]
        assert event["themes"] == ["communication"]

    async def test_of_two_at_once_nobody_loses_anything(self, seat: Any, tell: Any, sql: Any) -> None:
        comment = await tell()
        people = [seat(name) for name in ("alex", "ruth", "sam", "lou")]
        wanted = ["timeliness", "communication", "assessments", "timeliness"]
        pages = [(await each.get(f"{LIST}/{comment}")).text for each in people]
        answers = await asyncio.gather(
            *(send_themes(each, comment, page, themes=[theme]) for each, page, theme in zip(people, pages, wanted, strict=True))
        )
        assert {each.status_code for each in answers} == {303}
        [row] = await sql.rows("select themes, revision from feedback.comment_mark")
        assert (row["themes"], row["revision"]) == (["assessments", "communication", "timeliness"], 3)
        assert await sql.value("select count(*) from feedback.comment_history") == 3
        last = json.loads((await sql.rows(TOLD))[-1]["data"])
        assert last["themes"] == row["themes"]

    async def test_what_another_took_away_does_not_come_back(self, seat: Any, tell: Any, sql: Any) -> None:
        comment = await tell()
        alex, ruth = seat(), seat("ruth")
        await theme(alex, comment, themes=["timeliness", "communication"])
        page = (await ruth.get(f"{LIST}/{comment}")).text
        await theme(alex, comment, themes=["communication"])
        await send_themes(ruth, comment, page, themes=["timeliness", "communication", "assessments"])
        assert await sql.value("select themes from feedback.comment_mark") == ["assessments", "communication"]

    async def test_a_second_click_tells_nothing_new(self, seat: Any, tell: Any, sql: Any) -> None:
        comment = await tell()
        alex = seat()
        page = (await alex.get(f"{LIST}/{comment}")).text
        await asyncio.gather(*(send_themes(alex, comment, page, themes=["timeliness"]) for _ in range(4)))
        assert len(await sql.rows(TOLD)) == await sql.value("select count(*) from feedback.comment_history") == 1

    @pytest.mark.parametrize("fields", [{"numbers": "99"}, {"numbers": "x"}, {"numbers": "0"}, {"themes": ["no-such-theme"]}])
    async def test_what_is_no_theme_is_refused_with_what_to_do(
        self, seat: Any, tell: Any, sql: Any, fields: dict[str, Any]
    ) -> None:
        comment = await tell()
        sent = await theme(seat(), comment, **fields)
        assert sent.status_code == 422
        assert "Write numbers from 1 to 9" in sent.text or "Choose themes of the list" in sent.text
        assert await sql.value("select count(*) from feedback.comment_history") == 0

    async def test_what_breaks_off_in_the_middle_is_not_half_done(
        self, seat: Any, tell: Any, sql: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async def broken(*_: Any, **__: Any) -> None:
            raise RuntimeError("the process died")

        comment = await tell()
        alex = seat()
        page = (await alex.get(f"{LIST}/{comment}")).text
        with monkeypatch.context() as patch:
            patch.setattr("feedback.adapters.comment_log.add_themes", broken)
            assert (await send_themes(alex, comment, page, themes=["timeliness"])).status_code == 500
        assert await sql.value("select count(*) from feedback.comment_mark") == 0
        assert (await send_themes(alex, comment, page, themes=["timeliness"])).status_code == 303


async def test_a_script_in_a_comment_is_words_on_every_page(seat: Any, tell: Any) -> None:
    comment = await tell(f"{SCRIPT} \" ' <b>bold</b>")
    alex = seat()
    for path in (LIST, f"{LIST}/{comment}", f"{LIST}/{comment}/quote"):
        text = (await alex.get(path)).text
        assert "&lt;script&gt;" in text
        assert "<script>" not in text
        assert "<img src=x" not in text
        assert "<b>bold" not in text
    found = (await alex.fill(LIST, f"{LIST}/search", words='script"><script>')).text
    assert "<script>" not in found
