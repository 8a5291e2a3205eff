"""The pages of programmes and rounds, every answer read as a strict browser would: a round from its list to its end."""

import io
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from fastapi import FastAPI
from openpyxl import load_workbook
from services.audit.tests.conftest import Call, rows, stop_clock
from services.audit.tests.rounds import OFFICER, Officer, cases, staff

from chassis.testing.fixtures import Database, ServiceClient, caller
from chassis.testing.page_client import check_pages


@pytest.fixture
async def officer(client: ServiceClient, call_as: Call) -> AsyncIterator[Officer]:
    async with call_as(OFFICER) as api:
        yield Officer(api)


class Browser:
    """A browser without script."""

    def __init__(self, client: ServiceClient) -> None:
        client.headers["accept"] = "text/html"
        check_pages(client)
        self.client = client

    async def page(self, path: str, status: int = 200) -> str:
        answer = await self.client.get(path)
        assert answer.status_code == status, answer.text
        return answer.text

    async def send(self, path: str, status: int = 303, **fields: Any) -> str:
        """Send the form of a page as it stands, with some fields filled in; gives where it leads, or the page."""
        shown = await self.page(path)
        hidden = {name: _hidden(shown, name) for name in ("csrf", "revision") if f'name="{name}"' in shown}
        answer = await self.client.post(path, data=hidden | fields)
        assert answer.status_code == status, answer.text
        return answer.headers["location"] if status == 303 else answer.text

    async def load(self, path: str, content: bytes, name: str = "cases.csv", status: int = 303, **fields: str) -> str:
        token = _hidden(await self.page(path), "csrf")
        answer = await self.client.post(path, data={"csrf": token, **fields}, files={"file": (name, content)})
        assert answer.status_code == status, answer.text
        return answer.headers["location"] if status == 303 else answer.text


def _hidden(page: str, name: str) -> str:
    return page.split(f'name="{name}" value="', 1)[1].split('"', 1)[0]


@pytest.fixture
async def browser(client: ServiceClient, call_as: Call) -> AsyncIterator[Browser]:
    async with call_as(OFFICER) as page:
        yield Browser(page)


@pytest.fixture
async def reader(client: ServiceClient, call_as: Call) -> AsyncIterator[Browser]:
    async with call_as(caller("role:senior-reader", subject="demo-reader")) as page:
        yield Browser(page)


def sheet(listed: list[dict[str, Any]]) -> bytes:
    lines = ["Case number;Team;Worker;Day of practice"]
    lines += [";".join((each["case_reference"], each["team"], each["worker"], each["practice_on"] or "")) for each in listed]
    return "\r\n".join(lines).encode()


