"""Answers taken down on one page: read aloud, kept, sent once, by the rules of the API."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from services.feedback.tests.calling import ALEX, KIM, LEE, SAM, Person

from chassis.testing.fixtures import Keys

EIGHT: dict[str, Any] = {f"q{number}": "yes" for number in range(1, 9)}
HOME = "living-where-i-live"


@pytest.fixture
def kim(app: FastAPI, keys: Keys) -> Person:
    """A caller."""
    return Person.at(app, keys, KIM)


class TestBeginning:
    async def test_an_audits_link_fills_in_what_it_knows_and_leads_back(self, app: FastAPI, keys: Keys) -> None:
        sam = Person.at(app, keys, SAM)
        back = "/audit/audits/00000000-0000-0000-0000-000000000001/parts/peer/entries/feedback-parent"
        page = await sam.get(
            f"/feedback/entry?questionnaire=new-ehcp&channel=audit&reference=SC-1-parent&service_area=send&return_to={back}"
        )
        assert 'value="SC-1-parent"' in page
        entry = await sam.begin(channel="audit", reference="SC-1-parent", return_to=back)
        await sam.post(entry, consent="yes", do="send", **EIGHT)
        assert f'href="{back}"' in await sam.get(entry)

    async def test_a_page_of_others_is_never_led_back_to(self, kim: Person) -> None:
        assert "evil" not in await kim.get("/feedback/entry?return_to=https://evil.example/audit/audits/")
        entry = await kim.begin(return_to="//evil.example")
        await kim.post(entry, consent="yes", do="send", **EIGHT)
        assert "evil" not in await kim.get(entry)

    async def test_what_is_missing_or_does_not_fit_is_said_beside_its_field(self, kim: Person) -> None:
        page = (await kim.post("/feedback/entry", status=422)).text
        for words in ("Choose a questionnaire", "Choose how you talk to them", "Write a reference", "Choose a service area"):
            assert words in page
        sent: dict[str, Any] = {"questionnaire": "new-ehcp", "channel": "visit", "reference": "V-1", "service_area": "send"}
        for field, value, words in (
            ("team", "nowhere", "Choose a team"),
            ("language", "fr", "Choose a language that this questionnaire has"),
            ("channel", "pigeon", "Choose how you talk to them"),
            ("answered_on-day", "31", "Write a real day"),
        ):
            assert words in (await kim.post("/feedback/entry", status=422, **{**sent, field: value})).text

    async def test_a_reference_that_was_used_is_said_before_anybody_types(self, kim: Person) -> None:
        await kim.post(await kim.begin(), consent="yes", do="send", **EIGHT)
        sent: dict[str, Any] = {"questionnaire": "new-ehcp", "channel": "visit", "reference": "V-1", "service_area": "send"}
        assert "under &#39;V-1&#39; already" in (await kim.post("/feedback/entry", status=422, **sent)).text

    async def test_nobody_else_finds_what_somebody_takes_down(self, kim: Person, app: FastAPI, keys: Keys) -> None:
        entry = await kim.begin()
        for other in (LEE, ALEX):
            await Person.at(app, keys, other).get(entry, 404)


class TestReadingAloud:
    async def test_the_page_has_the_script_the_questions_and_whom_to_call(self, kim: Person) -> None:
        page = await kim.get(await kim.begin(channel="call"))
        for words in (
            "I am calling from Worcestershire Children First", "Are you happy to go on?", "I must pass that on",
            "opportunities to be involved", "call 999", "01632 960 101", "Not asked", "Asked, no answer",
        ):  # fmt: skip
            assert words in page

    async def test_another_language_is_read_in_that_language_with_english_beside_it(self, kim: Person) -> None:
        page = await kim.get(await kim.begin(language="cy"))
        assert 'lang="cy"' in page
        assert "Ydych chi&#39;n hapus i fynd ymlaen?" in page
        assert ">Did you feel you had opportunities" in page

    async def test_a_branch_says_when_it_is_put(self, kim: Person) -> None:
        page = await kim.get(await kim.begin("carer-call", service_area="fostering-and-kinship"))
        assert "Only if question 3 was answered “Partly” or “No”" in page


class TestSending:
    async def test_it_is_stored_as_the_api_would_and_told_of(self, kim: Person, sql: Any) -> None:
        entry = await kim.begin(about_on__day="1", about_on__month="10", about_on__year="2026")
        await kim.post(entry, consent="yes", do="send", **{**EIGHT, "q8": "skipped"})
        [row] = await sql.rows("select * from feedback.response")
        assert (row["channel"], row["reference"], row["client"]) == ("visit", "V-1", "staff:visit:new-ehcp")
        assert str(row["about_on"]) == "2026-10-01"
        assert '"state": "skipped"' in row["answers"]
        assert await sql.value("select count(*) from feedback.outbox where subject like '%response_submitted'") == 1

    async def test_a_second_click_and_a_second_tab_count_once(self, kim: Person, sql: Any) -> None:
        entry = await kim.begin()
        token = (await kim.get(entry)).split('name="csrf" value="')[1].split('"')[0]
        for _ in range(3):
            sent = await kim.client.post(entry, data={"csrf": token, "revision": "0", "consent": "yes", "do": "send", **EIGHT})
            assert (sent.status_code, sent.headers["location"]) == (303, entry)
        assert await sql.value("select count(*) from feedback.response") == 1
        assert "The answers are stored" in await kim.get(entry)

    async def test_nothing_is_stored_without_consent_and_all_of_it_is_kept(self, kim: Person, sql: Any) -> None:
        entry = await kim.begin()
        page = (await kim.post(entry, status=422, do="send", **EIGHT)).text
        assert "Say that they agreed to answer" in page
        assert await sql.value("select count(*) from feedback.response") == 0
        assert len(re.findall(r'value="yes" checked>', await kim.get(entry))) == 8

    async def test_a_form_on_paper_needs_no_consent_on_the_telephone(self, kim: Person, sql: Any) -> None:
        entry = await kim.begin(channel="paper")
        assert "Read aloud" not in await kim.get(entry)
        await kim.post(entry, do="send", **EIGHT)
        assert await sql.value("select channel from feedback.response") == "paper"

    async def test_gaps_are_asked_about_once_and_count_as_not_asked(self, kim: Person, sql: Any) -> None:
        entry = await kim.begin()
        page = (await kim.post(entry, status=409, consent="yes", do="send", q1="yes", q2="no")).text
        assert "Questions" in page
        assert "were not asked" in page
        assert await sql.value("select count(*) from feedback.response") == 0
        await kim.post(entry, consent="yes", do="send", sure="yes", q1="yes", q2="no")
        assert (await sql.value("select answers from feedback.response")).count("not-asked") == 6

    async def test_an_answer_that_another_hides_is_refused_with_what_to_do(self, kim: Person, sql: Any) -> None:
        entry = await kim.begin("carer-call", service_area="fostering-and-kinship")
        answers: dict[str, Any] = {
            "q1": "kinship",
            "q2": "yes",
            "q3": "yes",
            "q4": "does-not-apply",
            "q5": "yes",
            "q6": "More",
            "q7": "no",
            "q8__none": "skipped",
        }
        page = (await kim.post(entry, status=422, consent="yes", do="send", **answers)).text
        assert "Question 6 is only put where question 3 was answered “Partly” or “No”. Take the answer out here" in page
        assert "More" in page
        await kim.post(entry, consent="yes", do="send", **{**answers, "q3": "partly"})
        stored = await sql.value("select answers from feedback.response")
        assert '"does-not-apply"' in stored
        assert "More" not in stored

    async def test_what_cannot_be_an_answer_is_said_by_question(self, kim: Person) -> None:
        entry = await kim.begin(HOME, service_area="through-care")
        page = (await kim.post(entry, status=422, consent="yes", do="send", q1="99")).text
        assert "Question 1: Choose one of the answers below" in page
        long = (await kim.post(entry, status=422, consent="yes", do="send", q5="x" * 4001)).text
        assert "Question 5" in long
        both = (await kim.post(entry, status=422, consent="yes", do="send", q5="Words", q5__none="skipped")).text
        assert "not both" in both
        assert "Words" in both

    async def test_a_form_of_nothing_is_not_sent(self, kim: Person, sql: Any) -> None:
        entry = await kim.begin()
        assert "Put at least one question" in (await kim.post(entry, status=422, consent="yes", do="send", sure="yes")).text
        assert await sql.value("select count(*) from feedback.response") == 0

    async def test_somebody_who_used_the_reference_meanwhile_costs_nothing(
        self, kim: Person, app: FastAPI, keys: Keys, sql: Any
    ) -> None:
        lee = Person.at(app, keys, LEE)
        mine, theirs = await kim.begin(), await lee.begin()
        await lee.post(theirs, consent="yes", do="send", **EIGHT)
        page = (await kim.post(mine, status=422, consent="yes", do="send", **{**EIGHT, "q1": "no"})).text
        assert "Another reference" in page
        await kim.post(mine, consent="yes", do="send", reference="V-1-2", **{**EIGHT, "q1": "no"})
        assert await sql.value("select count(*) from feedback.response") == 2


class TestKeeping:
    async def test_what_was_begun_is_found_again_and_words_are_sealed(self, kim: Person, sql: Any) -> None:
        entry = await kim.begin("have-your-say")
        await kim.post(entry, do="later", q3="My room is cold")
        assert "V-1" in await kim.get("/feedback/entry")
        assert "My room is cold" in await kim.get(entry)
        assert "cold" not in str(await sql.rows("select e::text as row from feedback.entry e"))
        await kim.post(entry, consent="yes", do="send", sure="yes", q3="My room is cold")
        assert await sql.value("select answers from feedback.entry") == "{}"
        assert "What you have begun" not in await kim.get("/feedback/entry")

    async def test_the_pages_script_keeps_it_while_somebody_types(self, kim: Person) -> None:
        entry = await kim.begin()
        page = await kim.get(entry)
        assert "autosave" in page
        token = page.split('name="csrf" value="')[1].split('"')[0]
        quiet = {"Accept": "application/json"}
        form = {"csrf": token, "revision": "0", "then": "stay", "q1": "yes"}
        saved = await kim.client.post(entry, data=form, headers=quiet)
        assert saved.json() == {"revision": 1}
        stale = await kim.client.post(entry, data=form, headers=quiet)
        assert stale.status_code == 412
        wrong = await kim.client.post(entry, data={**form, "revision": "1", "q1": "maybe"}, headers=quiet)
        assert (wrong.status_code, wrong.json()["errors"][0]["detail"][:11]) == (422, "Question 1:")

    async def test_two_windows_lose_nothing_of_one_another(self, kim: Person) -> None:
        entry = await kim.begin()
        token = (await kim.get(entry)).split('name="csrf" value="')[1].split('"')[0]
        await kim.post(entry, do="later", q1="yes")
        stale = await kim.client.post(entry, data={"csrf": token, "revision": "0", "do": "later", "q1": "no"})
        assert stale.status_code == 412
        assert "saved in another window" in stale.text
        assert "Question 1" in stale.text
        assert ">Yes</td>" in stale.text
        assert 'name="revision" value="1"' in stale.text

    async def test_it_can_be_thrown_away(self, kim: Person) -> None:
        entry = await kim.begin()
        await kim.post(entry, do="discard")
        await kim.get(entry, 404)


class TestWorry:
    async def test_a_worry_is_sent_at_once_whatever_was_not_asked_yet(self, kim: Person, sql: Any) -> None:
        entry = await kim.begin(HOME, service_area="through-care")
        await kim.post(entry, consent="yes", do="send", q4="yes")
        assert await sql.value("select count(*) from feedback.concern") == 1

    async def test_a_worry_opens_a_concern_and_the_page_says_what_to_do_now(self, kim: Person, sql: Any) -> None:
        entry = await kim.begin(HOME, service_area="through-care")
        await kim.post(entry, consent="yes", do="send", sure="yes", q4="yes", q5="I am scared")
        page = await kim.get(entry)
        for words in ("What you do now", "Call 999 yourself", "safeguarding duty team is told by mail", "I must pass that on"):
            assert words in page
        assert await sql.value("select count(*) from feedback.concern") == 1
        assert await sql.value("select count(*) from feedback.mail") == 1
        assert "scared" not in page
