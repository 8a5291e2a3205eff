"""The public form, as families use it on an old phone."""

import json
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from services.complaints.tests.support import AsPerson, Desk, fetch, person, profile_document

import complaints.pages
from chassis.mail_queue import unseal
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.page_client import PageClient

HOME = "/c/worcestershire"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
CODE = re.compile(r'class="survey-code" dir="ltr">([^<]+)<')
Events = Callable[[], list[tuple[str, dict[str, Any]]]]
PAGES = [
    ("kind", {"kind": "complaint"}),
    ("you", {"you": "care-leaver"}),
    ("what", {"what": "Nobody asked me where I want to live."}),
    ("want", {"want": "Ask me", "about": "Ms Fox, in May"}),
    ("reach", {"name": "Sam Reed", "by": "e-mail", "email": "sam@example.org"}),
    ("advocate", {"advocate": "yes"}),
]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class Phone:
    """Somebody's browser."""

    def __init__(self, client: PageClient) -> None:
        self.client = client

    async def post(self, path: str, seen: str | None = None, **fields: str) -> httpx.Response:
        """Send the form of a page."""
        found = CSRF.search((await self.client.get(seen or path)).text)
        assert found is not None
        return await self.client.post(path, data={"csrf": found[1], **fields})

    async def fills_in(self, *pages: tuple[str, dict[str, str]]) -> str:
        """Fill in pages; gives the address that the last one leads to."""
        leads_to = HOME
        for step, fields in pages:
            answer = await self.post(f"{HOME}/{step}", **fields)
            assert answer.status_code == 303, words(answer.text)
            leads_to = answer.headers["location"]
        return leads_to


@pytest.fixture
async def phone(app: FastAPI, desk: Desk) -> AsyncIterator[Phone]:
    async with PageClient(app) as client:
        yield Phone(client)


