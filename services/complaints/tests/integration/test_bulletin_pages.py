"""The bulletin from its first draft to the edition that staff read, and the register for inspection."""

import io
from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from services.complaints.tests.integration.test_learning_pages import officer, sam
from services.complaints.tests.integration.test_pages import words
from services.complaints.tests.learning import Officer, upheld
from services.complaints.tests.support import AsPerson, Desk, a_busy_desk, fetch, person, profile_document, statutory

from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.page_client import PageClient
from chassis.testing.pdf import Printed

__all__ = ["officer", "sam"]
BULLETINS = "/complaints/bulletins"
JULY = f"{BULLETINS}/2022-07"
DRAFT = f"{JULY}/draft"
KIND = {"reference": "K-1", "received_on": "2022-07-05", "service_area": "send", "team": None, "source": "parent-or-carer"}


@pytest.fixture
async def begun(desk: Desk, officer: Officer) -> Officer:
    """A July in which much came in, some was found, and one action recorded."""
    for number in range(4):
        await desk.receive(reference=f"SEND-22-1{number}", received_on="2022-07-04")
    ident, (first, second) = await upheld(desk)
    await desk.post("compliments", {**KIND, "external": True})
    await officer.record(ident, first, what="Write to each family every month.")
    await officer.decline(ident, second)
    assert (await officer.post(BULLETINS, month="2022-07")).status_code == 303
    return officer


async def save(officer: Officer, **fields: Any) -> int:
    return (await officer.post(DRAFT, **{"intro": "", "learned": "", "praise": "", "next": "", **fields})).status_code


def readable(content: bytes) -> str:
    """The text of a PDF that a screen reader can read."""
    pdf = Printed(content)
    assert pdf.tagged
    assert "pdfua-1" in pdf.standards
    return pdf.text


class TestBulletin:
    async def test_figures_are_drafted_and_small_ones_are_not_said(self, begun: Officer) -> None:
        text = words((await begun.client.get(DRAFT)).text)
        assert "4 All 4" in text
        assert "Actions recorded fewer than 3" in text
        assert "Parent or carer not shown All fewer than 3" in text
        assert "Dissatisfaction with timelines or content of communication 4" in text

    async def test_is_written_approved_published_and_read_by_staff(self, begun: Officer, sam: Officer) -> None:
        action = (await begun.client.get(DRAFT)).text.split('name="actions" type="checkbox" value="')[1].split('"')[0]
        assert await save(begun, intro="We wrote too seldom.", actions=action) == 303
        assert (await sam.client.get(JULY)).status_code == 404
        too_early = await begun.post(DRAFT, step="publish")
        assert too_early.status_code == 409
        assert "Approve it first" in too_early.text
        assert (await begun.post(DRAFT, step="approve")).status_code == 303
        assert (await begun.post(DRAFT, step="publish")).status_code == 303
        text = words((await sam.client.get(JULY)).text)
        assert "We wrote too seldom. Written by Alex Morgan" in text
        assert "Write to each family every month." in text
        assert "Edition 1, published 29 July 2022. Approved by Alex Morgan." in text
        assert "July 2022" in (await sam.client.get(BULLETINS)).text
        assert (await sam.client.get(DRAFT)).status_code == 403
        pdf = await sam.client.get(f"{JULY}/pdf")
        assert pdf.headers["content-disposition"] == 'attachment; filename="learning-from-complaints-2022-07.pdf"'
        assert "Written by Alex Morgan." in readable(pdf.content)

    async def test_what_is_changed_after_publishing_waits_for_another_approval(self, begun: Officer, sam: Officer) -> None:
        for fields in ({"intro": "First."}, {"step": "approve"}, {"step": "publish"}):
            assert (await begun.post(DRAFT, None, **fields)).status_code == 303
        assert await save(begun, intro="Second.") == 303
        assert "First." in (await sam.client.get(JULY)).text
        for step in ("approve", "publish"):
            await begun.post(DRAFT, step=step)
        second = (await sam.client.get(JULY)).text
        assert "Second." in second
        assert "Edition 2" in second
        assert (await begun.post(DRAFT, step="withdraw")).status_code == 303
        assert (await sam.client.get(JULY)).status_code == 404
        assert "July 2022" in (await begun.client.get(BULLETINS)).text

    async def test_where_two_are_wanted_whoever_saved_it_last_does_not_approve_it(
        self, begun: Officer, client: ServiceClient, app: FastAPI, keys: Keys
    ) -> None:
        document: dict[str, Any] = {**profile_document("worcestershire"), "version": "1" * 64}
        document["complaints"]["learning"] = {**document["complaints"]["learning"], "second_approver": True}
        async with client.acting_as(caller("operator")) as operator:
            assert (await operator.put("/complaints/v1/profile", json=document)).status_code == 200
        await save(begun, intro="We wrote too seldom.")
        page = await begun.client.get(DRAFT)
        assert "You saved it last, so somebody else approves it" in words(page.text)
        assert 'value="approve"' not in page.text
        refused = await begun.post(DRAFT, step="approve")
        assert refused.status_code == 409
        assert "wants somebody else to approve it" in words(refused.text)
        other = replace(person("complaints-officer"), subject="staff:nia", label="Nia Evans")
        async with PageClient(AsPerson(app, keys, other)) as nia:
            assert (await Officer(nia).post(DRAFT, step="approve")).status_code == 303
        assert (await begun.post(DRAFT, step="publish")).status_code == 303
        assert "Approved by Nia Evans" in words((await begun.client.get(JULY)).text)

    async def test_the_second_of_two_editors_is_told_and_loses_nothing(self, begun: Officer) -> None:
        hidden = await begun.form(DRAFT)
        assert await save(begun, intro="First.") == 303
        second = await begun.post(DRAFT, hidden, intro="Second.")
        assert second.status_code == 412
        assert "Somebody changed this bulletin after you opened it" in second.text
        assert "Second." in second.text
        assert "First." in second.text
        assert (await begun.post(DRAFT, hidden, step="approve")).status_code == 412

    async def test_every_version_that_was_saved_is_kept_sealed(self, begun: Officer, database: Database) -> None:
        for text in ("One family wrote.", "Two families wrote."):
            assert await save(begun, intro=text) == 303
        kept = fetch(database.url("admin"), "select step, content_sealed from complaints.bulletin_step order by revision")
        assert [step for step, _ in kept] == ["drafted", "saved", "saved"]
        assert "famil" not in str(kept)

    async def test_months_to_come_and_months_that_are_none(self, begun: Officer) -> None:
        hidden = {"csrf": (await begun.form(BULLETINS))["csrf"]}
        assert (await begun.post(BULLETINS, hidden, month="2022-08")).status_code == 422
        assert (await begun.post(BULLETINS, hidden, month="2022-07")).status_code == 303  # twice is once
        for month in ("2022-13", "x", "2021-01"):
            assert (await begun.client.get(f"{BULLETINS}/{month}")).status_code == 404
            assert (await begun.client.get(f"{BULLETINS}/{month}/draft")).status_code == 404


