"""You said, we did: written, looked at, published for everybody, taken off with a trace."""

import asyncio
import json
import re
from typing import Any
from uuid import UUID, uuid4

import pytest

LIST, PUBLIC = "/feedback/changes", "/s/you-said/worcestershire"
EVENTS = "select subject, data::text from feedback.outbox where subject like '%.change_%' order by position"
SAID, DID = "Nobody rang us back.", "Every call is answered within two days."
SCRIPT = "<script>alert(1)</script>"
FIELDS = {
    "said-en": SAID, "did-en": DID, "service_area": "send", "happened_on-day": "4", "happened_on-month": "7",
    "happened_on-year": "2022", "themes": ["communication"], "questions": ["new-ehcp/easy-to-contact"],
}  # fmt: skip


async def write(alex: Any, **fields: Any) -> str:
    """Write a change; its address."""
    page = (await alex.get(f"{LIST}/new")).text
    action = re.search(rf'action="({LIST}/[^"]+)"', page)
    assert action is not None
    sent = await alex.send(action[1], page, **{**FIELDS, **fields})
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


async def publish(alex: Any, **fields: Any) -> str:
    """Write a change and put it on the public page."""
    change = await write(alex, **fields)
    sent = await alex.fill(change, f"{change}/publish", looked="yes")
    assert sent.status_code == 303, sent.text
    return change


async def events(sql: Any) -> list[dict[str, Any]]:
    return [{"what": row["subject"].rpartition(".")[2], **json.loads(row["data"])} for row in await sql.rows(EVENTS)]


class TestWriting:
    async def test_a_draft_is_seen_by_officers_and_by_nobody_else(self, seat: Any, family: Any, sql: Any) -> None:
        change = await write(seat())
        assert "Every call is answered" in (await seat("ruth").get(change)).text
        assert "Every call is answered" in (await seat("ruth").get(LIST)).text
        assert "Every call" not in (await family.get(PUBLIC)).text
        assert await events(sql) == []
        for stranger in (seat("kim", org="telford-wrekin"), seat("lou", areas=frozenset({"through-care"}))):
            assert (await stranger.get(change)).status_code == 404
            assert (await stranger.get(f"{change}/edit")).status_code == 404
        assert "Every call" not in str(await sql.rows("select t::text as row from feedback.change_made t"))

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"said-en": ""}, "Write what families said"), ({"did-en": " "}, "Write what was done"),
            ({"service_area": "no-area"}, "Choose a service area"),
            ({"happened_on-day": "31", "happened_on-month": "2"}, "Write the day"),
            ({"happened_on-year": "2099"}, "Write the day"),
            ({"themes": "", "questions": ""}, "Choose at least one theme or question"),
            ({"themes": "no-theme"}, "Choose questions and themes of the lists"),
            ({"questions": "x/y"}, "Choose questions and themes"),
            ({"quotes": str(UUID(int=3))}, "Choose quotes that are approved"), ({"quotes": "x"}, "Choose quotes of the list"),
            ({"action": "Jayden's action"}, "Write the reference of the action"), ({"said-cy": "Neb."}, "Write what was done"),
            ({"did-en": "x" * 1001}, "Make it shorter"),
        ],
    )  # fmt: skip
    async def test_what_is_missing_is_said_and_what_was_typed_is_kept(
        self, seat: Any, sql: Any, fields: dict[str, Any], words: str
    ) -> None:
        alex = seat()
        page = (await alex.get(f"{LIST}/new")).text
        sent = await alex.send(f"{LIST}/{uuid4()}", page, **{**FIELDS, **fields})
        assert sent.status_code == 422
        assert words in sent.text
        assert SAID in sent.text or DID in sent.text
        assert await sql.value("select count(*) from feedback.change_made") == 0

    async def test_a_second_click_stores_one(self, seat: Any, sql: Any) -> None:
        alex, address = seat(), f"{LIST}/{uuid4()}"
        page = (await alex.get(f"{LIST}/new")).text
        answers = await asyncio.gather(*(alex.send(address, page, **FIELDS) for _ in range(4)))
        assert {each.status_code for each in answers} <= {303, 412}
        assert await sql.value("select count(*) from feedback.change_made") == 1
        assert await sql.value("select count(*) from feedback.change_history") == 1

    async def test_two_who_edit_at_once_do_not_overwrite_one_another(self, seat: Any, sql: Any) -> None:
        alex, ruth = seat(), seat("ruth")
        change = await write(alex)
        pages = [(await each.get(f"{change}/edit")).text for each in (alex, ruth)]
        answers = await asyncio.gather(
            alex.send(change, pages[0], **{**FIELDS, "did-en": "One."}),
            ruth.send(change, pages[1], **{**FIELDS, "did-en": "Two."}),
        )
        assert sorted(each.status_code for each in answers) == [303, 412]
        [late] = [each for each in answers if each.status_code == 412]
        assert "Somebody else has worked on this" in late.text
        assert "One." in late.text or "Two." in late.text


