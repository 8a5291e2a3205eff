"""The staff pages as a strict browser reads them."""

import csv
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import date
from html import unescape
from uuid import uuid4

import pytest
from fastapi import FastAPI
from services.complaints.tests.support import AsPerson, Desk, a_busy_desk, person, statutory

from chassis.testing.fixtures import Keys
from chassis.testing.page_client import PageClient
from complaints.pages import tracker_sheet


def words(html: str) -> str:
    """What a person reads of a page, on one line."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def listed(html: str) -> list[str]:
    """The references in the tracker, in order."""
    return re.findall(r'href="/complaints/[0-9a-f-]{36}">([^<]+)<', html)


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> AsyncIterator[PageClient]:
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield client


class TestTracker:
    async def test_shows_what_is_overdue_first(self, desk: Desk, officer: PageClient) -> None:
        await a_busy_desk(desk)
        page = await officer.get("/complaints/")
        assert page.status_code == 200
        assert listed(page.text) == ["SEND-22-011", "CSC-0148", "SEND-22-010", "COR-0007", "SEND-22-004"]
        text = words(page.text)
        assert "2 overdue on 29 July 2022" in text
        assert "Overdue day 29 of 10, 19 working days over Due 4 July 2022" in text
        assert "Running day 4 of 10 Due 8 August 2022" in text
        assert "Running day 1 of 15 Due 18 August 2022 Acknowledge by 4 August 2022" in text
        assert "To decide stage 2 was asked for" in text
        assert "Worcestershire Children First" in text

    async def test_says_what_was_not_acknowledged_in_time(self, desk: Desk, officer: PageClient) -> None:
        await desk.receive(**statutory(reference="COR-0007", procedure="corporate", received_on="2022-07-21"))
        assert "Not acknowledged was due 28 July 2022" in words((await officer.get("/complaints/")).text)

    async def test_filters(self, desk: Desk, officer: PageClient) -> None:
        await a_busy_desk(desk)
        for query, expected in (
            ("state=closed", ["SEND-22-003", "SEND-22-001"]),
            ("overdue=true", ["SEND-22-011", "CSC-0148"]),
            ("service_area=safeguarding", ["CSC-0148", "COR-0007"]),
            ("procedure=corporate", ["COR-0007"]),
            ("state=all&procedure=send&on=2022-05-16&overdue=true", []),
            ("state=all&on=2022-05-18", ["SEND-22-003", "SEND-22-001"]),
            ("state=all&on=2022-05-18&overdue=true", ["SEND-22-003"]),
            ("procedure=&service_area=moon&state=open", listed((await officer.get("/complaints/")).text)),
        ):
            page = await officer.get(f"/complaints/?{query}")
            assert listed(page.text) == expected, query

    async def test_counts_what_is_to_be_done_and_leads_to_it(self, desk: Desk, officer: PageClient) -> None:
        await a_busy_desk(desk)  # on Friday 29 July 2022
        today = await desk.receive(reference="SEND-22-020", received_on="2022-07-15")
        still = await desk.receive(reference="SEND-22-021", received_on="2022-07-21")
        await desk.step(still["complaint_id"], 1, "suspension", suspended_on="2022-07-25", code="court")
        text = words((await officer.get("/complaints/")).text)
        assert "1 due today , none due later this week, 1 suspended , 1 to decide" in text
        for due, expected in (("today", ["SEND-22-020"]), ("suspended", ["SEND-22-021"]), ("decide", ["SEND-22-004"])):
            assert listed((await officer.get(f"/complaints/?due={due}")).text) == expected
        await desk.answered(today["complaint_id"], on="2022-07-29")
        assert "None due today" in words((await officer.get("/complaints/")).text)

    async def test_says_how_others_like_it_fared(self, desk: Desk, officer: PageClient) -> None:
        for number in range(12):
            past = await desk.receive(reference=f"OLD-{number}", received_on="2022-05-03")
            await desk.answered(past["complaint_id"], on="2022-05-16" if number < 5 else "2022-05-25")
        await desk.receive(reference="SEND-22-030", received_on="2022-07-22")
        page = words((await officer.get("/complaints/")).text)
        assert "At risk 7 of 12 like it, still open on this day, were answered late" in page

    async def test_is_downloaded_as_it_is_shown(self, desk: Desk, officer: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tracker_sheet, "SHEET_ROWS", 2)
        await a_busy_desk(desk)
        page = (await officer.get("/complaints/?state=all")).text
        address = re.search(r'href="(/complaints/sheet.csv[^"]+)"', page)
        assert address is not None
        sheet = (await officer.get(unescape(address.group(1)))).text.removeprefix("\ufeff")
        rows = list(csv.DictReader(sheet.splitlines()))
        assert [row["Complaint"] for row in rows] == listed(page)
        assert rows[listed(page).index("SEND-22-011")]["Working days over"] == "19"
        assert (await officer.get("/complaints/sheet.xlsx")).content.startswith(b"PK")

    async def test_views_are_kept_under_a_name_by_each_for_themselves(
        self, desk: Desk, officer: PageClient, app: FastAPI, keys: Keys
    ) -> None:
        await desk.receive()
        address = "/complaints/?state=all&procedure=send&moon=full"
        token = re.findall(r'name="(csrf)" value="([^"]+)"', (await officer.get(address)).text)[0]
        kept = await officer.post("/complaints/views", data=dict([token]) | {"name": "All of SEND", "query": address[13:]})
        assert (kept.status_code, kept.headers["location"]) == (303, "/complaints/?state=all&procedure=send")
        page = (await officer.get(kept.headers["location"])).text
        assert 'href="/complaints/?state=all&amp;procedure=send">All of SEND</a>' in page
        other = replace(person("complaints-officer"), subject="staff:sam")
        async with PageClient(AsPerson(app, keys, other)) as colleague:
            assert "All of SEND" not in (await colleague.get("/complaints/")).text
        nameless = await officer.post("/complaints/views", data=dict([token]) | {"name": " ", "query": "state=all"})
        assert nameless.status_code == 422
        await officer.post("/complaints/views/forget", data=dict([token]) | {"name": "All of SEND"})
        assert "All of SEND" not in (await officer.get("/complaints/")).text

    async def test_says_what_day_it_does_not_understand(self, desk: Desk, officer: PageClient) -> None:
        page = await officer.get("/complaints/?on=yesterday")
        assert page.status_code == 422
        assert "Enter the day as year-month-day" in page.text
        assert "<title>Error:" in page.text
        assert (await officer.get("/complaints/?on=2050-01-01")).status_code in {200, 422}

    async def test_pages_through_long_lists(self, desk: Desk, officer: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("complaints.pages.routes.PAGE_SIZE", 2)
        await a_busy_desk(desk)
        address, seen = "/complaints/?service_area=send", []
        while True:
            page = await officer.get(address)
            seen.append(listed(page.text))
            further = re.search(r'href="([^"]+)" rel="next"', page.text)
            if further is None:
                break
            address = further[1].replace("&amp;", "&")
        assert seen == [["SEND-22-011", "SEND-22-010"], ["SEND-22-004"]]

    async def test_without_complaints_it_says_so(self, desk: Desk, officer: PageClient) -> None:
        text = words((await officer.get("/complaints/")).text)
        assert "None overdue on 29 July 2022" in text
        assert "No complaints are like that" in text


class TestRecord:
    async def test_shows_points_with_stage_2_beside_stage_1(self, desk: Desk, officer: PageClient) -> None:
        page = await officer.get(f"/complaints/{await a_busy_desk(desk)}")
        text = words(page.text)
        assert "<h1" in page.text
        assert "Complaint SEND-22-001" in text
        assert "Dissatisfaction with timelines or content of communication SEND Upheld Not Upheld" in text
        assert "In time answered on day 18 of 20" in text
        assert "In time answered on day 24 of 25" in text
        assert "Two agencies have to answer." in text
        assert "LGSCO-22-02 , accepted 15 July 2022; outcome 28 July 2022: Upheld, 1 action" in text

    async def test_shows_what_its_clock_said_on_a_past_day(
        self, desk: Desk, officer: PageClient, record_changes_on: Callable[[str, int, date], None]
    ) -> None:
        ident = (await desk.receive())["complaint_id"]
        await desk.step(ident, 1, "extension", extended_on="2022-05-11", reason="Two agencies have to answer.")
        record_changes_on(ident, 1, date(2022, 4, 29))
        record_changes_on(ident, 2, date(2022, 5, 20))  # nine days late
        at = f"/complaints/{ident}?on-day=16&on-month=5&on-year=2022"
        now = words((await officer.get(at)).text)
        assert "As it stood on 16 May 2022, by what is recorded now." in now
        assert "Stage 1: day 11 of 20" in now
        assert "What can be done now" not in now
        then = words((await officer.get(f"{at}&known=true")).text)
        assert "by what had been recorded by then." in then
        assert "Stage 1: day 11 of 10, 1 working day over" in then
        for wrong, said in (
            ("on-day=31&on-month=2&on-year=2022", "Enter a real day"),
            ("on-day=27&on-month=4&on-year=2022", "had not been received then"),
            ("on-day=28&on-month=4&on-year=2022&known=true", "Nothing had been recorded"),
        ):
            page = await officer.get(f"/complaints/{ident}?{wrong}")
            assert page.status_code == 422
            assert said in words(page.text)
            assert 'href="#on"' in page.text

    async def test_a_senior_reader_sees_no_reasons(self, app: FastAPI, keys: Keys, desk: Desk) -> None:
        ident = await a_busy_desk(desk)
        async with PageClient(AsPerson(app, keys, person("senior-reader"))) as client:
            page = await client.get(f"/complaints/{ident}")
        assert page.status_code == 200
        assert "Two agencies" not in page.text

    async def test_what_is_not_there_is_a_kind_page(self, desk: Desk, officer: PageClient) -> None:
        for ident in (uuid4(), "nothing"):
            assert (await officer.get(f"/complaints/{ident}")).status_code == 404

    async def test_of_another_area_it_is_not_there(self, app: FastAPI, keys: Keys, desk: Desk) -> None:
        ident = await a_busy_desk(desk)
        async with PageClient(AsPerson(app, keys, person("complaints-officer", "safeguarding"))) as client:
            assert (await client.get(f"/complaints/{ident}")).status_code == 404
            page = await client.get("/complaints/")
            assert listed(page.text) == ["CSC-0148", "COR-0007"]
            assert "1 overdue" in words(page.text)