class TestARound:
    async def test_it_goes_from_its_programme_to_its_end_by_forms_alone(
        self, browser: Browser, officer: Officer, database: Database
    ) -> None:
        await officer.staff()
        assert "No round has been begun yet" in await browser.page("/audit/programmes")
        address = await browser.send("/audit/programmes/send-new-ehcp/rounds/new", period="2026-11", size="3")
        assert "Load the list of cases" in await browser.page(address)
        assert await browser.load(f"{address}/load", sheet(cases())) == address
        assert "12 on the list" in await browser.page(address)
        assert await browser.send(f"{address}/steps/draw", seed="7") == address
        page = await browser.page(address)
        assert "Picked and not yet given to auditors: 3" in page
        assert "which gives 1" in page
        assert await browser.send(f"{address}/steps/allocate") == address
        page = await browser.page(address)
        for words in ("SN-2026-11-001", "EHC-000", "Sam Okafor", "Lead auditor", "Moderator", "Planned"):
            assert words in page
        assert await browser.send(f"{address}/steps/circulate") == address
        page = await browser.page(address)
        for words in ("Still at work: 3", "With the auditors", "How far it is, by team", "seed 7"):
            assert words in page
        await rows(database, "update audit set state = 'moderated', submitted_at = now(), moderated_on = current_date")
        assert await browser.send(f"{address}/steps/close") == address
        assert "The round is closed" in await browser.page(address)
        assert "November 2026" in await browser.page("/audit/programmes")

    async def test_a_step_that_is_taken_twice_is_taken_once(
        self, browser: Browser, officer: Officer, database: Database
    ) -> None:
        await officer.staff()
        address = f"/audit/rounds/{await officer.drawn()}"
        shown = await browser.page(f"{address}/steps/allocate")
        form = {name: _hidden(shown, name) for name in ("csrf", "revision")}
        answers = [await browser.client.post(f"{address}/steps/allocate", data=form) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert len(await rows(database, "select from audit")) == 3

    async def test_a_page_that_was_open_while_somebody_else_went_on_does_nothing(
        self, browser: Browser, officer: Officer
    ) -> None:
        await officer.staff()
        round_id = await officer.drawn()
        await officer.done(f"/rounds/{round_id}/allocation")
        shown = await browser.page(f"/audit/rounds/{round_id}/steps/circulate")
        form = {name: _hidden(shown, name) for name in ("csrf", "revision")}
        audit = (await officer.round(round_id))["audits"][0]
        await officer.done(f"/audits/{audit['audit_id']}/withdrawal", {"reason": "case-moved"})
        answer = await browser.client.post(f"/audit/rounds/{round_id}/steps/circulate", data=form)
        assert answer.status_code == 412
        assert "Somebody else changed this round" in answer.text
        assert (await officer.round(round_id))["state"] == "drawn"

    async def test_what_is_in_the_way_of_an_allocation_is_shown_case_by_case(self, browser: Browser, officer: Officer) -> None:
        await officer.staff(*(person for person in staff() if person["code"] != "jo-bennett"))
        round_id = await officer.drawn()
        page = await browser.send(f"/audit/rounds/{round_id}/steps/allocate", status=409)
        place = next(each["place"] for each in await officer.listed(round_id) if each["team"] == "send-post-16")
        assert "No auditor manages the case&#39;s team" in page
        assert f"/audit/rounds/{round_id}/cases/{place}/replace" in page
        assert "Nothing was allocated" in page

    async def test_a_step_whose_time_is_past_leads_back_to_the_round(self, browser: Browser, officer: Officer) -> None:
        round_id = await officer.drawn()
        answer = await browser.client.get(f"/audit/rounds/{round_id}/steps/draw")
        assert answer.headers["location"] == f"/audit/rounds/{round_id}"
        await browser.page(f"/audit/rounds/{round_id}/steps/burn", 404)

    @pytest.mark.parametrize("seed", ["-1", "x", "9" * 30])
    async def test_a_seed_that_is_none_is_said_beside_its_field(self, browser: Browser, officer: Officer, seed: str) -> None:
        round_id = await officer.begin()
        await officer.done(f"/rounds/{round_id}/cases", {"cases": cases()})
        page = await browser.send(f"/audit/rounds/{round_id}/steps/draw", status=422, seed=seed)
        assert page.count("A seed is a whole number") == 2

    async def test_who_only_reads_sees_no_case_number_and_no_button(self, reader: Browser, officer: Officer) -> None:
        round_id = await officer.circulated()
        for path in ("", "/cases", "/cases?standing=spare"):
            page = await reader.page(f"/audit/rounds/{round_id}{path}")
            assert "EHC-" not in page
            assert 'method="post"' not in page
        assert "/withdraw" not in await reader.page(f"/audit/rounds/{round_id}")
        assert "Begin" not in await reader.page("/audit/programmes")
        for path in ("steps/close", "load", "cases/1/replace", "template.csv"):
            await reader.page(f"/audit/rounds/{round_id}/{path}", 403)


class TestNewRounds:
    async def test_a_period_that_is_none_is_said_beside_its_field(self, browser: Browser) -> None:
        path = "/audit/programmes/send-new-ehcp/rounds/new"
        page = await browser.send(path, status=422, period="next month", size="5")
        assert page.count("a month, like 2026-11") == 2
        page = await browser.send(path, status=422, period="2026-11", size="many")
        assert page.count("Enter a number of cases") == 2
        await browser.page("/audit/programmes/nothing/rounds/new", 404)

    async def test_a_targeted_audit_is_begun_by_a_form(self, browser: Browser) -> None:
        form: dict[str, Any] = {
            "title": "Neglect",
            "code": "neglect-2026",
            "tool": "targeted",
            "service-areas": ["send", "safeguarding"],
            "size": "10",
            "stratify-by": "service-area",
            "auditors": "qa-and-independent-review",
            "not-audited": "6",
            "review": "yes",
        }
        for name, on in (
            ("period-from", "1 4 2026"),
            ("period-to", "30 9 2026"),
            ("circulate-on", "2 11 2026"),
            ("submit-by", "27 11 2026"),
        ):
            form |= dict(zip((f"{name}-day", f"{name}-month", f"{name}-year"), on.split(), strict=True))
        address = await browser.send("/audit/rounds/new", **form)
        page = await browser.page(address)
        for words in ("Neglect, 1 April 2026 to 30 September 2026", "10 cases, by service area", "not audited for 6 months"):
            assert words in page
        again = await browser.page("/audit/rounds/new")
        assert "Neglect (neglect-2026)" in again
        repeated = form | {"code": "neglect-2027", "repeats": address.rpartition("/")[2]}
        assert "Repeats" in await browser.page(await browser.send("/audit/rounds/new", **repeated))
        taken = await browser.send("/audit/rounds/new", status=422, **form | {"title": "Another"})
        assert "There is a round neglect-2026 already" in taken

    async def test_an_empty_form_says_what_is_missing_and_loses_nothing(self, browser: Browser) -> None:
        page = await browser.send("/audit/rounds/new", status=422, title="Neglect", **{"period-from-day": "31"})
        for words in (
            "Enter a number of cases",
            "Choose at least one service area",
            "Enter the first day",
            "Choose from the list",
        ):
            assert words in page
        assert 'value="Neglect"' in page
        assert 'value="31"' in page


class TestLoad:
    async def test_what_is_wrong_in_a_sheet_is_named_by_row_and_column(self, browser: Browser, officer: Officer) -> None:
        round_id = await officer.begin()
        path = f"/audit/rounds/{round_id}/load"
        wrong = b"case number,team,worker,day of practice\nA,send-north,Jo Bennett,14/6/2026\nB,,,yesterday\n,,x,\n"
        page = await browser.load(path, wrong, status=422)
        for words in ("worker (C)", "day of practice (D)", "case number (A)", "This is not a day", "This must be filled in"):
            assert words in page
        twice = await browser.load(path, b"case number\nA\nB\nA\n", status=422)
        assert "This case stands in the list before" in twice
        assert '<th scope="row" class="govuk-table__header">4</th>' in twice
        assert (await officer.round(round_id))["cases"] == {}

    async def test_a_sheet_with_other_columns_is_told_which_it_can_have(self, browser: Browser, officer: Officer) -> None:
        page = await browser.load(f"/audit/rounds/{await officer.begin()}/load", b"name,age\nx,1\n", status=422)
        assert "case number (required)" in page
        assert "Choose a file" in await browser.load(f"/audit/rounds/{await officer.begin()}/load", b"", name="", status=422)

    async def test_teams_may_be_given_by_name_and_the_template_comes_back_as_it_went(
        self, browser: Browser, officer: Officer
    ) -> None:
        round_id = await officer.begin(programme="social-care")
        template = await browser.client.get(f"/audit/rounds/{round_id}/template.xlsx")
        book = load_workbook(io.BytesIO(template.content))
        page = book.worksheets[0]
        page.append(["LCS-1", "Safeguarding", None, "somebody", "2026-09-14"])
        page.append(["LCS-2", "Family Front Door", None, None, "15/09/2026"])
        content = io.BytesIO()
        book.save(content)
        await browser.load(f"/audit/rounds/{round_id}/load", content.getvalue(), "cases.xlsx")
        listed = await officer.listed(round_id)
        assert {(each["case_reference"], each["service_area"], each["practice_on"]) for each in listed} == {
            ("LCS-1", "safeguarding", "2026-09-14"),
            ("LCS-2", "family-front-door", "2026-09-15"),
        }
        send = await officer.begin()
        await browser.load(f"/audit/rounds/{send}/load", b"case;team\nX;North Team\n")
        assert (await officer.listed(send))[0]["team"] == "send-north"
        assert (await browser.client.get(f"/audit/rounds/{send}/template.csv")).status_code == 200

    async def test_others_stay_or_are_taken_off(self, browser: Browser, officer: Officer) -> None:
        round_id = await officer.begin()
        path = f"/audit/rounds/{round_id}/load"
        await browser.load(path, sheet(cases(4)))
        await browser.load(path, sheet(cases(6)[5:]))
        assert (await officer.round(round_id))["cases"] == {"listed": 5}
        await browser.load(path, sheet(cases(2)), replace="yes")
        assert (await officer.round(round_id))["cases"] == {"listed": 2}

    async def test_five_thousand_cases_with_long_numbers_fit(self, browser: Browser, officer: Officer) -> None:
        round_id = await officer.begin()
        long = [each | {"case_reference": f"{each['case_reference']}-{'x' * 190}"} for each in cases(5000)]
        await browser.load(f"/audit/rounds/{round_id}/load", sheet(long))
        assert (await officer.round(round_id))["cases"] == {"listed": 5000}

    async def test_once_drawn_the_page_says_that_the_list_is_fixed(self, browser: Browser, officer: Officer) -> None:
        page = await browser.page(f"/audit/rounds/{await officer.drawn()}/load")
        assert "the list of cases is fixed" in page
        assert 'method="post"' not in page


class TestCases:
    async def test_each_says_why_in_words(self, browser: Browser, officer: Officer) -> None:
        odd = [
            {"case_reference": "old", "team": "send-north", "practice_on": "2026-04-30"},
            {"case_reference": "no-day", "team": "send-north"},
            {"case_reference": "elsewhere", "team": "social-work-7", "practice_on": "2026-09-01"},
            {"case_reference": "no-team", "practice_on": "2026-09-01"},
        ]
        round_id = await officer.drawn(*cases(9), *odd)
        await officer.done(f"/rounds/{round_id}/cases/1/replacement", {"reason": "case-moved"})
        page = await browser.page(f"/audit/rounds/{round_id}/cases")
        for words in (
            "Practice of 30 April 2026: not between 1 May 2026 and 31 October 2026",
            "Names no day of practice",
            "Team social-work-7 is not known",
            "Names no team, and its service area has teams",
            "Taken out of the draw: the child moved to another council or service",
            "Moved up for case 1 of the draw, in",
            "Spare: number",
        ):
            assert words in page
        excluded = await browser.page(f"/audit/rounds/{round_id}/cases?standing=excluded")
        assert excluded.count("Left out") == 1 + 5  # the choice, and five cases

    async def test_long_lists_are_paged(self, browser: Browser, officer: Officer) -> None:
        round_id = await officer.drawn(*cases(250))
        page, seen = await browser.page(f"/audit/rounds/{round_id}/cases"), 0
        while True:
            seen += page.count("EHC-")
            if "Next 100" not in page:
                break
            more = page.split('href="', 1)[1].split("/cases?standing=&amp;after=", 1)[1].split('"', 1)[0]
            page = await browser.page(f"/audit/rounds/{round_id}/cases?standing=&after={more}")
        assert seen == 250

    async def test_a_case_is_replaced_and_without_a_spare_that_is_asked(self, browser: Browser, officer: Officer) -> None:
        round_id = await officer.drawn(*cases(3), size=3)
        path = f"/audit/rounds/{round_id}/cases/2/replace"
        assert "Choose a reason" in await browser.send(path, status=422)
        page = await browser.send(path, status=409, reason="not-eligible")
        assert "no spare case left" in page
        assert "one case fewer" in page
        await browser.send(path, reason="not-eligible", without="yes")
        assert (await officer.round(round_id))["cases"]["picked"] == 2
        await browser.page(f"/audit/rounds/{round_id}/cases/9/replace", 404)


class TestPeopleOfAnAudit:
    async def test_a_part_is_given_to_one_of_those_who_may_have_it(self, browser: Browser, officer: Officer) -> None:
        round_id = await officer.circulated(size=1)
        (audit,) = (await officer.round(round_id))["audits"]
        lead, peer = audit["parts"]["lead"]["person"], audit["parts"]["peer"]["person"]
        (other,) = {"sam-okafor", "priya-shah", "jo-bennett"} - {lead, peer}
        path = f"/audit/audits/{audit['audit_id']}/people/peer"
        page = await browser.page(path)
        assert f'value="{other}"' in page
        assert f'value="{lead}"' not in page
        assert "0 in this round" in page
        assert "Choose a reason" in await browser.send(path, status=422, person=other)
        assert "Choose somebody" in await browser.send(path, status=409, reason="absent")
        refused = await browser.send(path, status=409, reason="absent", person=lead)
        assert "stands in the case&#39;s management line" in refused
        assert await browser.send(path, reason="absent", person=other) == f"/audit/rounds/{round_id}"
        assert (await officer.round(round_id))["audits"][0]["parts"]["peer"]["person"] == other
        await browser.page(f"/audit/audits/{audit['audit_id']}/people/single", 404)
        await browser.page(f"/audit/audits/{uuid4()}/people/peer", 404)

    async def test_where_nobody_else_may_it_is_said(self, browser: Browser, officer: Officer) -> None:
        round_id = await officer.circulated(size=1)
        (audit,) = (await officer.round(round_id))["audits"]
        page = await browser.page(f"/audit/audits/{audit['audit_id']}/people/lead")
        assert "Nobody else may have it" in page

    async def test_an_audit_is_withdrawn_with_a_reason(self, browser: Browser, officer: Officer) -> None:
        round_id = await officer.circulated()
        audit = (await officer.round(round_id))["audits"][0]
        path = f"/audit/audits/{audit['audit_id']}/withdraw"
        assert "Choose a reason" in await browser.send(path, status=422, words="x")
        assert await browser.send(path, reason="case-closed", replace="yes") == f"/audit/rounds/{round_id}"
        page = await browser.page(f"/audit/rounds/{round_id}")
        for words in ("The case was closed", "Audit withdrawn", "SN-2026-11-001"):
            assert words in page
        assert "SN-2026-11-004" in page

    async def test_where_the_replacement_fits_nobody_nothing_is_withdrawn(self, browser: Browser, officer: Officer) -> None:
        round_id = await officer.circulated()
        await officer.staff(*({**person, "duties": []} for person in staff()))
        audit = (await officer.round(round_id))["audits"][0]
        path = f"/audit/audits/{audit['audit_id']}/withdraw"
        page = await browser.send(path, status=409, reason="case-closed", replace="yes")
        assert "nobody may be given audits" in page
        assert {each["state"] for each in (await officer.round(round_id))["audits"]} == {"auditing"}


class TestCalendar:
    async def test_it_shows_what_is_begun_and_what_is_planned(self, app: FastAPI, browser: Browser, officer: Officer) -> None:
        stop_clock(app, date(2026, 11, 29))
        round_id = await officer.begin("2026-12")
        page = await browser.page("/audit/calendar?month=2026-12")
        for words in ("December 2026", "Friday 1 January 2027", "New Year", "Monday 1 February 2027", "planned"):
            assert words in page
        assert f"/audit/rounds/{round_id}" in page
        assert "/audit/programmes/social-care/rounds/new" in page
        for month in ("nonsense", "2099-01", "0001-01", "2026-13"):
            await browser.page(f"/audit/calendar?month={month}")

    async def test_reviews_of_past_rounds_stand_on_their_day(self, browser: Browser, officer: Officer) -> None:
        await officer.begin("2026-09")
        # Completed by 30 September 2026, and eight weeks.
        assert "Wednesday 25 November 2026" in await browser.page("/audit/calendar?month=2026-11")