class TestPublishing:
    async def test_what_is_published_is_told_and_stands_on_a_page_for_everybody(self, seat: Any, family: Any, sql: Any) -> None:
        await publish(seat(), action="SC-2026-11-004/a2")
        page = await family.get(PUBLIC)
        assert page.status_code == 200
        for shown in (SAID, DID, "4 July 2022", "Special Educational Needs"):
            assert shown in page.text
        for hidden in ("SC-2026", "Morgan", "staff:alex"):
            assert hidden not in page.text
        [event] = await events(sql)
        assert (event["what"], event["themes"], event["has_action"]) == ("change_published", ["communication"], True)
        assert event["questions"] == [{"questionnaire": "new-ehcp", "question": "easy-to-contact"}]
        assert "answered" not in str(event)

    async def test_likely_names_must_be_looked_at_first(self, seat: Any, family: Any) -> None:
        alex = seat()
        change = await write(alex, **{"said-en": "Jayden had to wait."})
        assert '<mark class="loop-likely">Jayden' in (await alex.get(change)).text
        refused = await alex.fill(change, f"{change}/publish")
        assert refused.status_code == 422
        assert "“Jayden”" in refused.text
        assert "Jayden" not in (await family.get(PUBLIC)).text
        assert (await alex.fill(change, f"{change}/publish", looked="yes")).status_code == 303

    async def test_it_is_taken_off_with_a_reason_edited_and_published_again(self, seat: Any, family: Any, sql: Any) -> None:
        alex, ruth = seat(), seat("ruth")
        change = await publish(alex)
        edit = (await alex.get(f"{change}/edit")).text
        assert (await alex.send(change, edit, **FIELDS)).status_code == 409
        assert (await ruth.fill(change, f"{change}/withdraw")).status_code == 422
        await ruth.fill(change, f"{change}/withdraw", reason="Not true any more.")
        assert "Every call" not in (await family.get(PUBLIC)).text
        text = " ".join((await alex.get(change)).text.split())
        assert "Taken off by Ruth Morgan" in text
        assert "Not true any more." in text
        await alex.fill(f"{change}/edit", change, **{**FIELDS, "did-en": "We ring back the same day."})
        await alex.fill(change, f"{change}/publish", looked="yes")
        assert "the same day" in (await family.get(PUBLIC)).text
        told = await events(sql)
        assert [each["what"] for each in told] == ["change_published", "change_withdrawn", "change_published"]
        assert [each["revision"] for each in told] == sorted(each["revision"] for each in told)

    async def test_publishing_twice_tells_once(self, seat: Any, sql: Any) -> None:
        alex = seat()
        change = await write(alex)
        page = (await alex.get(change)).text
        answers = await asyncio.gather(*(alex.send(f"{change}/publish", page, looked="yes") for _ in range(4)))
        assert {each.status_code for each in answers} == {303}
        assert len(await events(sql)) == 1
        assert (await alex.send(f"{change}/no-step", page)).status_code == 404


