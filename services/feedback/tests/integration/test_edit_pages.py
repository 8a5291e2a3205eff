"""Officers write and edit questionnaires without touching YAML; two at once lose nothing of one another."""

import asyncio
import re
from typing import Any

import pytest
from fastapi import FastAPI
from feedback_editing import HOME, LETTERS, LIVING, Officer, fields_of, shown

from chassis.testing.fixtures import Keys, ServiceClient, caller


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:o")) as http:
        yield Officer(http)


@pytest.fixture
async def colleague(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:c")) as http:
        yield Officer(http)


class TestBeginning:
    async def test_a_copy_is_begun_once_by_whoever_presses_first(self, officer: Officer, colleague: Officer, sql: Any) -> None:
        assert "Begin a working copy" in shown(await officer.get(LIVING))
        fields, others = await officer.fields(LIVING), await colleague.fields(LIVING)
        await asyncio.gather(officer.send(LIVING, {**fields, "do": "begin"}), colleague.send(LIVING, {**others, "do": "begin"}))
        assert await sql.value("select count(*) from feedback.questionnaire_copy") == 1
        page = shown(await officer.get(LIVING))
        assert "5. Do you want to tell us what it is?" in page
        assert "Asked only after some answers to question 4" in page
        assert "can be published" in page

    async def test_a_new_questionnaire_is_written_from_nothing(self, officer: Officer, sql: Any) -> None:
        settings: dict[str, Any] = {
            "name": "End of placement", "audience": "child", "about": "The end of the placement", "intro": "Tell us.",
            "thank_you": "Thank you.", "languages": ["en", "cy"], "others": "tlh", "first": "en",
        }  # fmt: skip
        fields = {**(await officer.fields(f"{HOME}/new")), **settings}
        edit = f"{HOME}/end-of-placement/edit"
        for _ in range(2):  # a second click finds it
            sent = await officer.send(f"{HOME}/new", fields)
            assert (sent.status_code, sent.headers["location"]) == (303, edit)
        assert await sql.value("select count(*) from feedback.questionnaire_copy") == 1
        assert "There is no question yet" in shown(await officer.get(f"{edit}/check"))
        question = await officer.done(f"{edit}/questions/new", text="Were you happy there?", kind="one")
        assert question == f"{edit}/questions/were-you-happy-there"
        assert "Write the answers that can be chosen" in shown(await officer.get(f"{edit}/check"))
        answers: dict[str, Any] = {"option-1": "Yes", "option-2": "No", "positive": ["1"], "worry": ["2"]}
        await officer.done(question, **answers)
        page = shown(await officer.get(edit))
        assert "One answer of several: Yes, No" in page
        assert "can open a worry" in page
        await officer.publish(edit)
        answer = await officer.http.get("/feedback/v1/questionnaires/end-of-placement")
        assert answer.status_code == 200
        assert [each["code"] for each in answer.json()["versions"][0]["questions"]] == ["were-you-happy-there"]

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"code": "new-ehcp"}, "'new-ehcp' is taken"),
            ({"code": "new"}, "'new' is taken"),
            ({"code": "Not A Code"}, "small letters, digits and hyphens"),
            ({"name": ""}, "Write something here: name for staff"),
            ({"audience": "pets"}, "Choose whom it asks"),
            ({"languages": [], "others": "klingon!"}, "String should match pattern"),
            ({"name": "x" * 300}, "at most 200"),
        ],
    )
    async def test_what_cannot_be_is_said_and_nothing_typed_is_lost(
        self, officer: Officer, sql: Any, changes: dict[str, Any], words: str
    ) -> None:
        settings = {
            "name": "N",
            "audience": "staff",
            "about": "A",
            "intro": "Kept words.",
            "thank_you": "T",
            "languages": ["en"],
        }
        sent = await officer.fill(f"{HOME}/new", **{**settings, "languages": ["en"], **changes})
        assert sent.status_code == 422
        assert words in shown(sent)
        assert "Kept words." in sent.text
        assert await sql.value("select count(*) from feedback.questionnaire_copy") == 0

    async def test_what_is_not_there_is_not_found(self, officer: Officer) -> None:
        for path in (f"{HOME}/no-such/edit", f"{HOME}/no-such/history", f"{LIVING}/questions/listened-to"):
            assert (await officer.http.get(path)).status_code in {404, 409}


