"""Publishing: what families see from then on, what reporting is told, and what a folder that is applied afterwards does."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import orjson
import pytest
import yaml
from fastapi import FastAPI
from feedback_editing import HOME, LIVING, Officer, fields_of, shown

from chassis.days import british_day
from chassis.outbox import now
from chassis.profiles import parse_yaml
from chassis.testing.fixtures import ROOT, Keys, ServiceClient, caller
from contracts.feedback import QuestionnairePublished
from loop_cli.profile_check import check
from loop_cli.profile_files import read_profile

HISTORY = f"{HOME}/living-where-i-live/history"
FILE = f"{HOME}/living-where-i-live/questionnaire.yaml"
PROFILE = "/feedback/v1/profile"


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:o")) as http:
        yield Officer(http)


@pytest.fixture
async def colleague(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:c")) as http:
        yield Officer(http)


async def reword(officer: Officer, text: str = "Do grown-ups listen to you?") -> None:
    await officer.begin()
    await officer.done(f"{LIVING}/questions/listened-to", text=text)


async def told(sql: Any) -> list[QuestionnairePublished]:
    query = (
        "select data::text as data from feedback.outbox where subject = 'loop.feedback.v1.questionnaire_published' order by id"
    )
    return [QuestionnairePublished.model_validate(orjson.loads(row["data"])) for row in await sql.rows(query)]


class TestWording:
    async def test_new_words_are_asked_at_once_and_letters_that_are_out_keep_theirs(
        self, officer: Officer, issue: Any, family: Any, other_phone: Any
    ) -> None:
        before = await issue(questionnaire="living-where-i-live", service_area="through-care")
        await reword(officer)
        assert await officer.publish() == f"{HISTORY}#edition-1"
        after = await issue(questionnaire="living-where-i-live", service_area="through-care")
        await family.open(before["url"])
        assert "Do the grown-ups listen to you?" in (await family.get("/s/question/2")).text
        await other_phone.open(after["url"])
        assert "Do grown-ups listen to you?" in (await other_phone.get("/s/question/2")).text

    async def test_it_is_written_down_who_published_what_and_everybody_is_told(self, officer: Officer, sql: Any) -> None:
        await reword(officer)
        await officer.publish()
        page = shown(await officer.get(HISTORY))
        assert "Published by staff:o on" in page
        assert "“Do the grown-ups listen to you?” is now “Do grown-ups listen to you?”" in page
        [event] = await told(sql)
        assert (event.questionnaire, event.edition, [each.version for each in event.versions]) == (
            "living-where-i-live",
            1,
            [1],
        )
        asked = event.versions[0].questions[1]
        assert (asked.label, asked.positive, asked.options) == (
            "Do grown-ups listen to you?", ("yes",), ("yes", "sometimes", "no"),
        )  # fmt: skip
        assert event.versions[0].questions[0].score_from == 4
        assert await sql.value("select count(*) from feedback.questionnaire_copy") == 0
        assert await sql.value("select max(number) from feedback.profile where org = 'worcestershire'") == 2

    async def test_published_twice_it_is_published_once(self, officer: Officer, sql: Any) -> None:
        await reword(officer)
        fields = await officer.fields(f"{LIVING}/publish")
        sent = await asyncio.gather(*(officer.send(f"{LIVING}/publish", fields) for _ in range(3)))
        assert {each.headers.get("location") for each in sent} == {f"{HISTORY}#edition-1"}
        assert len(await told(sql)) == 1
        assert await sql.value("select count(*) from feedback.questionnaire_publication") == 1

    async def test_what_changed_since_it_was_looked_at_is_not_published(
        self, officer: Officer, colleague: Officer, sql: Any
    ) -> None:
        await reword(officer)
        fields = await officer.fields(f"{LIVING}/publish")
        await colleague.done(f"{LIVING}/questions/who-helps", hint="Another hint")
        sent = await officer.send(f"{LIVING}/publish", fields)
        assert sent.status_code == 412
        assert "staff:c changed the working copy since you looked" in shown(sent)
        assert "Another hint" in shown(sent)
        assert await told(sql) == []
        assert (await officer.send(f"{LIVING}/publish", fields_of(sent.text))).status_code == 303

    async def test_nothing_changed_is_nothing_to_publish(self, officer: Officer) -> None:
        await officer.begin()
        assert "There is nothing to publish" in shown(await officer.get(f"{LIVING}/publish"))

    async def test_editions_go_on_counting(self, officer: Officer, sql: Any) -> None:
        for text in ("Do grown-ups listen to you?", "Do grown-ups listen to you now?"):
            await reword(officer, text)
            await officer.publish()
        assert [each.edition for each in await told(sql)] == [1, 2]


class TestVersion:
    async def test_other_answers_are_a_new_version_from_a_day_on(self, officer: Officer, client: Any, sql: Any) -> None:
        await officer.begin()
        await officer.done(f"{LIVING}/questions/listened-to", **{"option-4": "I do not know"})
        tomorrow = british_day(now()) + timedelta(days=1)
        day = {"from-day": str(tomorrow.day), "from-month": str(tomorrow.month), "from-year": str(tomorrow.year)}
        for wrong in ({"from-day": "1", "from-month": "1", "from-year": "2020"}, {"from-day": "x"}):
            sent = await officer.fill(f"{LIVING}/publish", **{**day, **wrong})
            assert sent.status_code == 422
            assert 'id="from-error"' in sent.text
        await officer.publish(**day)
        found = (await client.get("/feedback/v1/questionnaires/living-where-i-live")).json()
        assert [(each["version"], each["from"]) for each in found["versions"]] == [(1, "2022-04-01"), (2, tomorrow.isoformat())]
        [event] = await told(sql)
        assert [each.begins_on.isoformat() for each in event.versions] == ["2022-04-01", tomorrow.isoformat()]
        assert "Version 2" in shown(await officer.get(HISTORY))


async def folder(officer: Officer, org_folder: Path) -> None:
    """The folder of the profile, with the file that the page offers in its place."""
    target = org_folder / "questionnaires" / "living-where-i-live.yaml"
    target.write_bytes((await officer.get(FILE)).content)


class TestFolder:
    async def test_what_the_folder_does_not_know_yet_is_kept_and_the_answer_says_so(
        self, officer: Officer, operator: Any, documents: Any, sql: Any
    ) -> None:
        await reword(officer)
        await officer.publish()
        document = documents("worcestershire")
        for query in ("?dry_run=true", ""):
            answer = (await operator.put(f"{PROFILE}{query}", json={**document, "version": "folder 2"})).json()
            [note] = answer["notes"]
            assert note == (
                "'living-where-i-live' stays as the pages published it (version 1, edition 1). The folder has version 1, "
                "edition 0: fetch its file from /feedback/questionnaires/living-where-i-live/questionnaire.yaml and put it "
                "into the folder."
            )
        query = "select document::text from feedback.profile where org = 'worcestershire' order by number desc limit 1"
        kept = orjson.loads(await sql.value(query))
        assert "Do grown-ups listen to you?" in str(kept)
        # The same folder again changes nothing.
        assert (await operator.put(PROFILE, json={**document, "version": "folder 2"})).json()["changed"] is False

    async def test_the_file_that_the_page_offers_brings_the_folder_up_to_date(
        self, officer: Officer, operator: Any, documents: Any, tmp_path: Path
    ) -> None:
        await reword(officer)
        await officer.publish()
        content = (await officer.get(FILE)).content
        target = tmp_path / "worcestershire"
        for source in (ROOT / "profiles" / "worcestershire").rglob("*.yaml"):
            (target / source.relative_to(ROOT / "profiles" / "worcestershire")).parent.mkdir(parents=True, exist_ok=True)
            (target / source.relative_to(ROOT / "profiles" / "worcestershire")).write_bytes(source.read_bytes())
        (target / "questionnaires" / "living-where-i-live.yaml").write_bytes(content)
        assert check(read_profile(target)) == []
        document = documents("worcestershire")
        place = [each["code"] for each in document["questionnaires"]].index("living-where-i-live")
        fetched: Any = parse_yaml(content, target).data
        document["questionnaires"][place] = fetched
        answer = (await operator.put(PROFILE, json={**document, "version": "fetched"})).json()
        assert answer["notes"] == []
        # From there on the folder is changed as ever.
        fetched["versions"][0]["questions"][1]["text"]["en"] = "Do the grown-ups listen?"
        answer = (await operator.put(PROFILE, json={**document, "version": "by hand"})).json()
        assert (answer["changed"], answer["notes"]) == (True, [])
        page = (await officer.get(FILE)).content
        assert yaml.safe_load(page)["versions"][0]["questions"][1]["text"]["en"] == "Do the grown-ups listen?"

    async def test_what_was_written_on_the_pages_stays_though_no_file_has_it(
        self, officer: Officer, operator: Any, documents: Any
    ) -> None:
        settings: dict[str, Any] = {
            "name": "Extra",
            "audience": "staff",
            "about": "A",
            "intro": "I",
            "thank_you": "T",
            "languages": ["en"],
        }
        edit = await officer.done(f"{HOME}/new", **settings)
        question = await officer.done(f"{edit}/questions/new", text="What do you say?", kind="text")
        assert question
        await officer.publish(edit)
        answer = (await operator.put(PROFILE, json={**documents("worcestershire"), "version": "again"})).json()
        assert "No file of the folder has it" in answer["notes"][0]
        assert (await officer.http.get("/feedback/v1/questionnaires/extra")).status_code == 200

    async def test_a_copy_of_what_a_folder_took_away_is_not_published_as_something_new(
        self, officer: Officer, operator: Any, documents: Any
    ) -> None:
        await reword(officer)
        fields = await officer.fields(f"{LIVING}/publish")
        document = documents("worcestershire")
        document["questionnaires"] = [each for each in document["questionnaires"] if each["code"] != "living-where-i-live"]
        assert (await operator.put(PROFILE, json={**document, "version": "fewer"})).status_code == 200
        sent = await officer.send(f"{LIVING}/publish", fields)
        assert sent.status_code == 409
        assert "in the organisation's profile no more" in shown(sent)
        assert "profile no more" in shown(await officer.get(LIVING))

    async def test_a_folder_applied_while_somebody_edits_is_taken_over_before_publishing(
        self, officer: Officer, operator: Any, documents: Any, sql: Any
    ) -> None:
        await reword(officer)
        document = documents("worcestershire")
        place = [each["code"] for each in document["questionnaires"]].index("living-where-i-live")
        own = document["questionnaires"][place]
        own["intro"]["en"] = "From the folder. You can skip any of them."
        own["versions"][0]["questions"][1]["text"]["en"] = "Do all the grown-ups listen to you?"
        fields = await officer.fields(f"{LIVING}/publish")
        await operator.put(PROFILE, json={**document, "version": "newer"})
        sent = await officer.send(f"{LIVING}/publish", fields)
        assert sent.status_code == 409
        assert "take that over first" in shown(sent).lower()
        page = shown(await officer.get(LIVING))
        assert "From the folder" in page
        sent = await officer.fill(LIVING, do="take-over")
        sent = await officer.send(LIVING, {"csrf": (await officer.fields(f"{LIVING}/settings"))["csrf"], "do": "take-over"})
        after = await officer.fields(f"{LIVING}/settings")
        assert after["intro"] == "From the folder. You can skip any of them."
        assert (await officer.fields(f"{LIVING}/questions/listened-to"))["text"] == "Do grown-ups listen to you?"
        await officer.publish()
        assert len(await told(sql)) == 1


class TestRows:
    async def test_copies_and_publications_are_an_organisations_own_and_nobody_changes_what_was_published(
        self, officer: Officer, sql: Any
    ) -> None:
        await reword(officer)
        await officer.publish()
        await officer.begin()
        for table in ("questionnaire_copy", "questionnaire_publication"):
            query = f"select count(*) as seen from feedback.{table}"
            assert (await sql.rows(query, role="app", org="worcestershire"))[0]["seen"] == 1
            for org in (None, "", "telford-wrekin", "*"):
                assert (await sql.rows(query, role="app", org=org))[0]["seen"] == 0
        for statement in (
            "update feedback.questionnaire_publication set version = 9",
            "delete from feedback.questionnaire_publication",
            "update feedback.questionnaire_copy set code = 'other'",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await sql.rows(statement, role="app", org="worcestershire")

    async def test_the_name_of_who_wrote_it_is_sealed(self, app: FastAPI, keys: Keys, sql: Any) -> None:
        person = replace(caller("role:qa-officer", subject="staff:x"), label="Joan Archer")
        async with ServiceClient(app, keys, "feedback", person) as http:
            officer = Officer(http)
            await reword(officer)
            assert "Joan Archer" in shown(await officer.get(LIVING))
            await officer.publish()
            assert "Joan Archer" in shown(await officer.get(HISTORY))
        for table in ("questionnaire_publication", "profile", "outbox"):
            assert "Joan" not in str(await sql.rows(f"select * from feedback.{table}"))