class TestThePublicPage:
    async def test_caches_may_keep_it_and_nothing_of_a_visitor_is_in_it(self, seat: Any, family: Any) -> None:
        await publish(seat())
        page = await family.get(PUBLIC)
        assert page.headers["cache-control"] == "public, max-age=300"
        assert "set-cookie" not in page.headers
        again = await family.http.get(PUBLIC, headers={"if-none-match": page.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        await publish(seat(), **{"did-en": "Another thing."})
        assert (await family.http.get(PUBLIC, headers={"if-none-match": page.headers["etag"]})).status_code == 200

    async def test_an_organisation_that_there_is_not_is_not_found_and_one_without_changes_says_so(self, family: Any) -> None:
        assert "Nothing is written here yet." in (await family.get(PUBLIC)).text
        for org in ("no-such-council", "X", "a" * 80, "-"):
            answer = await family.get(f"/s/you-said/{org}")
            assert answer.status_code == 404
            assert "set-cookie" not in answer.headers

    async def test_languages_are_those_that_were_written_and_english_stands_in(self, seat: Any, family: Any) -> None:
        await publish(seat(), **{"said-cy": "Ffoniodd neb ni yn ôl.", "did-cy": "Rydyn ni'n ffonio yn ôl."})
        await publish(seat(), **{"did-en": "In English only."})
        page = (await family.get(f"{PUBLIC}?language=cy")).text
        assert '<html lang="cy"' in page
        assert "Rydyn ni&#39;n ffonio yn ôl." in page
        assert '<div lang="en" dir="ltr">' in page
        assert "In English only." in page
        assert '<html lang="en"' in (await family.get(f"{PUBLIC}?language=ur")).text

    async def test_children_get_short_words_where_there_are_any(self, seat: Any, family: Any) -> None:
        await publish(seat(), **{"young-en": "We call you back."})
        assert "We call you back." not in (await family.get(PUBLIC)).text
        page = (await family.get(f"{PUBLIC}?young=yes")).text
        assert "We call you back." in page
        assert DID not in page

    async def test_it_is_narrowed_by_service_area_and_goes_on(
        self, seat: Any, family: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("feedback.use_cases.write_change.SHOWN", 2)
        for number in range(5):
            area = "send" if number % 2 else "through-care"
            await publish(
                seat(), **{"did-en": f"Thing {number} was done.", "happened_on-day": str(number + 1), "service_area": area}
            )
        text = (await family.get(f"{PUBLIC}?area=send")).text
        assert re.findall(r"Thing (\d)", text) == ["3", "1"]
        seen, path = [], PUBLIC
        while path:
            text = (await family.get(path)).text
            seen += re.findall(r"Thing (\d)", text)
            onward = re.search(r'href="([^"]+)">Earlier changes', text)
            path = onward[1].replace("&amp;", "&") if onward else ""
        assert seen == ["4", "3", "2", "1", "0"]
        assert (await family.get(f"{PUBLIC}?after=nonsense&area=x&language=%3Cb%3E")).status_code == 200

    async def test_an_approved_quote_stands_beside_it_until_it_is_withdrawn(self, seat: Any, family: Any, tell: Any) -> None:
        alex, ruth = seat(), seat("ruth")
        path = f"/feedback/comments/{await tell('Jayden waited for a call.')}/quote"
        quote = (await alex.fill(path, path, words="[name] waited for a call.")).headers["location"]
        await ruth.fill(quote, f"{quote}/approve")
        change = await publish(alex, quotes=quote.rpartition("/")[2])
        assert "[name] waited for a call." in (await family.get(PUBLIC)).text
        await ruth.fill(quote, f"{quote}/withdraw", reason="Asked for.")
        assert "waited for a call" not in (await family.get(PUBLIC)).text
        assert "1 of its quotes was withdrawn" in (await alex.get(change)).text

    async def test_the_last_page_of_a_survey_leads_to_it_once_there_is_something(
        self, seat: Any, family: Any, issue: Any
    ) -> None:
        for there in (False, True):
            if there:
                await publish(seat())
            await family.open((await issue(reference=str(uuid4())))["url"])
            await family.answer_all()
            await family.send()
            text = (await family.get("/s/done")).text
            assert (f'href="{PUBLIC}"' in text) is there

    async def test_no_script_of_anybody_runs(self, seat: Any, family: Any) -> None:
        words = {f"{part}-{code}": f"{SCRIPT}\" onload='x'" for part in ("said", "did", "young") for code in ("en", "cy")}
        change = await publish(seat(), **words)
        paths = [
            PUBLIC,
            f"{PUBLIC}?language=cy",
            f"{PUBLIC}?young=yes",
            f"{PUBLIC}?area={SCRIPT}&language={SCRIPT}&young={SCRIPT}",
        ]
        for page in [await family.get(path) for path in paths] + [await seat().get(path) for path in (LIST, change)]:
            assert "<script>" not in page.text
            assert "alert" in page.text
        await seat().fill(change, f"{change}/withdraw", reason=SCRIPT)
        for path in (change, f"{change}/edit"):
            assert "<script>" not in (await seat().get(path)).text
