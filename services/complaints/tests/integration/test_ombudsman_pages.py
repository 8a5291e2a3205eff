"""The pages of Ombudsman cases: accepted, what is wanted by when, done, decided."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from services.complaints.tests.support import AsPerson, Desk, fetch, person

from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient

HOME = "/complaints/ombudsman"


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def hidden(html: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(csrf|once)" value="([^"]*)"', html))


def on(name: str, day: str) -> dict[str, str]:
    year, month, number = day.split("-")
    return {f"{name}-day": number, f"{name}-month": month, f"{name}-year": year}


@pytest.fixture
async def officer(app: FastAPI, keys: Keys) -> AsyncIterator[PageClient]:
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield client


class Cases:
    """An officer at the pages of Ombudsman cases."""

    def __init__(self, officer: PageClient) -> None:
        self.officer = officer

    async def send(self, address: str, **fields: str) -> httpx.Response:
        """Open a form and send it."""
        opened = await self.officer.get(address)
        assert opened.status_code == 200, words(opened.text)
        return await self.officer.post(address, data={**hidden(opened.text), **fields})

    async def accepted(self, reference: str = "LGSCO-1") -> str:
        """The address of a case that was accepted on 1 July 2022."""
        given = {"reference": reference, "complaint_reference": "SEND-22-001", "service_area": "send"}
        answer = await self.send(f"{HOME}/new", **given, **on("accepted_on", "2022-07-01"))
        assert answer.status_code == 303, words(answer.text)
        return str(answer.headers["location"])


@pytest.fixture
async def cases(desk: Desk, officer: PageClient) -> Cases:
    await desk.receive()
    return Cases(officer)


class TestCase:
    async def test_from_acceptance_to_remedy(self, cases: Cases, officer: PageClient, database: Database) -> None:
        case = await cases.accepted()
        enquiry = {"kind": "enquiry", "what": "All letters since May.", **on("due_on", "2022-07-20")}
        assert (await cases.send(f"{case}/deadline", **enquiry)).status_code == 303
        page = words((await officer.get(HOME)).text)
        assert "LGSCO-1 SEND, complaint SEND-22-001 Accepted 1 July 2022, no outcome yet Overdue 20 July 2022" in page
        shown = await officer.get(f"{case}/done")
        [ident] = re.findall(r'type="radio" value="([0-9a-f-]{36})"', shown.text)
        assert (await cases.send(f"{case}/done", deadline=ident, **on("done_on", "2022-07-22"))).status_code == 303
        decided = {"outcome": "upheld", "actions": "2", **on("outcome_on", "2022-07-28")}
        assert (await cases.send(f"{case}/outcome", **decided)).status_code == 303
        page = words((await officer.get(case)).text)
        assert "Answer to enquiries All letters since May. 20 July 2022 Done late 22 July 2022, staff:alex" in page
        assert "Outcome Upheld, 28 July 2022" in page
        stored = fetch(database.url("admin"), "select what_sealed from complaints.ombudsman_deadline")
        assert b"letters" not in bytes(stored[0][0])

    async def test_each_change_is_told_as_the_case_stands(
        self, cases: Cases, officer: PageClient, events: Callable[[], list[tuple[str, dict[str, Any]]]]
    ) -> None:
        case = await cases.accepted()
        remedy = {"kind": "remedy", "what": "Say sorry to Mrs Jones.", "remedy": "apology", **on("due_on", "2022-07-20")}
        assert (await cases.send(f"{case}/deadline", **remedy)).status_code == 303
        [ident] = re.findall(r'type="radio" value="([0-9a-f-]{36})"', (await officer.get(f"{case}/done")).text)
        for _ in range(2):  # the second finds nothing open
            shown = await officer.get(f"{case}/done")
            if shown.status_code == 200:
                sent = {**hidden(shown.text), "deadline": ident, **on("done_on", "2022-07-19")}
                assert (await officer.post(f"{case}/done", data=sent)).status_code == 303
        decided = {"outcome": "upheld", "actions": "2", **on("outcome_on", "2022-07-28")}
        form = await officer.get(f"{case}/outcome")
        sent = {**hidden(form.text), **decided, "remedies": ["payment", "apology"]}
        assert (await officer.post(f"{case}/outcome", data=sent)).status_code == 303
        told = [data for name, data in events() if name == "ombudsman_case_recounted"]
        assert [each["version"] for each in told] == [2, 3, 4]
        due = {"deadline_id": ident, "kind": "remedy", "due_on": "2022-07-20", "remedy": "apology"}
        assert [each["deadlines"] for each in told[:2]] == [[{**due, "done_on": None}], [{**due, "done_on": "2022-07-19"}]]
        assert (told[2]["outcome"], told[2]["remedies"]) == ("upheld", ["apology", "payment"])
        assert "Jones" not in str(told)
        page = words((await officer.get(case)).text)
        assert "What it asks for Apology; Payment" in page
        assert "Remedy: apology Say sorry" in page

    async def test_a_remedy_that_the_profile_does_not_name_is_refused(self, desk: Desk) -> None:
        case = {"reference": "L-1", "complaint_reference": None, "service_area": "send", "accepted_on": "2022-07-01"}
        ident = (await desk.post("ombudsman-cases", case)).json()["case_id"]
        outcome = {"outcome_on": "2022-07-28", "outcome": "upheld", "actions": 1, "remedies": ["flowers"]}
        answer = await desk.post(f"ombudsman-cases/{ident}/outcome", outcome)
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/remedies")

    async def test_a_second_click_makes_one(self, cases: Cases, officer: PageClient, database: Database) -> None:
        case = await cases.accepted()
        opened = await officer.get(f"{case}/deadline")
        sent = {**hidden(opened.text), "kind": "remedy", "what": "An apology.", **on("due_on", "2022-08-20")}
        assert [(await officer.post(f"{case}/deadline", data=sent)).status_code for _ in range(2)] == [303, 303]
        assert fetch(database.url("admin"), "select count(*) from complaints.ombudsman_deadline") == [(1,)]
        assert await cases.accepted() == case

    async def test_what_cannot_be_is_said_beside_its_field(self, cases: Cases) -> None:
        case = await cases.accepted()
        early = {"kind": "enquiry", "what": "All letters.", **on("due_on", "2022-06-30")}
        answer = await cases.send(f"{case}/deadline", **early)
        assert answer.status_code == 422
        assert "By when: expected 2022-07-01 or later" in words(answer.text)
        assert "All letters." in answer.text
        unknown = {"reference": "X-1", "complaint_reference": "NONE", "service_area": "send"}
        answer = await cases.send(f"{HOME}/new", **unknown, **on("accepted_on", "2022-07-01"))
        assert "There is no complaint with this reference" in words(answer.text)

    async def test_who_only_reads_sees_no_words_and_no_form(self, cases: Cases, app: FastAPI, keys: Keys) -> None:
        case = await cases.accepted()
        await cases.send(f"{case}/deadline", kind="enquiry", what="All letters.", **on("due_on", "2022-08-01"))
        async with PageClient(AsPerson(app, keys, person("senior-reader"))) as reader:
            page = (await reader.get(case)).text
            assert "Answer to enquiries" in page
            assert "All letters" not in page
            assert (await reader.get(f"{case}/deadline")).status_code == 403

    async def test_of_an_area_that_is_not_ones_own_it_is_not_there(self, cases: Cases, app: FastAPI, keys: Keys) -> None:
        case = await cases.accepted()
        async with PageClient(AsPerson(app, keys, person("complaints-officer", "safeguarding"))) as other:
            assert (await other.get(case)).status_code == 404
            assert "LGSCO-1" not in (await other.get(HOME)).text