class TestQuestions:
    async def test_a_question_is_changed_in_every_part(self, officer: Officer) -> None:
        await officer.begin()
        page = f"{LIVING}/questions/listened-to"
        changed: dict[str, Any] = {
            "text": "Do grown-ups listen to you?", "hint": "Think of all of them.", "option-2": "", "option-4": "Never",
            "option-4-place": "1", "does_not_apply": "Not for me", "themes": ["voice-of-the-child"], "picture": "listen",
        }  # fmt: skip
        await officer.done(page, **changed)
        fields = await officer.fields(page)
        assert [fields[f"option-{n}"] for n in (1, 2, 3)] == ["Yes", "Never", "No"]
        assert fields["hint"] == "Think of all of them."
        assert fields["picture"] == "listen"
        page = shown(await officer.get(f"{LIVING}/publish"))
        assert "this becomes version 2" in page
        assert "new answer “Never”" in page
        assert "answer “Sometimes” removed" in page

    async def test_moving_doubling_and_removing(self, officer: Officer) -> None:
        await officer.begin()
        await officer.step(LIVING, "listened-to", "up")
        page = shown(await officer.get(LIVING))
        assert page.index("1. Do the grown-ups") < page.index("2. How do you feel")
        await officer.step(LIVING, "who-helps", "duplicate")
        assert "Who helps you when something is wrong?" in shown(await officer.get(f"{LIVING}/questions/who-helps-2"))
        warning = shown(await officer.get(f"{LIVING}/questions/feel-unsafe/remove"))
        assert "Its trend ends" in warning
        assert "Do you want to tell us what it is?" in warning
        await officer.step(LIVING, "feel-unsafe", "remove")
        check = shown(await officer.get(f"{LIVING}/check"))
        assert "It is asked only after a question that is not before it any more" in check
        sent = await officer.send(
            f"{LIVING}/publish", {"csrf": (await officer.fields(f"{LIVING}/settings"))["csrf"], "copy": "x", "revision": "1"}
        )
        assert sent.status_code == 409

    async def test_a_second_click_moves_nothing_twice(self, officer: Officer) -> None:
        await officer.begin()
        fields = await officer.fields(f"{LIVING}/questions/how-home-feels/remove")
        sent = await asyncio.gather(*(officer.send(f"{LIVING}/questions/how-home-feels/down", fields) for _ in range(3)))
        assert {each.status_code for each in sent} == {303}
        page = shown(await officer.get(LIVING))
        assert page.index("1. Do the grown-ups") < page.index("2. How do you feel")
        assert "Your last click changed nothing" in shown(await officer.get(LIVING, again="1"))

    async def test_branching_asks_for_the_answers_of_the_question_that_was_chosen(self, officer: Officer) -> None:
        await officer.begin()
        page = f"{LIVING}/questions/who-helps"
        sent = await officer.fill(page, **{"show-if": "listened-to"})
        assert sent.status_code == 422
        assert "Tick the answers after which it is asked" in shown(sent)
        await officer.send(page, {**fields_of(sent.text), "show-if-choice": ["sometimes", "no"]})
        assert "Asked only after some answers to question 2" in shown(await officer.get(LIVING))
        # A question that comes later cannot be branched on.
        late: dict[str, Any] = {"show-if": "feel-unsafe", "show-if-choice": ["yes"]}
        sent = await officer.fill(page, **late)
        assert "Choose a question that stands before this one" in shown(sent)

    async def test_a_question_that_was_asked_keeps_its_kind(self, officer: Officer) -> None:
        await officer.begin()
        sent = await officer.fill(f"{LIVING}/questions/listened-to", kind="text")
        assert sent.status_code == 422
        assert "Add a new question instead" in shown(sent)

    async def test_a_scale_is_checked(self, officer: Officer) -> None:
        await officer.begin()
        page = f"{LIVING}/questions/how-home-feels"
        assert "Write a whole number from 0 to 10" in shown(await officer.fill(page, max="eleven"))
        await officer.done(page, max="4")
        assert "Faces need a scale from 1 to 5" in shown(await officer.get(f"{LIVING}/check"))

    async def test_quite_other_words_are_asked_about_and_become_another_question(self, officer: Officer) -> None:
        await officer.begin()
        to = await officer.done(f"{LIVING}/questions/listened-to", text="Is your school nice?")
        assert to == f"{LIVING}/questions/listened-to/meaning"
        assert "Say whether it still asks the same" in shown(await officer.get(f"{LIVING}/check"))
        assert "Say whether it asks the same" in shown(await officer.fill(to, same=None))
        assert await officer.done(to, same=["another"]) == f"{LIVING}#q-is-your-school-nice"
        assert "(listened-to) ends" in shown(await officer.get(f"{LIVING}/check"))
        assert "this becomes version 2" in shown(await officer.get(f"{LIVING}/publish"))

    async def test_or_stay_the_same_because_somebody_says_so(self, officer: Officer) -> None:
        await officer.begin()
        to = await officer.done(f"{LIVING}/questions/listened-to", text="Are you heard?")
        await officer.done(to, same=["same"])
        assert "can be published" in shown(await officer.get(LIVING))
        assert "Only words changed" in shown(await officer.get(f"{LIVING}/publish"))

    async def test_an_added_question_is_there_once(self, officer: Officer, sql: Any) -> None:
        await officer.begin()
        fields = await officer.fields(f"{LIVING}/questions/new")
        fields |= {"text": "Who helps you when something is wrong?", "kind": "text", "after": "listened-to"}
        sent = [await officer.send(f"{LIVING}/questions/new", fields) for _ in range(2)]
        assert {each.headers["location"] for each in sent} == {f"{LIVING}/questions/who-helps-you-when-something-is-wrong"}
        count = "select jsonb_array_length(document -> 'questions') from feedback.questionnaire_copy"
        assert await sql.value(count) == 6
        assert "3. Who helps you" in shown(await officer.get(LIVING))
        assert "Write the question" in shown(await officer.fill(f"{LIVING}/questions/new", text="", kind="text"))