class TestForm:
    async def test_a_complaint_is_sent_once_and_has_a_receipt(
        self, phone: Phone, app: FastAPI, keys: Keys, database: Database, events: Events
    ) -> None:
        start = await phone.client.get(HOME)
        for said in (
            "the Customer Relations team",
            "Monday to Friday, 09:00 to 17:00",
            "01632 960 110",
            "Nobody reads it at night",
        ):
            assert said in words(start.text)
        assert await phone.fills_in(*PAGES) == f"{HOME}/check"
        check = await phone.client.get(f"{HOME}/check")
        for typed in ("Nobody asked me", "Ms Fox, in May", "sam@example.org", "Yes, please"):
            assert typed in check.text
        assert events() == []
        token = CSRF.search(check.text)
        assert token is not None
        for _ in range(2):
            assert (await phone.client.post(f"{HOME}/check", data={"csrf": token[1]})).headers["location"] == f"{HOME}/done"
        assert "R-2022-0001" in (await phone.client.get(f"{HOME}/done")).text
        assert [name for name, _ in events()] == ["representation_received"]
        told = events()[0][1]
        assert (told["came_by"], told["from_child"], told["raised_by"]) == ("public-form", True, "care-leaver")
        async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as officer:
            queue = await officer.get("/complaints/intake")
            href = re.search(r'href="(/complaints/intake/[0-9a-f-]{36})"', queue.text)
            assert href is not None
            page = words((await officer.get(href[1])).text)
        for said in ("Nobody asked me", "Sam Reed", "Offered on 29 July 2022, accepted."):
            assert said in page
        drafts = fetch(database.url("admin"), "select content from complaints.intake_draft")
        assert drafts == [(None,)]

    async def test_what_was_typed_is_kept_sealed_and_carried_on_elsewhere_with_the_code(
        self, phone: Phone, app: FastAPI, database: Database
    ) -> None:
        await phone.fills_in(*PAGES[:3])
        code = CODE.search((await phone.client.get(f"{HOME}/want")).text)
        assert code is not None
        stored = fetch(
            database.url("admin"), "select encode(content, 'escape') || encode(id, 'hex') from complaints.intake_draft"
        )
        assert "Nobody" not in stored[0][0]
        async with PageClient(app) as other:
            elsewhere = Phone(other)
            wrong = await elsewhere.post(f"{HOME}/carry-on", code="ABCD-ABCD-ABCD")
            assert wrong.status_code == 422
            assert "We do not know this code" in words(wrong.text)
            right = await elsewhere.post(f"{HOME}/carry-on", code=code[1].lower())
            assert right.headers["location"] == f"{HOME}/advocate"
            assert "Nobody asked me" in (await other.get(f"{HOME}/what")).text

    async def test_words_that_show_danger_say_whom_to_call_and_stop_nobody(
        self, phone: Phone, client: ServiceClient, app: FastAPI, keys: Keys, database: Database
    ) -> None:
        document = {**profile_document("worcestershire"), "worries": {"words": ["hits me"]}, "version": "1" * 64}
        async with client.acting_as(caller("operator")) as operator:
            assert (await operator.put("/complaints/v1/profile", json=document)).status_code == 200
        onward = await phone.fills_in(*PAGES[:2], ("what", {"what": "He hits me."}))
        page = words((await phone.client.get(onward)).text)
        assert "It sounds as if somebody may not be safe" in page
        assert "call 999" in page
        await phone.fills_in(("advocate", {"advocate": "no"}))
        assert (await phone.post(f"{HOME}/check")).status_code == 303
        async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as officer:
            assert "Read now" in words((await officer.get("/complaints/intake")).text)
        # The duty team is told at once, and not in whose words.
        [row] = fetch(database.url("admin"), "select recipient, content from complaints.mail")
        mail = unseal(app.state.setup.secrets, "worcestershire", *(bytes(each) for each in row))
        assert (mail.to, mail.subject[:8]) == (document["organisation"]["contacts"]["duty_email"], "Read now")
        assert "hits" not in mail.body
        assert "Sam" not in mail.body

    async def test_a_page_that_was_open_for_long_loses_nothing(self, phone: Phone) -> None:
        await phone.fills_in(*PAGES[:2])
        answer = await phone.client.post(f"{HOME}/what", data={"csrf": "old", "what": "A long story"})
        assert answer.status_code == 403
        assert "A long story" in answer.text
        assert "Nothing is lost" in words(answer.text)

    async def test_what_cannot_be_taken_is_said_at_its_field_with_what_was_typed(self, phone: Phone) -> None:
        await phone.fills_in(*PAGES[:3])
        answer = await phone.post(f"{HOME}/reach", by="e-mail", email="sam at home")
        assert answer.status_code == 422
        assert 'href="#email"' in answer.text
        assert 'value="sam at home"' in answer.text

    async def test_nobody_skips_what_is_needed(self, phone: Phone) -> None:
        assert (await phone.client.get(f"{HOME}/check")).headers["location"] == f"{HOME}/kind"
        assert (await phone.post(f"{HOME}/check", seen=HOME + "/kind")).headers["location"] == f"{HOME}/kind"
        assert (await phone.client.get(f"{HOME}/done")).headers["location"] == HOME

    @pytest.mark.parametrize(
        "path", ["/c/nowhere", "/c/telford-wrekin/kind", "/c/X", f"{HOME}/other", "/c/worcestershire'/kind"]
    )
    async def test_there_is_no_other_form(self, phone: Phone, path: str) -> None:
        assert (await phone.client.get(path)).status_code == 404

    async def test_the_first_view_fits_an_old_phone(self, phone: Phone) -> None:
        start = await phone.client.get(HOME)
        sheets = re.findall(r'href="(/complaints/static/[^"]+)"', start.text)
        weight = len(start.content) + sum([len((await phone.client.get(each)).content) for each in sheets])
        assert weight < 60_000
        assert "<script" not in start.text

    async def test_another_language_is_one_tap_away_and_written_from_the_right(self, phone: Phone) -> None:
        await phone.fills_in(*PAGES[:1])
        answer = await phone.post(f"{HOME}/language?back=you", seen=f"{HOME}/you", language="ur")
        assert answer.headers["location"] == f"{HOME}/you"
        page = (await phone.client.get(f"{HOME}/you")).text
        assert 'lang="ur" dir="rtl"' in page
        assert "آپ کون ہیں؟" in page

    async def test_after_sending_something_else_can_be_said(self, phone: Phone) -> None:
        thanks = [("kind", {"kind": "compliment"}), ("you", {"you": "parent"}), ("what", {"what": "Ms Fox listens."})]
        await phone.fills_in(*thanks)
        await phone.post(f"{HOME}/check")
        assert (await phone.post(f"{HOME}/new", seen=f"{HOME}/done")).headers["location"] == f"{HOME}/kind"
        await phone.fills_in(*thanks)
        await phone.post(f"{HOME}/check")
        assert "R-2022-0002" in (await phone.client.get(f"{HOME}/done")).text

    async def test_old_drafts_are_deleted(self, phone: Phone, database: Database) -> None:
        await phone.fills_in(*PAGES[:2])
        fetch(database.url("admin"), "update complaints.intake_draft set expires_at = now() - interval '1 minute'")
        assert "Start" in words((await phone.client.get(HOME)).text)
        # As the worker does, hourly, for all organisations: it may see when they expire, and nothing else.
        fetch(
            database.url("worker"),
            "select org, id, expires_at from intake_draft",
            "delete from intake_draft where expires_at < now()",
        )
        assert fetch(database.url("admin"), "select 1 from complaints.intake_draft") == []


