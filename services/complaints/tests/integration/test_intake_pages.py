"""What comes in, as officers take it down and decide it."""

import re
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from services.complaints.tests.support import AsPerson, Desk, fetch, person

from chassis.testing.fixtures import Database, Keys
from chassis.testing.page_client import PageClient

HOME = "/complaints/intake"
Events = Callable[[], list[tuple[str, dict[str, Any]]]]
CALL = {
    "came_by": "phone", "received-day": "18", "received-month": "7", "received-year": "2022", "said": "complaint",
    "narrative": "Nobody came on Tuesday.", "desired": "An apology", "about": "Ms Fox", "from_child": "no", "standing": "self",
    "name": "Jo Hill", "phone": "01632 960 001", "answer_by": "phone", "language": "en", "children": "Sam\nAlex",
}  # fmt: skip
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
DECISION = {
    "outcome": "complaint", "procedure": "childrens-statutory", "standing": "parental-responsibility", "timing": "in-time",
    "early_referral": "none", "category-0": "communication", "service_area": "safeguarding", "rows": "3",
}  # fmt: skip


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


class Officer:
    """An officer at the pages."""

    def __init__(self, client: PageClient) -> None:
        self.client = client

    async def post(self, path: str, seen: str, **fields: str) -> httpx.Response:
        """Send a form of a page."""
        page = await self.client.get(seen)
        found = CSRF.search(page.text)
        assert found is not None, page.text
        revision = re.search(r'name="revision" value="(\d+)"', page.text)
        own = {"csrf": found[1], **({"revision": revision[1]} if revision else {})}
        return await self.client.post(path, data={**own, **fields})

    async def takes_down(self, **changes: str) -> str:
        """Take down a call; gives the address of its page."""
        answer = await self.post(f"{HOME}/new", f"{HOME}/new", **{**CALL, **changes})
        assert answer.status_code == 303, words(answer.text)
        return answer.headers["location"]

    async def decides(self, at: str, **changes: str) -> httpx.Response:
        """Decide."""
        return await self.post(f"{at}/decide", f"{at}/decide", **{**DECISION, **changes})


@pytest.fixture
async def officer(app: FastAPI, keys: Keys, desk: Desk) -> AsyncIterator[Officer]:
    async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
        yield Officer(client)


class TestTakingDown:
    async def test_a_call_waits_in_the_queue_with_its_age(self, officer: Officer, database: Database) -> None:
        at = await officer.takes_down()
        queue = words((await officer.client.get(HOME)).text)
        assert "R-2022-0001 9 working days 18 July 2022 Phone Complaint" in queue
        assert "Hill" not in queue
        page = words((await officer.client.get(at)).text)
        for said in ("Nobody came on Tuesday.", "An apology", "Jo Hill", "Sam", "9 working days ago", "Alex Morgan"):
            assert said in page
        rows = fetch(database.url("admin"), "select row_to_json(r)::text || details::text from complaints.representation r")
        assert "Tuesday" not in rows[0][0]

    async def test_what_was_decided_is_shown_by_what_it_is(self, officer: Officer) -> None:
        await officer.decides(await officer.takes_down(), outcome="comment")
        await officer.decides(await officer.takes_down(), outcome="duplicate", duplicate_of="R-2022-0001")
        comments = words((await officer.client.get(f"{HOME}?outcome=comment")).text)
        assert "R-2022-0001 18 July 2022 Comment" in comments
        assert "R-2022-0002" not in comments
        everything = words((await officer.client.get(HOME)).text)
        assert "R-2022-0002 18 July 2022 Duplicate of another one" in everything
        assert (await officer.client.get(f"{HOME}?after=x")).status_code == 422

    async def test_whoever_asks_with_the_reference_of_a_receipt_is_answered(self, officer: Officer) -> None:
        at = await officer.takes_down()
        assert (await officer.client.get(f"{HOME}?reference=r-2022-0001 ")).headers["location"] == at
        unknown = await officer.client.get(f"{HOME}?reference=R-2022-0009")
        assert unknown.status_code == 404
        assert "There is none with this reference" in words(unknown.text)

    async def test_everything_that_is_missing_is_said_and_nothing_typed_is_lost(self, officer: Officer) -> None:
        page = await officer.post(f"{HOME}/new", f"{HOME}/new", narrative="Nobody came.")
        assert page.status_code == 422
        for said in ("Choose how it came", "Enter the day on which", "Choose what the sender says", "Say whether a child"):
            assert said in words(page.text)
        assert "Nobody came." in page.text

    async def test_a_day_to_come_is_refused(self, officer: Officer) -> None:
        page = await officer.post(f"{HOME}/new", f"{HOME}/new", **{**CALL, "received-year": "2023"})
        assert page.status_code == 422
        assert "Enter a day up to today" in words(page.text)

    async def test_a_form_that_is_sent_twice_is_stored_once(self, officer: Officer) -> None:
        page = (await officer.client.get(f"{HOME}/new")).text
        token, once = CSRF.search(page), re.search(r'name="once" value="([^"]+)"', page)
        assert token is not None
        assert once is not None
        sent = {**CALL, "csrf": token[1], "once": once[1]}
        first, second = [await officer.client.post(f"{HOME}/new", data=sent) for _ in range(2)]
        assert first.headers["location"] == second.headers["location"]

    async def test_a_pasted_mail_is_offered_and_not_stored(self, officer: Officer) -> None:
        mail = "From: Jo Hill <jo@example.org>\nDate: Mon, 18 Jul 2022 09:00:00 +0100\nSubject: Visits\n\nNobody comes."
        page = await officer.post(f"{HOME}/paste", f"{HOME}/paste", mail=mail)
        assert page.status_code == 200
        for offered in ("jo@example.org", 'value="Jo Hill"', 'value="18"', "Nobody comes."):
            assert offered in page.text
        assert "Nothing to decide" in words((await officer.client.get(HOME)).text)


