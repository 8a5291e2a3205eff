"""Calls on their pages: what is to be made, attempts, the answers, who owes what."""

import io
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from services.feedback.tests.calling import ALEX, KIM, LEE, Person

from chassis.days import british_today
from chassis.testing.fixtures import Keys
from feedback.domain.call_progress import month_end

ANSWERS: dict[str, Any] = {
    "q1": "mainstream",
    "q2": "yes",
    "q3": "yes",
    "q4": "yes",
    "q5": "yes",
    "q7": "no",
    "q8__none": "skipped",
}
CALLS = "/feedback/calls"


@pytest.fixture
def kim(app: FastAPI, keys: Keys) -> Person:
    """A caller."""
    return Person.at(app, keys, KIM)


@pytest.fixture
def lee(app: FastAPI, keys: Keys) -> Person:
    """Another."""
    return Person.at(app, keys, LEE)


@pytest.fixture
def alex(app: FastAPI, keys: Keys) -> Person:
    """An officer."""
    return Person.at(app, keys, ALEX)


async def events(sql: Any, name: str) -> list[Any]:
    """What was told of."""
    subject = f"loop.feedback.v1.{name}"
    return [
        row["data"] for row in await sql.rows("select data from feedback.outbox where subject = $1 order by position", subject)
    ]


class TestACall:
    async def test_it_goes_from_the_list_to_its_answers_in_one_transaction(self, kim: Person, sql: Any) -> None:
        call = await kim.add_call()
        await kim.log(call, "no-answer", note="only after four")
        entry = await kim.start(call)
        page = await kim.get(entry)
        assert "FC-1" in page
        assert "supervising social worker" in page
        await kim.post(entry, consent="yes", do="send", **ANSWERS)
        [stored] = await sql.rows(
            "select c.state, c.attempts, r.channel, r.reference from feedback.call c "
            "join feedback.response r on r.org = c.org and r.id = c.response_id"
        )
        assert (stored["state"], stored["attempts"], stored["channel"], stored["reference"]) == ("done", 2, "call", "FC-1")
        log = await kim.get(call)
        assert "only after four" in log
        assert "They agreed to answer" in log
        outcomes = [each.split('"outcome": "')[1].split('"')[0] for each in await events(sql, "call_attempted")]
        assert outcomes == ["no-answer", "done"]
        assert "The next call" in await kim.get(entry)

    async def test_answers_that_are_refused_leave_the_call_as_it_was(self, kim: Person, sql: Any) -> None:
        call = await kim.add_call()
        entry = await kim.start(call)
        await kim.post(entry, status=422, do="send", **ANSWERS)
        assert await sql.value("select state from feedback.call") == "due"
        assert await sql.value("select count(*) from feedback.response") == 0

    async def test_starting_twice_leads_to_the_same_page(self, kim: Person) -> None:
        call = await kim.add_call()
        assert await kim.start(call) == await kim.start(call)

    async def test_a_second_click_logs_one_attempt(self, kim: Person, sql: Any) -> None:
        call = await kim.add_call()
        token = (await kim.get(call)).split('name="csrf" value="')[1].split('"')[0]
        for _ in range(2):
            sent = await kim.client.post(f"{call}/no-answer", data={"csrf": token, "revision": "0"})
            assert sent.status_code == 303
        assert await sql.value("select attempts from feedback.call") == 1

    async def test_of_two_at_once_one_sees_what_the_other_did(self, kim: Person, lee: Person) -> None:
        call = await kim.add_call()
        token = (await lee.get(call)).split('name="csrf" value="')[1].split('"')[0]
        await kim.log(call, "no-answer")
        late = await lee.client.post(f"{call}/declined", data={"csrf": token, "revision": "0", "note": "Typed"})
        assert late.status_code == 412
        assert "Somebody else has taken a step" in late.text

    async def test_a_call_back_has_a_day(self, kim: Person) -> None:
        call = await kim.add_call()
        assert "Write the day on which" in (await kim.log(call, "call-back", status=422)).text
        assert (
            "Write a real day"
            in (await kim.log(call, "call-back", status=422, day__day="31", day__month="2", day__year="x")).text
        )
        soon = british_today() + timedelta(days=2)
        await kim.log(call, "call-back", day__day=soon.day, day__month=soon.month, day__year=soon.year)
        assert "Promised for" in await kim.get(CALLS)

    async def test_the_next_to_call_stands_first(self, kim: Person) -> None:
        today = british_today()
        first = await kim.add_call("A-tried")
        await kim.add_call("B-fresh")
        promised = await kim.add_call("C-promised")
        await kim.log(first, "no-answer")
        await kim.log(promised, "call-back", day__day=today.day, day__month=today.month, day__year=today.year)
        page = await kim.get(f"{CALLS}?programme=carer-calls")
        assert "Promised for today" in page
        # B is nobody's, and Kim makes no calls of that programme yet: an officer has to say so.
        assert page.index("C-promised") < page.index("A-tried")
        assert "B-fresh" not in page

    async def test_a_wrong_number_is_said_and_the_call_can_be_closed_for_it(self, kim: Person) -> None:
        call = await kim.add_call()
        assert "There is no other" not in await kim.get(call)
        await kim.log(call, "wrong-number")
        assert "The number was wrong" in await kim.get(call)
        assert "Choose why it is closed" in (await kim.log(call, "close", status=422, code="not-reached")).text
        await kim.log(call, "close", code="no-number")
        assert "Closed" in await kim.get(call)
        await kim.log(call, "reopen")
        assert "To be called" in await kim.get(call)

    async def test_whoever_declined_is_not_called_again(self, kim: Person) -> None:
        call = await kim.add_call()
        page_before = await kim.get(call)
        await kim.log(call, "declined")
        assert "to the questions" in page_before
        assert "to the questions" not in await kim.get(call)
        assert (await kim.client.post(f"{call}/start", data={"csrf": "x"})).status_code == 403

    async def test_it_is_handed_to_another_caller(self, kim: Person, lee: Person, alex: Person) -> None:
        await lee.get(CALLS)
        call = await kim.add_call()
        await kim.log(call, "no-answer")
        assert "Choose who makes the call" in (await kim.log(call, "hand-over", status=422)).text
        await kim.log(call, "hand-over", code="staff:lee")
        assert "FC-1" in await lee.get(CALLS)
        await kim.post(f"{call}/no-answer", page=f"{CALLS}/new", status=412)
        page = await alex.get(call)
        assert "Lee Walsh" in page
        assert "Take it over" in page

    async def test_a_long_note_and_a_nonsense_step_are_refused(self, kim: Person) -> None:
        call = await kim.add_call()
        assert "Make it shorter" in (await kim.log(call, "no-answer", status=422, note="x" * 201)).text
        for step in ("done", "explode"):
            await kim.post(f"{call}/{step}", page=call, status=404)

    async def test_a_call_of_another_area_or_council_is_not_there(self, kim: Person, app: FastAPI, keys: Keys) -> None:
        call = await kim.add_call()
        await Person.at(app, keys, replace(KIM, areas=frozenset({"send"}))).get(call, 404)
        await Person.at(app, keys, replace(KIM, org="telford-wrekin")).get(call, 404)


