"""Complaints of past years from a sheet: checked, shown, recorded once, by whoever sent it."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator, Callable
from datetime import date
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from openpyxl import Workbook, load_workbook
from services.complaints.tests.support import AsPerson, Desk, fetch, person, profile_document

from chassis.identity import Identity
from chassis.testing.fixtures import Database, Keys, ServiceClient, caller
from chassis.testing.page_client import PageClient
from complaints.adapters.running_stages import running_stages
from complaints.pages import old_cases as pages
from complaints.use_cases import old_cases as use_cases

HOME = "/complaints/old-cases"
HEADINGS = ("Ref", "Date received", "Type", "Service area", "Nature", "Response date", "Outcome", "Stage 1 days")
# Two and a half years ago in these tests; 10 working days from 1 April 2021 are over on 19 April (Easter lies between).
ROW = ("CMP-21-001", "01/04/2021", "SEND local procedure", "SEND", "EHCP not being implemented", "19/04/2021", "Upheld", "10")
Events = Callable[[], list[tuple[str, dict[str, Any]]]]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def row(**changes: Any) -> list[Any]:
    return [changes.get(name.lower().replace(" ", "_"), value) for name, value in zip(HEADINGS, ROW, strict=True)]


def sheet(*rows: Any, headings: Any = HEADINGS) -> bytes:
    target = io.StringIO()
    csv.writer(target).writerows([headings, *rows])
    return target.getvalue().encode()


def workbook(**sheets: Any) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        page = book.create_sheet(title)
        for each in rows:
            page.append(each)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


class Importer:
    """An officer who brings in a list."""

    def __init__(self, client: PageClient) -> None:
        self.client = client

    async def token(self, address: str = HOME) -> str:
        return str(re.findall(r'name="csrf" value="([^"]+)"', (await self.client.get(address)).text)[0])

    async def send(self, content: bytes, name: str = "list.csv") -> httpx.Response:
        return await self.client.post(f"{HOME}/upload", data={"csrf": await self.token()}, files={"file": (name, content)})

    async def checked(self, content: bytes, name: str = "list.csv") -> str:
        """The address of what was read of a file."""
        answer = await self.send(content, name)
        assert answer.status_code == 303, words(answer.text)
        return str(answer.headers["location"])

    async def shown(self, address: str) -> str:
        return words((await self.client.get(address)).text)

    async def say(self, address: str, what: str = "record") -> httpx.Response:
        return await self.client.post(address, data={"csrf": await self.token(address), "do": what})

    async def recorded(self, content: bytes, name: str = "list.csv") -> str:
        address = await self.checked(content, name)
        await self.say(address)
        return await self.shown(address)


@pytest.fixture
async def importer(desk: Desk, app: FastAPI, keys: Keys) -> AsyncIterator[Importer]:
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield Importer(client)


def stored(database: Database, sql: str) -> list[tuple[Any, ...]]:
    return fetch(database.url("admin"), sql, "set search_path = complaints")


class TestCheck:
    async def test_nothing_is_recorded_before_the_yes(self, importer: Importer, database: Database, events: Events) -> None:
        address = await importer.checked(sheet(ROW, row(ref="CMP-21-002", stage_1_days="8")))
        page = await importer.shown(address)
        assert "Check 2 complaints before they are recorded" in page
        assert "By procedure and year of receipt Procedure 2021 SEND local procedure 2" in page
        assert "Stage 1 2 0 0 0 0" in page
        assert "Of 2 stages for which your list gives its days, 1 differs" in page
        assert "3 CMP-21-002 1 8 10 In time" in page
        differing = (await importer.client.get(f"{address}/differences.csv")).text
        assert "3,CMP-21-002,1,8,10,In time" in differing
        assert stored(database, "select count(*) from complaint") == [(0,)]
        assert events() == []

    async def test_faults_stand_with_sheet_row_column_found_and_expected(self, importer: Importer) -> None:
        bad = row(ref="CMP-21-003", date_received="31/02/2021", nature="Rudeness", response_date="12/04/2021")
        early = row(ref="CMP-21-004", response_date="30/03/2021")
        address = await importer.checked(sheet(ROW, bad, early))
        page = await importer.shown(address)
        assert "Complaints, row 3, received (B) “31/02/2021”: There is no day" in page
        # What was found is told as it stood, not as it was read.
        assert "Complaints, row 4, stage 1 response (F) “30/03/2021”: Expected 2021-04-01 or later, the day the stage" in page
        assert "Record the 1 without faults" in page
        book = load_workbook(io.BytesIO((await importer.client.get(f"{address}/faults.xlsx")).content))
        rows = list(book["Complaints"].values)
        assert rows[0] == (*HEADINGS, "why it was refused")
        assert [each[0] for each in rows[1:]] == ["CMP-21-003", "CMP-21-004"]
        assert (await importer.client.get(f"{address}/faults.csv")).text.count("CMP-21-00") == 2

    async def test_rows_that_were_put_right_are_taken_with_the_reasons_beside_them(self, importer: Importer) -> None:
        address = await importer.checked(sheet(ROW, row(ref="CMP-21-004", response_date="30/03/2021")))
        given_back = (await importer.client.get(f"{address}/faults.xlsx")).content
        book = load_workbook(io.BytesIO(given_back))
        book["Complaints"]["F2"] = date(2021, 4, 20)
        target = io.BytesIO()
        book.save(target)
        assert "1 complaint recorded" in await importer.recorded(target.getvalue(), "put-right.xlsx")

    @pytest.mark.parametrize(
        ("headings", "said"),
        [
            (
                ("Ref", "Received", "Type", "Area", "Nature", "Mood"),
                "Column F has the heading &#39;Mood&#39;, which is not known.",
            ),
            (("Ref", "Type", "Area", "Nature"), "Column &#39;received&#39; is missing."),
        ],
    )
    async def test_wrong_columns_are_named(self, importer: Importer, headings: Any, said: str) -> None:
        answer = await importer.send(sheet(["x"] * len(headings), headings=headings))
        assert answer.status_code == 422
        assert said in answer.text
        assert "The columns that the sheet can have" in answer.text

    async def test_a_workbook_of_a_tracker_with_dates_numbers_formulas_and_merged_cells(self, importer: Importer) -> None:
        book = Workbook()
        page = book.worksheets[0]
        page.title = "Tracker 2021"
        for each in (
            HEADINGS,
            row(date_received=date(2021, 4, 1), response_date=44305),
            row(ref="CMP-21-002", date_received="1 Apr 21", response_date="=B2+14"),
            row(ref=None, nature="Standard of service"),
        ):
            page.append(each)
        page.merge_cells("A3:A4")
        target = io.BytesIO()
        book.save(target)
        shown = await importer.shown(await importer.checked(target.getvalue(), "tracker.xlsx"))
        assert "3 rows of sheet “Tracker 2021”" in shown
        assert "Check 1 complaint before" in shown
        assert "row 3, stage 1 response (F) “=B2+14”: This cell holds a formula" in shown
        assert "row 4, reference (A) Empty: This must be filled in. Where cells are merged" in shown

    async def test_somebody_limited_to_some_areas_may_not(self, app: FastAPI, keys: Keys, desk: Desk) -> None:
        async with PageClient(AsPerson(app, keys, person("complaints-officer", "send"))) as limited:
            assert (await limited.get(HOME)).status_code == 403

    async def test_nobody_else_finds_what_was_sent(self, importer: Importer, app: FastAPI, keys: Keys) -> None:
        address = await importer.checked(sheet(ROW))
        async with ServiceClient(app, keys, "complaints", caller("operator", org="telford-wrekin")) as operator:
            await operator.put("/complaints/v1/profile", json=profile_document("telford-wrekin"))
        for org, subject in (("telford-wrekin", "staff:alex"), ("worcestershire", "staff:kim")):
            other = Identity(org, subject, "staff", frozenset({"role:complaints-officer"}), frozenset(), "Kim")
            async with PageClient(AsPerson(app, keys, other)) as somebody:
                assert (await somebody.get(address)).status_code == 410
                answer = await somebody.post(address, data={"csrf": await Importer(somebody).token(), "do": "record"})
                assert answer.status_code == 410

    async def test_a_file_of_some_mebibytes_gets_through_and_a_larger_one_an_answer(self, importer: Importer) -> None:
        large = sheet(*(row(ref=f"CMP-{number:05}", outcome="Upheld" + " " * 9000) for number in range(120)))
        assert len(large) > 1024 * 1024
        address = await importer.checked(large)
        assert "Check 120 complaints" in await importer.shown(address)
        answer = await importer.send(large * 7)
        assert answer.status_code == 422
        assert "The file is larger than 7,168 KB" in words(answer.text)

    async def test_the_empty_workbook_is_filled_in_and_taken(self, importer: Importer) -> None:
        template = (await importer.client.get(f"{HOME}/template.xlsx")).content
        book = load_workbook(io.BytesIO(template))
        assert book.sheetnames == ["Complaints", "Compliments", "How to fill this in", "Known codes"]
        page = book["Compliments"]
        page.append(["COM-1", date(2021, 5, 4), "send", None, "parent-or-carer", "yes"])
        target = io.BytesIO()
        book.save(target)
        assert "1 compliment recorded" in await importer.recorded(target.getvalue(), "filled.xlsx")
        assert (await importer.client.get(f"{HOME}/template.complaints.csv")).status_code == 200


class TestRecord:
    async def test_a_complaint_is_recorded_with_its_clock_its_history_and_its_events(
        self, importer: Importer, database: Database, events: Events
    ) -> None:
        assert "1 complaint recorded" in await importer.recorded(sheet(ROW))
        assert stored(database, "select reference, phase, open, brought_in from complaint") == [
            ("CMP-21-001", "answered", False, True)
        ]
        assert stored(database, "select due_on, working_days, calendar is not null, recounted from stage") == [
            (date(2021, 4, 19), 10, True, True)
        ]
        assert stored(database, "select finding, brought_in from finding") == [("upheld", True)]
        # What was learned of it was kept elsewhere.
        assert stored(database, "select count(*) from learning_ask") == [(0,)]
        told = events()
        assert [name for name, _ in told] == ["complaint_received", "stage_started", "stage_recounted"]
        assert told[0][1]["came_by"] == "brought-in"
        assert told[2][1]["working_days"] == 10
        ident = told[0][1]["complaint_id"]
        page = await importer.shown(f"/complaints/{ident}")
        assert "brought in from a list of past years" in page
        assert "answered on day 10 of 10" in page

    async def test_a_point_of_it_is_corrected_as_any_other_and_still_asks_for_nothing(
        self, importer: Importer, desk: Desk, database: Database, events: Events
    ) -> None:
        await importer.recorded(sheet(ROW))
        ident = events()[0][1]["complaint_id"]
        point = (await desk.read(ident))["points"][0]["point_id"]
        right = {"category": "send-communication", "service_area": "send", "reason": "Read again."}
        answer = await desk.post(f"complaints/{ident}/points/{point}/correction", right)
        assert answer.status_code == 201, answer.text
        then = (await desk.read(ident))["points"][0]
        assert (then["category"], then["findings"][0]["finding"]) == ("send-communication", "upheld")
        assert stored(database, "select version, category from point_version order by version") == [
            (1, "send-ehcp-not-implemented"),
            (2, "send-communication"),
        ]
        assert stored(database, "select count(*) from learning_ask") == [(0,)]

    async def test_the_same_file_again_changes_nothing(self, importer: Importer, database: Database, events: Events) -> None:
        await importer.recorded(sheet(ROW))
        before = len(events())
        page = await importer.shown(await importer.checked(sheet(ROW, row(ref="CMP-21-002"))))
        assert "Recorded already, left as they are 1" in page
        await importer.recorded(sheet(ROW))
        other = await importer.shown(await importer.checked(sheet(row(outcome="Not upheld"))))
        assert "Recorded already with other content, left as they are 1" in other
        assert "There is nothing to record. Everything is recorded already." in other
        assert len(events()) == before
        assert stored(database, "select count(*) from complaint") == [(1,)]

    async def test_a_second_click_and_two_at_once_record_once(
        self, importer: Importer, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(use_cases, "PART", 3)
        many = [row(ref=f"CMP-21-{number:03}") for number in range(10)]
        address = await importer.checked(sheet(*many))
        same = await importer.checked(sheet(*many))
        token = await importer.token(address)
        sent = {"csrf": token, "do": "record"}
        answers = await asyncio.gather(*(importer.client.post(each, data=sent) for each in (address, address, same)))
        assert [answer.status_code for answer in answers] == [303, 303, 303]
        assert stored(database, "select count(*), count(distinct reference) from complaint") == [(10, 10)]
        recorded = [
            int(re.findall(r"(?:Recorded (\d+) complaint|$)", await importer.shown(each))[0] or 0) for each in (address, same)
        ]
        assert sum(recorded) == 10

    async def test_what_one_click_does_not_get_done_the_next_one_does(
        self, importer: Importer, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(use_cases, "PART", 2)
        monkeypatch.setattr(pages, "SECONDS", -1.0)
        address = await importer.checked(sheet(*(row(ref=f"CMP-21-{number:03}") for number in range(3))))
        await importer.say(address)
        assert "So far 2 complaints recorded of 3 complaints" in await importer.shown(address)
        await importer.say(address)
        assert "3 complaints recorded" in await importer.shown(address)

    async def test_only_what_is_open_is_reminded_of(self, importer: Importer, app: FastAPI, database: Database) -> None:
        late = row(ref="CMP-21-009", response_date="", outcome="", stage_1_days="")
        await importer.recorded(sheet(ROW, late))
        async with app.state.uow.begin("worcestershire") as transaction:
            assert [stage.reference for stage in await running_stages(transaction)] == ["CMP-21-009"]
        assert stored(database, "select count(*) from mail") == [(0,)]

    async def test_one_that_is_open_goes_on_as_any_other(self, importer: Importer, database: Database, desk: Desk) -> None:
        late = row(ref="CMP-22-001", date_received="20/07/2022", response_date="", outcome="", stage_1_days="")
        await importer.recorded(sheet(late))
        [(ident, due_on, is_open)] = stored(database, "select id, due_on, open from complaint")
        assert (due_on, is_open) == (date(2022, 8, 3), True)
        findings = [{"point": "1", "finding": "upheld"}]
        answer = await desk.step(str(ident), 1, "response", responded_on="2022-07-28", findings=findings)
        assert answer.status_code == 201, answer.text
        # A finding that is made here asks for learning as any other.
        assert stored(database, "select count(*) from learning_ask") == [(1,)]

    async def test_what_was_thrown_away_is_gone(self, importer: Importer, database: Database) -> None:
        address = await importer.checked(sheet(ROW))
        assert (await importer.say(address, "discard")).status_code == 303
        assert (await importer.client.get(address)).status_code == 410
        assert stored(database, "select count(*) from upload") == [(0,)]

    async def test_stages_the_ombudsman_and_points_of_a_long_case(self, importer: Importer, database: Database) -> None:
        told = {
            "reference": "S-1", "received": "27/05/2021", "procedure": "childrens-statutory", "service area": "safeguarding",
            "point 1 nature": "communication", "point 2 nature": "Decision making", "stage 1 extended to": "25/06/2021",
            "stage 1 response": "24/06/2021", "stage 1 finding": "upheld", "point 2 stage 1 finding": "not-upheld",
            "stage 2 requested": "01/07/2021", "stage 2 response": "30/07/2021", "stage 2 finding": "no finding",
            "ombudsman reference": "LGO-1", "ombudsman accepted": "01/12/2021", "ombudsman outcome": "Upheld",
            "ombudsman decided": "01/03/2022",
        }  # fmt: skip
        book = workbook(Complaints=[list(told), list(told.values())])
        page = await importer.recorded(book, "one.xlsx")
        assert "1 complaint recorded" in page
        assert "stage 1 extended on Taken as extended on 11 June 2021" in page
        assert "stage 2 accepted Taken as accepted on the day it was asked for, 1 July 2021" in page
        assert stored(database, "select stage, finding from finding order by stage, finding") == [
            (1, "not-upheld"), (1, "upheld"), (2, "no-finding"), (2, "no-finding"),
        ]  # fmt: skip
        assert stored(database, "select reference, outcome, actions from ombudsman_case") == [("LGO-1", "upheld", 0)]
        assert stored(database, "select number, due_on from stage order by number") == [
            (1, date(2021, 6, 25)), (2, date(2021, 8, 5)),
        ]  # fmt: skip