class TestRegister:
    async def test_says_of_each_what_it_was_about_and_whether_limits_were_kept(self, desk: Desk, officer: Officer) -> None:
        await a_busy_desk(desk)
        text = words((await officer.client.get("/complaints/register")).text)
        assert "Stage 1: 13 working days, not kept" in text
        assert "1: Partially Upheld; 2: Partially Upheld" in text
        assert "Stage 2: 24 working days, kept" in text
        only = words((await officer.client.get("/complaints/register?procedure=corporate&period=2022-23-q2")).text)
        assert "COR-0007" in only
        assert "SEND-22" not in only
        assert (await officer.client.get("/complaints/register?period=yesterday")).status_code == 422

    async def test_pages_and_sheets_hold_every_complaint_once(
        self, desk: Desk, officer: Officer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("PAGE_ROWS", "SHEET_ROWS"):
            monkeypatch.setattr(f"complaints.pages.register.{name}", 4)
        await a_busy_desk(desk)
        first = (await officer.client.get("/complaints/register")).text
        further = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
        second = (await officer.client.get(f"/complaints/register{further}")).text
        assert [text.count('<th scope="row"') for text in (first, second)] == [4, 3]
        csv = (await officer.client.get("/complaints/register/sheet.csv")).content.decode("utf-8-sig").splitlines()
        assert len(csv) == 1 + 7
        book = load_workbook(io.BytesIO((await officer.client.get("/complaints/register/sheet.xlsx")).content))
        rows = list(book.worksheets[0].iter_rows(values_only=True))
        assert len(rows) == 1 + 7
        assert rows[0][:4] == ("Reference", "Procedure", "Service area", "Received")

    async def test_the_pdf_can_be_read_by_everybody(self, desk: Desk, officer: Officer) -> None:
        await a_busy_desk(desk)
        assert "COR-0007" in readable((await officer.client.get("/complaints/register/pdf")).content)
        assert "There is none." in readable((await officer.client.get("/complaints/register/pdf?period=2020-21")).content)

    async def test_who_is_limited_to_an_area_sees_no_other(self, app: FastAPI, keys: Keys, desk: Desk) -> None:
        await desk.receive()
        await desk.receive(**statutory(reference="CSC-1"))
        async with PageClient(AsPerson(app, keys, person("senior-reader", "safeguarding"))) as client:
            for path in ("register", "register/sheet.csv"):
                text = (await client.get(f"/complaints/{path}")).text
                assert "CSC-1" in text
                assert "SEND-22" not in text