class TestAdding:
    async def test_the_same_call_of_a_month_is_there_once(self, kim: Person, sql: Any) -> None:
        assert await kim.add_call() == await kim.add_call()
        again = await kim.post(f"{CALLS}/new", status=422, programme="carer-calls", reference="FC-1", language="en")
        assert "has a call in this programme and month already" in again.text
        assert await sql.value("select count(*) from feedback.call") == 1

    async def test_what_does_not_fit_is_said_beside_its_field(self, kim: Person) -> None:
        page = (await kim.post(f"{CALLS}/new", status=422)).text
        assert "Choose a programme" in page
        assert "Write the reference" in page
        for more, words in (
            ({"caller": "staff:nobody"}, "Choose somebody of the list"),
            ({"team": "send-north"}, "Choose a team of the programme"),
            ({"language": "fr"}, "Choose a language that the programme"),
            ({"due_on__day": "1", "due_on__month": "1", "due_on__year": "2020"}, "Write a day from two months ago"),
            ({"due_on__day": "31", "due_on__month": "2", "due_on__year": "2027"}, "Write a real day"),
        ):
            sent = await kim.post(f"{CALLS}/new", status=422, programme="carer-calls", reference="FC-2", **more)
            assert words in sent.text

    async def test_a_sheet_is_checked_row_by_row_and_added_once(self, kim: Person, alex: Person, sql: Any) -> None:
        await kim.get(CALLS)
        await kim.add_call("FC-1", caller="staff:kim")
        due = month_end(british_today())
        content = f"reference,due by,caller,language\nFC-1,{due},Kim Taylor,\nFC-2,,Kim Taylor,en\nFC-3,,Nobody,\nFC-2,,,\n"
        token = (await alex.get(f"{CALLS}/batch")).split('name="csrf" value="')[1].split('"')[0]
        sent = await alex.client.post(
            f"{CALLS}/batch",
            data={"csrf": token, "programme": "carer-calls"},
            files={"file": ("calls.csv", io.BytesIO(content.encode()), "text/csv")},
        )
        assert sent.status_code == 303, sent.text
        checked = sent.headers["location"]
        page = await alex.get(checked)
        assert "Check 1 call before you add" in page
        assert "This stands in row 3 already" in page
        for _ in range(2):
            await alex.client.post(checked, data={"csrf": token, "do": "add"})
        assert "1 call added" in await alex.get(checked)
        assert await sql.value("select count(*) from feedback.call") == 2
        refused = (await alex.client.get(f"{checked}/refused.csv")).text
        assert "FC-3" in refused
        assert "FC-1" not in refused

    async def test_a_file_that_is_none_is_said_on_the_page(self, alex: Person) -> None:
        token = (await alex.get(f"{CALLS}/batch")).split('name="csrf" value="')[1].split('"')[0]
        for fields, files, words in (
            ({"programme": "nonsense"}, {"file": ("a.csv", b"reference\nFC-1\n")}, "Choose a programme"),
            ({"programme": "carer-calls"}, {"file": ("a.csv", b"name\nJane\n")}, "which is not known"),
            ({"programme": "carer-calls"}, {"file": ("", b"")}, "Choose a file"),
        ):
            sent = await alex.client.post(f"{CALLS}/batch", data={"csrf": token, **fields}, files=files)
            assert (sent.status_code, words in sent.text) == (422, True)
        await alex.get(f"{CALLS}/batch/00000000-0000-0000-0000-000000000001", 410)
        assert "reference,due by,caller" in (await alex.client.get(f"{CALLS}/template.csv")).text
        assert (await alex.client.get(f"{CALLS}/template.xlsx")).status_code == 200


