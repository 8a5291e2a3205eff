"""The staff pages of disputes: every answer read as a strict browser would, every form sent as it stands."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from services.audit.tests.conftest import Call
from services.audit.tests.disputes import (
    CASE,
    OFFICER,
    SENIOR,
    Browser,
    Caller,
    day_fields,
    form_values,
    manager,
    raising,
    staffed,
    system,
)

__all__ = ["staffed", "system"]

ANSWER = {"answered_on": "2026-11-19", "answer": "The application goes in this week."}
RAISED = {
    "raised_by": "iro",
    "case_number": CASE,
    "service_area": "send",
    "team": "send-north",
    "category": "drift-and-delay",
    "concern": "No placement order application\n\nafter two reviews.",
    **day_fields("raised_on", date(2026, 11, 16)),
}


@pytest.fixture
async def officer(system: Caller, call_as: Call) -> AsyncIterator[Browser]:
    """A quality-assurance officer."""
    async with call_as(OFFICER) as client:
        yield Browser(client)


@pytest.fixture
async def iro(system: Caller, call_as: Call) -> AsyncIterator[Browser]:
    """An independent reviewing officer, who signs in as a manager."""
    async with call_as(manager("lee-walsh")) as client:
        yield Browser(client)


@pytest.fixture
async def dana(system: Caller, call_as: Call) -> AsyncIterator[Browser]:
    """The manager of the team."""
    async with call_as(manager("dana-price")) as client:
        yield Browser(client)


class TestWholeWay:
    async def test_a_concern_is_raised_answered_escalated_and_settled_by_three_people(
        self, iro: Browser, dana: Browser, call_as: Call
    ) -> None:
        sent = await iro.filled("/audit/disputes/new", RAISED)
        address = sent.headers["location"]
        record = await iro.get(address)
        assert "Dispute DRP-2026-001" in record
        assert "Today is day 7 of 5, 2 working days over" in record
        assert "Independent reviewing officer: Lee Walsh" in record
        assert "A manager of the team" in record
        assert f"{address}/answer" not in record
        # the manager of the team finds it, overdue, and answers
        listed = await dana.get("/audit/disputes")
        assert "1 overdue" in listed
        assert "DRP-2026-001" in listed
        assert f"{address}/escalate" not in await dana.get(address)
        answer = day_fields("answered_on", date(2026, 11, 20))
        await dana.filled(f"{address}/answer", {"answer": "It goes in this week.", **answer})
        # it is not enough: on to who stands above her
        record = await iro.get(address)
        assert "It goes in this week." in record
        assert "To be decided" in record
        form = await iro.form(f"{address}/escalate")
        assert (form["stage"], form["person"]) == ("group-manager", "")
        typed = {
            "person": "robin-hughes",
            "reason": "It was promised before.",
            **day_fields("escalated_on", date(2026, 11, 23)),
        }
        await iro.send(f"{address}/escalate", form | typed)
        async with call_as(manager("robin-hughes")) as client:
            robin = Browser(client)
            assert "Today is day 2 of 5" in await robin.get(address)
            await robin.filled(f"{address}/answer", {"answer": "Agreed.", **day_fields("answered_on", date(2026, 11, 24))})
        form = await iro.form(f"{address}/resolve")
        assert "informal" not in form
        await iro.send(f"{address}/resolve", form | {"outcome": "agreed-and-done", "changed": "She lives with her aunt now."})
        record = await iro.get(address)
        assert "She lives with her aunt now." in record
        assert "Concern agreed, and put right" in record
        assert "Ended on day 7 of 20" in record
        assert f"{address}/reopen" in record

    async def test_an_officer_records_it_in_the_name_of_who_raised_it(self, officer: Browser, iro: Browser) -> None:
        sent = await officer.filled("/audit/disputes/new", RAISED | {"raised_person": "lee-walsh"})
        assert "Lee Walsh" in await officer.get(sent.headers["location"])
        assert "Escalate" in await iro.get(sent.headers["location"])

    async def test_it_is_withdrawn_opened_again_and_corrected(self, iro: Browser) -> None:
        address = (await iro.filled("/audit/disputes/new", RAISED)).headers["location"]
        await iro.filled(f"{address}/withdraw", {"reason": "A mistake."})
        await iro.filled(f"{address}/reopen", {"reason": "It was none.", "role": "Team manager"})
        form = await iro.form(f"{address}/correct")
        assert form["concern"] == RAISED["concern"]
        assert form["stages-2-reason"] == "It was none."
        await iro.send(f"{address}/correct", form | day_fields("raised_on", date(2026, 11, 12)) | {"concern": "Other words."})
        record = await iro.get(address)
        assert "Raised on: 16 November 2026 became 12 November 2026" in record
        assert "Answer due on, first stage reached: 23 November 2026 became 19 November 2026" in record
        assert "was “No placement order application" in record

    async def test_nothing_that_is_sent_unchanged_is_a_correction(self, iro: Browser) -> None:
        talked = {"informal": "A talk.", **day_fields("informal_on", date(2026, 11, 9))}
        address = (await iro.filled("/audit/disputes/new", RAISED | talked)).headers["location"]
        await iro.filled(f"{address}/resolve", {"outcome": "explained", "changed": "x", "informal": "yes"})
        await iro.filled(f"{address}/correct")
        assert "Corrected" not in await iro.get(address)


class TestForm:
    async def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(self, iro: Browser) -> None:
        typed = RAISED | {"raised_by": "", "raised_on-month": "13", "concern": "", "role": "Somebody"}
        answer = await iro.filled("/audit/disputes/new", typed, 422)
        assert "<title>Error:" in answer.text
        assert "Day on which it is raised: must be a real day" in answer.text
        assert "You raise it as: choose one" in answer.text
        assert "fill this in" in answer.text
        kept = form_values(answer.text)
        assert (kept["raised_on-month"], kept["role"], kept["case_number"]) == ("13", "Somebody", CASE)

    async def test_what_a_rule_says_stands_beside_its_field_too(self, iro: Browser) -> None:
        answer = await iro.filled("/audit/disputes/new", RAISED | day_fields("raised_on", date(2026, 11, 26)), 422)
        assert "Day on which it is raised: expected a day up to today" in answer.text
        answer = await iro.filled("/audit/disputes/new", RAISED | {"person": "lee-walsh"}, 422)
        assert "Who must answer: expected somebody other than who raised it" in answer.text
        answer = await iro.filled("/audit/disputes/new", RAISED | {"service_area": "safeguarding"}, 422)
        assert "Team: &#39;send-north&#39; is not a known code" in answer.text

    async def test_a_form_that_is_sent_twice_raises_one_dispute(self, iro: Browser) -> None:
        form = {**await iro.form("/audit/disputes/new"), **RAISED}
        first, second = await iro.send("/audit/disputes/new", form), await iro.send("/audit/disputes/new", form)
        assert first.headers["location"] == second.headers["location"]

    async def test_a_form_of_somebody_else_is_refused(self, iro: Browser, dana: Browser) -> None:
        form = {**await dana.form("/audit/disputes/new"), **RAISED}
        answer = await iro.send("/audit/disputes/new", form, 403)
        assert "Please open the page again" in answer.text

    async def test_a_step_that_is_not_theirs_or_not_possible_is_said_kindly(
        self, system: Caller, iro: Browser, dana: Browser
    ) -> None:
        ident = await system.raised()
        await iro.get(f"/audit/disputes/{ident}/answer", 403)
        await dana.get(f"/audit/disputes/{ident}/resolve", 403)
        await iro.get(f"/audit/disputes/{ident}/reopen", 409)
        await iro.get(f"/audit/disputes/{ident}/dance", 404)
        await iro.get(f"/audit/disputes/{UUID(int=7)}/answer", 404)


class TestTwoAtOnce:
    async def test_a_form_that_was_overtaken_shows_what_changed_and_keeps_what_was_typed(
        self, system: Caller, dana: Browser, officer: Browser
    ) -> None:
        ident = await system.raised()
        address = f"/audit/disputes/{ident}"
        form = await dana.form(f"{address}/answer") | {"answer": "An hour of thinking."}
        corrected = await officer.form(f"{address}/correct") | {"category": "visits"}
        await officer.send(f"{address}/correct", corrected)
        answer = await dana.send(f"{address}/answer", form, 412)
        assert "Somebody else was faster" in answer.text
        assert "Category: Drift or delay in the plan became Statutory visits" in answer.text
        kept = form_values(answer.text)
        assert (kept["answer"], kept["revision"]) == ("An hour of thinking.", "2")
        await dana.send(f"{address}/answer", kept)
        assert "An hour of thinking." in await dana.get(address)

    async def test_where_the_step_is_gone_what_was_typed_is_still_there(
        self, system: Caller, dana: Browser, officer: Browser
    ) -> None:
        ident = await system.raised()
        address = f"/audit/disputes/{ident}"
        form = await dana.form(f"{address}/answer") | {"answer": "An hour of thinking."}
        await officer.filled(f"{address}/withdraw", {"reason": "A mistake."})
        answer = await dana.send(f"{address}/answer", form, 412)
        assert "this step can no longer be taken" in answer.text
        assert "An hour of thinking." in answer.text
        assert "Save the answer" not in answer.text


class TestList:
    async def test_nothing_recorded_says_so(self, officer: Browser) -> None:
        page = await officer.get("/audit/disputes")
        assert "No dispute is recorded" in page
        assert "None overdue" in page

    async def test_it_is_narrowed_and_keeps_what_was_chosen(self, system: Caller, officer: Browser) -> None:
        await system.raised()
        other = raising(service_area="safeguarding", team=None, role="x", category="visits")
        await system.made("disputes", other)
        page = await officer.get("/audit/disputes?service_area=safeguarding&category=&stage=&state=open")
        assert "Statutory visits" in page
        assert "DRP-2026-001" not in page
        assert '<option value="safeguarding" selected>' in page
        assert "No dispute fits" in await officer.get("/audit/disputes?category=nothing")
        assert "No dispute fits" in await officer.get("/audit/disputes?state=closed")

    async def test_no_address_breaks_it(self, officer: Browser) -> None:
        for query in ("after=x", "after=" + "a" * 300, "after=WzEsMl0", "category=%00"):
            await officer.get(f"/audit/disputes?{query}", 422)
        await officer.get("/audit/disputes?state=x&category=%F0")

    async def test_pages_hold_every_dispute_once(self, system: Caller, officer: Browser) -> None:
        for number in range(53):
            await system.raised(raised_on=f"2026-11-{2 + number % 20:02}")
        first = await officer.get("/audit/disputes?state=open")
        link = first.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        second = await officer.get(link)
        found = [page.count('<a class="govuk-link" href="/audit/disputes/0') for page in (first, second)]
        assert found == [50, 3]
        assert "From the start" in second

    async def test_who_is_not_in_the_directory_is_told_why_they_see_little(self, system: Caller, call_as: Call) -> None:
        await system.raised()
        async with call_as(manager("stranger")) as client:
            page = await Browser(client).get("/audit/disputes")
        assert "the staff directory does not know who that is" in page
        assert "DRP-2026-001" not in page


class TestRoles:
    async def test_a_senior_reader_sees_the_record_and_no_words(self, system: Caller, call_as: Call) -> None:
        ident = await system.raised(informal="A talk.", informal_on="2026-11-09")
        await system.made(f"disputes/{ident}/answer", ANSWER)
        await system.made(f"disputes/{ident}/correction", {"concern": "Other words."})
        async with call_as(SENIOR) as client:
            reader = Browser(client)
            page = await reader.get(f"/audit/disputes/{ident}")
            await reader.get("/audit/disputes/counts")
            await reader.get("/audit/disputes/new", 403)
            assert "Raise a dispute" not in await reader.get("/audit/disputes")
        assert "not part of your role" in page
        for secret in (CASE, "placement", "Other words", "this week", "A talk"):
            assert secret not in page
        assert "Answered on day 3 of 5" in page
        assert "What the concern is: other words" in page

    async def test_who_is_limited_to_an_area_sees_no_other(self, system: Caller, call_as: Call) -> None:
        ident = await system.raised()
        async with call_as(replace(OFFICER, areas=frozenset({"safeguarding"}))) as client:
            reader = Browser(client)
            await reader.get(f"/audit/disputes/{ident}", 404)
            form = await reader.get("/audit/disputes/new")
        assert 'value="safeguarding"' in form
        assert 'value="send"' not in form


class TestCounts:
    async def test_they_are_those_of_the_quarter(self, system: Caller, officer: Browser) -> None:
        ident = await system.raised()
        await system.made(f"disputes/{ident}/answer", ANSWER)
        await system.raised(raised_by="cp-chair")
        page = await officer.get("/audit/disputes/counts")
        for words in (
            "1 October 2026",
            "Special Educational Needs",
            "Child protection chair",
            "Team manager",
            "Median working days",
        ):
            assert words in page
        assert "quarter=2026-27-q2" in page
        assert "The quarter after" not in page
        before = await officer.get("/audit/disputes/counts?quarter=2026-27-q2")
        assert "No dispute was raised in this quarter" in before
        assert "The quarter after" in before
        await officer.get("/audit/disputes/counts?quarter=x", 422)