class TestTwoAtOnce:
    async def test_different_questions_do_not_meet(self, officer: Officer, colleague: Officer) -> None:
        await officer.begin()
        one, other = f"{LIVING}/questions/listened-to", f"{LIVING}/questions/who-helps"
        mine, theirs = await officer.fields(one), await colleague.fields(other)
        assert (await colleague.send(other, {**theirs, "hint": "Theirs"})).status_code == 303
        assert (await officer.send(one, {**mine, "hint": "Mine"})).status_code == 303
        assert (await officer.fields(other))["hint"] == "Theirs"
        assert (await officer.fields(one))["hint"] == "Mine"

    async def test_the_second_in_the_same_question_sees_both_and_decides(self, officer: Officer, colleague: Officer) -> None:
        await officer.begin()
        page = f"{LIVING}/questions/listened-to"
        mine, theirs = await officer.fields(page), await colleague.fields(page)
        assert (await colleague.send(page, {**theirs, "hint": "Theirs", "text": "Do they listen to you?"})).status_code == 303
        sent = await officer.send(page, {**mine, "hint": "Mine"})
        assert sent.status_code == 412
        words = shown(sent)
        assert "staff:c changed this since you opened the page" in words
        assert "How it stands by now" in words
        assert "Theirs" in words
        fields = fields_of(sent.text)
        assert fields["hint"] == "Mine"
        assert (await officer.send(page, fields)).status_code == 303
        assert (await officer.fields(page))["hint"] == "Mine"

    async def test_the_same_typed_twice_is_saved_once(self, officer: Officer, sql: Any) -> None:
        await officer.begin()
        page = f"{LIVING}/questions/listened-to"
        fields = {**(await officer.fields(page)), "hint": "Mine"}
        for _ in range(2):
            assert (await officer.send(page, fields)).status_code == 303
        assert await sql.value("select revision from feedback.questionnaire_copy") == 2

    async def test_settings_that_somebody_else_changed(self, officer: Officer, colleague: Officer) -> None:
        await officer.begin()
        page = f"{LIVING}/settings"
        mine, theirs = await officer.fields(page), await colleague.fields(page)
        assert (await colleague.send(page, {**theirs, "name": "Theirs"})).status_code == 303
        sent = await officer.send(page, {**mine, "name": "Mine"})
        assert sent.status_code == 412
        assert "Theirs" in shown(sent)
        assert (await officer.send(page, fields_of(sent.text))).status_code == 303
        assert "Mine" in shown(await officer.get(LIVING))

    async def test_what_was_typed_is_shown_where_the_copy_is_gone(self, officer: Officer, colleague: Officer) -> None:
        await officer.begin()
        page = f"{LIVING}/questions/listened-to"
        fields = await officer.fields(page)
        settings = await officer.fields(f"{LIVING}/settings")
        await colleague.done(f"{LIVING}/discard", to=LIVING, do="discard")
        sent = await officer.send(page, {**fields, "hint": "Long thought about"})
        assert sent.status_code == 409
        assert "Long thought about" in shown(sent)
        sent = await officer.send(f"{LIVING}/settings", {**settings, "intro": "Long thought about"})
        assert "Long thought about" in shown(sent)

    async def test_what_was_typed_is_shown_where_the_question_is_gone(self, officer: Officer, colleague: Officer) -> None:
        await officer.begin()
        page = f"{LIVING}/questions/listened-to"
        fields = await officer.fields(page)
        await colleague.step(LIVING, "listened-to", "remove")
        sent = await officer.send(page, {**fields, "hint": "Long thought about"})
        assert sent.status_code == 409
        assert "Long thought about" in shown(sent)

    async def test_a_copy_that_somebody_changed_is_not_thrown_away(
        self, officer: Officer, colleague: Officer, sql: Any
    ) -> None:
        await officer.begin()
        fields = await officer.fields(f"{LIVING}/discard")
        await colleague.step(LIVING, "listened-to", "up")
        sent = await officer.send(LIVING, {**fields, "do": "discard"})
        assert sent.headers["location"] == f"{LIVING}?again=1"
        assert await sql.value("select count(*) from feedback.questionnaire_copy") == 1
        assert "The questions stand in another order" in shown(await officer.get(f"{LIVING}/discard"))