class TestWords:
    def test_all_languages_say_the_same_things_in_the_same_order(self) -> None:
        folder = Path(complaints.pages.__file__).parent / "words"
        known = {path.stem: json.loads(path.read_text("utf-8")) for path in folder.glob("*.json")}
        assert set(known) == {"en", "cy", "pl", "ur", "ar"}
        for language, catalogue in known.items():
            assert ("_review" in catalogue) is (language != "en")
            assert [key for key in catalogue if key != "_review"] == list(known["en"]), language
            for key, text in known["en"].items():
                values = re.findall(r"\{\w+\}", text)
                assert sorted(re.findall(r"\{\w+\}", catalogue[key])) == sorted(values), (language, key)


async def test_an_error_page_speaks_of_the_form_and_not_of_a_letter(phone: Phone) -> None:
    for address in (f"{HOME}/no-such-page", "/c/nowhere"):
        answer = await phone.client.get(address)
        assert answer.status_code == 404
        assert "Start again from the first page of the form" in words(answer.text)
        assert "letter" not in words(answer.text)


class TestRush:
    async def test_who_has_begun_goes_on_and_who_begins_waits_with_what_they_chose(
        self, phone: Phone, app: FastAPI, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert await phone.fills_in(*PAGES[:3]) == f"{HOME}/want"
        monkeypatch.setattr("complaints.domain.form_rush.MOST_BEING_WRITTEN", 1)
        async with PageClient(app) as client:
            other = Phone(client)
            answer = await other.post(f"{HOME}/kind", kind="compliment")
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
            assert "Very many people are writing just now. Nothing is lost" in words(answer.text)
            assert re.search(r'value="compliment"[^>]* checked', answer.text)
        assert await phone.fills_in(*PAGES[3:]) == f"{HOME}/check"
        assert (await phone.post(f"{HOME}/check")).headers["location"] == f"{HOME}/done"
        # What was sent is being written no more.
        async with PageClient(app) as client:
            assert (await Phone(client).post(f"{HOME}/kind", kind="compliment")).status_code == 303

    async def test_officers_see_which_came_in_a_rush(
        self, phone: Phone, app: FastAPI, keys: Keys, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("complaints.domain.form_rush.MARKED", 2)
        for _ in range(2):
            await phone.fills_in(*PAGES)
            await phone.post(f"{HOME}/check")
            await phone.post(f"{HOME}/new", f"{HOME}/done")
        async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as officer:
            shown = await officer.get("/complaints/intake")
        assert len(re.findall(r"In a rush\s*</strong>", shown.text)) == 2
