"""Translations go out as a sheet and come back, checked cell by cell; side by side two people lose nothing of one another."""

import re
from typing import Any

import pytest
from fastapi import FastAPI
from feedback_editing import LETTERS, LIVING, Officer, fields_of, sheet_rows, shown, workbook

from chassis.testing.fixtures import Keys, ServiceClient, caller

WELSH = f"{LETTERS}/translations/cy"
SOMALI = f"{LIVING}/translations/so"
HEADINGS = ["key", "where it stands", "English", "translation (so)", "what to do"]


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:o")) as http:
        yield Officer(http)


@pytest.fixture
async def colleague(app: FastAPI, keys: Keys) -> Any:
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer", subject="staff:c")) as http:
        yield Officer(http)


@pytest.fixture
async def somali(officer: Officer) -> list[list[str]]:
    """The sheet of the children's survey for a translator into Somali."""
    await officer.begin()
    await officer.done(f"{LIVING}/settings", languages=["en", "so"])
    return sheet_rows((await officer.get(f"{SOMALI}/sheet.xlsx")).content)


def translated(rows: list[list[str]]) -> list[list[str]]:
    """Every row with a translation."""
    return [rows[0], *([key, where, english, f"SO {english}", note] for key, where, english, _, note in rows[1:])]


class TestSheet:
    async def test_it_goes_out_and_comes_back_and_families_read_it(
        self, officer: Officer, somali: list[list[str]], issue: Any, family: Any
    ) -> None:
        assert somali[0] == HEADINGS
        intro = next(row for row in somali if row[0] == "living-where-i-live:intro")
        assert intro[1:4] == [
            "Introduction", "We want to know how things are for you. There are 5 questions. You can skip any of them.", "",
        ]  # fmt: skip
        sent = await officer.upload(SOMALI, workbook(translated(somali)), fluent="yes")
        assert sent.status_code == 303
        here = sent.headers["location"]
        page = shown(await officer.get(here))
        assert f"New translations {len(somali) - 1}" in page
        for _ in range(2):  # a second click finds it done
            assert (await officer.send(here, {"csrf": (await officer.fields(f"{LIVING}/settings"))["csrf"]})).status_code == 303
        assert f"{len(somali) - 1} texts taken" in shown(await officer.get(here))
        overview = shown(await officer.get(LIVING))
        assert f"{len(somali) - 1} of {len(somali) - 1} complete" in overview
        await officer.publish(LIVING)
        letter = await issue(questionnaire="living-where-i-live", service_area="through-care", language="so")
        await family.open(letter["url"])
        assert "SO Do the grown-ups listen to you?" in (await family.get("/s/question/2")).text

    async def test_csv_comes_back_too_and_what_looks_like_a_formula_is_a_text(self, officer: Officer, somali: Any) -> None:
        content = (await officer.get(f"{SOMALI}/sheet.csv")).content
        assert content.decode("utf-8-sig").splitlines()[0] == ",".join(HEADINGS)
        row = ",".join(["living-where-i-live:thank_you", "", f'"{somali[-1][2]}"', "'=1+1", ""])
        sent = await officer.upload(SOMALI, f"{','.join(HEADINGS)}\n{row}\n".encode())
        await officer.done(sent.headers["location"])
        assert (await officer.fields(SOMALI))["t:thank_you"] == "=1+1"
        # Nobody fluent has read it.
        assert "still to be read" in shown(await officer.get(LIVING))
        assert "'=1+1" in (await officer.get(f"{SOMALI}/sheet.csv")).text

    async def test_what_is_wrong_is_named_by_its_cell_and_nothing_is_taken(
        self, officer: Officer, somali: list[list[str]], sql: Any
    ) -> None:
        rows = translated(somali)
        rows[2][0] = "new-ehcp:intro"
        rows[3][0] = "living-where-i-live:q/gone/text"
        rows[5][0] = rows[4][0]
        rows[6][2] = ""
        rows[7][3] = "x" * 2001
        sent = await officer.upload(SOMALI, workbook(rows))
        page = await officer.get(sent.headers["location"])
        words = shown(page)
        assert "3 key (A) This is a text of 'new-ehcp'" in words
        assert "4 key (A) This text is not there any more" in words
        assert "5 key (A) This text stands in the sheet twice" in words
        assert "7 English (C) This must be filled in" in words
        assert "8 translation (so) (D) This has 2,001 characters" in words
        assert not re.search(r"Take \d", words)
        token = (await officer.fields(f"{LIVING}/settings"))["csrf"]
        assert (await officer.send(sent.headers["location"], {"csrf": token})).status_code == 409
        assert await sql.value("select document::text not like '%SO %' from feedback.questionnaire_copy")

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "There are no rows in it"),
            (b"%PDF-1.7", "It is a PDF"),
            (b"key,English,translation (cy)\na,b,c\n", "Column C has the heading 'translation (cy)', which is not known"),
            (b"Key,English\n", "There are no rows in it"),
            (b"translation (so)\nx\n", "Column 'key' is missing"),
        ],
    )
    async def test_a_wrong_file_is_told_from_a_right_one(
        self, officer: Officer, somali: Any, content: bytes, words: str
    ) -> None:
        assert somali
        sent = await officer.upload(SOMALI, content)
        assert sent.status_code == 422
        assert words in shown(sent)

    async def test_english_that_changed_since_the_sheet_went_out_is_pointed_out_and_stays_marked(
        self, officer: Officer, somali: list[list[str]]
    ) -> None:
        await officer.done(f"{LIVING}/questions/listened-to", text="Do grown-ups listen to you?")
        sent = await officer.upload(SOMALI, workbook(translated(somali)), fluent="yes")
        page = shown(await officer.get(sent.headers["location"]))
        assert "Translated from an older English text" in page
        assert "Do the grown-ups listen to you? Do grown-ups listen to you?" in page
        await officer.done(sent.headers["location"])
        assert "1 older than the English" in shown(await officer.get(LIVING))
        assert "1 text translated from an English text that has changed since" in shown(await officer.get(f"{LIVING}/check"))
        await officer.done(SOMALI, fits=["q/listened-to/text"], reviewed=["yes"])
        assert "older than the English" not in shown(await officer.get(LIVING))

    async def test_a_copy_that_changed_since_the_sheet_was_looked_at_is_looked_at_again(
        self, officer: Officer, colleague: Officer, somali: list[list[str]]
    ) -> None:
        sent = await officer.upload(SOMALI, workbook(translated(somali)))
        here = sent.headers["location"]
        fields = await officer.fields(here)
        await colleague.done(SOMALI, **{"t:intro": "Kale"})
        again = await officer.send(here, fields)
        assert again.status_code == 409
        assert "Texts were changed since the sheet was looked at" in shown(again)
        assert "Kale" in shown(again)
        assert (await officer.send(here, fields_of(again.text))).status_code == 303
        assert (await officer.fields(SOMALI))["t:intro"].startswith("SO ")

    async def test_nobody_else_opens_an_upload(self, officer: Officer, colleague: Officer, somali: list[list[str]]) -> None:
        sent = await officer.upload(SOMALI, workbook(translated(somali)))
        assert (await colleague.http.get(sent.headers["location"])).status_code == 404


