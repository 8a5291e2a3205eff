"""Staff see each questionnaire as the family sees it, and can try it out without leaving a trace."""

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI

from chassis.testing.fixtures import Keys, ServiceClient, caller
from chassis.testing.page_client import check_pages

PATH = "/feedback/questionnaires"
HTML = {"accept": "text/html"}


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> AsyncIterator[Any]:
    """A QA officer's browser; every page is checked."""
    async with ServiceClient(app, keys, "feedback", caller("role:qa-officer")) as found:
        check_pages(found)
        found.headers.update(HTML)
        yield found


def text(page: Any) -> str:
    """The words of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.text).split())


class TestList:
    async def test_it_shows_what_is_asked_of_whom_in_which_languages(self, officer: Any) -> None:
        page = await officer.get(PATH)
        assert page.status_code == 200
        for words in ("New EHCP", "Care leavers", "Children, 5 to 12", "Version 1, since 1 April 2021", "8 questions"):
            assert words in text(page)
        assert "translated by a machine for العربية" in text(page)

    async def test_each_leads_to_its_page(self, officer: Any) -> None:
        links = set(re.findall(rf'href="({PATH}/[a-z0-9-]+)"', (await officer.get(PATH)).text))
        assert len(links) >= 10
        for link in links:
            assert (await officer.get(link)).status_code == 200, link


class TestPreview:
    async def test_it_shows_branching_worries_and_what_to_read_aloud(self, officer: Any) -> None:
        page = text(await officer.get(f"{PATH}/living-where-i-live"))
        assert "Asked only if question 4 was answered with “ Yes ”" in page
        assert "Opens a worry: a person looks the same day" in page
        assert "Yes / No" in page
        assert "we must pass it on to people whose job is to help" in page

    async def test_it_speaks_the_language_that_is_chosen(self, officer: Any) -> None:
        page = await officer.get(f"{PATH}/new-ehcp?language=ur&easy=on")
        assert 'lang="ur" dir="rtl"' in page.text
        assert "کیا منصوبے میں وہ سب لکھا ہے" in page.text

    async def test_what_is_not_there_in_easy_words_is_said(self, officer: Any, operator: Any, documents: Any) -> None:
        document = documents("worcestershire")
        survey = next(each for each in document["questionnaires"] if each["code"] == "care-leavers")
        del survey["versions"][0]["questions"][0]["easy"]["pl"]
        assert (await operator.put("/feedback/v1/profile", json={**document, "version": "plain"})).status_code == 200
        page = await officer.get(f"{PATH}/care-leavers?language=pl&easy=on")
        assert "No easy words in this language" in text(page)
        assert "No easy words" not in text(await officer.get(f"{PATH}/care-leavers?easy=on"))

    @pytest.mark.parametrize("query", ["version=99", "version=x", "version=٣", "language=xx", "easy=maybe"])
    async def test_a_slip_in_the_address_shows_the_ordinary_page(self, officer: Any, query: str) -> None:
        assert (await officer.get(f"{PATH}/new-ehcp?{query}")).status_code == 200

    async def test_one_that_there_is_not_is_not_found(self, officer: Any) -> None:
        for path in (f"{PATH}/no-such", f"{PATH}/no-such/try/0", f"{PATH}/new-ehcp/try/9"):
            assert (await officer.get(path)).status_code == 404


class TestTrying:
    async def _on(self, officer: Any, path: str, **fields: str) -> str:
        token = re.findall(r'name="csrf" value="([^"]+)"', (await officer.get(path)).text)[-1]
        answer = await officer.post(path, data={"csrf": token, **fields})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])

    async def test_it_walks_the_family_s_pages_with_branching_and_stores_nothing(self, officer: Any, sql: Any) -> None:
        start = await officer.get(f"{PATH}/living-where-i-live/try/0?language=cy")
        assert "survey.css" in start.text or "/s/static/survey" in start.text
        assert 'lang="cy"' in start.text
        at = f"{PATH}/living-where-i-live/try/1?language=cy"
        for answer, number in (("4", 2), ("yes", 3), ("carer", 4)):
            at = await self._on(officer, at, answer=answer)
            assert f"/try/{number}?" in at
        with_worry = await self._on(officer, at, answer="yes")
        assert "/try/5?" in with_worry
        assert "given=feel-unsafe.yes" in with_worry
        assert "Cwestiwn 5 o 5" in text(await officer.get(with_worry))
        without = await self._on(officer, at, answer="no")
        assert without.startswith(f"{PATH}/living-where-i-live?")
        assert "Nothing that you chose or wrote was stored" in text(await officer.get(without))
        words = await self._on(officer, with_worry, answer="Somebody shouts")
        assert "Somebody" not in words
        for table in ("draft", "response", "response_text", "concern", "outbox"):
            assert await sql.value(f"select count(*) from feedback.{table}") == 0

    async def test_what_is_wrong_is_said_as_a_family_would_hear_it(self, officer: Any) -> None:
        at = f"{PATH}/have-your-say/try/2?language=pl"
        token = re.findall(r'name="csrf" value="([^"]+)"', (await officer.get(at)).text)[-1]
        fields = {"csrf": token, "answer-day": "31", "answer-month": "2", "answer-year": "2022"}
        answer = await officer.post(at, data=fields)
        assert answer.status_code == 422
        assert "prawdziwą datę" in answer.text

    async def test_a_form_of_elsewhere_changes_nothing(self, officer: Any) -> None:
        assert (await officer.post(f"{PATH}/new-ehcp/try/1", data={"csrf": "x", "answer": "yes"})).status_code == 403

    async def test_an_address_that_was_meddled_with_brings_nothing_along(self, officer: Any) -> None:
        page = await officer.get(f"{PATH}/living-where-i-live/try/1?given=feel-unsafe.maybe~x.y~<b>~{'a' * 9000}")
        assert page.status_code == 200
        assert "given=" not in page.text

    async def test_another_language_and_letters_are_tried_with_what_was_ticked(self, officer: Any) -> None:
        at = f"{PATH}/new-ehcp/try/2?language=en"
        page = (await officer.get(at)).text
        token = re.findall(r'name="csrf" value="([^"]+)"', page)[-1]
        assert "/s/language" not in page
        switched = await officer.post(at, data={"csrf": token, "language": "ur", "answer": "partly"})
        assert (switched.status_code, 'value="partly" checked' in switched.text) == (200, True)
        assert '<html lang="ur" dir="rtl"' in switched.text
        large = await officer.post(f"{PATH}/new-ehcp/try/0?language=ur", data={"csrf": token, "large_print": "on"})
        assert "large-print" in (await officer.get(large.headers["location"])).text