class TestWhoMay:
    async def test_a_senior_reader_reads_and_changes_nothing(self, officer: Officer, app: FastAPI, keys: Keys) -> None:
        await officer.begin()
        async with ServiceClient(app, keys, "feedback", caller("role:senior-reader")) as http:
            reader = Officer(http)
            for path in (LIVING, f"{LIVING}/check", f"{HOME}/living-where-i-live/history", f"{LIVING}/questionnaire.yaml"):
                await reader.get(path)
            assert "Move up" not in (await reader.get(LIVING)).text
            assert (await http.get(f"{LIVING}/settings")).status_code == 403

    async def test_another_council_has_no_part_in_it(self, officer: Officer, app: FastAPI, keys: Keys) -> None:
        await officer.begin(LETTERS)
        async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", org="telford-wrekin")) as http:
            other = Officer(http)
            assert (await http.get(LETTERS)).status_code == 404
            await other.begin(f"{HOME}/my-social-worker/edit")
            sent = await http.post(LETTERS, data={**(await other.fields(f"{HOME}/my-social-worker/edit")), "do": "discard"})
            assert sent.status_code == 404
        assert "can be published" in shown(await officer.get(LETTERS))

    async def test_a_form_without_its_token_changes_nothing(self, officer: Officer, sql: Any) -> None:
        assert (await officer.send(LIVING, {"do": "begin"})).status_code == 403
        assert await sql.value("select count(*) from feedback.questionnaire_copy") == 0


class TestTryingAWorkingCopy:
    async def test_it_is_seen_as_families_will_see_it_with_branching_before_it_is_published(
        self, officer: Any, sql: Any
    ) -> None:
        await officer.begin()
        code = "feel-unsafe"
        await officer.done(f"{LIVING}/questions/{code}", text="Is there a thing that scares you?", then="stay")
        start = await officer.get(f"{LIVING}/try/0")
        assert f"{LIVING}/try/1?" in start.text
        page = await officer.get(f"{LIVING}/try/4")
        assert "Is there a thing that scares you?" in page.text
        assert "survey-header" in page.text
        asked = await officer.done(f"{LIVING}/try/4", answer="yes")
        assert "/edit/try/5?" in asked
        done = await officer.done(f"{LIVING}/try/4", answer="no")
        assert "Nothing that you chose or wrote was stored" in shown(await officer.get(done))
        in_force = await officer.get(f"{LIVING.removesuffix('/edit')}/try/4")
        assert "scares you" not in in_force.text
        assert await sql.value("select count(*) from feedback.draft") == 0

    async def test_a_removed_question_is_put_back_alone_in_its_place(self, officer: Any) -> None:
        await officer.begin()
        before = re.findall(r'<section[^>]*id="q-([^"]+)"', (await officer.get(LIVING)).text)
        for code in before[1:3]:
            await officer.step(LIVING, code, "remove")
        page = await officer.get(LIVING)
        assert f"/questions/{before[1]}/restore" in page.text
        seen = fields_of(page.text)["seen"]
        token = fields_of(page.text)["csrf"]
        for _ in range(2):
            sent = await officer.send(f"{LIVING}/questions/{before[2]}/restore", {"csrf": token, "seen": seen})
            assert sent.status_code == 303
        after = re.findall(r'<section[^>]*id="q-([^"]+)"', (await officer.get(LIVING)).text)
        assert after == [before[0], *before[2:]]