class TestSideBySide:
    async def test_a_translation_older_than_its_english_is_marked_until_it_is_changed(self, officer: Officer) -> None:
        await officer.begin(LETTERS)
        question = f"{LETTERS}/questions/involved-in-assessment"
        await officer.done(
            question, text="Did you have opportunities to share your views and opinions in the assessment process?"
        )
        page = shown(await officer.get(WELSH))
        assert "the English has changed" in page
        assert "Translated from: Did you feel you had opportunities" in page
        await officer.done(WELSH, **{"t:q/involved-in-assessment/text": "Newydd"})
        assert "the English has changed" not in shown(await officer.get(WELSH))

    async def test_two_in_different_texts_both_stand_and_in_the_same_the_second_decides(
        self, officer: Officer, colleague: Officer
    ) -> None:
        await officer.begin(LETTERS)
        mine, theirs = await officer.fields(WELSH), await colleague.fields(WELSH)
        assert (await colleague.send(WELSH, {**theirs, "t:intro": "Nhw", "t:thank_you": "Nhw hefyd"})).status_code == 303
        sent = await officer.send(WELSH, {**mine, "t:intro": "Fi"})
        assert sent.status_code == 412
        assert "By now it reads: Nhw" in shown(sent)
        fields = fields_of(sent.text)
        assert (fields["t:intro"], fields["t:thank_you"]) == ("Fi", "Nhw hefyd")
        assert (await officer.send(WELSH, fields)).status_code == 303
        kept = await officer.fields(WELSH)
        assert (kept["t:intro"], kept["t:thank_you"]) == ("Fi", "Nhw hefyd")

    async def test_an_emptied_translation_is_missing_and_english_stands_in(self, officer: Officer) -> None:
        await officer.begin(LETTERS)
        await officer.done(WELSH, **{"t:intro": ""})
        assert "1 text without a translation" in shown(await officer.get(f"{LETTERS}/check"))

    async def test_a_language_that_it_does_not_have_is_not_found(self, officer: Officer) -> None:
        await officer.begin(LETTERS)
        for language in ("en", "so", "no-such!"):
            assert (await officer.http.get(f"{LETTERS}/translations/{language}")).status_code in {404, 422}