class TestDeciding:
    async def test_a_complaint_is_made_with_the_next_reference_and_the_clock_of_its_receipt(
        self, officer: Officer, events: Events
    ) -> None:
        answer = await officer.decides(await officer.takes_down())
        assert answer.status_code == 303, words(answer.text)
        record = words((await officer.client.get(answer.headers["location"])).text)
        assert "Complaint C-2022-0001" in record
        assert "Due 1 August 2022" in record
        told = dict(events())
        assert [name for name, _ in events()][:1] == ["representation_received"]
        assert told["complaint_received"]["received_on"] == "2022-07-18"
        decided = told["representation_decided"]
        assert (decided["outcome"], decided["working_days"]) == ("complaint", 9)
        assert decided["complaint_id"] == told["complaint_received"]["complaint_id"]
        assert "Hill" not in str(events())

    async def test_a_typed_reference_is_taken_once_and_never_given_again(self, officer: Officer) -> None:
        first = await officer.decides(await officer.takes_down(), reference="C-2022-0001")
        assert first.status_code == 303
        taken = await officer.decides(await officer.takes_down(), reference="C-2022-0001")
        assert taken.status_code == 422
        assert "There is a complaint with this reference" in words(taken.text)
        given = await officer.decides(await officer.takes_down())
        assert "C-2022-0002" in (await officer.client.get(given.headers["location"])).text

    async def test_what_is_missing_is_said_at_its_field_and_nothing_typed_is_lost(self, officer: Officer) -> None:
        at = await officer.takes_down()
        page = await officer.decides(at, **{"category-0": "", "reason": "Because."})
        assert page.status_code == 422
        assert "Choose what it is about" in words(page.text)
        assert "Because." in page.text
        wrong = await officer.decides(at, **{"category-0": "send-communication"})
        assert 'href="#category-0"' in wrong.text
        named = await officer.decides(at, reference="Mrs Hill of Elm Road")
        assert 'href="#reference"' in named.text
        more = await officer.decides(at, more="yes")
        assert "Point 6" in words(more.text)

    async def test_is_asked_first_what_it_is_and_then_only_what_that_needs(self, officer: Officer) -> None:
        at = await officer.takes_down()
        first = await officer.client.get(f"{at}/decide")
        assert "Complaint: Children&#39;s statutory procedure" in first.text
        assert 'name="category-0"' not in first.text
        send = await officer.post(f"{at}/decide", f"{at}/decide", what="complaint send", rows="3")
        assert send.status_code == 200
        assert "EHCP not being implemented" in send.text
        assert "Discrimination" not in send.text
        thanks = await officer.post(f"{at}/decide", f"{at}/decide", what="compliment")
        assert 'name="source"' in thanks.text
        assert 'name="category-0"' not in thanks.text
        nothing = await officer.post(f"{at}/decide", f"{at}/decide", rows="3")
        assert nothing.status_code == 422
        assert "Choose what it is" in words(nothing.text)

    async def test_every_procedure_begins_with_its_own_limits_and_steps(self, officer: Officer) -> None:
        """Received on 18 July 2022, looked at on the 29th."""
        for outcome, procedure, category, area, said, step in (
            ("complaint", "childrens-statutory", "communication", "safeguarding", "day 9 of 10", "Extend the limit"),
            ("complaint", "corporate", "communication", "safeguarding", "day 9 of 15", "Record the acknowledgement"),
            ("complaint", "fostering", "decision-making", "fostering-and-kinship", "day 9 of 10", "Extend the limit"),
            ("complaint", "send", "send-ehcp-not-implemented", "send", "day 9 of 10", "Extend the limit"),
            ("informal-enquiry", "send-informal", "send-communication", "send", "day 9 of 10", "Record the response"),
        ):
            at = await officer.takes_down()
            form = await officer.post(f"{at}/decide", f"{at}/decide", what=f"{outcome} {procedure}", rows="3")
            assert f'<option value="{category}">' in form.text, procedure
            sent = {"outcome": outcome, "procedure": procedure, "category-0": category, "service_area": area}
            answer = await officer.decides(at, **sent)
            assert answer.status_code == 303, words(answer.text)
            record = words((await officer.client.get(answer.headers["location"])).text)
            assert f"Stage 1: {said}" in record, (procedure, record)
            assert step in record, procedure

    async def test_what_was_typed_is_kept_when_it_turns_out_to_be_something_else(self, officer: Officer) -> None:
        at = await officer.takes_down()
        typed = {**DECISION, "reason": "She told us why.", "standing": "consent"}
        back = await officer.post(f"{at}/decide", f"{at}/decide", **typed, again="yes")
        assert 'value="complaint childrens-statutory" checked' in back.text
        comment = await officer.post(f"{at}/decide", f"{at}/decide", **{**typed, "outcome": ""}, what="comment")
        for kept in ("She told us why.", 'name="standing" value="consent"', 'name="category-0" value="communication"'):
            assert kept in comment.text
        assert (await officer.decides(at, outcome="comment", standing="consent")).status_code == 303

    async def test_a_child_is_offered_an_advocate_on_the_way(self, officer: Officer) -> None:
        at = await officer.takes_down(from_child="yes")
        form = await officer.post(f"{at}/decide", f"{at}/decide", what="complaint childrens-statutory")
        assert "A child or care leaver must have been offered an advocate" in words(form.text)
        refused = await officer.decides(at)
        assert 'href="#offered"' in refused.text
        token = CSRF.search(form.text)
        assert token is not None
        sent = {**DECISION, "csrf": token[1], "revision": "0", "advocate": "declined"}
        sent |= {"offered-day": "19", "offered-month": "7", "offered-year": "2022"}
        assert (await officer.client.post(f"{at}/decide", data={**sent, "offered-day": "32"})).status_code == 422
        first, second = [await officer.client.post(f"{at}/decide", data=sent) for _ in range(2)]
        assert first.status_code == 303
        assert first.headers["location"] == second.headers["location"]
        assert "Offered on 19 July 2022, declined." in words((await officer.client.get(at)).text)

    async def test_whoever_decides_while_an_advocate_is_recorded_keeps_what_was_typed(self, officer: Officer) -> None:
        at = await officer.takes_down()
        offered = {"offered-day": "19", "offered-month": "7", "offered-year": "2022", "advocate": "accepted"}
        assert (await officer.post(f"{at}/advocate", at, **offered)).status_code == 303
        late = await officer.decides(at, revision="0", reason="Because.")
        assert late.status_code == 422
        assert "Because." in late.text
        assert 'name="revision" value="1"' in late.text

    async def test_of_two_officers_one_wins_and_the_other_is_shown_what_was_decided(
        self, officer: Officer, app: FastAPI, keys: Keys
    ) -> None:
        at = await officer.takes_down()
        async with PageClient(AsPerson(app, keys, person("complaints-officer"))) as client:
            page = await client.get(f"{at}/decide")
            token = CSRF.search(page.text)
            assert token is not None
            assert (await officer.decides(at, outcome="comment")).status_code == 303
            late = await client.post(f"{at}/decide", data={**DECISION, "csrf": token[1], "revision": "0"})
        assert late.status_code == 412
        assert "Somebody has changed or decided it" in words(late.text)
        assert "Decided: Comment" in words(late.text)

    async def test_a_second_click_changes_nothing(self, officer: Officer, events: Events) -> None:
        at = await officer.takes_down()
        token = CSRF.search((await officer.client.get(f"{at}/decide")).text)
        assert token is not None
        sent = {**DECISION, "csrf": token[1], "revision": "0"}
        first, second = [await officer.client.post(f"{at}/decide", data=sent) for _ in range(2)]
        assert first.headers["location"] == second.headers["location"]
        assert [name for name, _ in events()].count("complaint_received") == 1

    async def test_a_child_is_offered_an_advocate_first(self, officer: Officer) -> None:
        at = await officer.takes_down(from_child="yes")
        refused = await officer.decides(at)
        assert refused.status_code == 422
        assert "Offer the child or care leaver an advocate first" in words(refused.text)
        offered = {"offered-day": "19", "offered-month": "7", "offered-year": "2022", "advocate": "accepted"}
        assert (await officer.post(f"{at}/advocate", at, **offered)).status_code == 303
        assert "Offered on 19 July 2022, accepted." in words((await officer.client.get(at)).text)
        assert (await officer.decides(at)).status_code == 303

    async def test_what_is_not_a_complaint_goes_elsewhere_and_can_be_taken_back(self, officer: Officer, events: Events) -> None:
        at = await officer.takes_down()
        other = {"outcome": "not-a-complaint", "went_to": "appeal-or-tribunal", "reason": "About the EHC plan."}
        assert (await officer.decides(at, **other)).status_code == 303
        page = words((await officer.client.get(at)).text)
        assert "Decided: Not a complaint , goes to: Appeal or tribunal" in page
        assert "About the EHC plan." in page
        assert (await officer.post(f"{at}/undo", at, reason="")).status_code == 422
        assert (await officer.post(f"{at}/undo", at, reason="It is about the worker.")).status_code == 303
        assert events()[-1][1]["outcome"] is None
        assert (await officer.decides(at)).status_code == 303

    async def test_a_complaint_that_was_made_in_error_is_closed_and_what_came_in_is_open_again(
        self, officer: Officer, events: Events
    ) -> None:
        at = await officer.takes_down()
        made = (await officer.decides(at)).headers["location"]
        assert "closed as made in error" in (await officer.client.get(at)).text
        assert (await officer.post(f"{at}/undo", at, reason="It is about the other child.")).status_code == 303
        names = [name for name, _ in events()]
        assert names[-2:] == ["complaint_voided", "representation_decided"]
        record = words((await officer.client.get(made)).text)
        assert "This complaint was made in error and counts nowhere." in record
        assert "It is about the other child." in record
        register = words((await officer.client.get("/complaints/register?period=2022-23")).text)
        assert "C-2022-0001" not in register
        assert (await officer.decides(at)).status_code == 303

    async def test_one_that_went_on_says_what_to_take_back(self, officer: Officer, desk: Desk) -> None:
        at = await officer.takes_down()
        made = (await officer.decides(at)).headers["location"].rpartition("/")[2]
        await desk.step(made, 1, "extension", extended_on="2022-07-20", reason="Two agencies have to answer.")
        refused = await officer.post(f"{at}/undo", at, reason="It is about the other child.")
        assert refused.status_code == 422
        assert "it was extended on 2022-07-20" in words(refused.text)
        await desk.step(made, 1, "correction", date_of="extended_on", day=None, reason="It was not.")
        assert (await officer.post(f"{at}/undo", at, reason="It is about the other child.")).status_code == 303
        answer = await desk.step(made, 1, "extension", extended_on="2022-07-20", reason="Two agencies have to answer.")
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "made-in-error")

    async def test_both_may_agree_to_go_straight_to_stage_2(self, officer: Officer) -> None:
        at = await officer.takes_down()
        refused = await officer.decides(at, early_referral="stage-2", procedure="corporate", reason="Both agree.")
        assert "This procedure does not let stage 1 be passed over" in words(refused.text)
        made = await officer.decides(at, early_referral="stage-2", reason="Nobody is left who could resolve it.")
        record = words((await officer.client.get(made.headers["location"])).text)
        assert "Stage 1: Local resolution Clock Passed over" in record
        assert "Stage 2: day 0 of 25" in record

    async def test_a_compliment_and_a_comment_and_a_duplicate_are_made(self, officer: Officer, events: Events) -> None:
        at = await officer.takes_down(said="compliment")
        thanks = {"outcome": "compliment", "service_area": "safeguarding", "source": "parent-or-carer"}
        assert (await officer.decides(at, **thanks)).status_code == 303
        assert dict(events())["compliment_received"]["external"] is True
        again = await officer.takes_down()
        assert (await officer.decides(again, outcome="duplicate", duplicate_of="R-2022-0009")).status_code == 422
        assert (await officer.decides(again, outcome="duplicate", duplicate_of="R-2022-0001")).status_code == 303
        assert "of R-2022-0001" in words((await officer.client.get(again)).text)

    async def test_an_officer_of_another_area_makes_no_complaint_here(self, officer: Officer, app: FastAPI, keys: Keys) -> None:
        at = await officer.takes_down(service_area="safeguarding")
        async with PageClient(AsPerson(app, keys, person("complaints-officer", "send"))) as client:
            assert (await client.get(at)).status_code == 404
