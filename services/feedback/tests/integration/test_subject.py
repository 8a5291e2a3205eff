"""Somebody asks what surveys, worries, requests, calls and stars hold of them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import FastAPI
from services.feedback.tests.conftest import Phone, staff
from services.feedback.tests.integration.test_quotes_pages import API, COMMENTS, LEFT, TEXT, redact, take

from chassis.testing.fixtures import ROOT, Keys, ServiceClient, caller
from chassis.testing.inventory import undeclared
from chassis.testing.page_client import check_pages
from chassis.testing.subjects import Answering, data_of, fields_of, proposed
from feedback.subject import SUBJECT

WRITTEN = {"name": "Jo Hill", "phone": "01905 555 777", "email": "", "when": "", "about": "MARK-OF-JO", "young": "no"}


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> AsyncIterator[Answering]:
    async with ServiceClient(app, keys, "feedback", staff("dpo", "data-protection")) as client:
        check_pages(client)
        yield Answering(client, "feedback")


async def answered(phone: Phone, issued: dict[str, Any], words: str) -> None:
    """A child's answers to a letter, which give rise to a worry."""
    await phone.open(issued["url"])
    await phone.answer(1, answer="2")
    await phone.answer(4, answer="yes")
    await phone.answer(5, answer=words)
    await phone.send()


class TestAccess:
    async def test_a_child_with_letter_answers_worry_and_star_is_found_whole_and_no_other_child(
        self, officer: Answering, family: Phone, other_phone: Phone, issue: Any, post_star: Any, sql: Any
    ) -> None:
        letter = {"questionnaire": "living-where-i-live", "service_area": "through-care"}
        await answered(family, await issue(**letter, reference="LAC-7"), "He comes at night, MARK-OF-SEVEN")
        await answered(other_phone, await issue(**letter, reference="LAC-8"), "He comes at night, MARK-OF-EIGHT")
        for person, worker in (("LAC-7", "Jo Bennett"), ("LAC-8", "Kim Vale")):
            posted = await post_star("start", "2022-05-02", person=person, worker=worker)
            assert posted.status_code == 201, posted.text
        at = await officer.opens(references="lac-7")
        found, page = await officer.searches(at)
        assert sorted(each.partition("/")[0] for each in proposed(page)) == ["answers", "letter", "star", "worry"]
        assert "Ask the safeguarding duty team" in page
        await officer.ticks(found, proposed(page), answers="sender", worry="child")
        package = await officer.fetches(at)
        everything = b"".join(package.values())
        assert b"MARK-OF-SEVEN" in everything
        for other in (b"MARK-OF-EIGHT", b"LAC-8", b"Kim Vale", b"Jo Bennett", b"cannot be opened"):
            assert other not in everything, other
        fields = fields_of(package)
        assert fields["star", "reference"]["value"] == "LAC-7"
        said = fields["response", "answers"]["words"]
        assert "How do you feel about where you live?: 2 of 5 (A bit sad)" in said
        assert "Is there anything that makes you feel unsafe?: Yes" in said
        assert "Do you want to tell us what it is?: In their own words, below" in said
        assert fields["response_text", "question"]["words"] == "Do you want to tell us what it is?"
        assert fields["invitation", "service_area"]["words"].startswith("Through Care")
        assert b"Is there anything that makes you feel unsafe?" in package["read-me-first.html"]
        assert "danger" in fields["concern", "state"]["withheld"]
        assert "danger" in fields["response", "worry"]["withheld"]
        assert {each["reference"] for each in data_of(package)["records"] if each["kind"] == "letter"} == {"LAC-7"}
        # Nobody ticked the other child's worry, so it cannot be opened under this request.
        other = await sql.value("select c.id from feedback.concern c join feedback.response r on r.id = c.response_id "
                                "join feedback.invitation i on i.id = r.invitation_id where i.reference = 'LAC-8'")  # fmt: skip
        assert (await officer.client.get(f"{at}/records/worry/{other}")).status_code == 404

    async def test_a_name_is_found_in_sealed_words(self, officer: Answering, family: Phone, issue: Any) -> None:
        await family.open((await issue())["url"])
        await family.answer_all()
        await family.send()
        assert (await family.post("/s/contact", **WRITTEN)).status_code == 303
        at = await officer.opens(contacts="01905 555777")
        found, page = await officer.searches(at)
        assert [each.partition("/")[0] for each in proposed(page)] == ["contact"]
        await officer.ticks(found, proposed(page))
        package = await officer.fetches(at)
        assert b"MARK-OF-JO" in package["data.json"]
        again, nobody = await officer.searches(await officer.opens("SAR-2", names="Jo Hall"))
        assert proposed(nobody) == []
        assert again != found


class TestRestriction:
    async def test_nothing_of_restricted_answers_is_quoted_and_they_are_kept(
        self, officer: Answering, seat: Any, tell: Any, app: FastAPI, keys: Keys
    ) -> None:
        comment, other = await tell(TEXT), await tell(TEXT)
        quote = await redact(seat(), comment)
        assert (await take(seat("ruth"), quote, "approve")).status_code == 303
        at = await officer.opens(names="Jayden")
        found, page = await officer.searches(at)
        await officer.ticks(found, proposed(page), answers="child")
        for record in proposed(page):
            await officer.restricts(at, record, "MARK-OF-RESTRICTED")
        await officer.states(at, proposed(page)[0], "MARK-OF-WRONG")
        async with ServiceClient(app, keys, "feedback", caller("feedback:quotes:read")) as machine:
            assert (await machine.get(API)).json()["items"] == []
        pages = [(await seat().get(f"{COMMENTS}/{each}")).text for each in (comment, other)]
        assert all("restricted since 1 July 2022" in each for each in pages)
        assert sum("MARK-OF-WRONG" in each for each in pages) == 1
        assert "MARK-OF-RESTRICTED" in (await seat().get(quote)).text
        path = f"{COMMENTS}/{other}/quote"
        refused = await seat().fill(path, path, words=LEFT)
        assert (refused.status_code, "use of this record is restricted" in refused.text) == (409, True)
        kept = await officer.client.get(f"/feedback/retention/records/response/{record.partition('/')[2]}")
        assert "A restriction of its use" in kept.text, kept.text
        # It can always be taken back.
        assert (await take(seat(), quote, "withdraw", reason="The family asked us to.")).status_code == 303


def test_every_column_of_the_inventory_is_handed_out_or_said_to_be_kept_back() -> None:
    assert undeclared(SUBJECT, ROOT / "docs" / "privacy.md") == []