class TestProgress:
    async def test_an_officer_says_who_calls_and_sees_what_is_missing(
        self, kim: Person, lee: Person, alex: Person, sql: Any
    ) -> None:
        assert "in no programme yet" in await kim.get(CALLS)
        await lee.get(CALLS)
        for person in ("staff:kim", "staff:lee"):
            await alex.post(f"{CALLS}/callers", caller=person, programmes="carer-calls")
        assert "at least 2 a month" in await alex.get(f"{CALLS}/callers")
        page = await kim.get(CALLS)
        assert "0 of 2" in page
        assert "2 calls missing" in page
        call = await kim.add_call()
        assert "FC-1" in await kim.get(CALLS)
        await kim.post(await kim.start(call), consent="yes", do="send", **ANSWERS)
        progress = await alex.get(f"{CALLS}/progress")
        assert "Kim Taylor" in progress
        assert "Lee Walsh" in progress
        assert "1 call missing" in progress
        assert "2 calls missing" in progress
        own = await kim.get(f"{CALLS}/progress")
        assert "Lee Walsh" not in own
        told = await events(sql, "caller_assigned")
        assert len(told) == 2
        assert "kim" not in str(told).lower()

    async def test_who_is_taken_off_keeps_the_months_before(self, kim: Person, alex: Person, sql: Any) -> None:
        await kim.get(CALLS)
        await alex.post(f"{CALLS}/callers", caller="staff:kim", programmes="carer-calls")
        await sql.execute("update feedback.caller_duty set from_on = '2026-01-10'")
        await alex.post(f"{CALLS}/callers", caller="staff:kim")
        assert "Kim Taylor" in await alex.get(f"{CALLS}/progress?month=2026-03")
        assert str(await sql.value("select until_on from feedback.caller_duty")) == str(british_today() - timedelta(days=1))

    async def test_another_minimum_of_the_profile_holds_from_this_month_on(
        self, kim: Person, alex: Person, operator: Any, documents: Any, sql: Any
    ) -> None:
        await kim.get(CALLS)
        await alex.post(f"{CALLS}/callers", caller="staff:kim", programmes="carer-calls")
        await sql.execute("update feedback.caller_duty set from_on = '2026-01-10'")
        document = documents()
        document["calls"]["programmes"][0]["minimum_a_month"] = 4
        assert (await operator.put("/feedback/v1/profile", json={**document, "version": "b" * 64})).status_code == 200
        assert "0 of 4" in await kim.get(CALLS)
        rows = await sql.rows("select minimum, until_on from feedback.caller_duty order by from_on")
        assert [(row["minimum"], row["until_on"] is None) for row in rows] == [(2, False), (4, True)]

    async def test_nonsense_is_answered_kindly(self, alex: Person) -> None:
        await alex.get(f"{CALLS}/progress?month=nonsense")
        assert (
            "Choose somebody of the list"
            in (await alex.post(f"{CALLS}/callers", page=f"{CALLS}/batch", status=422, caller="x")).text
        )


class TestNothingLeaks:
    async def test_names_and_notes_are_sealed_and_in_no_event(self, kim: Person, sql: Any) -> None:
        call = await kim.add_call("FC-SECRET")
        await kim.log(call, "no-answer", note="Ring the neighbour")
        for table in ("call_log", "caller", "entry"):
            rows = str(await sql.rows(f"select t::text as row from feedback.{table} t"))
            assert "neighbour" not in rows, table
            assert "Kim Taylor" not in rows, table
        told = str(await sql.rows("select data from feedback.outbox"))
        for words in ("FC-SECRET", "neighbour", "Kim", "staff:kim"):
            assert words not in told
